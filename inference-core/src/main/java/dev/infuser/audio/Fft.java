package dev.infuser.audio;

/**
 * The discrete Fourier transform of any size, in double: {@code X[k] = sum over n of x[n] exp(-2 pi i k n / size)}. Powers of two
 * go by Cooley and Tukey's algorithm, other sizes by Bluestein's.
 */
final class Fft {

    private final int size;
    /** A power of two: {@link #size}, or what a convolution of that size takes. */
    private final int power;
    private final double[] cos;
    private final double[] sin;
    /** Of Bluestein's algorithm: {@code exp(-pi i n^2 / size)}, and the transform of what chirps are convolved with. */
    private final double[] chirpRe;
    private final double[] chirpIm;
    private final double[] filterRe;
    private final double[] filterIm;

    /** Prepares for transforms of {@code size} numbers, at least 1. */
    Fft(int size) {
        this.size = size;
        boolean direct = (size & size - 1) == 0;
        int length = 1;
        while (length < (direct ? size : 2 * size - 1)) {
            length *= 2;
        }
        power = length;
        cos = new double[power / 2];
        sin = new double[power / 2];
        for (int i = 0; i < cos.length; i++) {
            cos[i] = Math.cos(2 * Math.PI * i / power);
            sin[i] = -Math.sin(2 * Math.PI * i / power);
        }
        int chirps = direct ? 0 : size;
        chirpRe = new double[chirps];
        chirpIm = new double[chirps];
        filterRe = new double[direct ? 0 : power];
        filterIm = new double[direct ? 0 : power];
        for (int i = 0; i < chirps; i++) {
            double angle = Math.PI * ((long) i * i % (2L * size)) / size;
            chirpRe[i] = Math.cos(angle);
            chirpIm[i] = -Math.sin(angle);
            filterRe[i] = chirpRe[i] / power;
            filterIm[i] = -chirpIm[i] / power;
            if (i > 0) {
                filterRe[power - i] = filterRe[i];
                filterIm[power - i] = filterIm[i];
            }
        }
        if (!direct) {
            powers(filterRe, filterIm);
        }
    }

    /** Replaces complex numbers by their transform. */
    void transform(double[] re, double[] im) {
        if (power == size) {
            powers(re, im);
            return;
        }
        double[] a = new double[power];
        double[] b = new double[power];
        for (int i = 0; i < size; i++) {
            a[i] = re[i] * chirpRe[i] - im[i] * chirpIm[i];
            b[i] = re[i] * chirpIm[i] + im[i] * chirpRe[i];
        }
        powers(a, b);
        for (int i = 0; i < power; i++) {
            double product = a[i] * filterRe[i] - b[i] * filterIm[i];
            b[i] = a[i] * filterIm[i] + b[i] * filterRe[i];
            a[i] = product;
        }
        // With its parts exchanged before and after, the transform is the inverse one.
        powers(b, a);
        for (int i = 0; i < size; i++) {
            re[i] = a[i] * chirpRe[i] - b[i] * chirpIm[i];
            im[i] = a[i] * chirpIm[i] + b[i] * chirpRe[i];
        }
    }

    private void powers(double[] re, double[] im) {
        int n = power;
        for (int i = 1, j = 0; i < n; i++) {
            int bit = n >> 1;
            for (; (j & bit) != 0; bit >>= 1) {
                j ^= bit;
            }
            j ^= bit;
            if (i < j) {
                swap(re, i, j);
                swap(im, i, j);
            }
        }
        for (int half = 1; half < n; half *= 2) {
            int stride = n / (2 * half);
            for (int start = 0; start < n; start += 2 * half) {
                for (int i = 0; i < half; i++) {
                    int a = start + i;
                    int b = a + half;
                    double c = cos[i * stride];
                    double s = sin[i * stride];
                    double r = re[b] * c - im[b] * s;
                    double m = re[b] * s + im[b] * c;
                    re[b] = re[a] - r;
                    im[b] = im[a] - m;
                    re[a] += r;
                    im[a] += m;
                }
            }
        }
    }

    private static void swap(double[] values, int i, int j) {
        double value = values[i];
        values[i] = values[j];
        values[j] = value;
    }
}
