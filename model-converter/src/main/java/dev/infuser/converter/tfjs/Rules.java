package dev.infuser.converter.tfjs;

import dev.infuser.converter.tensorflow.Arithmetic;
import dev.infuser.converter.tensorflow.Arrays;
import dev.infuser.converter.tensorflow.Convolutions;
import dev.infuser.converter.tensorflow.Ops;
import dev.infuser.converter.tensorflow.StridedSlice;
import dev.infuser.graph.Attributes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What each operator of TensorFlow becomes; control flow, lists and strings have rules of their own. */
final class Rules {

    private static final Map<String, Rule> RULES = new HashMap<>();

    static {
        for (String name : List.of("Abs", "Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "Ceil", "Cos", "Cosh", "Elu", "Erf",
                "Exp", "Floor", "Log", "Neg", "Reciprocal", "Relu", "Round", "Selu", "Sigmoid", "Sign", "Sin", "Sinh",
                "Softplus", "Softsign", "Sqrt", "Tan", "Tanh")) {
            same(name, name);
        }
        for (String[] pair : new String[][] {{"Add", "Add"}, {"AddV2", "Add"}, {"Sub", "Sub"}, {"Mul", "Mul"},
                {"Maximum", "Max"}, {"Minimum", "Min"}, {"Pow", "Pow"}, {"RealDiv", "Div"}, {"Div", "Div"},
                {"Equal", "Equal"}, {"Greater", "Greater"}, {"GreaterEqual", "GreaterOrEqual"}, {"Less", "Less"},
                {"LessEqual", "LessOrEqual"}, {"LogicalAnd", "And"}, {"LogicalOr", "Or"}, {"LogicalNot", "Not"},
                {"Inv", "Reciprocal"}, {"IsNan", "IsNaN"}, {"IsInf", "IsInf"}, {"Prelu", "PRelu"}, {"BitwiseAnd", "BitwiseAnd"}}) {
            same(pair[0], pair[1]);
        }
        arithmetic();
        products();
        images();
        arrays();
        reductions();
        for (String name : List.of("Identity", "StopGradient", "PreventGradient", "Snapshot", "Print", "EnsureShape",
                "FakeQuantWithMinMaxVars", "Enter", "RefEnter")) {
            one(name, call -> call.in(0));
        }
        RULES.put("IdentityN", call -> call.inputs().toArray(String[]::new));
        RULES.put("Switch", call -> new String[] {call.in(0), call.in(0)});
        ListRules.add(RULES);
        TextRules.add(RULES);
        RareRules.add(RULES);
        ImageRules.add(RULES);
    }

    private Rules() {
    }

    /** The names of the operators that have a rule. */
    static Set<String> names() {
        return new TreeSet<>(RULES.keySet());
    }

    /** The rule of an operator, or null where there is none. */
    static Rule of(String op) {
        return RULES.get(op);
    }

    /** Whether an operator takes lists of tensors. */
    static boolean takesLists(String op) {
        return op.startsWith("TensorList") || op.startsWith("TensorArray") || switch (op) {
            case "Identity", "IdentityN", "StopGradient", "Enter", "RefEnter", "Switch" -> true;
            default -> false;
        };
    }

    private static void one(String name, Rule.Single rule) {
        RULES.put(name, Rule.one(rule));
    }

    /** An operator of ONNX that takes the same inputs. */
    private static void same(String name, String op) {
        one(name, call -> call.ops().op(op, call.inputs().toArray(String[]::new)));
    }

    private static void arithmetic() {
        one("AddN", call -> Arithmetic.addN(call.ops(), call.inputs()));
        one("Atan2", call -> Arithmetic.atan2(call.ops(), call.in(0), call.in(1)));
        one("BiasAdd", call -> call.ops().op("Add", call.in(0), call.in(1)));
        one("Cast", call -> call.ops().cast(call.in(0), call.dtype("DstT")));
        one("ClipByValue", call -> call.ops().op("Clip", call.in(0), call.in(1), call.in(2)));
        one("Expm1", call -> call.ops().op("Sub", call.ops().op("Exp", call.in(0)), call.ops().like(call.in(0), 1)));
        one("FloorDiv", call -> Arithmetic.floorDiv(call.ops(), call.in(0), call.in(1)));
        one("FloorMod", call -> Arithmetic.floorMod(call.ops(), call.in(0), call.in(1)));
        one("Mod", call -> call.ops().op("Mod", Attributes.of("fmod", 1), call.in(0), call.in(1)));
        one("DivNoNan", call -> divNoNan(call.ops(), call.in(0), call.in(1)));
        one("LeakyRelu", call -> Arithmetic.leakyRelu(call.ops(), call.in(0), call.node().real("alpha", 0.2f)));
        one("Log1p", call -> call.ops().op("Log", call.ops().op("Add", call.in(0), call.ops().like(call.in(0), 1))));
        one("NotEqual", call -> Arithmetic.notEqual(call.ops(), call.in(0), call.in(1)));
        one("Relu6", call -> Arithmetic.clip(call.ops(), call.in(0), 0, 6));
        one("Rsqrt", call -> Arithmetic.rsqrt(call.ops(), call.in(0)));
        one("Square", call -> Arithmetic.square(call.ops(), call.in(0)));
        one("SquaredDifference", call -> Arithmetic.squaredDifference(call.ops(), call.in(0), call.in(1)));
        one("Softmax", call -> call.ops().op("Softmax", Attributes.of("axis", -1), call.in(0)));
        one("LogSoftmax", call -> call.ops().op("LogSoftmax", Attributes.of("axis", -1), call.in(0)));
        one("IsFinite", call -> call.ops().op("Not", call.ops().op("Or", call.ops().op("IsInf", call.in(0)),
                call.ops().op("IsNaN", call.in(0)))));
    }

    private static String divNoNan(Ops ops, String x, String y) {
        String zero = ops.op("Equal", y, ops.like(y, 0));
        return ops.op("Where", zero, ops.like(x, 0), ops.op("Div", x, ops.op("Where", zero, ops.like(y, 1), y)));
    }

    private static void products() {
        one("MatMul", call -> Arithmetic.matMul(call.ops(), call.in(0), call.in(1), call.node().flag("transpose_a"),
                call.node().flag("transpose_b")));
        for (String name : List.of("BatchMatMul", "BatchMatMulV2")) {
            one(name, call -> Arithmetic.matMul(call.ops(), call.in(0), call.in(1), call.node().flag("adj_x"),
                    call.node().flag("adj_y")));
        }
        one("_FusedMatMul", call -> fused(call, Arithmetic.matMul(call.ops(), call.in(0), call.in(1),
                call.node().flag("transpose_a"), call.node().flag("transpose_b"))));
        one("Einsum", call -> call.ops().op("Einsum", Attributes.of("equation", call.node().string("equation", "")),
                call.inputs().toArray(String[]::new)));
    }

    /** What the attribute {@code fused_ops} adds to a product, its parameters being inputs 2 and following. */
    private static String fused(Call call, String product) {
        String value = product;
        int parameter = 2;
        for (String op : call.node().strings("fused_ops")) {
            if (op.equals("BiasAdd")) {
                value = call.ops().op("Add", value, call.in(parameter++));
            } else {
                value = Arithmetic.activate(call.ops(), op, value, op.equals("Prelu") ? call.in(parameter++) : null,
                        call.node().real("leakyrelu_alpha", 0.2f));
                if (value == null) {
                    throw call.ops().unsupported("is fused with " + op);
                }
            }
        }
        return value;
    }

    private static void images() {
        one("Conv1D", call -> Convolutions.conv(call.ops(), call.in(0), call.in(1), call.window()));
        one("Conv2D", call -> Convolutions.conv(call.ops(), call.in(0), call.in(1), call.window()));
        one("Conv3D", call -> Convolutions.conv(call.ops(), call.in(0), call.in(1), call.window()));
        one("_FusedConv2D", call -> fused(call, Convolutions.conv(call.ops(), call.in(0), call.in(1), call.window())));
        for (String name : List.of("DepthwiseConv2d", "DepthwiseConv2dNative")) {
            one(name, call -> Convolutions.depthwise(call.ops(), call.in(0), call.in(1), call.window()));
        }
        one("FusedDepthwiseConv2dNative", call -> fused(call,
                Convolutions.depthwise(call.ops(), call.in(0), call.in(1), call.window())));
        one("Conv2DBackpropInput", call -> Convolutions.transposed(call.ops(), call.in(2), call.in(1), call.window(),
                call.ops().knownLongs(call.in(0))));
        for (String[] pair : new String[][] {{"MaxPool", "MaxPool"}, {"AvgPool", "AveragePool"}, {"MaxPool3D", "MaxPool"},
                {"AvgPool3D", "AveragePool"}}) {
            one(pair[0], call -> Convolutions.pool(call.ops(), pair[1], call.in(0), call.spatial(call.node().integers("ksize")),
                    call.window()));
        }
        for (String[] pair : new String[][] {{"ResizeBilinear", "linear"}, {"ResizeNearestNeighbor", "nearest"},
                {"ResizeBicubic", "cubic"}}) {
            one(pair[0], call -> Convolutions.resize(call.ops(), pair[1], call.in(0), call.in(1),
                    call.node().flag("align_corners"), call.node().flag("half_pixel_centers")));
        }
        one("DepthToSpace", call -> Convolutions.depthToSpace(call.ops(), call.in(0), call.node().integer("block_size", 1)));
        one("SpaceToDepth", call -> Convolutions.spaceToDepth(call.ops(), call.in(0), call.node().integer("block_size", 1)));
        for (String name : List.of("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3")) {
            one(name, call -> batchNorm(call));
        }
        one("LRN", call -> localResponse(call));
        RULES.put("NonMaxSuppressionV2", call -> suppress(call, call.ops().constant(
                Tensor.floats(new int[] {1}, Float.NEGATIVE_INFINITY))));
        RULES.put("NonMaxSuppressionV3", call -> suppress(call, call.ops().reshape(call.in(4), 1)));
        RULES.put("NonMaxSuppressionV4", call -> padSuppress(call));
        RULES.put("NonMaxSuppressionV5", call -> softSuppress(call));
    }

    private static String batchNorm(Call call) {
        if (call.node().flag("is_training") && call.inputs().size() < 5) {
            throw call.ops().unsupported("is for training");
        }
        Ops ops = call.ops();
        String deviation = ops.op("Sqrt", ops.op("Add", call.in(4), ops.like(call.in(4), call.node().real("epsilon", 1e-4f))));
        String factor = ops.op("Div", call.in(1), deviation);
        String rest = ops.op("Sub", call.in(2), ops.op("Mul", call.in(3), factor));
        return ops.op("Add", ops.op("Mul", call.in(0), factor), rest);
    }

    /** Sums over {@code 2 r + 1} neighbouring channels. */
    private static String localResponse(Call call) {
        Ops ops = call.ops();
        long size = 2 * call.node().integer("depth_radius", 5) + 1;
        String first = ops.transpose(call.in(0), 0, 3, 1, 2);
        String normal = ops.op("LRN", Attributes.of("size", size, "alpha", call.node().real("alpha", 1) * size, "beta",
                call.node().real("beta", 0.5f), "bias", call.node().real("bias", 1)), first);
        return ops.transpose(normal, 0, 2, 3, 1);
    }

    /** The indices of boxes that do not overlap better ones. */
    private static String[] suppress(Call call, String threshold) {
        Ops ops = call.ops();
        String found = ops.op("NonMaxSuppression", ops.unsqueeze(call.in(0), 0), ops.unsqueeze(call.in(1), 0, 1),
                ops.longs(ops.reshape(call.in(2), 1)), ops.reshape(call.in(3), 1), threshold);
        return new String[] {ops.cast(ops.squeeze(ops.slice(found, 1, 2, 3), 1), DType.INT32)};
    }

    /** With zeros up to the number that was asked for, or of boxes, if that is wished, and how many there are without. */
    private static String[] padSuppress(Call call) {
        Ops ops = call.ops();
        String indices = suppress(call, ops.reshape(call.in(4), 1))[0];
        String count = ops.op("Size", indices);
        if (call.node().flag("pad_to_max_output_size")) {
            String boxes = ops.slice(ops.op("Shape", call.in(1)), 0, 0, 1);
            String most = ops.op("Min", ops.longs(ops.reshape(call.in(2), 1)), boxes);
            String rest = ops.op("Sub", most, ops.reshape(count, 1));
            indices = ops.op("Pad", indices, ops.concat(0, List.of(ops.vector(0), rest)));
        }
        return new String[] {indices, ops.cast(count, DType.INT32)};
    }

    private static String[] softSuppress(Call call) {
        Ops ops = call.ops();
        Tensor sigma = ops.emitter().constantOf(call.in(5));
        if (sigma == null || sigma.getDouble(0) != 0) {
            throw ops.unsupported("lowers the scores of boxes that overlap");
        }
        String indices = suppress(call, ops.reshape(call.in(4), 1))[0];
        return new String[] {indices, ops.op("Gather", call.in(1), indices),
            ops.cast(ops.op("Size", indices), DType.INT32)};
    }

    private static void arrays() {
        one("BroadcastTo", call -> call.ops().op("Expand", call.in(0), call.ops().longs(call.in(1))));
        one("ConcatV2", call -> concat(call, call.inputs().size() - 1, call.in(0, call.inputs().size() - 1)));
        one("Concat", call -> concat(call, 0, call.in(1, call.inputs().size())));
        one("Cumsum", call -> call.ops().op("CumSum", Attributes.of("exclusive", call.node().flag("exclusive") ? 1 : 0,
                "reverse", call.node().flag("reverse") ? 1 : 0), call.in(0), call.in(1)));
        one("ExpandDims", call -> call.ops().unsqueeze(call.in(0), call.ops().axis(axis(call, 1),
                call.ops().rank(call.in(0)) + 1)));
        one("Fill", call -> Arrays.fill(call.ops(), call.in(0), call.in(1)));
        one("Gather", call -> Arrays.gather(call.ops(), call.in(0), call.in(1), 0, 0));
        one("GatherV2", call -> Arrays.gather(call.ops(), call.in(0), call.in(1), axis(call, 2),
                call.node().integer("batch_dims", 0)));
        one("GatherNd", call -> Arrays.gatherNd(call.ops(), call.in(0), call.in(1)));
        one("MirrorPad", call -> Arrays.pad(call.ops(), call.in(0), call.in(1),
                call.node().string("mode", "REFLECT").toLowerCase(java.util.Locale.ROOT), null));
        one("OneHot", call -> Arrays.oneHot(call.ops(), call.in(0), call.in(1), call.in(2), call.in(3),
                call.node().integer("axis", -1)));
        one("OnesLike", call -> fillLike(call, 1));
        one("ZerosLike", call -> fillLike(call, 0));
        one("Pack", call -> Arrays.pack(call.ops(), call.inputs(), call.node().integer("axis", 0)));
        one("Pad", call -> Arrays.pad(call.ops(), call.in(0), call.in(1), "constant", null));
        one("PadV2", call -> Arrays.pad(call.ops(), call.in(0), call.in(1), "constant", call.in(2)));
        one("Range", call -> Arrays.range(call.ops(), call.in(0), call.in(1), call.in(2)));
        one("Rank", call -> call.ops().constant(Tensor.ints(new int[0], call.ops().rank(call.in(0)))));
        one("Reshape", call -> Arrays.reshape(call.ops(), call.in(0), call.in(1)));
        one("ReverseV2", call -> reverse(call));
        one("Select", call -> Arrays.select(call.ops(), call.in(0), call.in(1), call.in(2)));
        one("SelectV2", call -> call.ops().op("Where", call.in(0), call.in(1), call.in(2)));
        one("Shape", call -> Arrays.shape(call.ops(), call.in(0), DType.INT32));
        RULES.put("ShapeN", call -> call.inputs().stream().map(x -> Arrays.shape(call.ops(), x, DType.INT32))
                .toArray(String[]::new));
        one("Size", call -> call.ops().cast(call.ops().op("Size", call.in(0)), DType.INT32));
        one("Slice", call -> Arrays.slice(call.ops(), call.in(0), call.in(1), call.in(2)));
        one("Squeeze", call -> squeeze(call));
        one("StridedSlice", call -> new StridedSlice(call.node().integer("begin_mask", 0), call.node().integer("end_mask", 0),
                call.node().integer("ellipsis_mask", 0), call.node().integer("new_axis_mask", 0),
                call.node().integer("shrink_axis_mask", 0)).of(call.ops(), call.in(0), call.in(1), call.in(2), call.in(3)));
        one("Tile", call -> call.ops().op("Tile", call.in(0), call.ops().longs(call.in(1))));
        one("Transpose", call -> call.ops().transpose(call.in(0), call.ops().longs(call.in(1), "permutation")));
        one("Where", call -> call.ops().cast(Arrays.where(call.ops(), call.in(0)), DType.INT32));
        one("ScatterNd", call -> scatter(call));
        one("BatchToSpaceND", Dilation::batchToSpace);
        one("SpaceToBatchND", call -> Arrays.spaceToBatch(call.ops(), call.in(0), call.ops().longs(call.in(1), "block"),
                call.in(2)));
        RULES.put("Split", call -> Arrays.split(call.ops(), call.in(1), (int) call.node().integer("num_split", 1),
                axis(call, 0)));
        RULES.put("SplitV", call -> Arrays.splitSizes(call.ops(), call.in(0), call.ops().longs(call.in(1), "sizes"),
                axis(call, 2)));
        RULES.put("Unpack", call -> Arrays.unpack(call.ops(), call.in(0), (int) call.node().integer("num", 1),
                call.node().integer("axis", 0)));
        RULES.put("TopKV2", call -> Arrays.topK(call.ops(), call.in(0), call.in(1), true));
        RULES.put("Unique", call -> unique(call));
    }

    /** The axis that an input holds. */
    private static long axis(Call call, int input) {
        return call.ops().longs(call.in(input), "axis")[0];
    }

    private static String concat(Call call, int axis, List<String> parts) {
        int at = call.ops().axis(axis(call, axis), call.ops().rank(parts.get(0)));
        return call.ops().concat(at, parts);
    }

    private static String fillLike(Call call, double number) {
        String shape = call.ops().op("Shape", call.in(0));
        return call.ops().op("Expand", call.ops().like(call.in(0), number), shape);
    }

    private static String squeeze(Call call) {
        long[] axes = call.node().integers("squeeze_dims");
        return axes.length == 0 ? call.ops().op("Squeeze", call.in(0)) : call.ops().squeeze(call.in(0), axes);
    }

    private static String reverse(Call call) {
        Ops ops = call.ops();
        String result = call.in(0);
        for (long axis : ops.longs(call.in(1), "axes")) {
            result = ops.op("Slice", result, ops.vector(-1), ops.vector(Long.MIN_VALUE), ops.vector(axis), ops.vector(-1));
        }
        return result;
    }

    private static String scatter(Call call) {
        Ops ops = call.ops();
        String zeros = Arrays.fill(ops, call.in(2), ops.like(call.in(1), 0));
        return ops.op("ScatterND", Attributes.of("reduction", "add"), zeros, ops.longs(call.in(0)), call.in(1));
    }

    private static String[] unique(Call call) {
        String[] found = call.ops().ops("Unique", Attributes.of("sorted", 0), 4, call.in(0));
        return new String[] {found[0], call.ops().cast(found[2], DType.INT32)};
    }

    private static void reductions() {
        for (String[] pair : new String[][] {{"Max", "ReduceMax"}, {"Mean", "ReduceMean"}, {"Min", "ReduceMin"},
                {"Prod", "ReduceProd"}, {"Sum", "ReduceSum"}}) {
            one(pair[0], call -> Arithmetic.reduce(call.ops(), pair[1], call.in(0), call.in(1), keep(call)));
        }
        one("All", call -> Arithmetic.reduceBool(call.ops(), true, call.in(0), call.in(1), keep(call)));
        one("Any", call -> Arithmetic.reduceBool(call.ops(), false, call.in(0), call.in(1), keep(call)));
        one("EuclideanNorm", call -> Arithmetic.reduce(call.ops(), "ReduceL2", call.in(0), call.in(1), keep(call)));
        for (String op : List.of("ArgMax", "ArgMin")) {
            one(op, call -> Arithmetic.arg(call.ops(), op, call.in(0), call.in(1),
                    DType.INT32));
        }
    }

    private static boolean keep(Call call) {
        return call.node().flag("keep_dims");
    }
}
