package dev.infuser.image;

import dev.infuser.vision.Picture;

/**
 * The first image of a TIFF 6.0 file: bilevel, gray, palette, RGB and CMYK of 1, 2, 4, 8 or 16 bits, in strips or tiles, planes
 * together or apart, not compressed or by PackBits, LZW or Deflate, with or without differences. Others are refused.
 */
final class Tiff {

    private static final int NONE = 1;
    private static final int LZW = 5;
    private static final int DEFLATE = 8;
    private static final int OLD_DEFLATE = 32946;
    private static final int PACK_BITS = 32773;
    private static final int WHITE_IS_ZERO = 0;
    private static final int RGB = 2;
    private static final int PALETTE = 3;
    private static final int CMYK = 5;
    private static final int MOST_ENTRIES = 512;
    private static final int MOST_BYTES = 1 << 27;

    private final Bytes file;
    private long[] bits = {1};
    private long[] palette = {};
    private long[] offsets = {};
    private long[] counts = {};
    private long[] extra = {};
    private int width;
    private int height;
    private int compression = NONE;
    private int photometric = -1;
    private int samples = 1;
    private int chunkWidth;
    private int chunkHeight;
    private boolean apart;
    private boolean differences;

    private Tiff(Bytes file) {
        this.file = file;
    }

    static boolean accepts(Bytes in) {
        return in.begins("II*\0") || in.begins("MM\0*");
    }

    /** The image, or null where it is of a kind that is not read here. */
    static Picture decode(Bytes in) {
        Bytes file = in.peek(0) == 'I' ? in.littleEndian() : in;
        return new Tiff(file).decode();
    }

    private Picture decode() {
        file.seek(4).seek(file.u32());
        int entries = file.u16();
        if (entries > MOST_ENTRIES) {
            throw Bytes.damaged(entries + " entries");
        }
        for (int i = 0; i < entries; i++) {
            entry();
        }
        int depth = (int) bits[0];
        for (long other : bits) {
            if (other != depth) {
                return null;
            }
        }
        boolean known = compression == NONE || compression == LZW || compression == DEFLATE || compression == OLD_DEFLATE
                || compression == PACK_BITS;
        int colors = photometric == RGB ? 3 : photometric == CMYK ? 4 : photometric >= 0 && photometric <= PALETTE ? 1 : 0;
        if (!known || colors == 0 || samples < colors || samples > 8 || 16 % depth != 0
                || photometric == PALETTE && (depth > 8 || palette.length < 3 << depth)) {
            return null;
        }
        Canvas canvas = new Canvas(width, height);
        if (chunkWidth == 0) {
            chunkWidth = width;
        }
        chunkHeight = chunkHeight <= 0 ? height : chunkHeight;
        int across = (width + chunkWidth - 1) / chunkWidth;
        int down = (height + chunkHeight - 1) / chunkHeight;
        int planes = apart ? samples : 1;
        if ((long) across * down * planes > offsets.length) {
            throw Bytes.damaged("the image lacks strips");
        }
        long rowBits = (long) chunkWidth * (apart ? 1 : samples) * depth;
        long size = (rowBits + 7) / 8 * Math.min(chunkHeight, height);
        if (chunkWidth > 2 * width + 65536 || size > MOST_BYTES) {
            throw Bytes.damaged("strips of " + size + " bytes");
        }
        Samples[] decoded = new Samples[planes];
        for (int chunk = 0; chunk < across * down; chunk++) {
            for (int plane = 0; plane < planes; plane++) {
                int at = plane * across * down + chunk;
                decoded[plane] = new Samples(expand(at, (int) size), chunkWidth, apart ? 1 : samples, depth,
                        file.peek(0) == 'I', differences);
            }
            paint(canvas, decoded, chunk % across * chunkWidth, chunk / across * chunkHeight, depth, colors);
        }
        return canvas.picture();
    }

    private void entry() {
        int tag = file.u16();
        int type = file.u16();
        long count = file.u32();
        int bytes = type == 3 ? 2 : type == 4 ? 4 : 1;
        int next = file.position() + 4;
        if (count * bytes > 4) {
            file.seek(file.u32());
        }
        if (count * bytes > file.left()) {
            throw Bytes.damaged("the image ends early");
        }
        long[] values = new long[(int) count];
        for (int i = 0; i < values.length; i++) {
            values[i] = bytes == 2 ? file.u16() : bytes == 4 ? file.u32() : file.u8();
        }
        file.seek(next);
        if (values.length == 0) {
            return;
        }
        int value = (int) Math.min(values[0], Integer.MAX_VALUE);
        switch (tag) {
            case 256 -> width = value;
            case 257 -> height = value;
            case 258 -> bits = checked(values);
            case 259 -> compression = value;
            case 262 -> photometric = value;
            case 273, 324 -> offsets = values;
            case 277 -> samples = value;
            case 278, 323 -> chunkHeight = value;
            case 279, 325 -> counts = values;
            case 284 -> apart = value == 2;
            case 317 -> differences = value == 2;
            case 320 -> palette = values;
            case 322 -> chunkWidth = value;
            case 338 -> extra = values;
            default -> { }
        }
    }

    private static long[] checked(long[] bits) {
        for (long depth : bits) {
            if (depth < 1 || depth > 16) {
                throw Bytes.damaged("samples of " + depth + " bits");
            }
        }
        return bits;
    }

    private byte[] expand(int chunk, int size) {
        Bytes part = file.part(offsets[chunk], chunk < counts.length ? counts[chunk] : file.length());
        return switch (compression) {
            case LZW -> Unpack.lzw(part, size);
            case PACK_BITS -> Unpack.packBits(part, size);
            case DEFLATE, OLD_DEFLATE -> Unpack.deflate(part, size);
            default -> {
                byte[] all = part.copy();
                byte[] padded = new byte[size];
                System.arraycopy(all, 0, padded, 0, Math.min(all.length, size));
                yield padded;
            }
        };
    }

    private void paint(Canvas canvas, Samples[] from, int left, int top, int depth, int colors) {
        int most = (1 << depth) - 1;
        boolean alpha = samples > colors && extra.length > 0 && extra[0] == 2;
        int[] s = new int[colors + 1];
        for (int y = 0; y < chunkHeight && top + y < height; y++) {
            for (Samples plane : from) {
                plane.row(y);
            }
            for (int x = 0; x < chunkWidth && left + x < width; x++) {
                for (int i = 0; i < s.length && i < samples; i++) {
                    s[i] = apart ? from[i].at(x, 0) : from[0].at(x, i);
                }
                int pixel = (top + y) * width + left + x;
                if (photometric == PALETTE) {
                    int entry = s[0];
                    canvas.rgb(pixel, (int) palette[entry] >> 8, (int) palette[entry + most + 1] >> 8,
                            (int) palette[entry + 2 * most + 2] >> 8);
                } else if (colors == 1) {
                    int gray = Canvas.scale(s[0], most);
                    canvas.gray(pixel, photometric == WHITE_IS_ZERO ? 255 - gray : gray);
                } else if (colors == 3) {
                    canvas.rgb(pixel, Canvas.scale(s[0], most), Canvas.scale(s[1], most), Canvas.scale(s[2], most));
                } else {
                    int white = most - s[3];
                    canvas.rgb(pixel, ink(s[0], white, most), ink(s[1], white, most), ink(s[2], white, most));
                }
                if (alpha) {
                    canvas.alpha(pixel, Canvas.scale(s[colors], most));
                }
            }
        }
    }

    private static int ink(int ink, int white, int most) {
        return Canvas.scale((int) ((long) (most - ink) * white / most), most);
    }

    /** The samples of a strip or tile, a row at a time. */
    private static final class Samples {

        private final byte[] bytes;
        private final int perPixel;
        private final int depth;
        private final boolean little;
        private final boolean differences;
        private final int[] row;

        Samples(byte[] bytes, int width, int perPixel, int depth, boolean little, boolean differences) {
            this.bytes = bytes;
            this.perPixel = perPixel;
            this.depth = depth;
            this.little = little;
            this.differences = differences;
            row = new int[width * perPixel];
        }

        void row(int y) {
            int at = y * ((row.length * depth + 7) / 8);
            for (int i = 0; i < row.length; i++) {
                if (depth == 16) {
                    int a = bytes[at + 2 * i] & 0xff;
                    int b = bytes[at + 2 * i + 1] & 0xff;
                    row[i] = little ? b << 8 | a : a << 8 | b;
                } else {
                    int bit = i * depth;
                    row[i] = (bytes[at + bit / 8] & 0xff) >> 8 - depth - bit % 8 & (1 << depth) - 1;
                }
                if (differences && i >= perPixel) {
                    row[i] = row[i] + row[i - perPixel] & (1 << depth) - 1;
                }
            }
        }

        int at(int x, int sample) {
            return row[x * perPixel + sample];
        }
    }
}
