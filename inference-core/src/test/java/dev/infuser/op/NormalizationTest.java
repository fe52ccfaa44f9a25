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

class NormalizationTest {

    private static final Tensor X = Tensor.floats(new int[] {1, 2, 2}, 1, 3, 10, 20);
    private static final Tensor SCALE = Tensor.floats(new int[] {2}, 1, 2);
    private static final Tensor BIAS = Tensor.floats(new int[] {2}, 0, 1);
    private static final Attributes EXACT = Attributes.of("epsilon", 0f);

    @Test
    void batchNormalisationUsesTheMomentsGiven() {
        Tensor y = OperatorCheck.run("BatchNormalization", Attributes.of("epsilon", 1f), X, SCALE, BIAS,
                Tensor.floats(new int[] {2}, 1, 10), Tensor.floats(new int[] {2}, 3, 24));
        assertArrayEquals(new float[] {0, 1, 1, 5}, y.floats(), 1e-6f);
    }

    @Test
    void batchNormalisationInTrainingTakesTheMomentsOfTheBatch() {
        List<Datum> y = OperatorCheck.runAll("BatchNormalization", 3,
                Attributes.of("epsilon", 0f, "training_mode", 1L, "momentum", 0.5f), X, SCALE, BIAS,
                Tensor.floats(new int[] {2}, 0, 0), Tensor.floats(new int[] {2}, 1, 1));
        assertArrayEquals(new float[] {-1, 1, -1, 3}, ((Tensor) y.get(0)).floats(), 1e-6f);
        assertArrayEquals(new float[] {1, 7.5f}, ((Tensor) y.get(1)).floats(), 1e-6f);
        assertArrayEquals(new float[] {1, 13}, ((Tensor) y.get(2)).floats(), 1e-6f);
    }

    @Test
    void instancesAreGroupsOfOneChannel() {
        float[] expected = {-1, 1, -1, 3};
        assertArrayEquals(expected, OperatorCheck.run("InstanceNormalization", EXACT, X, SCALE, BIAS).floats(), 1e-6f);
        assertArrayEquals(expected, OperatorCheck.run("GroupNormalization", EXACT.with("num_groups", 2L), X, SCALE, BIAS)
                .floats(), 1e-6f);
        double deviation = Math.sqrt((7.5 * 7.5 + 5.5 * 5.5 + 1.5 * 1.5 + 11.5 * 11.5) / 4);
        assertArrayEquals(new double[] {-7.5 / deviation, -5.5 / deviation, 2 * 1.5 / deviation + 1, 2 * 11.5 / deviation + 1},
                OperatorCheck.run("GroupNormalization", EXACT.with("num_groups", 1L), X, SCALE, BIAS).toDoubles(), 1e-6);
        assertThrows(InvalidModelException.class,
                () -> OperatorCheck.run("GroupNormalization", EXACT.with("num_groups", 3L), X, SCALE, BIAS));
    }

    @Test
    void lpNormalisationGivesUnitNormsAndKeepsZeros() {
        Tensor x = Tensor.floats(new int[] {2, 2}, 3, -4, 0, 0);
        assertArrayEquals(new float[] {0.6f, -0.8f, 0, 0}, OperatorCheck.run("LpNormalization", x).floats(), 1e-6f);
        assertArrayEquals(new float[] {3 / 7f, -4 / 7f, 0, 0},
                OperatorCheck.run("LpNormalization", Attributes.of("p", 1L), x).floats(), 1e-6f);
    }

    @Test
    void meanVarianceNormalisationCentresOverItsAxes() {
        assertArrayEquals(new float[] {-1, 1, -1, 1}, OperatorCheck.run("MeanVarianceNormalization",
                Attributes.of("axes", new long[] {2}), X).floats(), 1e-6f);
    }

    @Test
    void indexReductionsPickTheFirstOrLastOfEquals() {
        Tensor x = Tensor.floats(new int[] {2, 3}, 2, 5, 5, 1, 1, 3);
        Attributes last = Attributes.of("axis", 1L, "select_last_index", 1L, "keepdims", 0L);
        assertArrayEquals(new long[] {0, 0, 0}, OperatorCheck.run("ArgMax", x).longs());
        assertArrayEquals(new long[] {1, 2}, OperatorCheck.run("ArgMax", Attributes.of("axis", -1L), x).longs());
        assertArrayEquals(new long[] {2, 2}, OperatorCheck.run("ArgMax", last, x).longs());
        assertArrayEquals(new long[] {0, 1}, OperatorCheck.run("ArgMin", last, x).longs());
        Tensor unsigned = Tensor.ofLongs(DType.UINT64, new int[] {2}, new long[] {1, -1});
        assertArrayEquals(new long[] {1}, OperatorCheck.run("ArgMax", unsigned).longs());
    }

    @Test
    void cumulativeSumsRunEitherWayWithOrWithoutTheirOwnElement() {
        Tensor x = Tensor.ints(new int[] {2, 3}, 1, 2, 3, 4, 5, 6);
        Tensor axis = Tensor.ints(new int[0], 1);
        assertArrayEquals(new int[] {1, 3, 6, 4, 9, 15}, OperatorCheck.run("CumSum", x, axis).ints());
        assertArrayEquals(new int[] {5, 3, 0, 11, 6, 0},
                OperatorCheck.run("CumSum", Attributes.of("exclusive", 1L, "reverse", 1L), x, axis).ints());
        assertArrayEquals(new int[] {1, 2, 3, 4, 10, 18},
                OperatorCheck.run("CumProd", x, Tensor.ints(new int[0], -2)).ints());
    }

    @Test
    void dropoutLetsEverythingThrough() {
        List<Datum> y = OperatorCheck.runAll("Dropout", 2, Attributes.NONE, X);
        assertEquals(true, X.sameAs((Tensor) y.get(0)));
        assertArrayEquals(new byte[] {1, 1, 1, 1}, ((Tensor) y.get(1)).bytes());
    }

    @Test
    void einsumSumsOverTheLettersThatTheOutputLacks() {
        Tensor a = Tensor.floats(new int[] {2, 2}, 1, 2, 3, 4);
        Tensor b = Tensor.floats(new int[] {2, 2}, 5, 6, 7, 8);
        Object[][] cases = {
            {"ij,jk->ik", new float[] {19, 22, 43, 50}},
            {"ij , jk", new float[] {19, 22, 43, 50}},
            {"...ij,...jk->...ik", new float[] {19, 22, 43, 50}},
            {"ij,ij->", new float[] {70}},
            {"ij,kj->jik", new float[] {5, 7, 15, 21, 12, 16, 24, 32}},
            {"ii,jj->ij", new float[] {5, 8, 20, 32}},
        };
        for (Object[] c : cases) {
            assertArrayEquals((float[]) c[1], OperatorCheck.run("Einsum", Attributes.of("equation", c[0]), a, b).floats(),
                    (String) c[0]);
        }
        assertArrayEquals(new float[] {1, 3, 2, 4}, OperatorCheck.run("Einsum", Attributes.of("equation", "ba"), a).floats());
        assertThrows(InvalidModelException.class,
                () -> OperatorCheck.run("Einsum", Attributes.of("equation", "ijk,jk->i"), a, b));
    }
}
