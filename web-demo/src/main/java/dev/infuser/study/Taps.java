package dev.infuser.study;

/**
 * Antialiased bilinear weights, as Pillow has them: position i takes {@code weights[begin[i]..begin[i + 1])} of the elements from
 * {@code first[i]} on. Computed in float64, then rounded.
 */
final class Taps {

    private final int[] first;
    private final int[] begin;
    private final float[] weights;

    private Taps(int[] first, int[] begin, float[] weights) {
        this.first = first;
        this.begin = begin;
        this.weights = weights;
    }

    int[] first() {
        return first;
    }

    int[] begin() {
        return begin;
    }

    float[] weights() {
        return weights;
    }

    /** Weights that make {@code from} elements {@code to}. */
    static Taps of(int from, int to) {
        double scale = from / (double) to;
        double support = Math.max(scale, 1);
        int most = (int) (2 * support) + 2;
        int[] first = new int[to];
        int[] begin = new int[to + 1];
        float[] weights = new float[to * most];
        double[] all = new double[most];
        for (int i = 0; i < to; i++) {
            double center = (i + 0.5) * scale;
            first[i] = Math.max(0, (int) (center - support + 0.5));
            int count = Math.min(from, (int) (center + support + 0.5)) - first[i];
            double sum = 0;
            for (int k = 0; k < count; k++) {
                all[k] = Math.max(0, 1 - Math.abs(first[i] + k - center + 0.5) / support);
                sum += all[k];
            }
            for (int k = 0; k < count; k++) {
                weights[begin[i] + k] = (float) (all[k] / sum);
            }
            begin[i + 1] = begin[i] + count;
        }
        return new Taps(first, begin, weights);
    }
}
