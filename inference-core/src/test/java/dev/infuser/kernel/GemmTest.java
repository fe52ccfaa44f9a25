package dev.infuser.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.infuser.expr.Expr;
import dev.infuser.expr.Fn;
import dev.infuser.kernel.Gemm.Layout;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Elements;
import dev.infuser.tensor.Panels;
import dev.infuser.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class GemmTest {
    /** Rounding of a sum of 40 products of numbers below 1. */
    private static final double TOLERANCE = 1e-5;

    private static final int[][] SHAPES = {
            {0, 5, 3}, {5, 0, 3}, {5, 3, 0}, {1, 1, 1}, {1, 8, 4}, {1, 9, 5}, {1, 16, 40}, {2, 7, 3}, {3, 3, 8},
            {4, 8, 4}, {4, 8, 7}, {5, 10, 1}, {6, 11, 2}, {7, 12, 6}, {8, 13, 9}, {9, 14, 16}, {13, 15, 33},
            {21, 17, 12}, {4, 2, 3}, {1, 9, 31}, {1, 3, 65}, {1, 12, 98}, {3, 9, 67}, {7, 4, 33}, {1, 8, 64}};

    private static double[] product(float[] a, float[] b, int m, int n, int k, boolean ta, boolean tb) {
        double[] c = new double[m * n];
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                for (int p = 0; p < k; p++) {
                    c[i * n + j] += (double) a[ta ? p * m + i : i * k + p] * b[tb ? j * k + p : p * n + j];
                }
            }
        }
        return c;
    }

    /** Stores B and makes the elements of {@code b} those that are stored. */
    private static int right(Image image, Layout layout, float[] b, int k, int n) {
        DType narrow = layout == Layout.PACKED_F16 ? DType.FLOAT16 : layout == Layout.PACKED_I8 ? DType.INT8 : DType.INT4;
        if (!layout.isNarrow()) {
            return image.floats(layout == Layout.PACKED ? Panels.pack(b, k, n) : b);
        }
        for (int i = 0; i < b.length; i++) {
            b[i] *= 3;
        }
        Tensor stored = Tensor.ofDoubles(narrow, new int[] {b.length}, Tensor.floats(new int[] {b.length}, b).toDoubles());
        for (int i = 0; i < b.length; i++) {
            b[i] = (float) stored.getDouble(i);
        }
        var order = layout == Layout.PACKED_I4 ? dev.infuser.tensor.Layout.NIBBLE8 : dev.infuser.tensor.Layout.PANEL8;
        return image.bytes(packed(stored.reshape(k, n), order));
    }

    private static byte[] packed(Tensor tensor, dev.infuser.tensor.Layout layout) {
        int count = layout.storedElements(tensor.dims());
        byte[] bytes = new byte[(int) Elements.bytes(tensor.dtype(), count)];
        Elements.encode(tensor.dtype(), layout.pack(tensor.dtype(), tensor.dims(), tensor.array()), 0, count, bytes, 0);
        return bytes;
    }

    /** Stores float16 scales of blocks, and multiplies the elements of {@code b} by them. */
    private static int scales(Image image, float[] b, int k, int n) {
        float[] random = Numbers.random((k + 31) / 32 * n, 9);
        Tensor scales = Tensor.ofDoubles(DType.FLOAT16, new int[] {(k + 31) / 32, n},
                Tensor.floats(new int[] {random.length}, random).toDoubles());
        for (int i = 0; i < b.length; i++) {
            b[i] *= (float) scales.getDouble(i / n / 32 * n + i % n);
        }
        return image.bytes(packed(scales, dev.infuser.tensor.Layout.PANEL8));
    }

    private static Map<String, Integer> slots(Image image, Gemm gemm, int[] shape, float[] a, float[] b) {
        int m = shape[0];
        int n = shape[1];
        int k = shape[2];
        boolean tb = gemm.layoutB() == Layout.TRANSPOSED;
        Map<String, Integer> slots = new HashMap<>();
        slots.put("a", image.floats(a));
        slots.put("b", right(image, gemm.layoutB(), b, k, n));
        if (gemm.layoutB() == Layout.PACKED_I4) {
            slots.put("scales", scales(image, b, k, n));
        }
        slots.put("c", image.output(4 * m * n));
        slots.put("m", m);
        slots.put("n", n);
        slots.put("k", k);
        slots.put("lda", 4 * (gemm.transposedA() ? m : k));
        slots.put("ldb", 4 * (tb ? k : n));
        slots.put("ldc", 4 * n);
        slots.put("scratch", image.output(gemm.scratchBytes(k)));
        return slots;
    }

    @ParameterizedTest
    @CsvSource({"PACKED_F16,false", "PACKED_F16,true", "PACKED_I8,false", "PACKED_I4,false", "PACKED_I4,true", "PACKED_I8,true", "PACKED,false", "PACKED,true", "ROW_MAJOR,false", "ROW_MAJOR,true", "TRANSPOSED,false",
            "TRANSPOSED,true"})
    void multipliesEveryTail(Layout layout, boolean transposedA) {
        Gemm gemm = new Gemm(-1, -1, transposedA, layout, 0, List.of(), Expr.input(0));
        try (KernelRunner runner = new KernelRunner(gemm)) {
            for (int[] shape : SHAPES) {
                float[] a = Numbers.random(shape[0] * shape[2], 1);
                float[] b = Numbers.random(shape[1] * shape[2], 2);
                Image image = new Image(1);
                Map<String, Integer> slots = slots(image, gemm, shape, a, b);
                double[] expected =
                        product(a, b, shape[0], shape[1], shape[2], transposedA, layout == Layout.TRANSPOSED);
                for (Image after : runner.run(image, slots)) {
                    Numbers.assertClose(expected, after.floatsAt(slots.get("c"), expected.length), TOLERANCE,
                            List.of(shape[0], shape[1], shape[2]).toString());
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(value = Layout.class, mode = EnumSource.Mode.EXCLUDE, names = "TRANSFORMED")
    void crossesBlocksOfRows(Layout layout) {
        int[] shape = {45, 24, 4100};
        Gemm gemm = new Gemm(4100, layout == Layout.PACKED ? Gemm.WHOLE : 24, false, layout, 0, List.of(), Expr.input(0));
        float[] a = Numbers.random(shape[0] * shape[2], 3);
        float[] b = Numbers.random(shape[1] * shape[2], 4);
        Image image = new Image(40);
        Map<String, Integer> slots = slots(image, gemm, shape, a, b);
        double[] expected = product(a, b, shape[0], shape[1], shape[2], false, layout == Layout.TRANSPOSED);
        try (KernelRunner runner = new KernelRunner(gemm)) {
            for (Image after : runner.run(image, slots)) {
                Numbers.assertClose(expected, after.floatsAt(slots.get("c"), expected.length), 1e-4, layout.name());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(value = Layout.class, mode = EnumSource.Mode.EXCLUDE, names = "TRANSFORMED")
    void fusesBiasActivationResidualAndScalars(Layout layout) {
        Expr sum = Expr.of(Fn.ADD, Expr.of(Fn.MUL, Expr.input(0), Expr.input(4)), Expr.input(1));
        Expr epilogue = Expr.of(Fn.ADD, Expr.of(Fn.MAX, sum, Expr.constant(0)),
                Expr.of(Fn.MUL, Expr.input(2), Expr.input(3)));
        List<Operand> extras = List.of(Operand.VECTOR, Operand.VECTOR, Operand.SCALAR, Operand.SCALAR);
        Gemm gemm = new Gemm(-1, -1, false, layout, 0, extras, epilogue);
        try (KernelRunner runner = new KernelRunner(gemm)) {
            for (int[] shape : SHAPES) {
                int m = shape[0];
                int n = shape[1];
                float[] a = Numbers.random(m * shape[2], 1);
                float[] b = Numbers.random(n * shape[2], 2);
                float[] bias = Numbers.random(n, 3);
                float[] residual = Numbers.random(m * n, 4);
                float[] perRow = Numbers.random(m, 5);
                Image image = new Image(1);
                Map<String, Integer> slots = slots(image, gemm, shape, a, b);
                slots.put("c", image.writable(image.floats(residual), 4 * m * n));
                slots.putAll(Map.of("extra_0", image.floats(bias), "extra_0_row", 0, "extra_1", slots.get("c"),
                        "extra_1_row", 4 * n, "extra_2", image.floats(perRow), "extra_2_row", 4, "extra_3",
                        image.floats(0.5f), "extra_3_row", 0));
                double[] expected = product(a, b, m, n, shape[2], false, layout == Layout.TRANSPOSED);
                for (int i = 0; i < expected.length; i++) {
                    expected[i] = Math.max(0, 0.5 * expected[i] + bias[i % n]) + residual[i] * perRow[i / n];
                }
                for (Image after : runner.run(image, slots)) {
                    Numbers.assertClose(expected, after.floatsAt(slots.get("c"), expected.length), TOLERANCE, "m n k "
                            + List.of(m, n, shape[2]));
                }
            }
        }
    }

    @Test
    void attentionReadsAndWritesHeadsInPlace() {
        int batch = 2;
        int seq = 5;
        int heads = 3;
        int dim = 6;
        float[] q = Numbers.random(batch * seq * heads * dim, 1);
        float[] k = Numbers.random(batch * seq * heads * dim, 2);
        float[] mask = Numbers.random(batch * seq, 3);
        Expr epilogue = Expr.of(Fn.ADD, Expr.of(Fn.MUL, Expr.input(0), Expr.constant(0.25f)), Expr.input(1));
        Gemm gemm = new Gemm(-1, -1, false, Layout.TRANSPOSED, 2, List.of(Operand.VECTOR), epilogue);
        Image image = new Image(1);
        Map<String, Integer> slots = new HashMap<>();
        int row = 4 * heads * dim;
        slots.putAll(Map.of("a", image.floats(q), "b", image.floats(k), "c",
                image.output(4 * batch * heads * seq * seq),
                "m", seq, "n", seq, "k", dim, "lda", row, "ldb", row, "ldc", 4 * seq));
        slots.putAll(Map.of("scratch", image.output(gemm.scratchBytes(dim)), "batch_0", batch, "a_0", seq * row,
                "b_0", seq * row, "c_0", 4 * heads * seq * seq, "batch_1", heads, "a_1", 4 * dim, "b_1", 4 * dim,
                "c_1", 4 * seq * seq));
        slots.putAll(Map.of("extra_0", image.floats(mask), "extra_0_row", 0, "extra_0_0", 4 * seq, "extra_0_1", 0));
        double[] expected = new double[batch * heads * seq * seq];
        for (int i = 0; i < expected.length; i++) {
            int b = i / (heads * seq * seq);
            int h = i / (seq * seq) % heads;
            int r = i / seq % seq;
            int c = i % seq;
            for (int d = 0; d < dim; d++) {
                expected[i] += (double) q[((b * seq + r) * heads + h) * dim + d]
                        * k[((b * seq + c) * heads + h) * dim + d];
            }
            expected[i] = 0.25 * expected[i] + mask[b * seq + c];
        }
        try (KernelRunner runner = new KernelRunner(gemm)) {
            for (Image after : runner.run(image, slots)) {
                Numbers.assertClose(expected, after.floatsAt(slots.get("c"), expected.length), TOLERANCE, "scores");
            }
            slots.put("batch_1", 0);
            runner.run(image, slots);
        }
    }

    @Test
    void equalKernelsAreCompiledOnce() {
        KernelModule module = new KernelModule(Target.STRICT);
        assertEquals(0, module.add(Gemm.of(Layout.PACKED, 0)));
        assertEquals(1, module.add(Gemm.of(Layout.PACKED, 1)));
        assertEquals(0, module.add(Gemm.of(Layout.PACKED, 0)));
        assertEquals(2, module.size());
        assertEquals("gemm_packed", Gemm.of(Layout.PACKED, 0).name());
    }

    @Test
    void impossibleParametersAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> Gemm.of(Layout.PACKED, 4));
        assertThrows(IllegalArgumentException.class,
                () -> new Gemm(-1, -1, false, Layout.PACKED, 0, List.of(), Expr.input(1)));
    }
}
