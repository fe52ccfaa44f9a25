package dev.infuser.image.webp;

import dev.infuser.image.Bytes;
import dev.infuser.image.Canvas;
import java.util.ArrayList;
import java.util.List;

/** A lossless image (RFC 9649, 3) as pixels of alpha, red, green and blue. */
final class Vp8l {

    /** By the number of a short distance, its rows, and 8 less its columns (RFC 9649, 3.6.3). */
    private static final int[] NEAR = {
        24, 7, 23, 25, 40, 6, 39, 41, 22, 26, 38, 42, 56, 5, 55, 57, 21, 27, 54, 58, 37, 43, 72, 4, 71, 73, 20, 28, 53, 59, 70,
        74, 36, 44, 88, 69, 75, 52, 60, 3, 87, 89, 19, 29, 86, 90, 35, 45, 68, 76, 85, 91, 51, 61, 104, 2, 103, 105, 18, 30,
        102, 106, 34, 46, 84, 92, 67, 77, 101, 107, 50, 62, 120, 1, 119, 121, 83, 93, 17, 31, 100, 108, 66, 78, 118, 122, 33,
        47, 117, 123, 49, 63, 99, 109, 82, 94, 0, 116, 124, 65, 79, 16, 32, 98, 110, 48, 115, 125, 81, 95, 64, 114, 126, 97,
        111, 80, 113, 127, 96, 112,
    };
    private static final int LENGTHS = 24;
    private static final int COLORS = 256;
    private static final int DISTANCES = 40;
    private static final int MOST_GROUPS = 1 << 16;

    private final BitReader in;

    private Vp8l(BitReader in) {
        this.in = in;
    }

    /** An image with its header. */
    static int[][] decode(Bytes data) {
        BitReader in = new BitReader(data);
        if (in.bits(8) != 0x2f) {
            throw Bytes.damaged("no lossless image");
        }
        int width = in.bits(14) + 1;
        int height = in.bits(14) + 1;
        Canvas.check(width, height);
        boolean alpha = in.flag();
        in.bits(3);
        return new int[][] {{width, height, alpha ? 1 : 0}, new Vp8l(in).image(width, height)};
    }

    /** An image whose extents are known. */
    static int[] decode(Bytes data, int width, int height) {
        return new Vp8l(new BitReader(data)).image(width, height);
    }

    private int[] image(int width, int height) {
        List<Vp8lTransform> transforms = new ArrayList<>();
        int coded = width;
        while (in.flag()) {
            Vp8lTransform transform = transform(coded, height);
            for (Vp8lTransform earlier : transforms) {
                if (earlier.kind() == transform.kind()) {
                    throw Bytes.damaged("a transform stands twice");
                }
            }
            transforms.add(transform);
            coded = transform.codedWidth();
        }
        int[] pixels = pixels(coded, height, true);
        for (int i = transforms.size() - 1; i >= 0; i--) {
            pixels = transforms.get(i).undo(pixels, height);
        }
        return pixels;
    }

    private Vp8lTransform transform(int width, int height) {
        int kind = in.bits(2);
        if (kind == Vp8lTransform.SUBTRACT_GREEN) {
            return new Vp8lTransform(kind, width, 0, null);
        }
        if (kind == Vp8lTransform.PALETTE) {
            int size = in.bits(8) + 1;
            int[] colors = pixels(size, 1, false);
            for (int i = 1; i < size; i++) {
                colors[i] = Vp8lTransform.add(colors[i], colors[i - 1]);
            }
            return new Vp8lTransform(kind, width, size > 16 ? 0 : size > 4 ? 1 : size > 2 ? 2 : 3, colors);
        }
        int bits = in.bits(3) + 2;
        return new Vp8lTransform(kind, width, bits, pixels(parts(width, bits), parts(height, bits), false));
    }

    private static int parts(int size, int bits) {
        return size + (1 << bits) - 1 >> bits;
    }

    /** Pixels as they are coded: literal, from before, or from the cache of colors. */
    private int[] pixels(int width, int height, boolean whole) {
        int cacheBits = in.flag() ? in.bits(4) : 0;
        if (cacheBits > 11) {
            throw Bytes.damaged("a cache of 2^" + cacheBits + " colors");
        }
        int[] cache = new int[1 << cacheBits];
        int groupBits = 0;
        int[] groupOf = null;
        int groups = 1;
        if (whole && in.flag()) {
            groupBits = in.bits(3) + 2;
            groupOf = pixels(parts(width, groupBits), parts(height, groupBits), false);
            for (int i = 0; i < groupOf.length; i++) {
                groupOf[i] = groupOf[i] >> 8 & 0xffff;
                groups = Math.max(groups, groupOf[i] + 1);
            }
        }
        if (groups > MOST_GROUPS) {
            throw Bytes.damaged(groups + " groups of codes");
        }
        PrefixCode[][] codes = new PrefixCode[groups][5];
        for (PrefixCode[] group : codes) {
            group[0] = PrefixCode.read(in, COLORS + LENGTHS + (cacheBits > 0 ? cache.length : 0));
            for (int i = 1; i < 4; i++) {
                group[i] = PrefixCode.read(in, COLORS);
            }
            group[4] = PrefixCode.read(in, DISTANCES);
        }
        int[] out = new int[width * height];
        for (int at = 0; at < out.length;) {
            PrefixCode[] code = codes[groupOf == null ? 0
                    : groupOf[(at / width >> groupBits) * parts(width, groupBits) + (at % width >> groupBits)]];
            int begin = at;
            int symbol = code[0].symbol(in);
            if (symbol < COLORS) {
                int red = code[1].symbol(in);
                int blue = code[2].symbol(in);
                out[at++] = code[3].symbol(in) << 24 | red << 16 | symbol << 8 | blue;
            } else if (symbol < COLORS + LENGTHS) {
                int length = prefixed(symbol - COLORS);
                int distance = distance(prefixed(code[4].symbol(in)), width);
                if (distance > at || length > out.length - at) {
                    throw Bytes.damaged("a copy from outside the image");
                }
                for (int i = 0; i < length; i++, at++) {
                    out[at] = out[at - distance];
                }
            } else {
                out[at++] = cache[symbol - COLORS - LENGTHS];
            }
            for (int i = begin; i < at && cacheBits > 0; i++) {
                cache[0x1e35a7bd * out[i] >>> 32 - cacheBits] = out[i];
            }
        }
        return out;
    }

    private int prefixed(int symbol) {
        if (symbol < 4) {
            return symbol + 1;
        }
        int more = symbol - 2 >> 1;
        return (2 + (symbol & 1) << more) + in.bits(more) + 1;
    }

    private static int distance(int code, int width) {
        if (code > NEAR.length) {
            return code - NEAR.length;
        }
        int near = NEAR[code - 1];
        return Math.max(1, (near >> 4) * width + 8 - (near & 15));
    }
}
