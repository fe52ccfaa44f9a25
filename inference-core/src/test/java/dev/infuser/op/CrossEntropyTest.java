package dev.infuser.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.infuser.graph.Attributes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class CrossEntropyTest {

    /** [2, 3, 1] and [2, 1] */
    private static final Tensor LOGS = Tensor.floats(new int[] {2, 3, 1}, -1, -2, -3, -4, -5, -6);
    private static final Tensor TARGET = Tensor.longs(new int[] {2, 1}, 2, 0);
    private static final Tensor WEIGHT = Tensor.floats(new int[] {3}, 1, 5, 3);

    @Test
    void lossesAreWeightedAndReduced() {
        assertArrayEquals(new float[] {9, 4}, OperatorCheck.run("NegativeLogLikelihoodLoss",
                Attributes.of("reduction", "none"), LOGS, TARGET, WEIGHT).floats());
        assertArrayEquals(new float[] {13}, OperatorCheck.run("NegativeLogLikelihoodLoss",
                Attributes.of("reduction", "sum"), LOGS, TARGET, WEIGHT).floats());
        assertArrayEquals(new float[] {3.25f}, OperatorCheck.run("NegativeLogLikelihoodLoss", LOGS, TARGET, WEIGHT).floats());
        assertArrayEquals(new float[] {4}, OperatorCheck.run("NegativeLogLikelihoodLoss",
                Attributes.of("ignore_index", 2L), LOGS, TARGET, WEIGHT).floats());
    }

    @Test
    void scoresBecomeLogProbabilitiesFirst() {
        List<Datum> y = OperatorCheck.runAll("SoftmaxCrossEntropyLoss", 2, Attributes.NONE, LOGS, TARGET);
        double log = Math.log(1 + Math.exp(-1) + Math.exp(-2));
        assertArrayEquals(new double[] {-log, -1 - log, -2 - log, -log, -1 - log, -2 - log},
                ((Tensor) y.get(1)).toDoubles(), 1e-6);
        assertEquals(1 + log, ((Tensor) y.get(0)).getDouble(0), 1e-6);
    }

    @Test
    void targetsMustBeClasses() {
        assertThrows(InvalidModelException.class,
                () -> OperatorCheck.run("NegativeLogLikelihoodLoss", LOGS, Tensor.longs(new int[] {2, 1}, 0, 3)));
    }

    @Test
    void bitCastsKeepBitsAndUndoThemselves() {
        Tensor x = Tensor.floats(new int[] {3}, 1, -0f, Float.NaN);
        Tensor bits = OperatorCheck.run("BitCast", Attributes.of("to", (long) DType.INT32.number()), x);
        assertArrayEquals(new int[] {0x3F800000, 0x80000000, 0x7FC00000}, bits.ints());
        assertEquals(true, x.sameAs(OperatorCheck.run("BitCast", Attributes.of("to", 1L), bits)));
        Tensor nibbles = Tensor.ofLongs(DType.UINT4, new int[] {2}, new long[] {15, 7});
        assertArrayEquals(new byte[] {-1, 7},
                OperatorCheck.run("BitCast", Attributes.of("to", (long) DType.INT4.number()), nibbles).bytes());
        assertThrows(InvalidModelException.class, () -> OperatorCheck.run("BitCast", Attributes.of("to", 7L), x));
    }
}
