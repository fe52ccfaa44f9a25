package dev.infuser.vision;

/** Blurred images. */
public final class Blur {

    private static final int PASSES = 3;
    private static final float NOTHING = 1e-3f;
    /** The variance, in cells, that making an image smaller by means and larger bilinearly adds. */
    private static final double RESIZED = 1 / 12.0 + 1 / 6.0;

    private Blur() {
    }

    /**
     * An image whose background is blurred, while what a mask shows stays as it is and does not shine into the background: the
     * colours around a pixel count by how much they belong to the background. The blur is Gaussian, but for some per cent:
     * three means over squares, on an image made smaller by as much as that does not show.
     *
     * @param mask  of the image's size, 255 where a pixel stays
     * @param sigma the standard deviation, in pixels
     */
    public static Picture background(Picture picture, Mask mask, double sigma) {
        int cell = (int) Math.max(1, sigma / 2);
        int columns = (picture.width() + cell - 1) / cell;
        int rows = (picture.height() + cell - 1) / cell;
        float[] sums = reduced(picture, mask, cell, columns, rows);
        double variance = sigma * sigma / (cell * (double) cell) - (cell == 1 ? 0 : RESIZED);
        int low = (int) ((Math.sqrt(12 * variance / PASSES + 1) - 1) / 2);
        int wider = (int) ((3 * variance / PASSES - low * (low + 1)) / (2 * (low + 1)) * PASSES + 0.5);
        float[] spare = new float[sums.length];
        for (int pass = 0; pass < PASSES; pass++) {
            int radius = pass < wider ? low + 1 : low;
            sum(sums, spare, rows, 4 * columns, columns, 4, radius);
            sum(spare, sums, columns, 4, rows, 4 * columns, radius);
        }
        return composed(picture, mask, sums, cell, columns, rows);
    }

    /** Of each cell, red, green and blue by how much its pixels belong to the background, and how much they do. */
    private static float[] reduced(Picture picture, Mask mask, int cell, int columns, int rows) {
        float[] sums = new float[4 * columns * rows];
        byte[] rgba = picture.rgba();
        byte[] levels = mask.levels();
        for (int y = 0, i = 0; y < picture.height(); y++) {
            int at = 4 * (y / cell) * columns;
            for (int x = 0; x < picture.width(); at += 4) {
                int red = 0;
                int green = 0;
                int blue = 0;
                int weights = 0;
                for (int end = Math.min(x + cell, picture.width()); x < end; x++, i++) {
                    int weight = 255 - (levels[i] & 255);
                    red += weight * (rgba[4 * i] & 255);
                    green += weight * (rgba[4 * i + 1] & 255);
                    blue += weight * (rgba[4 * i + 2] & 255);
                    weights += weight;
                }
                sums[at] += red / 255f;
                sums[at + 1] += green / 255f;
                sums[at + 2] += blue / 255f;
                sums[at + 3] += weights / 255f;
            }
        }
        return sums;
    }

    /** Means over {@code 2 * radius + 1} cells of each of {@code lines} lines; beyond its ends is nothing. */
    private static void sum(float[] in, float[] out, int lines, int lineStep, int length, int step, int radius) {
        float share = 1f / (2 * radius + 1);
        for (int line = 0; line < lines; line++) {
            for (int c = 0; c < 4; c++) {
                int start = line * lineStep + c;
                double sum = 0;
                for (int i = 0; i < Math.min(radius, length); i++) {
                    sum += in[start + i * step];
                }
                for (int i = 0; i < length; i++) {
                    sum += i + radius < length ? in[start + (i + radius) * step] : 0;
                    out[start + i * step] = (float) sum * share;
                    sum -= i >= radius ? in[start + (i - radius) * step] : 0;
                }
            }
        }
    }

    private static Picture composed(Picture picture, Mask mask, float[] sums, int cell, int columns, int rows) {
        byte[] out = picture.rgba().clone();
        byte[] levels = mask.levels();
        float[] row = new float[4 * columns + 4];
        for (int y = 0, i = 0; y < picture.height(); y++) {
            float v = Math.min(Math.max((y + 0.5f) / cell - 0.5f, 0), rows - 1);
            int above = 4 * columns * (int) v;
            int below = 4 * columns * Math.min((int) v + 1, rows - 1);
            float down = v - (int) v;
            for (int x = 0; x < 4 * columns; x++) {
                row[x] = sums[above + x] + (sums[below + x] - sums[above + x]) * down;
            }
            System.arraycopy(row, 4 * columns - 4, row, 4 * columns, 4);
            for (int x = 0; x < picture.width(); x++, i++) {
                int level = levels[i] & 255;
                if (level == 255) {
                    continue;
                }
                float u = Math.min(Math.max((x + 0.5f) / cell - 0.5f, 0), columns - 1);
                int left = 4 * (int) u;
                float across = u - (int) u;
                float weight = row[left + 3] + (row[left + 7] - row[left + 3]) * across;
                if (weight < NOTHING) {
                    continue;
                }
                float seen = level / 255f;
                float factor = (1 - seen) / weight;
                for (int c = 0; c < 3; c++) {
                    float behind = row[left + c] + (row[left + c + 4] - row[left + c]) * across;
                    out[4 * i + c] = (byte) Math.min(255, seen * (out[4 * i + c] & 255) + factor * behind + 0.5f);
                }
            }
        }
        return new Picture(picture.width(), picture.height(), out);
    }
}
