package dev.infuser.task;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.infuser.tensor.InvalidInputException;
import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PoolingTest {
    private static final float[] STATES = {1, 2, 3, 4, 5, 6, /**/ 7, 8, 9, 10, 11, 12};

    @Test
    void meanLeavesMaskedTokensOut() {
        assertArrayEquals(new float[] {2, 3, 9, 10}, Pooling.mean(STATES, new long[] {1, 1, 0, 1, 1, 1}, 2, 3, 2));
        assertArrayEquals(new float[] {3, 4, 10, 11}, Pooling.mean(STATES, new long[] {1, 0, 1, 0, 1, 1}, 2, 3, 2));
    }

    @Test
    void meanOfNothingIsZero() {
        assertArrayEquals(new float[] {0, 0, 7, 8}, Pooling.mean(STATES, new long[] {0, 0, 0, 1, 0, 0}, 2, 3, 2));
        assertArrayEquals(new float[0], Pooling.mean(new float[0], new long[0], 0, 3, 2));
    }

    @Test
    void maskedTokensMayHoldNotANumber() {
        float[] states = {1, 2, Float.NaN, Float.POSITIVE_INFINITY};
        assertArrayEquals(new float[] {1, 2}, Pooling.mean(states, new long[] {1, 0}, 1, 2, 2));
    }

    @Test
    void meanIsExactToTheLastBitOfFloat() {
        Random random = new Random(1);
        float[] states = new float[256 * 384];
        long[] mask = new long[256];
        BigDecimal sum = BigDecimal.ZERO;
        for (int i = 0; i < states.length; i++) {
            states[i] = (float) random.nextGaussian();
            mask[i / 384] = 1;
            sum = i % 384 == 5 ? sum.add(new BigDecimal(states[i])) : sum;
        }
        float expected = sum.divide(new BigDecimal(256)).floatValue();
        assertEquals(expected, Pooling.mean(states, mask, 1, 256, 384)[5]);
    }

    @Test
    void firstTakesTheFirstTokenOfEachText() {
        assertArrayEquals(new float[] {1, 2, 7, 8}, Pooling.first(STATES, 2, 3, 2));
    }

    @Test
    void normalizedVectorsHaveLengthOne() {
        float[] vectors = {3, 4, 0, 0, -5, 12, 1e30f, 0, 1e-20f, 0};
        Pooling.normalize(vectors, 2);
        float[] expected = {0.6f, 0.8f, 0, 0, (float) (-5 / 13.0), (float) (12 / 13.0), 1, 0, 1e-8f, 0};
        assertArrayEquals(expected, vectors, 1e-12f);
    }

    @Test
    void dimensionsThatDoNotFitAreRefused() {
        assertThrows(InvalidInputException.class, () -> Pooling.mean(STATES, new long[6], 2, 3, 3));
        assertThrows(InvalidInputException.class, () -> Pooling.mean(STATES, new long[5], 2, 3, 2));
        assertThrows(InvalidInputException.class, () -> Pooling.mean(STATES, new long[6], -2, -3, 2));
        assertThrows(InvalidInputException.class, () -> Pooling.first(STATES, 2, 0, 2));
        assertThrows(InvalidInputException.class, () -> Pooling.normalize(STATES.clone(), 5));
        assertThrows(InvalidInputException.class, () -> Pooling.normalize(STATES.clone(), 0));
    }
}
