package dev.infuser.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.tensor.Tensor;

/** How far a float32 result is from the golden one. */
record Agreement(double maxAbs, double largest, double cosine) {

    static Agreement of(Tensor want, Tensor got) {
        assertArrayEquals(want.dims(), got.dims());
        float[] a = want.floats();
        float[] b = got.floats();
        double maxAbs = 0;
        double largest = 0;
        double dot = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < a.length; i++) {
            maxAbs = Math.max(maxAbs, Float.isNaN(b[i]) ? Double.POSITIVE_INFINITY : Math.abs(a[i] - b[i]));
            largest = Math.max(largest, Math.abs(a[i]));
            dot += (double) a[i] * b[i];
            aa += (double) a[i] * a[i];
            bb += (double) b[i] * b[i];
        }
        return new Agreement(maxAbs, largest, dot / Math.sqrt(aa * bb));
    }

    /** Asserts that no element is off by more than {@code tolerance}. */
    void within(double tolerance, String what) {
        System.out.printf("%s: max abs error %.2e, largest magnitude %.3g, 1 - cosine %.1e%n", what, maxAbs, largest,
                1 - cosine);
        assertTrue(maxAbs <= tolerance, what + ": max abs error " + maxAbs + " exceeds " + tolerance);
    }
}
