package dev.infuser.converter.tflite;

import static org.tensorflow.lite.schema.BuiltinOperator.*;

import dev.infuser.converter.tensorflow.Arithmetic;
import dev.infuser.converter.tensorflow.Ops;
import dev.infuser.graph.Attributes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import java.util.Map;
import java.util.function.ToIntFunction;
import org.tensorflow.lite.schema.AddOptions;
import org.tensorflow.lite.schema.DivOptions;
import org.tensorflow.lite.schema.FakeQuantOptions;
import org.tensorflow.lite.schema.GeluOptions;
import org.tensorflow.lite.schema.LeakyReluOptions;
import org.tensorflow.lite.schema.MulOptions;
import org.tensorflow.lite.schema.ReducerOptions;
import org.tensorflow.lite.schema.SoftmaxOptions;
import org.tensorflow.lite.schema.SubOptions;

/** Operators that compute element by element, and reductions. */
final class ElementRules {

    private static final float NORM_FLOOR = 1e-6f;

    private ElementRules() {
    }

    static void add(Map<Integer, Rule> rules) {
        same(rules, ABS, "Abs");
        same(rules, CEIL, "Ceil");
        same(rules, COS, "Cos");
        same(rules, ELU, "Elu");
        same(rules, EXP, "Exp");
        same(rules, FLOOR, "Floor");
        same(rules, HARD_SWISH, "HardSwish");
        same(rules, LOG, "Log");
        same(rules, LOGICAL_AND, "And");
        same(rules, LOGICAL_NOT, "Not");
        same(rules, LOGICAL_OR, "Or");
        same(rules, LOGISTIC, "Sigmoid");
        same(rules, NEG, "Neg");
        same(rules, RELU, "Relu");
        same(rules, ROUND, "Round");
        same(rules, SIGN, "Sign");
        same(rules, SIN, "Sin");
        same(rules, SQRT, "Sqrt");
        same(rules, TANH, "Tanh");
        same(rules, EQUAL, "Equal");
        same(rules, GREATER, "Greater");
        same(rules, GREATER_EQUAL, "GreaterOrEqual");
        same(rules, LESS, "Less");
        same(rules, LESS_EQUAL, "LessOrEqual");
        same(rules, MAXIMUM, "Max");
        same(rules, MINIMUM, "Min");
        same(rules, POW, "Pow");
        same(rules, BITWISE_XOR, "BitwiseXor");
        rules.put(ADD, fused("Add", call -> call.options(new AddOptions()).fusedActivationFunction()));
        rules.put(SUB, fused("Sub", call -> call.options(new SubOptions()).fusedActivationFunction()));
        rules.put(MUL, fused("Mul", call -> call.options(new MulOptions()).fusedActivationFunction()));
        rules.put(DIV, fused("Div", call -> call.options(new DivOptions()).fusedActivationFunction()));
        rules.put(ADD_N, Rule.real(call -> Arithmetic.addN(call.ops(), call.all())));
        rules.put(ATAN2, Rule.real(call -> Arithmetic.atan2(call.ops(), call.in(0), call.in(1))));
        rules.put(FLOOR_DIV, Rule.real(call -> Arithmetic.floorDiv(call.ops(), call.in(0), call.in(1))));
        rules.put(FLOOR_MOD, Rule.real(call -> Arithmetic.floorMod(call.ops(), call.in(0), call.in(1))));
        rules.put(NOT_EQUAL, Rule.real(call -> Arithmetic.notEqual(call.ops(), call.in(0), call.in(1))));
        rules.put(RSQRT, Rule.real(call -> Arithmetic.rsqrt(call.ops(), call.in(0))));
        rules.put(SQUARE, Rule.real(call -> Arithmetic.square(call.ops(), call.in(0))));
        rules.put(SQUARED_DIFFERENCE, Rule.real(call -> Arithmetic.squaredDifference(call.ops(), call.in(0), call.in(1))));
        rules.put(RELU6, Rule.real(call -> Arithmetic.clip(call.ops(), call.in(0), 0, 6)));
        rules.put(RELU_N1_TO_1, Rule.real(call -> Arithmetic.clip(call.ops(), call.in(0), -1, 1)));
        rules.put(RELU_0_TO_1, Rule.real(call -> Arithmetic.clip(call.ops(), call.in(0), 0, 1)));
        rules.put(PRELU, Rule.real(call -> Arithmetic.prelu(call.ops(), call.in(0), call.in(1))));
        rules.put(LEAKY_RELU, Rule.real(call -> Arithmetic.leakyRelu(call.ops(), call.in(0),
                call.options(new LeakyReluOptions()).alpha())));
        rules.put(GELU, Rule.real(call -> call.op("Gelu", Attributes.of("approximate",
                call.options(new GeluOptions()).approximate() ? "tanh" : "none"), call.in(0))));
        rules.put(SOFTMAX, Rule.real(ElementRules::softmax));
        rules.put(LOG_SOFTMAX, Rule.real(call -> call.op("LogSoftmax", Attributes.of("axis", -1), call.in(0))));
        rules.put(L2_NORMALIZATION, Rule.real(ElementRules::normalize));
        rules.put(FAKE_QUANT, Rule.real(ElementRules::fakeQuantize));
        rules.put(RIGHT_SHIFT, Rule.stored(ElementRules::shift));
        rules.put(ZEROS_LIKE, Rule.real(call -> call.op("Expand", call.ops().like(call.in(0), 0), call.op("Shape", call.in(0)))));
        rules.put(QUANTIZE, Rule.stored(call -> call.quantized(0, call.real(0))));
        rules.put(DEQUANTIZE, new Rule(Rule.Numbers.STORED, ElementRules::dequantize));
        reductions(rules);
    }

    /** An operator of ONNX that takes the same inputs. */
    private static void same(Map<Integer, Rule> rules, int code, String op) {
        rules.put(code, Rule.real(call -> call.op(op, call.all().toArray(String[]::new))));
    }

    private static Rule fused(String op, ToIntFunction<Call> function) {
        return Rule.real(call -> call.activated(call.op(op, call.in(0), call.in(1)), function.applyAsInt(call)));
    }

    private static void reductions(Map<Integer, Rule> rules) {
        reduction(rules, MEAN, "ReduceMean");
        reduction(rules, SUM, "ReduceSum");
        reduction(rules, REDUCE_PROD, "ReduceProd");
        for (int code : new int[] {REDUCE_MAX, REDUCE_MIN}) {
            String op = code == REDUCE_MAX ? "ReduceMax" : "ReduceMin";
            rules.put(code, Rule.moved(call -> Arithmetic.reduce(call.ops(), op, call.in(0), call.raw(1), keep(call))));
        }
        rules.put(REDUCE_ANY, Rule.stored(call -> Arithmetic.reduceBool(call.ops(), false, call.in(0), call.in(1), keep(call))));
        rules.put(REDUCE_ALL, Rule.stored(call -> Arithmetic.reduceBool(call.ops(), true, call.in(0), call.in(1), keep(call))));
    }

    private static void reduction(Map<Integer, Rule> rules, int code, String op) {
        rules.put(code, Rule.real(call -> Arithmetic.reduce(call.ops(), op, call.in(0), call.in(1), keep(call))));
    }

    private static boolean keep(Call call) {
        return call.options(new ReducerOptions()).keepDims();
    }

    private static String softmax(Call call) {
        float beta = call.options(new SoftmaxOptions()).beta();
        String x = beta == 1 ? call.in(0) : call.op("Mul", call.in(0), call.ops().like(call.in(0), beta));
        return call.op("Softmax", Attributes.of("axis", -1), x);
    }

    /** Rows of length 1; those that are almost zero are not stretched. */
    private static String normalize(Call call) {
        Ops ops = call.ops();
        String length = ops.op("ReduceL2", Attributes.of("keepdims", 1), call.in(0), ops.vector(-1));
        return ops.op("Div", call.in(0), ops.op("Max", length, ops.like(call.in(0), NORM_FLOOR)));
    }

    /** Rounded to what a number of bits tells apart between two bounds, moved so that zero is one of them. */
    private static String fakeQuantize(Call call) {
        Ops ops = call.ops();
        FakeQuantOptions options = call.options(new FakeQuantOptions());
        int bits = options.numBits();
        if (bits < 2 || bits > 16 || !(options.min() < options.max())) {
            throw ops.unsupported("rounds to " + bits + " bits between " + options.min() + " and " + options.max());
        }
        double lowest = options.narrowRange() ? 1 : 0;
        double highest = (1 << bits) - 1;
        double scale = ((double) options.max() - options.min()) / (highest - lowest);
        double zero = Math.min(Math.max(Math.floor(lowest - options.min() / scale + 0.5), lowest), highest);
        double low = (lowest - zero) * scale;
        String bounded = Arithmetic.clip(ops, call.in(0), low, (highest - zero) * scale);
        String steps = ops.op("Div", ops.op("Sub", bounded, ops.like(bounded, low)), ops.like(bounded, scale));
        String whole = ops.op("Floor", ops.op("Add", steps, ops.like(bounded, 0.5)));
        return ops.op("Add", ops.op("Mul", whole, ops.like(bounded, scale)), ops.like(bounded, low));
    }

    /** Integers shifted right, with their signs. */
    private static String shift(Call call) {
        Ops ops = call.ops();
        DType dtype = ops.dtype(call.in(0));
        if (dtype == DType.UINT8 || dtype == DType.UINT16 || dtype == DType.UINT32) {
            return ops.op("BitShift", Attributes.of("direction", "RIGHT"), call.in(0), call.in(1));
        }
        String count = Arithmetic.clip(ops, ops.longs(call.in(1)), 0, dtype.bits() - 1);
        String divisor = ops.op("Pow", ops.constant(Tensor.longs(new int[0], 2)), count);
        return ops.cast(Arithmetic.floorDiv(ops, ops.longs(call.in(0)), divisor), dtype);
    }

    /** Constants are widened here; float16 has no other meaning. */
    private static String[] dequantize(Call call) {
        TensorInfo info = call.info(0);
        if (call.constant(0) != null && !info.isQuantized() && info.dtype() == DType.FLOAT16) {
            call.graph().define(call.node().outputs()[0], GraphTranslator.widened(info, call.constant(0)));
            return new String[] {null};
        }
        return new String[] {call.real(0)};
    }
}
