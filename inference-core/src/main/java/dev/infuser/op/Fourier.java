package dev.infuser.op;

/**
 * The discrete Fourier transform of complex numbers: of powers of two by Cooley and Tukey's algorithm, of other lengths as
 * a convolution, by Bluestein's.
 */
public final class Fourier {

    private final int length;
    /** Cosines and sines of {@code 2 pi i / size}, where size is the power of two that is transformed. */
    private final double[] cos;
    private final double[] sin;
    /** {@code exp(-pi j i^2 / length)} and the transform of its conjugate, where the length is no power of two. */
    private final double[][] chirp;
    private final double[][] filter;

    /** Prepares for transforms of {@code length} numbers, at least 1. */
    public Fourier(int length) {
        this.length = length;
        boolean power = (length & length - 1) == 0;
        int size = 1;
        while (size < (power ? length : 2 * length - 1)) {
            size *= 2;
        }
        cos = new double[size];
        sin = new double[size];
        for (int i = 0; i < size; i++) {
            cos[i] = Math.cos(2 * Math.PI * i / size);
            sin[i] = Math.sin(2 * Math.PI * i / size);
        }
        chirp = power ? null : new double[2][length];
        filter = power ? null : new double[2][size];
        for (int i = 0; !power && i < length; i++) {
            double angle = Math.PI * ((long) i * i % (2L * length)) / length;
            chirp[0][i] = Math.cos(angle);
            chirp[1][i] = -Math.sin(angle);
            filter[0][i] = chirp[0][i];
            filter[1][i] = -chirp[1][i];
            filter[0][(size - i) % size] = filter[0][i];
            filter[1][(size - i) % size] = filter[1][i];
        }
        if (!power) {
            powerOfTwo(filter[0], filter[1]);
        }
    }

    /** Transforms {@code length} numbers in place: {@code X[k] = sum x[n] exp(-2 pi j k n / length)}. */
    public void forward(double[] re, double[] im) {
        if (chirp == null) {
            powerOfTwo(re, im);
            return;
        }
        double[] a = new double[cos.length];
        double[] b = new double[cos.length];
        for (int i = 0; i < length; i++) {
            a[i] = re[i] * chirp[0][i] - im[i] * chirp[1][i];
            b[i] = re[i] * chirp[1][i] + im[i] * chirp[0][i];
        }
        powerOfTwo(a, b);
        for (int i = 0; i < a.length; i++) {
            double x = a[i] * filter[0][i] - b[i] * filter[1][i];
            // The inverse transform is the transform of the conjugate.
            b[i] = -(a[i] * filter[1][i] + b[i] * filter[0][i]);
            a[i] = x;
        }
        powerOfTwo(a, b);
        for (int i = 0; i < length; i++) {
            double x = a[i] / a.length;
            double y = -b[i] / a.length;
            re[i] = x * chirp[0][i] - y * chirp[1][i];
            im[i] = x * chirp[1][i] + y * chirp[0][i];
        }
    }

    /** Undoes {@link #forward}: {@code x[n] = sum X[k] exp(2 pi j k n / length) / length}. */
    public void inverse(double[] re, double[] im) {
        negate(im);
        forward(re, im);
        for (int i = 0; i < length; i++) {
            re[i] /= length;
            im[i] /= -length;
        }
    }

    private static void negate(double[] x) {
        for (int i = 0; i < x.length; i++) {
            x[i] = -x[i];
        }
    }

    private void powerOfTwo(double[] re, double[] im) {
        int n = cos.length;
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
            int step = n / (2 * half);
            for (int start = 0; start < n; start += 2 * half) {
                for (int i = 0; i < half; i++) {
                    int a = start + i;
                    int b = a + half;
                    double x = re[b] * cos[i * step] + im[b] * sin[i * step];
                    double y = im[b] * cos[i * step] - re[b] * sin[i * step];
                    re[b] = re[a] - x;
                    im[b] = im[a] - y;
                    re[a] += x;
                    im[a] += y;
                }
            }
        }
    }

    private static void swap(double[] x, int i, int j) {
        double t = x[i];
        x[i] = x[j];
        x[j] = t;
    }
}
