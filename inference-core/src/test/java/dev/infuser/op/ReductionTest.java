package dev.infuser.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.infuser.graph.Attributes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReductionTest {

    private static final Tensor X = Tensor.floats(new int[] {2, 2, 2}, 1, -2, 3, 4, 5, 6, -7, 8);

    @Test
    void everyReductionFoldsTheAxesGiven() {
        Object[][] cases = {
            {"ReduceSum", new double[] {4, 2, -2, 14}},
            {"ReduceMean", new double[] {2, 1, -1, 7}},
            {"ReduceMax", new double[] {3, 4, 5, 8}},
            {"ReduceMin", new double[] {1, -2, -7, 6}},
            {"ReduceProd", new double[] {3, -8, -35, 48}},
            {"ReduceL1", new double[] {4, 6, 12, 14}},
            {"ReduceL2", new double[] {Math.sqrt(10), Math.sqrt(20), Math.sqrt(74), 10}},
            {"ReduceLogSum", new double[] {Math.log(4), Math.log(2), Double.NaN, Math.log(14)}},
            {"ReduceLogSumExp", new double[] {Math.log(Math.exp(1) + Math.exp(3)), Math.log(Math.exp(-2) + Math.exp(4)),
                Math.log(Math.exp(5) + Math.exp(-7)), Math.log(Math.exp(6) + Math.exp(8))}},
            {"ReduceSumSquare", new double[] {10, 20, 74, 100}},
        };
        for (Object[] c : cases) {
            Tensor kept = OperatorCheck.run((String) c[0], X, Tensor.vector(-2));
            assertArrayEquals(new int[] {2, 1, 2}, kept.dims());
            assertArrayEquals((double[]) c[1], kept.toDoubles(), 1e-5, (String) c[0]);
            Tensor dropped = OperatorCheck.run((String) c[0], Attributes.of("keepdims", 0L), X, Tensor.vector(1));
            assertArrayEquals(new int[] {2, 2}, dropped.dims());
            assertArrayEquals((double[]) c[1], dropped.toDoubles(), 1e-5, (String) c[0]);
        }
    }

    @Test
    void absentOrEmptyAxesMeanAllUnlessTheyMeanNone() {
        assertArrayEquals(new float[] {18}, OperatorCheck.run("ReduceSum", X).floats());
        assertArrayEquals(new float[] {18}, OperatorCheck.run("ReduceSum", X, Tensor.vector()).floats());
        assertArrayEquals(X.floats(),
                OperatorCheck.run("ReduceSum", Attributes.of("noop_with_empty_axes", 1L), X, Tensor.vector()).floats());
        assertArrayEquals(new int[0], OperatorCheck.run("ReduceSum", Attributes.of("keepdims", 0L), X).dims());
    }

    @Test
    void anEmptyReductionIsTheNeutralElement() {
        Tensor empty = Tensor.floats(new int[] {2, 0});
        double inf = Double.POSITIVE_INFINITY;
        Object[][] cases = {{"ReduceSum", 0.0}, {"ReduceProd", 1.0}, {"ReduceMax", -inf}, {"ReduceMin", inf},
            {"ReduceLogSum", -inf}, {"ReduceLogSumExp", -inf}, {"ReduceL2", 0.0}};
        for (Object[] c : cases) {
            Tensor y = OperatorCheck.run((String) c[0], empty, Tensor.vector(1));
            assertArrayEquals(new double[] {(Double) c[1], (Double) c[1]}, y.toDoubles(), (String) c[0]);
        }
    }

    @Test
    void integersAndBoolsReduceInTheirOwnType() {
        Tensor bytes = Tensor.ofLongs(DType.UINT8, new int[] {3}, new long[] {7, 200, 9});
        assertEquals(200, OperatorCheck.run("ReduceMax", bytes).getLong(0));
        assertEquals(7, OperatorCheck.run("ReduceMin", bytes).getLong(0));
        Tensor bools = Tensor.of(DType.BOOL, new int[] {2}, new byte[] {1, 0});
        assertEquals(0, OperatorCheck.run("ReduceMin", bools).getLong(0));
        Tensor ints = Tensor.ints(new int[] {2}, Integer.MAX_VALUE, 3);
        assertEquals(Integer.MIN_VALUE + 2, OperatorCheck.run("ReduceSum", ints).getLong(0));
        Tensor unsigned = Tensor.ofLongs(DType.UINT64, new int[] {2}, new long[] {-1, 3});
        assertEquals(-1, OperatorCheck.run("ReduceMax", unsigned).getLong(0));
    }

    @Test
    void softmaxesNormaliseAlongTheirAxisWithoutOverflow() {
        Tensor x = Tensor.floats(new int[] {2, 2}, 1000, 0, 1000, (float) Math.log(3));
        assertArrayEquals(new float[] {1, 0, 1, 0}, OperatorCheck.run("Softmax", x).floats(), 1e-7f);
        assertArrayEquals(new float[] {0.5f, 0.25f, 0.5f, 0.75f},
                OperatorCheck.run("Softmax", Attributes.of("axis", 0L), x).floats(), 1e-7f);
        assertArrayEquals(new float[] {0, -1000, 0, (float) Math.log(3) - 1000},
                OperatorCheck.run("LogSoftmax", x).floats(), 1e-4f);
        assertArrayEquals(new float[] {1, 0, 0, 1}, OperatorCheck.run("Hardmax", Attributes.of("axis", 0L), x).floats());
    }

    @Test
    void layerNormalisationCentresAndScales() {
        Tensor x = Tensor.floats(new int[] {1, 4}, 1, 2, 3, 6);
        List<Datum> y = OperatorCheck.runAll("LayerNormalization", 3, Attributes.of("epsilon", 0.5f), x,
                Tensor.floats(new int[] {4}, 1, 2, 1, 1), Tensor.floats(new int[] {4}, 0, 0, 1, 0));
        assertArrayEquals(new float[] {-1, -1, 1, 1.5f}, ((Tensor) y.get(0)).floats(), 1e-6f);
        assertArrayEquals(new float[] {3}, ((Tensor) y.get(1)).floats());
        assertArrayEquals(new float[] {0.5f}, ((Tensor) y.get(2)).floats(), 1e-6f);
    }

    @Test
    void rmsNormalisationOnlyScales() {
        Tensor x = Tensor.floats(new int[] {1, 2, 2}, 1, 1, 1, 1);
        Tensor y = OperatorCheck.run("RMSNormalization", Attributes.of("axis", 1L, "epsilon", 3f), x,
                Tensor.floats(new int[] {2}, 2, 4));
        assertArrayEquals(new float[] {1, 2, 1, 2}, y.floats(), 1e-6f);
    }
}
