package dev.infuser.image.webp;

import dev.infuser.image.Bytes;

/** The opacity beside a lossy image (RFC 9649, 2.7.1.2). */
final class Alpha {

    private static final int HORIZONTAL = 1;
    private static final int VERTICAL = 2;
    private static final int GRADIENT = 3;

    private Alpha() {
    }

    static byte[] decode(Bytes in, int width, int height) {
        int flags = in.u8();
        Bytes data = in.part(1, in.length());
        byte[] out = new byte[width * height];
        if ((flags & 3) == 1) {
            int[] pixels = Vp8l.decode(data, width, height);
            for (int i = 0; i < out.length; i++) {
                out[i] = (byte) (pixels[i] >> 8);
            }
        } else {
            for (int i = 0; i < out.length; i++) {
                out[i] = (byte) data.u8();
            }
        }
        int filter = flags >> 2 & 3;
        for (int i = 0; i < out.length && filter > 0; i++) {
            out[i] += predict(out, i, width, filter);
        }
        return out;
    }

    private static int predict(byte[] out, int i, int width, int filter) {
        if (i == 0) {
            return 0;
        }
        boolean first = i % width == 0;
        if (i < width || filter == HORIZONTAL && !first) {
            return out[i - 1];
        }
        if (first || filter == VERTICAL) {
            return out[i - width];
        }
        int value = (out[i - 1] & 0xff) + (out[i - width] & 0xff) - (out[i - width - 1] & 0xff);
        return filter == GRADIENT ? Math.max(0, Math.min(255, value)) : 0;
    }
}
