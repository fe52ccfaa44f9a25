package dev.infuser.image;

import dev.infuser.vision.Picture;

/** The portable formats P1 to P7 of Netpbm: bitmaps, graymaps, pixmaps and arbitrary maps, plain and raw. */
final class Pnm {

    private final Bytes in;

    private Pnm(Bytes in) {
        this.in = in;
    }

    static boolean accepts(Bytes in) {
        int kind = in.peek(1);
        int next = in.peek(2);
        return in.peek(0) == 'P' && kind >= '1' && kind <= '7' && (isSpace(next) || next == '#');
    }

    static Picture decode(Bytes in) {
        return new Pnm(in).decode();
    }

    private static boolean isSpace(int c) {
        return c == ' ' || c >= '\t' && c <= '\r';
    }

    private Picture decode() {
        int kind = in.seek(1).u8() - '0';
        if (kind == 7) {
            return arbitrary();
        }
        int width = number();
        int height = number();
        int most = kind == 1 || kind == 4 ? 1 : number();
        boolean plain = kind <= 3;
        if (!plain) {
            in.u8();
        }
        return pixels(width, height, kind % 3 == 0 ? 3 : 1, most, plain, kind % 3 == 1);
    }

    private Picture arbitrary() {
        int width = 0;
        int height = 0;
        int depth = 0;
        int most = 0;
        while (true) {
            String word = word();
            switch (word) {
                case "WIDTH" -> width = number();
                case "HEIGHT" -> height = number();
                case "DEPTH" -> depth = number();
                case "MAXVAL" -> most = number();
                case "TUPLTYPE" -> word();
                case "ENDHDR" -> {
                    return pixels(width, height, depth, most, false, false);
                }
                default -> throw Bytes.damaged("unknown entry " + word);
            }
        }
    }

    private Picture pixels(int width, int height, int depth, int most, boolean plain, boolean bitmap) {
        if (most < 1 || most > 65535 || depth < 1 || depth > 4) {
            throw Bytes.damaged("samples up to " + most + ", " + depth + " for each pixel");
        }
        Canvas canvas = new Canvas(width, height);
        int[] samples = new int[depth];
        for (int y = 0, pixel = 0; y < height; y++) {
            int bits = 0;
            for (int x = 0; x < width; x++, pixel++) {
                if (bitmap && !plain) {
                    bits = x % 8 == 0 ? in.u8() : bits << 1;
                    canvas.gray(pixel, (bits & 128) == 0 ? 255 : 0);
                    continue;
                }
                for (int i = 0; i < depth; i++) {
                    int value = !plain ? most > 255 ? in.u16() : in.u8() : bitmap ? 1 - digit() : number();
                    samples[i] = Canvas.scale(Math.min(value, most), most);
                }
                if (depth < 3) {
                    canvas.gray(pixel, samples[0]);
                } else {
                    canvas.rgb(pixel, samples[0], samples[1], samples[2]);
                }
                if (depth % 2 == 0) {
                    canvas.alpha(pixel, samples[depth - 1]);
                }
            }
        }
        return canvas.picture();
    }

    /** The next character that is neither space nor in a comment. */
    private int visible() {
        int c = in.u8();
        while (isSpace(c) || c == '#') {
            while (c == '#' && in.u8() != '\n') {
                continue;
            }
            c = in.u8();
        }
        return c;
    }

    private int digit() {
        int c = visible();
        if (c != '0' && c != '1') {
            throw Bytes.damaged("no bit");
        }
        return c - '0';
    }

    private int number() {
        int value = 0;
        int digits = 0;
        for (int c = visible(); c >= '0' && c <= '9' && digits < 9; digits++) {
            value = value * 10 + c - '0';
            c = in.left() > 0 ? in.u8() : -1;
            if (c >= 0 && (c < '0' || c > '9')) {
                in.skip(-1);
            }
        }
        if (digits == 0) {
            throw Bytes.damaged("no number");
        }
        return value;
    }

    private String word() {
        StringBuilder word = new StringBuilder();
        for (int c = visible(); !isSpace(c) && word.length() < 64; c = in.u8()) {
            word.append((char) c);
        }
        return word.toString();
    }
}
