package dev.infuser.kernel;

import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.infuser.expr.Fn;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ReduceTest {
    private static final int[][] SHAPES = {{0, 3, 4}, {2, 0, 5}, {3, 1, 1}, {2, 3, 0}, {2, 3, 1}, {1, 4, 3}, {3, 5, 15},
            {2, 8, 16}, {2, 13, 17}, {1, 130, 37}, {5, 7, 4}};

    static List<Reduce> kernels() {
        ArrayList<Reduce> kernels = new ArrayList<>();
        for (boolean innermost : new boolean[] {true, false}) {
            for (Fn combine : List.of(Fn.ADD, Fn.MUL, Fn.MAX, Fn.MIN)) {
                kernels.add(Reduce.of(combine, innermost));
            }
            kernels.addAll(List.of(Reduce.mean(innermost), Reduce.sumSquare(innermost), Reduce.l1(innermost),
                    Reduce.l2(innermost), Reduce.logSum(innermost)));
        }
        return kernels;
    }

    private static double combine(Fn fn, double a, double b) {
        return ExprOracle.binary(fn, a, b);
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void reducesTheMiddleDimension(Reduce kernel) {
        try (KernelRunner runner = new KernelRunner(kernel)) {
            for (int[] shape : SHAPES) {
                int inner = kernel.innermost() ? 1 : shape[2];
                float[] x = Numbers.random(shape[0] * shape[1] * inner, 5);
                if (x.length > 20) {
                    x[3] = Float.NaN;
                }
                double[] expected = new double[shape[0] * inner];
                for (int i = 0; i < expected.length; i++) {
                    double sum = kernel.combine() == Fn.MUL ? 1 : kernel.combine() == Fn.MAX ? Double.NEGATIVE_INFINITY
                            : kernel.combine() == Fn.MIN ? Double.POSITIVE_INFINITY : 0;
                    for (int r = 0; r < shape[1]; r++) {
                        double value = x[(i / inner * shape[1] + r) * inner + i % inner];
                        sum = combine(kernel.combine(), sum, ExprOracle.evaluate(kernel.before(), value));
                    }
                    expected[i] = ExprOracle.evaluate(kernel.after(), sum, shape[1]);
                }
                Image image = new Image(1);
                int out = image.output(4 * expected.length);
                Map<String, Integer> slots = Map.of("out", out, "in", image.floats(x), "outer", shape[0], "reduced",
                        shape[1], "inner", inner);
                for (Image after : runner.run(image, slots)) {
                    Numbers.assertClose(expected, after.floatsAt(out, expected.length), 1e-5, kernel.name());
                }
            }
        }
    }

    @Test
    void functionsThatDoNotAssociateAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> Reduce.of(Fn.SUB, true));
    }
}
