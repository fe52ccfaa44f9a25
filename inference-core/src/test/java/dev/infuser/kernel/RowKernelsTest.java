package dev.infuser.kernel;

import dev.infuser.expr.Expr;
import dev.infuser.expr.Fn;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RowKernelsTest {
    private static final float INF = Float.POSITIVE_INFINITY;
    private static final int[] COLUMNS = {0, 1, 2, 3, 4, 5, 8, 13, 130};

    private static double[] softmax(double[] x, int columns, boolean log) {
        double[] y = new double[x.length];
        for (int row = 0; row < x.length; row += columns) {
            double max = Double.NEGATIVE_INFINITY;
            for (int i = row; i < row + columns; i++) {
                max = Math.max(max, x[i]);
            }
            double sum = 0;
            for (int i = row; i < row + columns; i++) {
                sum += Math.exp(x[i] - max);
            }
            for (int i = row; i < row + columns; i++) {
                y[i] = log ? x[i] - max - Math.log(sum) : Math.exp(x[i] - max) / sum;
            }
        }
        return y;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void softmaxScalesAndMasksAttentionScores(boolean log) {
        Expr before = Expr.of(Fn.ADD, Expr.of(Fn.MUL, Expr.input(0), Expr.input(2)), Expr.input(1));
        Softmax kernel = new Softmax(3, List.of(Operand.VECTOR, new Operand(Element.I64, false), Operand.SCALAR),
                before, log);
        try (KernelRunner runner = new KernelRunner(kernel)) {
            for (int columns : COLUMNS) {
                int count = 2 * 3 * columns;
                float[] x = Numbers.random(count, 1);
                long[] mask = new long[2 * columns];
                double[] combined = new double[count];
                for (int i = 0; i < count; i++) {
                    int at = i / (3 * columns) * columns + i % columns;
                    mask[at] = at * 7 % 11 - 5;
                    combined[i] = x[i] * 10.0 + mask[at];
                }
                Image image = new Image(1);
                int in = image.writable(image.floats(x), 4 * count);
                Map<String, Integer> slots = new HashMap<>(Map.of("out", in, "dim_0", 2, "dim_1", 3, "dim_2", columns));
                slots.putAll(Map.of("in_0", in, "in_0_0", 12 * columns, "in_0_1", 4 * columns,
                        "in_1", image.longs(mask), "in_1_0", 8 * columns, "in_1_1", 0,
                        "in_2", image.floats(10), "in_2_0", 0, "in_2_1", 0));
                double[] expected = columns == 0 ? new double[0] : softmax(combined, columns, log);
                for (Image after : runner.run(image, slots)) {
                    Numbers.assertClose(expected, after.floatsAt(in, count), 2e-6, columns + " columns");
                }
            }
        }
    }

    @Test
    void softmaxOfExtremesFollowsItsArithmetic() {
        float[] x = {-INF, -INF, -INF, -INF, -INF, 0, -INF, 1, -INF, -INF, 3e38f, -3e38f, 0, 1, 2,
                INF, 0, 0, 0, 0, Float.NaN, 0, 0, 0, 0, 1000, 1000, 1000, 1000, 999};
        double[] exact = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            exact[i] = x[i];
        }
        Softmax kernel = new Softmax(2, List.of(Operand.VECTOR), Expr.input(0), false);
        Image image = new Image(1);
        int out = image.output(4 * x.length);
        try (KernelRunner runner = new KernelRunner(kernel)) {
            Map<String, Integer> slots = Map.of("out", out, "dim_0", 6, "dim_1", 5, "in_0", image.floats(x), "in_0_0",
                    20);
            for (Image after : runner.run(image, slots)) {
                Numbers.assertClose(softmax(exact, 5, false), after.floatsAt(out, x.length), 1e-6, "extremes");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void layerNormAddsResidualAndAppliesScaleAndBias(boolean centred) {
        Expr after = Expr.of(Fn.ADD, Expr.of(Fn.MUL, Expr.input(4), Expr.input(2)), Expr.input(3));
        List<Operand> inputs = List.of(Operand.VECTOR, Operand.VECTOR, Operand.VECTOR, Operand.VECTOR);
        LayerNorm kernel =
                new LayerNorm(2, inputs, Expr.of(Fn.ADD, Expr.input(0), Expr.input(1)), after, 1e-5f, centred);
        try (KernelRunner runner = new KernelRunner(kernel)) {
            for (int columns : COLUMNS) {
                int rows = 3;
                float[] x = Numbers.random(rows * columns, 1);
                float[] residual = Numbers.random(rows * columns, 2);
                float[] scale = Numbers.random(columns, 3);
                float[] bias = Numbers.random(columns, 4);
                Image image = new Image(1);
                int out = image.writable(image.floats(residual), 4 * rows * columns);
                Map<String, Integer> slots = new HashMap<>(Map.of("out", out, "dim_0", rows, "dim_1", columns,
                        "in_0", image.floats(x), "in_0_0", 4 * columns, "in_1", out, "in_1_0", 4 * columns,
                        "in_2", image.floats(scale), "in_2_0", 0));
                slots.putAll(Map.of("in_3", image.floats(bias), "in_3_0", 0));
                double[] expected = new double[rows * columns];
                for (int row = 0; row < rows * columns; row += Math.max(1, columns)) {
                    double mean = 0;
                    double square = 0;
                    for (int i = row; i < row + columns; i++) {
                        mean += centred ? (x[i] + residual[i]) / (double) columns : 0;
                    }
                    for (int i = row; i < row + columns; i++) {
                        square += Math.pow(x[i] + residual[i] - mean, 2) / columns;
                    }
                    for (int i = row; i < row + columns; i++) {
                        expected[i] = (x[i] + residual[i] - mean) / Math.sqrt(square + 1e-5) * scale[i - row]
                                + bias[i - row];
                    }
                }
                for (Image image2 : runner.run(image, slots)) {
                    Numbers.assertClose(expected, image2.floatsAt(out, rows * columns), 2e-5, columns + " columns");
                }
            }
        }
    }
}
