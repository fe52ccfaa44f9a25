package dev.infuser.image.webp;

import dev.infuser.image.Bytes;
import dev.infuser.image.Canvas;

/** A key frame of VP8 (RFC 6386) as planes of luma and chroma. */
final class Vp8 {

    private static final int MOST_SIDE = 16383;
    private static final int MACROBLOCK = 16;

    final int width;
    final int height;
    final int across;
    final int down;
    final Plane luma;
    final Plane u;
    final Plane v;
    private final BoolDecoder header;
    private BoolDecoder[] partitions;
    private boolean segmented;
    private boolean mapped;
    private boolean absolute;
    private final int[] segmentSteps = new int[4];
    private final int[] segmentLevels = new int[4];
    private final int[] segmentProbabilities = {255, 255, 255};
    private final Vp8Filter filter = new Vp8Filter();
    private boolean adjusted;
    private int frameAdjustment;
    private int blockAdjustment;
    private final int[][] steps = new int[4][];
    private final int[] probabilities = Vp8Tables.COEFFICIENTS.clone();
    private boolean skips;
    private int skipProbability;

    Vp8(Bytes in) {
        Bytes frame = in.littleEndian();
        int tag = frame.u24();
        if ((tag & 1) != 0 || (tag >> 1 & 7) > 3 || frame.u24() != 0x2a019d) {
            throw Bytes.damaged("no key frame of VP8");
        }
        width = frame.u16() & MOST_SIDE;
        height = frame.u16() & MOST_SIDE;
        Canvas.check(width, height);
        across = (width + MACROBLOCK - 1) / MACROBLOCK;
        down = (height + MACROBLOCK - 1) / MACROBLOCK;
        luma = new Plane(across * MACROBLOCK, down * MACROBLOCK);
        u = new Plane(across * MACROBLOCK / 2, down * MACROBLOCK / 2);
        v = new Plane(across * MACROBLOCK / 2, down * MACROBLOCK / 2);
        int first = tag >> 5;
        header = new BoolDecoder(frame.part(frame.position(), first));
        read(frame.part(frame.position() + first, frame.length()));
        decode();
    }

    private void read(Bytes rest) {
        header.number(2);
        segments();
        filter.simple = header.flag();
        filter.level = header.number(6);
        filter.sharpness = header.number(3);
        adjusted = header.flag();
        if (adjusted && header.flag()) {
            for (int i = 0; i < 4; i++) {
                int change = header.optional(6);
                frameAdjustment = i == 0 ? change : frameAdjustment;
            }
            for (int i = 0; i < 4; i++) {
                int change = header.optional(6);
                blockAdjustment = i == 0 ? change : blockAdjustment;
            }
        }
        partitions = new BoolDecoder[1 << header.number(2)];
        int at = 3 * (partitions.length - 1);
        for (int i = 0; i < partitions.length; i++) {
            int size = i == partitions.length - 1 ? rest.length() : rest.seek(3 * i).u24();
            partitions[i] = new BoolDecoder(rest.part(Math.min(at, rest.length()), size));
            at = Math.min(at + size, rest.length());
        }
        quantizers();
        header.flag();
        for (int i = 0; i < probabilities.length; i++) {
            if (header.bit(Vp8Tables.CHANGES[i]) == 1) {
                probabilities[i] = header.number(8);
            }
        }
        skips = header.flag();
        skipProbability = skips ? header.number(8) : 0;
    }

    private void segments() {
        segmented = header.flag();
        if (!segmented) {
            return;
        }
        mapped = header.flag();
        if (header.flag()) {
            absolute = header.flag();
            for (int i = 0; i < 4; i++) {
                segmentSteps[i] = header.optional(7);
            }
            for (int i = 0; i < 4; i++) {
                segmentLevels[i] = header.optional(6);
            }
        }
        if (mapped) {
            for (int i = 0; i < 3; i++) {
                segmentProbabilities[i] = header.flag() ? header.number(8) : 255;
            }
        }
    }

    /** The steps of each segment: constant and other coefficients of luma, of its constant parts, and of chroma. */
    private void quantizers() {
        int base = header.number(7);
        int lumaConstant = header.optional(4);
        int secondConstant = header.optional(4);
        int second = header.optional(4);
        int chromaConstant = header.optional(4);
        int chroma = header.optional(4);
        for (int i = 0; i < 4; i++) {
            int q = !segmented ? base : absolute ? segmentSteps[i] : base + segmentSteps[i];
            steps[i] = new int[] {constant(q + lumaConstant, 127), other(q), 2 * constant(q + secondConstant, 127),
                Math.max(8, other(q + second) * 155 / 100), constant(q + chromaConstant, 117), other(q + chroma)};
        }
    }

    private static int constant(int q, int most) {
        return Vp8Tables.CONSTANT_STEPS[Math.max(0, Math.min(most, q))];
    }

    private static int other(int q) {
        return Vp8Tables.STEPS[Math.max(0, Math.min(127, q))];
    }

    private void decode() {
        Vp8Modes modes = new Vp8Modes(header, across);
        Vp8Residue residue = new Vp8Residue(probabilities, across);
        Vp8Prediction prediction = new Vp8Prediction(this);
        byte[] strengths = new byte[across * down];
        boolean[] inner = new boolean[across * down];
        for (int y = 0; y < down; y++) {
            BoolDecoder partition = partitions[y & partitions.length - 1];
            modes.beginRow();
            residue.beginRow();
            for (int x = 0; x < across; x++) {
                int segment = !mapped ? 0 : header.bit(segmentProbabilities[0]) == 0 ? header.bit(segmentProbabilities[1])
                        : 2 + header.bit(segmentProbabilities[2]);
                boolean skip = skips && header.bit(skipProbability) == 1;
                modes.read(x);
                boolean any = skip ? residue.skip(x, modes.small) : residue.read(partition, x, modes.small, steps[segment]);
                prediction.predict(x, y, modes, residue, any);
                int at = y * across + x;
                strengths[at] = (byte) level(segment, modes.small);
                inner[at] = modes.small || any;
            }
        }
        if (filter.level > 0) {
            filter.run(this, strengths, inner);
        }
    }

    private int level(int segment, boolean small) {
        int level = !segmented ? filter.level : absolute ? segmentLevels[segment] : filter.level + segmentLevels[segment];
        if (adjusted) {
            level += frameAdjustment + (small ? blockAdjustment : 0);
        }
        return Math.max(0, Math.min(63, level));
    }
}
