package dev.infuser.image.webp;

/**
 * What was done to the pixels before they were coded (RFC 9649, 3.5).
 *
 * @param width of the image
 * @param bits  the size of its parts as a power of 2; of a palette, how many pixels share one
 * @param data  by part, or the palette
 */
record Vp8lTransform(int kind, int width, int bits, int[] data) {

    static final int PREDICT = 0;
    static final int COLOR = 1;
    static final int SUBTRACT_GREEN = 2;
    static final int PALETTE = 3;

    private static final int OPAQUE = 0xff000000;

    /** The pixels of a row that are coded. */
    int codedWidth() {
        return kind == PALETTE ? width + (1 << bits) - 1 >> bits : width;
    }

    /** Sums of each of the four channels. */
    static int add(int a, int b) {
        return (a & 0xff00ff00) + (b & 0xff00ff00) & 0xff00ff00 | (a & 0xff00ff) + (b & 0xff00ff) & 0xff00ff;
    }

    int[] undo(int[] pixels, int height) {
        if (kind == PALETTE) {
            return colors(pixels, height);
        }
        int across = width + (1 << bits) - 1 >> bits;
        for (int i = 0; i < pixels.length; i++) {
            int part = kind == SUBTRACT_GREEN ? 0 : data[(i / width >> bits) * across + (i % width >> bits)];
            pixels[i] = switch (kind) {
                case PREDICT -> add(pixels[i], predict(pixels, i, part >> 8 & 15));
                case COLOR -> color(pixels[i], part);
                default -> add(pixels[i], (pixels[i] >> 8 & 0xff) * 0x10001);
            };
        }
        return pixels;
    }

    private int[] colors(int[] pixels, int height) {
        int[] out = new int[width * height];
        int coded = codedWidth();
        int depth = 8 >> bits;
        for (int i = 0; i < out.length; i++) {
            int x = i % width;
            int packed = pixels[i / width * coded + (x >> bits)] >> 8 & 0xff;
            int index = packed >> (x & (1 << bits) - 1) * depth & (1 << depth) - 1;
            out[i] = index < data.length ? data[index] : 0;
        }
        return out;
    }

    private static int color(int pixel, int part) {
        int green = (byte) (pixel >> 8);
        int red = pixel >> 16 & 0xff;
        int blue = pixel & 0xff;
        red = red + ((byte) part * green >> 5) & 0xff;
        blue = blue + ((byte) (part >> 8) * green >> 5) + ((byte) (part >> 16) * (byte) red >> 5) & 0xff;
        return pixel & 0xff00ff00 | red << 16 | blue;
    }

    private int predict(int[] p, int i, int mode) {
        if (i == 0) {
            return OPAQUE;
        }
        if (i < width) {
            return p[i - 1];
        }
        int top = p[i - width];
        if (i % width == 0) {
            return top;
        }
        int left = p[i - 1];
        int corner = p[i - width - 1];
        int right = p[i - width + 1];
        return switch (mode) {
            case 1 -> left;
            case 2 -> top;
            case 3 -> right;
            case 4 -> corner;
            case 5 -> mean(mean(left, right), top);
            case 6 -> mean(left, corner);
            case 7 -> mean(left, top);
            case 8 -> mean(corner, top);
            case 9 -> mean(top, right);
            case 10 -> mean(mean(left, corner), mean(top, right));
            case 11 -> select(top, left, corner);
            case 12 -> gradient(left, top, corner, 1);
            case 13 -> gradient(mean(left, top), mean(left, top), corner, 2);
            default -> OPAQUE;
        };
    }

    private static int mean(int a, int b) {
        return (((a ^ b) & 0xfefefefe) >>> 1) + (a & b);
    }

    private static int select(int top, int left, int corner) {
        int difference = 0;
        for (int shift = 0; shift < 32; shift += 8) {
            int c = corner >>> shift & 0xff;
            difference += Math.abs((left >>> shift & 0xff) - c) - Math.abs((top >>> shift & 0xff) - c);
        }
        return difference <= 0 ? top : left;
    }

    /** The first and what the second differs from the third by, or half of it. */
    private static int gradient(int a, int b, int c, int divisor) {
        int out = 0;
        for (int shift = 0; shift < 32; shift += 8) {
            int difference = (b >>> shift & 0xff) - (c >>> shift & 0xff);
            int value = (a >>> shift & 0xff) + difference / divisor;
            out |= Math.max(0, Math.min(255, value)) << shift;
        }
        return out;
    }
}
