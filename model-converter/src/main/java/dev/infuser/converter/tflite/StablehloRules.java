package dev.infuser.converter.tflite;

import dev.infuser.converter.tensorflow.Arrays;
import dev.infuser.converter.tensorflow.Ops;
import dev.infuser.graph.Attributes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Operators of StableHLO that the schema numbers, as far as ONNX has one that means the same. Options are read by field. */
final class StablehloRules {

    private static final int LAST_COMPARISON = 5;
    private static final String[] COMPARISONS = {"Equal", "Not", "GreaterOrEqual", "Greater", "LessOrEqual", "Less"};

    private StablehloRules() {
    }

    static void add(Map<Integer, Rule> rules) {
        for (String[] pair : new String[][] {{"LOGISTIC", "Sigmoid"}, {"ADD", "Add"}, {"DIVIDE", "Div"}, {"MULTIPLY", "Mul"},
                {"MAXIMUM", "Max"}, {"ABS", "Abs"}, {"COSINE", "Cos"}, {"EXPONENTIAL", "Exp"}, {"FLOOR", "Floor"}, {"LOG", "Log"},
                {"MINIMUM", "Min"}, {"NEGATE", "Neg"}, {"POWER", "Pow"}, {"SUBTRACT", "Sub"}, {"TANH", "Tanh"}}) {
            rule(rules, pair[0], Rule.real(call -> call.op(pair[1], call.all().toArray(String[]::new))));
        }
        rule(rules, "AND", Rule.stored(call -> bits(call, "And", "BitwiseAnd")));
        rule(rules, "OR", Rule.stored(call -> bits(call, "Or", "BitwiseOr")));
        rule(rules, "REMAINDER", Rule.real(call -> call.op("Mod", Attributes.of("fmod", 1), call.in(0), call.in(1))));
        rule(rules, "RSQRT", Rule.real(call -> call.op("Reciprocal", call.op("Sqrt", call.in(0)))));
        rule(rules, "CBRT", Rule.real(call -> call.op("Mul", call.op("Sign", call.in(0)), call.op("Pow", call.op("Abs", call.in(0)),
                call.ops().like(call.in(0), 1 / 3.0)))));
        rule(rules, "SELECT", Rule.moved(call -> call.op("Where", call.in(0), call.in(1), call.in(2))));
        rule(rules, "CLAMP", Rule.moved(call -> call.op("Min", call.op("Max", call.in(1), call.in(0)), call.in(2))));
        rule(rules, "CONVERT", Rule.stored(call -> call.ops().cast(call.in(0), call.output(0).dtype())));
        rule(rules, "RESHAPE", Rule.moved(call -> call.ops().reshape(call.in(0), longs(call.output(0).shape()))));
        rule(rules, "CONCATENATE", Rule.moved(call -> call.ops().concat(Math.toIntExact(options(call).integer(0, 0)), call.all())));
        rule(rules, "TRANSPOSE", Rule.moved(call -> call.ops().transpose(call.in(0), options(call).integers(0))));
        rule(rules, "SLICE", Rule.moved(call -> slice(call.ops(), call.in(0), options(call).integers(0), options(call).integers(1),
                options(call).integers(2))));
        rule(rules, "BROADCAST_IN_DIM", Rule.moved(StablehloRules::broadcast));
        rule(rules, "COMPARE", Rule.stored(StablehloRules::compare));
        rule(rules, "IOTA", Rule.stored(StablehloRules::iota));
        rule(rules, "PAD", Rule.moved(StablehloRules::pad));
        rule(rules, "DYNAMIC_SLICE", Rule.moved(call -> {
            String start = starts(call, 1, call.ops().op("Sub", call.op("Shape", call.in(0)), call.ops().vector(options(call).integers(0))));
            return Arrays.slice(call.ops(), call.in(0), start, call.ops().vector(options(call).integers(0)));
        }));
        rule(rules, "DYNAMIC_UPDATE_SLICE", Rule.moved(call -> Arrays.update(call.ops(), call.in(0), call.in(1),
                starts(call, 2, call.op("Sub", call.op("Shape", call.in(0)), call.op("Shape", call.in(1)))))));
        rule(rules, "WHILE", new Rule(Rule.Numbers.STORED, call -> ControlRules.loop(call, options(call).number(0),
                options(call).number(1))));
    }

    private static void rule(Map<Integer, Rule> rules, String name, Rule rule) {
        rules.put(Codes.number("STABLEHLO_" + name), rule);
    }

    private static Fields options(Call call) {
        Fields options = call.node().fields().newerOptions();
        if (options == null) {
            throw call.ops().unsupported("has no options");
        }
        return options;
    }

    private static String bits(Call call, String ofBool, String ofIntegers) {
        return call.op(call.ops().dtype(call.in(0)) == DType.BOOL ? ofBool : ofIntegers, call.in(0), call.in(1));
    }

    private static long[] longs(int[] values) {
        return java.util.Arrays.stream(values).asLongStream().toArray();
    }

    private static String slice(Ops ops, String x, long[] from, long[] to, long[] steps) {
        long[] axes = new long[from.length];
        for (int i = 0; i < axes.length; i++) {
            axes[i] = i;
        }
        return ops.op("Slice", x, ops.vector(from), ops.vector(to), ops.vector(axes), ops.vector(steps));
    }

    /** The axes of input 0 become those that the options list, and grow. */
    private static String broadcast(Call call) {
        Ops ops = call.ops();
        long[] places = options(call).integers(0);
        int[] shape = call.output(0).shape();
        long[] dims = new long[shape.length];
        java.util.Arrays.fill(dims, 1);
        for (int i = 0; i < places.length; i++) {
            dims[ops.axis(places[i], shape.length)] = ops.extent(call.in(0), i);
        }
        return ops.op("Expand", ops.reshape(call.in(0), dims), ops.vector(longs(shape)));
    }

    private static String compare(Call call) {
        int direction = options(call).number(0);
        if (direction < 0 || direction > LAST_COMPARISON) {
            throw call.ops().unsupported("compares by " + direction);
        }
        return direction == 1 ? call.op("Not", call.op("Equal", call.in(0), call.in(1)))
                : call.op(COMPARISONS[direction], call.in(0), call.in(1));
    }

    /** Numbers that count along an axis. */
    private static String iota(Call call) {
        Ops ops = call.ops();
        int[] shape = call.output(0).shape();
        int axis = ops.axis(options(call).integer(0, 0), shape.length);
        if (shape[axis] > Short.MAX_VALUE) {
            throw ops.unsupported("counts to " + shape[axis]);
        }
        long[] counted = new long[shape[axis]];
        for (int i = 0; i < counted.length; i++) {
            counted[i] = i;
        }
        int[] dims = new int[shape.length];
        java.util.Arrays.fill(dims, 1);
        dims[axis] = shape[axis];
        return ops.op("Expand", ops.constant(Tensor.ofLongs(call.output(0).dtype(), dims, counted)), ops.vector(longs(shape)));
    }

    /** Elements before and after each axis; fewer than none cut off. */
    private static String pad(Call call) {
        Ops ops = call.ops();
        long[] low = options(call).integers(0);
        long[] high = options(call).integers(1);
        for (long between : options(call).integers(2)) {
            if (between != 0) {
                throw ops.unsupported("pads between elements");
            }
        }
        long[] pads = new long[2 * low.length];
        System.arraycopy(low, 0, pads, 0, low.length);
        System.arraycopy(high, 0, pads, low.length, Math.min(high.length, low.length));
        return ops.op("Pad", call.in(0), ops.vector(pads), ops.reshape(call.in(1)));
    }

    /** The starts that scalars from an input on give, moved so that a part fits. */
    private static String starts(Call call, int from, String room) {
        Ops ops = call.ops();
        List<String> starts = new ArrayList<>();
        for (int i = from; i < call.inputs(); i++) {
            starts.add(ops.reshape(ops.longs(call.raw(i)), 1));
        }
        return ops.op("Min", ops.op("Max", ops.concat(0, starts), ops.vector(0)), room);
    }
}
