package dev.infuser.kernel;

/**
 * The layout in which GEMM reads its right operand B [K, N]: {@code ceil(N / 8)} panels of K rows of 8 columns, the
 * last panel padded with zeros. Element (k, n) is at {@code (n / 8 * K + k) * 8 + n % 8}.
 */
public final class Panels {
    /** Columns of one panel. */
    public static final int WIDTH = 8;

    private Panels() {}

    /** Floats that a packed [K, N] matrix takes. */
    public static int size(int k, int n) {
        return (n + WIDTH - 1) / WIDTH * WIDTH * k;
    }

    /** Index of element (k, n) of a [K, N] matrix in its packed form. */
    public static int index(int k, int n, int depth) {
        return (n / WIDTH * depth + k) * WIDTH + n % WIDTH;
    }

    /** Packs a row-major [K, N] matrix, or a row-major [N, K] one when {@code transposed}. */
    public static float[] pack(float[] b, int k, int n, boolean transposed) {
        float[] packed = new float[size(k, n)];
        for (int i = 0; i < k; i++) {
            for (int j = 0; j < n; j++) {
                packed[index(i, j, k)] = transposed ? b[j * k + i] : b[i * n + j];
            }
        }
        return packed;
    }

    /** The row-major [K, N] matrix that was packed. */
    public static float[] unpack(float[] packed, int k, int n) {
        float[] b = new float[k * n];
        for (int i = 0; i < k; i++) {
            for (int j = 0; j < n; j++) {
                b[i * n + j] = packed[index(i, j, k)];
            }
        }
        return b;
    }
}
