package dev.infuser.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.Random;

/** Inputs and comparisons for kernel tests. */
final class Numbers {
    private Numbers() {}

    /** Reproducible numbers in [-1, 1). */
    static float[] random(int count, long seed) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = 2 * random.nextFloat() - 1;
        }
        return values;
    }

    /** Equal within {@code tolerance * max(1, |expected|)}; NaN and infinities must be the same. */
    static void assertClose(double[] expected, float[] actual, double tolerance, String what) {
        assertEquals(expected.length, actual.length, what);
        for (int i = 0; i < expected.length; i++) {
            double e = expected[i];
            double limit = tolerance * Math.max(1, Math.abs(e));
            boolean same = Double.isNaN(e) ? Float.isNaN(actual[i])
                    : Double.isInfinite(e) ? e == actual[i] : Math.abs(e - actual[i]) <= limit;
            if (!same) {
                fail(what + ": element " + i + " is " + actual[i] + ", expected " + e);
            }
        }
    }
}
