package dev.infuser.image.jpeg2000;

/**
 * Joins interleaved low and high frequencies (T.800 Annex F): in place, along rows and then columns. Beyond the ends the samples
 * are mirrored.
 */
final class Wavelet {

    private static final float ALPHA = -1.586134342059924f;
    private static final float BETA = -0.052980118572961f;
    private static final float GAMMA = 0.882911075530934f;
    private static final float DELTA = 0.443506852043971f;
    private static final float K = 1.230174104914001f;

    private Wavelet() {
    }

    /** The reversible transform; {@code px} and {@code py} tell whether the first column and row are of high frequency. */
    static void join(int[] data, int width, int height, int px, int py) {
        int[] line = new int[Math.max(width, height)];
        for (int y = 0; y < height; y++) {
            System.arraycopy(data, y * width, line, 0, width);
            join(line, width, px);
            System.arraycopy(line, 0, data, y * width, width);
        }
        for (int x = 0; x < width; x++) {
            for (int y = 0; y < height; y++) {
                line[y] = data[y * width + x];
            }
            join(line, height, py);
            for (int y = 0; y < height; y++) {
                data[y * width + x] = line[y];
            }
        }
    }

    private static void join(int[] line, int length, int parity) {
        if (length == 1) {
            line[0] = parity == 1 ? line[0] / 2 : line[0];
            return;
        }
        for (int i = parity; i < length; i += 2) {
            line[i] -= line[mirror(i - 1, length)] + line[mirror(i + 1, length)] + 2 >> 2;
        }
        for (int i = 1 - parity; i < length; i += 2) {
            line[i] += line[mirror(i - 1, length)] + line[mirror(i + 1, length)] >> 1;
        }
    }

    /** The irreversible transform. */
    static void join(float[] data, int width, int height, int px, int py) {
        float[] line = new float[Math.max(width, height)];
        for (int y = 0; y < height; y++) {
            System.arraycopy(data, y * width, line, 0, width);
            join(line, width, px);
            System.arraycopy(line, 0, data, y * width, width);
        }
        for (int x = 0; x < width; x++) {
            for (int y = 0; y < height; y++) {
                line[y] = data[y * width + x];
            }
            join(line, height, py);
            for (int y = 0; y < height; y++) {
                data[y * width + x] = line[y];
            }
        }
    }

    private static void join(float[] line, int length, int parity) {
        if (length == 1) {
            line[0] = parity == 1 ? line[0] / 2 : line[0];
            return;
        }
        for (int i = 0; i < length; i++) {
            line[i] = (i & 1) == parity ? line[i] * K : line[i] / K;
        }
        lift(line, length, parity, DELTA);
        lift(line, length, 1 - parity, GAMMA);
        lift(line, length, parity, BETA);
        lift(line, length, 1 - parity, ALPHA);
    }

    private static void lift(float[] line, int length, int first, float factor) {
        for (int i = first; i < length; i += 2) {
            line[i] -= factor * (line[mirror(i - 1, length)] + line[mirror(i + 1, length)]);
        }
    }

    private static int mirror(int i, int length) {
        return i < 0 ? -i : i >= length ? 2 * length - 2 - i : i;
    }
}
