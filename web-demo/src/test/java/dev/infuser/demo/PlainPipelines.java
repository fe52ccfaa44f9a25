package dev.infuser.demo;

import java.util.ArrayDeque;
import java.util.Deque;

/** The pipelines of the image study as {@code site/study/README.md} states them, pixel by pixel, one step after the other. */
final class PlainPipelines {

    private static final int[] GAUSSIAN = {1, 4, 6, 4, 1};
    private static final int SIZE = 224;

    private final int[] picture;
    private final int width;
    private final int height;

    /** @param picture [height * width] words, red in the lowest byte */
    PlainPipelines(int[] picture, int width, int height) {
        this.picture = picture;
        this.width = width;
        this.height = height;
    }

    private static int at(int[] plane, int x, int y, int width, int height) {
        return plane[Math.max(0, Math.min(height - 1, y)) * width + Math.max(0, Math.min(width - 1, x))];
    }

    private int channel(int x, int y, int c) {
        return picture[y * width + x] >>> 8 * c & 255;
    }

    private int[] blurred() {
        int[] luma = new int[width * height];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                luma[y * width + x] = (77 * channel(x, y, 0) + 150 * channel(x, y, 1) + 29 * channel(x, y, 2) + 128) >> 8;
            }
        }
        int[] blurred = new int[width * height];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int sum = 128;
                for (int j = 0; j < 5; j++) {
                    for (int i = 0; i < 5; i++) {
                        sum += GAUSSIAN[j] * GAUSSIAN[i] * at(luma, x + i - 2, y + j - 2, width, height);
                    }
                }
                blurred[y * width + x] = sum >> 8;
            }
        }
        return blurred;
    }

    /** 0 where there is no edge, else the magnitude of its gradient. */
    private int[] thinned() {
        int[] b = blurred();
        int[] gx = new int[b.length];
        int[] gy = new int[b.length];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                for (int i = -1; i <= 1; i++) {
                    int weight = 2 - i * i;
                    gx[y * width + x] += weight * (at(b, x + 1, y + i, width, height) - at(b, x - 1, y + i, width, height));
                    gy[y * width + x] += weight * (at(b, x + i, y + 1, width, height) - at(b, x + i, y - 1, width, height));
                }
            }
        }
        int[] thinned = new int[b.length];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int i = y * width + x;
                int ax = Math.abs(gx[i]);
                int ay = Math.abs(gy[i]);
                int dx = 5 * ay < 2 * ax ? 1 : 5 * ax < 2 * ay ? 0 : gx[i] * gy[i] >= 0 ? 1 : -1;
                int dy = 5 * ay < 2 * ax ? 0 : 1;
                int size = ax + ay;
                if (size > magnitude(gx, gy, x - dx, y - dy) && size >= magnitude(gx, gy, x + dx, y + dy)) {
                    thinned[i] = size;
                }
            }
        }
        return thinned;
    }

    private int magnitude(int[] gx, int[] gy, int x, int y) {
        return x < 0 || y < 0 || x >= width || y >= height ? 0 : Math.abs(gx[y * width + x]) + Math.abs(gy[y * width + x]);
    }

    /** The picture with its edges. */
    int[] edges() {
        int[] thinned = thinned();
        boolean[] edge = new boolean[thinned.length];
        Deque<Integer> open = new ArrayDeque<>();
        for (int i = 0; i < thinned.length; i++) {
            if (thinned[i] >= 200) {
                edge[i] = true;
                open.add(i);
            }
        }
        while (!open.isEmpty()) {
            int i = open.remove();
            for (int y = Math.max(0, i / width - 1); y <= Math.min(height - 1, i / width + 1); y++) {
                for (int x = Math.max(0, i % width - 1); x <= Math.min(width - 1, i % width + 1); x++) {
                    int near = y * width + x;
                    if (!edge[near] && thinned[near] >= 80) {
                        edge[near] = true;
                        open.add(near);
                    }
                }
            }
        }
        int[] out = new int[thinned.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = edge[i] ? 0xff00ff00 : picture[i] | 0xff000000;
        }
        return out;
    }

    /** The weights of all pixels of an axis for a position of the output. */
    private static float[] weights(int from, int position) {
        double scale = (double) from / SIZE;
        double support = Math.max(scale, 1);
        double center = (position + 0.5) * scale;
        double[] all = new double[from];
        double sum = 0;
        for (int k = Math.max(0, (int) (center - support + 0.5)); k < Math.min(from, (int) (center + support + 0.5)); k++) {
            all[k] = Math.max(0, 1 - Math.abs(k - center + 0.5) / support);
            sum += all[k];
        }
        float[] weights = new float[from];
        for (int k = 0; k < from; k++) {
            weights[k] = (float) (all[k] / sum);
        }
        return weights;
    }

    /** The input of a network, [3, 224, 224]. */
    float[] modelInput() {
        float[] mean = {0.485f, 0.456f, 0.406f};
        float[] std = {0.229f, 0.224f, 0.225f};
        int side = Math.min(width, height);
        float[] out = new float[3 * SIZE * SIZE];
        for (int c = 0; c < 3; c++) {
            for (int y = 0; y < SIZE; y++) {
                float[] down = weights(side, y);
                float[] line = new float[side];
                for (int x = 0; x < side; x++) {
                    for (int k = 0; k < side; k++) {
                        line[x] += down[k] * channel((width - side) / 2 + x, (height - side) / 2 + k, c);
                    }
                }
                for (int x = 0; x < SIZE; x++) {
                    float[] along = weights(side, x);
                    float sum = 0;
                    for (int k = 0; k < side; k++) {
                        sum += along[k] * line[k];
                    }
                    out[(c * SIZE + y) * SIZE + x] = (sum / 255 - mean[c]) / std[c];
                }
            }
        }
        return out;
    }
}
