package dev.infuser.image.jpeg2000;

import dev.infuser.image.Bytes;
import dev.infuser.vision.Picture;

/**
 * An image of JPEG 2000, in a JP2 file or as a bare codestream: gray, RGB, YCC or palette, with alpha or not. Samples of other
 * than 8 bits are scaled.
 */
public final class Jpeg2000 {

    private static final int CODESTREAM = 0x6a703263;
    private static final int HEADER = 0x6a703268;
    private static final int COLORS = 0x636f6c72;
    private static final int PALETTE = 0x70636c72;
    private static final int CHANNELS = 0x63646566;
    private static final int YCC = 18;

    private Bytes stream;
    private int colors;
    private int[][] palette;
    private int alpha = -1;

    private Jpeg2000() {
    }

    /** Whether the file begins as one of JPEG 2000. */
    public static boolean accepts(Bytes in) {
        return in.begins("\0\0\0\fjP  \r\n\u0087\n") || in.begins("\u00ff\u004f\u00ff\u0051");
    }

    /** The image; throws where it is damaged. */
    public static Picture decode(Bytes in) {
        Jpeg2000 file = new Jpeg2000();
        if (in.peek(0) == 0xff) {
            file.stream = in;
        } else {
            file.boxes(in);
        }
        if (file.stream == null) {
            throw Bytes.damaged("no codestream");
        }
        return file.picture();
    }

    private void boxes(Bytes in) {
        while (in.left() >= 8 && stream == null) {
            int start = in.position();
            long length = in.u32();
            int kind = in.i32();
            int header = 8;
            if (length == 1) {
                in.u32();
                length = in.u32();
                header = 16;
            } else if (length == 0) {
                length = in.length() - start;
            }
            if (length < header) {
                throw Bytes.damaged("a box of " + length + " bytes");
            }
            Bytes box = in.part(start + header, length - header);
            switch (kind) {
                case CODESTREAM -> stream = box;
                case HEADER -> boxes(box);
                case COLORS -> colors(box);
                case PALETTE -> palette(box);
                case CHANNELS -> channels(box);
                default -> { }
            }
            in.seek(Math.min(start + length, in.length()));
        }
    }

    private void colors(Bytes box) {
        if (colors == 0 && box.u8() == 1) {
            box.u16();
            colors = box.i32();
        }
    }

    private void palette(Bytes box) {
        int entries = box.u16();
        int columns = box.u8();
        int[] depths = new int[columns];
        for (int i = 0; i < columns; i++) {
            depths[i] = (box.u8() & 127) + 1;
        }
        palette = new int[columns][entries];
        for (int e = 0; e < entries; e++) {
            for (int i = 0; i < columns; i++) {
                palette[i][e] = eight(depths[i] > 8 ? box.u16() : box.u8(), depths[i]);
            }
        }
    }

    private void channels(Bytes box) {
        for (int count = box.u16(); count > 0; count--) {
            int channel = box.u16();
            int kind = box.u16();
            box.u16();
            if (kind == 1) {
                alpha = channel;
            }
        }
    }

    private static int eight(int value, int depth) {
        int most = (1 << depth) - 1;
        int within = Math.min(Math.max(value, 0), most);
        return depth == 8 ? within : depth > 8 ? within >> depth - 8 : (within * 255 + most / 2) / most;
    }

    private Picture picture() {
        Codestream code = new Codestream(stream);
        code.decode();
        int channels = palette != null ? palette.length : code.components();
        int[] pixel = new int[channels];
        byte[] rgba = new byte[4 * code.width() * code.height()];
        int shown = channels >= 3 && alpha != 1 ? 3 : 1;
        int opaque = alpha >= shown && alpha < channels ? alpha : -1;
        for (int y = 0, at = 0; y < code.height(); y++) {
            for (int x = 0; x < code.width(); x++, at += 4) {
                for (int c = 0; c < channels; c++) {
                    int from = palette != null ? 0 : c;
                    int value = code.at(from, x, y) + (code.signed[from] && palette != null ? 0 : 1 << code.depths[from] - 1);
                    pixel[c] = palette == null ? eight(value, code.depths[from])
                            : palette[c].length == 0 ? 0 : palette[c][Math.min(Math.max(value, 0), palette[c].length - 1)];
                }
                if (colors == YCC && shown == 3) {
                    fromYcc(pixel);
                }
                for (int c = 0; c < 3; c++) {
                    rgba[at + c] = (byte) pixel[shown == 3 ? c : 0];
                }
                rgba[at + 3] = (byte) (opaque < 0 ? 255 : pixel[opaque]);
            }
        }
        return new Picture(code.width(), code.height(), rgba);
    }

    private static void fromYcc(int[] pixel) {
        float y = pixel[0];
        float cb = pixel[1] - 128;
        float cr = pixel[2] - 128;
        pixel[0] = clamp(y + 1.402f * cr);
        pixel[1] = clamp(y - 0.344136f * cb - 0.714136f * cr);
        pixel[2] = clamp(y + 1.772f * cb);
    }

    private static int clamp(float value) {
        return Math.min(Math.max((int) (value + 0.5f), 0), 255);
    }
}
