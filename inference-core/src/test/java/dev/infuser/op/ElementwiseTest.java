package dev.infuser.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.GraphBuilder;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Tensor;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ElementwiseTest {

    private static final double[] POINTS = {-3.5, -2.5, -1, -0.5, -0.25, 0, 0.25, 0.5, 1, 1.5, 2.5, 4};

    private record Function(String op, Attributes attributes, DoubleUnaryOperator expected) {
        Function(String op, DoubleUnaryOperator expected) {
            this(op, Attributes.NONE, expected);
        }
    }

    private static final Function[] FUNCTIONS = {
        new Function("Abs", Math::abs),
        new Function("Neg", x -> -x),
        new Function("Sqrt", Math::sqrt),
        new Function("Reciprocal", x -> 1 / x),
        new Function("Exp", Math::exp),
        new Function("Log", Math::log),
        new Function("Floor", Math::floor),
        new Function("Ceil", Math::ceil),
        new Function("Round", Math::rint),
        new Function("Sign", Math::signum),
        new Function("Sin", Math::sin),
        new Function("Cos", Math::cos),
        new Function("Tan", Math::tan),
        new Function("Asin", Math::asin),
        new Function("Acos", Math::acos),
        new Function("Atan", Math::atan),
        new Function("Sinh", Math::sinh),
        new Function("Cosh", Math::cosh),
        new Function("Tanh", Math::tanh),
        new Function("Asinh", x -> Math.log(x + Math.sqrt(x * x + 1))),
        new Function("Acosh", x -> Math.log(x + Math.sqrt(x * x - 1))),
        new Function("Atanh", x -> 0.5 * Math.log((1 + x) / (1 - x))),
        new Function("Relu", x -> Math.max(x, 0)),
        new Function("Sigmoid", x -> 0.5 * (1 + Math.tanh(x / 2))),
        new Function("Softplus", x -> Math.log(1 + Math.exp(x))),
        new Function("Softsign", x -> x / (1 + Math.abs(x))),
        new Function("HardSwish", x -> x <= -3 ? 0 : x >= 3 ? x : x * (x + 3) / 6),
        new Function("HardSigmoid", x -> Math.max(0, Math.min(1, 0.2 * x + 0.5))),
        new Function("Mish", x -> x * Math.tanh(Math.log(1 + Math.exp(x)))),
        new Function("LeakyRelu", x -> x < 0 ? 0.01 * x : x),
        new Function("LeakyRelu", Attributes.of("alpha", 0.25f), x -> x < 0 ? 0.25 * x : x),
        new Function("Elu", Attributes.of("alpha", 2f), x -> x < 0 ? 2 * (Math.exp(x) - 1) : x),
        new Function("Selu", x -> 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * (Math.exp(x) - 1))),
        new Function("Celu", Attributes.of("alpha", 2f), x -> Math.max(0, x) + Math.min(0, 2 * (Math.exp(x / 2) - 1))),
        new Function("ThresholdedRelu", x -> x > 1 ? x : 0),
        new Function("Swish", Attributes.of("alpha", 1.5f), x -> x / (1 + Math.exp(-1.5 * x))),
        new Function("Shrink", Attributes.of("lambd", 1f, "bias", 0.5f), x -> x < -1 ? x + 0.5 : x > 1 ? x - 0.5 : 0),
        new Function("Gelu", Attributes.of("approximate", "tanh"),
                x -> 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * Math.pow(x, 3))))),
    };

    @ParameterizedTest
    @EnumSource(value = DType.class, names = {"FLOAT32", "FLOAT64", "FLOAT16", "BFLOAT16"})
    void realFunctionsGiveTheTextbookFormulaInEveryRealType(DType type) {
        Tensor x = Tensor.ofDoubles(type, new int[] {3, 4}, POINTS);
        double tolerance = type == DType.FLOAT32 || type == DType.FLOAT64 ? 1e-6 : type == DType.FLOAT16 ? 1e-3 : 8e-3;
        for (Function f : FUNCTIONS) {
            Tensor y = OperatorCheck.run(f.op, f.attributes, x);
            for (int i = 0; i < POINTS.length; i++) {
                double expected = f.expected.applyAsDouble(POINTS[i]);
                boolean finite = !Double.isNaN(expected) && !Double.isInfinite(expected);
                assertEquals(expected, y.getDouble(i), finite ? tolerance * Math.max(1, Math.abs(expected)) : 0,
                        f.op + " of " + POINTS[i]);
            }
        }
    }

    @Test
    void geluIsHalfOfXTimesOnePlusErf() {
        Tensor y = OperatorCheck.run("Gelu", Tensor.floats(new int[] {3}, -1, 0, 1));
        assertArrayEquals(new float[] {-0.15865526f, 0, 0.84134474f}, y.floats(), 1e-7f);
        assertThrows(InvalidModelException.class, () -> OperatorCheck.run("Gelu", Attributes.of("approximate", "fast"), y));
    }

    private record Pair(String op, Attributes attributes, DType type, long[] x, long[] y, long[] expected) {
        Pair(String op, DType type, long[] x, long[] y, long[] expected) {
            this(op, Attributes.NONE, type, x, y, expected);
        }
    }

    private static long[] of(long... values) {
        return values;
    }

    private static final Pair[] PAIRS = {
        new Pair("Add", DType.INT8, of(127, -128), of(1, -1), of(-128, 127)),
        new Pair("Add", DType.UINT8, of(255), of(2), of(1)),
        new Pair("Mul", DType.UINT32, of(0xFFFFFFFFL), of(2), of(0xFFFFFFFEL)),
        new Pair("Div", DType.INT32, of(-7, 7, Integer.MIN_VALUE), of(2, -2, -1), of(-3, -3, Integer.MIN_VALUE)),
        new Pair("Div", DType.UINT64, of(-1), of(2), of(Long.MAX_VALUE)),
        new Pair("Mod", DType.INT32, of(-4, 7, 5, -6), of(2, -3, 8, 4), of(0, -2, 5, 2)),
        new Pair("Mod", Attributes.of("fmod", 1L), DType.INT64, of(-4, 7, -6), of(3, -3, 4), of(-1, 1, -2)),
        new Pair("Mod", DType.UINT64, of(-1), of(10), of(5)),
        new Pair("BitwiseAnd", DType.INT16, of(-1, 6), of(5, 3), of(5, 2)),
        new Pair("BitwiseOr", DType.UINT8, of(0xF0), of(0x0F), of(0xFF)),
        new Pair("BitwiseXor", DType.INT64, of(-1), of(5), of(-6)),
        new Pair("BitShift", Attributes.of("direction", "RIGHT"), DType.UINT8, of(16, 255, 1), of(1, 7, 9), of(8, 1, 0)),
        new Pair("BitShift", Attributes.of("direction", "LEFT"), DType.UINT8, of(16, 255, 1), of(4, 7, 9), of(0, 128, 0)),
        new Pair("And", DType.BOOL, of(0, 0, 1, 1), of(0, 1, 0, 1), of(0, 0, 0, 1)),
        new Pair("Or", DType.BOOL, of(0, 0, 1, 1), of(0, 1, 0, 1), of(0, 1, 1, 1)),
        new Pair("Xor", DType.BOOL, of(0, 0, 1, 1), of(0, 1, 0, 1), of(0, 1, 1, 0)),
        new Pair("Max", DType.UINT64, of(-1, 3), of(1, 4), of(-1, 4)),
        new Pair("Min", DType.INT8, of(-1, 3), of(1, 2), of(-1, 2)),
        new Pair("Less", DType.UINT64, of(-1, 3), of(1, 4), of(0, 1)),
        new Pair("GreaterOrEqual", DType.INT16, of(-1, 3, 2), of(1, 3, 1), of(0, 1, 1)),
        new Pair("Equal", DType.BOOL, of(0, 1), of(1, 1), of(0, 1)),
        new Pair("Pow", DType.INT64, of(3, -2, 2, 1, -1), of(4, 3, -1, -5, -5), of(81, -8, 0, 1, -1)),
        new Pair("PRelu", DType.INT32, of(-3, 3), of(2, 2), of(-6, 3)),
    };

    @Test
    void integersWrapTruncateAndCompareByTheirOwnType() {
        for (Pair p : PAIRS) {
            Tensor x = Tensor.ofLongs(p.type, new int[] {p.x.length}, p.x);
            Tensor y = Tensor.ofLongs(p.type, new int[] {p.y.length}, p.y);
            Tensor z = OperatorCheck.run(p.op, p.attributes, x, y);
            for (int i = 0; i < p.expected.length; i++) {
                assertEquals(p.expected[i], z.getLong(i), p.op + " " + p.type + " " + p.x[i] + ", " + p.y[i]);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Add", "Sub", "Mul", "Div", "Max", "Min", "Sum", "Mean", "Pow", "Less", "Equal"})
    void twoTensorsBroadcastTogether(String op) {
        Tensor a = Tensor.floats(new int[] {2, 1, 3}, 1, 2, 3, 4, 5, 6);
        Tensor b = Tensor.floats(new int[] {2, 1}, 2, 4);
        Tensor z = OperatorCheck.run(op, a, b);
        assertArrayEquals(new int[] {2, 2, 3}, z.dims());
        for (int i = 0; i < 12; i++) {
            float x = a.floats()[i / 6 * 3 + i % 3];
            float y = b.floats()[i / 3 % 2];
            double expected = switch (op) {
                case "Add", "Sum" -> x + y;
                case "Sub" -> x - y;
                case "Mul" -> x * y;
                case "Div" -> x / y;
                case "Max" -> Math.max(x, y);
                case "Min" -> Math.min(x, y);
                case "Mean" -> (x + y) / 2;
                case "Pow" -> Math.pow(x, y);
                case "Less" -> x < y ? 1 : 0;
                default -> x == y ? 1 : 0;
            };
            assertEquals(expected, z.getDouble(i), 1e-6, op);
        }
    }

    @Test
    void notANumberIsNeitherEqualNorOrderedAndSpreadsThroughMaxAndClip() {
        Tensor nan = Tensor.floats(new int[] {1}, Float.NaN);
        Tensor one = Tensor.floats(new int[] {1}, 1);
        for (String op : new String[] {"Equal", "Less", "Greater", "LessOrEqual", "GreaterOrEqual"}) {
            assertEquals(0, OperatorCheck.run(op, nan, one).getLong(0), op);
            assertEquals(0, OperatorCheck.run(op, nan, nan).getLong(0), op);
        }
        assertTrue(Float.isNaN(OperatorCheck.run("Max", one, nan).floats()[0]));
        assertTrue(Float.isNaN(OperatorCheck.run("Relu", nan).floats()[0]));
        assertTrue(Float.isNaN(OperatorCheck.run("Clip", nan, Tensor.floats(new int[0], 0)).floats()[0]));
        assertEquals(1, OperatorCheck.run("IsNaN", nan).getLong(0));
    }

    @Test
    void isInfLooksAtTheSignsAskedFor() {
        Tensor x = Tensor.floats(new int[] {3}, Float.NEGATIVE_INFINITY, 1, Float.POSITIVE_INFINITY);
        assertArrayEquals(new byte[] {1, 0, 1}, OperatorCheck.run("IsInf", x).bytes());
        assertArrayEquals(new byte[] {0, 0, 1},
                OperatorCheck.run("IsInf", Attributes.of("detect_negative", 0L), x).bytes());
        assertArrayEquals(new byte[] {1, 0, 0},
                OperatorCheck.run("IsInf", Attributes.of("detect_positive", 0L), x).bytes());
    }

    @Test
    void clipHoldsBetweenOptionalBoundsAndTheUpperOneWins() {
        Tensor x = Tensor.ofLongs(DType.INT8, new int[] {4}, new long[] {-5, 0, 3, 9});
        Tensor low = Tensor.ofLongs(DType.INT8, new int[0], new long[] {-1});
        Tensor high = Tensor.ofLongs(DType.INT8, new int[0], new long[] {4});
        assertArrayEquals(new byte[] {-1, 0, 3, 4}, OperatorCheck.run("Clip", x, low, high).bytes());
        assertArrayEquals(new byte[] {-5, 0, 3, 4}, OperatorCheck.run("Clip", x, null, high).bytes());
        assertArrayEquals(new byte[] {-1, -1, -1, -1}, OperatorCheck.run("Clip", x, high, low).bytes());
    }

    @Test
    void whereChoosesElementsOfAnyType() {
        Tensor condition = Tensor.of(DType.BOOL, new int[] {2, 1}, new byte[] {1, 0});
        Tensor y = OperatorCheck.run("Where", condition, Tensor.strings(new int[] {2}, "a", "b"),
                Tensor.strings(new int[] {1}, "c"));
        assertArrayEquals(new String[] {"a", "b", "c", "c"}, y.strings());
    }

    @Test
    void mixedTypesAndForbiddenTypesAreRefused() {
        Tensor f = Tensor.floats(new int[] {1}, 1);
        Tensor i = Tensor.longs(new int[] {1}, 0);
        assertThrows(InvalidModelException.class, () -> infer("Add", f, i));
        assertThrows(InvalidModelException.class, () -> infer("And", i, i));
        assertThrows(InvalidModelException.class, () -> infer("BitShift", i, i));
        assertThrows(InvalidModelException.class, () -> infer("Mod", f, f));
        assertThrows(InvalidModelException.class, () -> infer("Sqrt", i));
        assertThrows(InvalidModelException.class, () -> OperatorCheck.run("Div", i, i));
    }

    @Test
    void parametersThatDoNotBroadcastAreRefused() {
        Tensor x = Tensor.floats(new int[] {2, 2}, 1, 2, 3, 4);
        Tensor three = Tensor.floats(new int[] {3}, 1, 2, 3);
        assertThrows(InvalidModelException.class, () -> OperatorCheck.run("PRelu", x, three));
        assertThrows(InvalidModelException.class, () -> OperatorCheck.run("PRelu", three, Tensor.floats(new int[] {2, 1}, 1, 2)));
        assertThrows(InvalidModelException.class, () -> OperatorCheck.run("LayerNormalization", x, three));
        assertThrows(InvalidModelException.class, () -> OperatorCheck.run("Gemm", x, x, three));
    }

    private static void infer(String op, Tensor... inputs) {
        GraphBuilder builder = new GraphBuilder("g");
        String[] names = new String[inputs.length];
        for (int i = 0; i < names.length; i++) {
            names[i] = builder.input("x" + i, inputs[i].type());
        }
        Inference.infer(builder.output(builder.add(op, names)).build());
    }
}
