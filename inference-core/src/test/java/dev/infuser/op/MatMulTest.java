package dev.infuser.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.infuser.graph.Attributes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MatMulTest {

    /** a, b, product. */
    private static final int[][][] SHAPES = {
        {{3, 4}, {4, 5}, {3, 5}},
        {{4}, {4, 5}, {5}},
        {{3, 4}, {4}, {3}},
        {{4}, {4}, {}},
        {{2, 3, 4}, {4, 5}, {2, 3, 5}},
        {{2, 1, 3, 4}, {6, 4, 1}, {2, 6, 3, 1}},
        {{3, 0}, {0, 2}, {3, 2}},
        {{0, 3}, {3, 2}, {0, 2}},
    };

    @ParameterizedTest
    @EnumSource(value = DType.class,
            names = {"FLOAT32", "FLOAT64", "FLOAT16", "BFLOAT16", "INT32", "INT64", "UINT32", "UINT64"})
    void productsAreSumsOverTheInnerExtent(DType type) {
        for (int[][] s : SHAPES) {
            Tensor a = numbers(type, s[0], 3);
            Tensor b = numbers(type, s[1], 5);
            Tensor c = OperatorCheck.run("MatMul", a, b);
            assertArrayEquals(s[2], c.dims());
            assertArrayEquals(sums(a, b, s[2]), c.toDoubles());
        }
    }

    private static double[] sums(Tensor a, Tensor b, int[] out) {
        int k = a.dim(-1);
        int m = a.rank() == 1 ? 1 : a.dim(-2);
        int n = b.rank() == 1 ? 1 : b.dim(-1);
        double[] sums = new double[Tensor.count(out)];
        int batches = sums.length / Math.max(1, m * n);
        int batchesOfB = b.rank() < 3 ? 1 : b.dim(0);
        for (int batch = 0; batch < batches; batch++) {
            int matrixOfA = a.rank() == 4 ? batch / batchesOfB : a.rank() == 3 ? batch : 0;
            for (int i = 0; i < m * n; i++) {
                for (int p = 0; p < k; p++) {
                    sums[batch * m * n + i] += a.getDouble((matrixOfA * m + i / n) * k + p)
                            * b.getDouble((batch % batchesOfB * k + p) * n + i % n);
                }
            }
        }
        return sums;
    }

    private static Tensor numbers(DType type, int[] dims, int seed) {
        long[] values = new long[Tensor.count(dims)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (i * 7 + seed) % 5;
        }
        return Tensor.ofLongs(type, dims, values);
    }

    @Test
    void integersWrapAround() {
        Tensor a = Tensor.ints(new int[] {1, 1}, Integer.MAX_VALUE);
        assertEquals(-2, OperatorCheck.run("MatMul", a, Tensor.ints(new int[] {1, 1}, 2)).getLong(0));
    }

    @Test
    void innerExtentsMustAgree() {
        assertThrows(InvalidModelException.class, () -> OperatorCheck.run("MatMul",
                Tensor.floats(new int[] {1, 2}, 1, 2), Tensor.floats(new int[] {1, 1}, 1)));
    }

    @Test
    void gemmTransposesScalesAndAdds() {
        Tensor a = Tensor.floats(new int[] {2, 3}, 1, 2, 3, 4, 5, 6);
        Tensor b = Tensor.floats(new int[] {2, 3}, 1, 0, 1, 0, 1, 0);
        Tensor c = Tensor.floats(new int[] {2, 1}, 10, 20);
        Attributes scaled = Attributes.of("transB", 1L, "alpha", 2f, "beta", 0.5f);
        assertArrayEquals(new float[] {4, 2, 10, 5}, OperatorCheck.run("Gemm", Attributes.of("transB", 1L), a, b).floats());
        assertArrayEquals(new float[] {13, 9, 30, 20}, OperatorCheck.run("Gemm", scaled, a, b, c).floats());
        assertArrayEquals(new float[] {1, 4, 1, 2, 5, 2, 3, 6, 3},
                OperatorCheck.run("Gemm", Attributes.of("transA", 1L), a, b).floats());
        assertArrayEquals(new long[] {12, 32}, OperatorCheck.run("Gemm", Attributes.of("beta", 2f),
                Tensor.longs(new int[] {2, 1}, 2, 7), Tensor.longs(new int[] {1, 1}, 4),
                Tensor.longs(new int[] {1}, 2)).longs());
        assertThrows(InvalidModelException.class, () -> OperatorCheck.run("Gemm", a, b));
    }
}
