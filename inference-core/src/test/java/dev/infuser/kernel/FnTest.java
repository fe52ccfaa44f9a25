package dev.infuser.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import dev.infuser.expr.Expr;
import dev.infuser.expr.Fn;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class FnTest {
    private static final int COUNT = 400_000;
    private static final float[] SPECIAL = {0f, -0f, 1f, -1f, 0.5f, -0.5f, 1.5f, 2.5f, -2.5f, 2f, -2f, 3f, -3f,
            Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.MIN_VALUE, -Float.MIN_VALUE,
            Float.MIN_NORMAL, -Float.MIN_NORMAL, Float.MAX_VALUE, -Float.MAX_VALUE, 88.72f, 88.73f, -87.3f, -103.9f,
            -104.1f, 1e-20f};

    /**
     * All magnitudes: bit patterns at even distances, then the range where functions are interesting, then specials.
     */
    private static float[] dense() {
        float[] values = new float[COUNT];
        int half = COUNT / 2;
        for (int i = 0; i < COUNT; i++) {
            values[i] = i < half ? Float.intBitsToFloat((int) (0x1p32 / half * i)) : (i - half) * (208f / half) - 104;
        }
        System.arraycopy(SPECIAL, 0, values, 1001, SPECIAL.length);
        return values;
    }

    private static List<Image> run(Expr e, int pages, float[]... inputs) {
        Operand[] operands = new Operand[inputs.length];
        Arrays.fill(operands, Operand.VECTOR);
        Elementwise kernel = new Elementwise(1, List.of(operands), Element.F32, e);
        Image image = new Image(pages);
        Map<String, Integer> slots = new HashMap<>();
        int n = inputs[0].length;
        slots.put("out", image.output(4 * n));
        slots.put("dim_0", n);
        for (int i = 0; i < inputs.length; i++) {
            slots.put("in_" + i, image.floats(inputs[i]));
        }
        try (KernelRunner runner = new KernelRunner(kernel)) {
            return runner.run(image, slots);
        }
    }

    /** The stated bound as an absolute error at x, where the exact value is y. */
    private static double bound(Fn fn, double x, double y) {
        double size = Math.abs(y);
        return switch (fn) {
            case EXP -> Math.max(3e-7 * size, Float.MIN_VALUE);
            case LOG -> 3e-7 * Math.max(0.1, size);
            case TANH -> Math.max(6e-7 * size, 1e-42);
            case ERF -> 6e-7;
            case SIGMOID -> Math.max(6e-7 * size, x < -87 ? 1e-37 : 0);
            case SIN, COS -> 3e-7;
            default -> Math.max(Math.ulp((float) y) * 0.5000001, Float.MIN_VALUE);
        };
    }

    @ParameterizedTest
    @EnumSource(value = Fn.class, mode = Mode.MATCH_ALL,
            names = "NEG|ABS|SQRT|FLOOR|CEIL|TRUNC|ROUND|RECIP|EXP|LOG|TANH|ERF|SIGMOID|SIN|COS|NOT")
    void unaryFunctionsKeepTheirBounds(Fn fn) {
        float[] x = dense();
        double worst = 0;
        for (Image after : run(Expr.of(fn, Expr.input(0)), 60, x)) {
            float[] actual = after.floatsAt(64, x.length);
            for (int i = 0; i < x.length; i++) {
                boolean trigonometric = fn == Fn.SIN || fn == Fn.COS;
                if (trigonometric && Math.abs(x[i]) > 1e8 && !Float.isInfinite(x[i])) {
                    continue;
                }
                double exact = ExprOracle.unary(fn, x[i]);
                boolean overflow = Math.abs(exact) > Float.MAX_VALUE * (1 + 3e-7);
                boolean right = Double.isNaN(exact) ? Float.isNaN(actual[i])
                        : overflow ? actual[i] == (float) exact
                        : Math.abs(actual[i] - exact) <= bound(fn, x[i], exact) || actual[i] == (float) exact;
                if (!right) {
                    fail(fn + "(" + x[i] + ") is " + actual[i] + ", expected " + exact);
                }
                if (Math.abs(exact) > Float.MIN_NORMAL && Math.abs(exact) < 1e30) {
                    worst = Math.max(worst, Math.abs(actual[i] - exact) / bound(fn, x[i], exact));
                }
            }
        }
        if (worst > 1) {
            fail(fn + " exceeds its bound by " + worst);
        }
    }

    @ParameterizedTest
    @EnumSource(value = Fn.class, mode = Mode.MATCH_ALL,
            names = "ADD|SUB|MUL|DIV|MIN|MAX|POW|EQ|NE|LT|GT|LE|GE|AND|OR|XOR")
    void binaryFunctionsFollowTheirDefinition(Fn fn) {
        int n = SPECIAL.length;
        int spread = 50_000;
        float[] random = Numbers.random(spread, 7);
        float[] a = new float[2 * n * n + spread];
        float[] b = new float[a.length];
        for (int i = 0; i < n * n; i++) {
            a[i] = SPECIAL[i / n];
            b[i] = SPECIAL[i % n];
            a[n * n + i] = Math.abs(10 * random[i]);
            b[n * n + i] = 5 * random[n * n - 1 - i];
        }
        for (int i = 0; i < spread; i++) {
            a[2 * n * n + i] = Float.intBitsToFloat((int) (0x7f800000L * i / spread));
            b[2 * n * n + i] = (float) (110 * random[i] / Math.max(0.1, Math.abs(Math.log(a[2 * n * n + i]))));
        }
        for (Image after : run(Expr.of(fn, Expr.input(0), Expr.input(1)), 10, a, b)) {
            float[] actual = after.floatsAt(64, a.length);
            for (int i = 0; i < a.length; i++) {
                double exact = ExprOracle.binary(fn, a[i], b[i]);
                double error = Math.abs(actual[i] - exact);
                double limit = fn == Fn.POW ? 4e-7 * (1 + Math.abs(b[i] * Math.log(Math.abs(a[i])))) * Math.abs(exact)
                        : Math.ulp((float) exact) * 0.5000001;
                boolean right = Double.isNaN(exact) ? Float.isNaN(actual[i])
                        : actual[i] == (float) exact || error <= Math.max(limit, Float.MIN_VALUE)
                                || Float.isInfinite(actual[i]) && Math.abs(exact) + limit > Float.MAX_VALUE;
                if (!right) {
                    fail(fn + "(" + a[i] + ", " + b[i] + ") is " + actual[i] + ", expected " + exact);
                }
            }
        }
    }

    @Test
    void expressionsShareSelectAndMixLogicWithNumbers() {
        Expr x = Expr.input(0);
        Expr y = Expr.input(1);
        Expr less = Expr.of(Fn.LT, x, y);
        Expr gelu = Expr.of(Fn.MUL, x, Expr.of(Fn.ADD, Expr.of(Fn.ERF, Expr.of(Fn.MUL, x, Expr.constant(0.70710678f))),
                Expr.constant(1)));
        Expr e = new Expr.Select(Expr.of(Fn.AND, less, Expr.of(Fn.NOT, Expr.of(Fn.GT, x, Expr.constant(0.5f)))),
                Expr.of(Fn.ADD, gelu, less), Expr.of(Fn.SUB, gelu, Expr.of(Fn.OR, x, y)));
        float[] a = Numbers.random(1001, 1);
        float[] b = Numbers.random(1001, 2);
        for (Image after : run(e, 1, a, b)) {
            float[] actual = after.floatsAt(64, a.length);
            for (int i = 0; i < a.length; i++) {
                assertEquals(ExprOracle.evaluate(e, a[i], b[i]), actual[i], 2e-6);
            }
        }
    }
}
