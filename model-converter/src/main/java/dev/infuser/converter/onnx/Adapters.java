package dev.infuser.converter.onnx;

import dev.infuser.converter.build.Emitter;
import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.UnsupportedModelException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What changed between operator versions, as one table: a row rewrites a node of an opset below its version into the
 * meaning it has from that version on. Operators that only gained types or optional inputs need no row.
 *
 * <p>Source: onnx/docs/Changelog.md.
 */
final class Adapters {

    /** Rewrites a node; null when it has emitted the replacement itself. */
    interface Adapter {
        Node adapt(Node node, Emitter out);
    }

    private record Row(int below, Adapter adapter) {
    }

    private static final int ANY = Graph.OPSET + 1;
    private static final Map<String, List<Row>> TABLE = new HashMap<>();

    static {
        for (String op : List.of("Add", "Sub", "Mul", "Div", "Pow", "And", "Or", "Xor", "Equal", "Greater", "Less")) {
            row(op, 7, OldBroadcast::adapt);
        }
        row("PRelu", 7, OldBroadcast::adaptSlope);
        row("Gemm", 7, (node, out) -> without(node, "broadcast"));
        row("AveragePool", 7, (node, out) -> with(node, "count_include_pad", 0));
        row("BatchNormalization", 14, OldNormalization::batch);
        row("Cast", 6, Adapters::castByName);
        row("Cast", 24, Adapters::castToFloat4);
        row("Clip", 11, Adapters::clip);
        row("Concat", 4, (node, out) -> node.attributes().has("axis") ? node : with(node, "axis", 1));
        row("Constant", ANY, Adapters::constant);
        row("DFT", 20, Adapters::dft);
        row("Dropout", 12, Adapters::dropout);
        row("GlobalLpPool", 2, Adapters::integerNorm);
        row("GridSample", 20, Adapters::gridSample);
        row("GroupNormalization", 21, OldNormalization::group);
        row("LpPool", 2, Adapters::integerNorm);
        row("Pad", 2, Adapters::paddings);
        row("Pad", 11, Adapters::pad);
        row("Reshape", 5, (node, out) -> integersToInput(node, out, "shape", 1));
        for (String op : List.of("ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean",
                "ReduceMin", "ReduceProd", "ReduceSumSquare")) {
            row(op, 18, (node, out) -> integersToInput(node, out, "axes", 1));
        }
        row("ReduceSum", 13, (node, out) -> integersToInput(node, out, "axes", 1));
        for (String op : List.of("GRU", "LSTM", "RNN")) {
            row(op, 7, (node, out) -> without(node, "output_sequence"));
        }
        row("Resize", 11, OldResize::resize10);
        row("Resize", 13, OldResize::resize11);
        row("RoiAlign", 16, (node, out) -> with(node, "coordinate_transformation_mode", "output_half_pixel"));
        row("Scan", 9, OldScan::adapt);
        row("Scatter", 11, (node, out) -> new Node(node.name(), "", "ScatterElements", node.inputs(), node.outputs(),
                node.attributes()));
        row("Slice", 10, Adapters::slice);
        for (String op : List.of("Softmax", "LogSoftmax", "Hardmax")) {
            row(op, 13, OldNormalization::coerced);
        }
        row("Split", 13, (node, out) -> integersToInput(node, out, "split", 1));
        row("Split", 18, Adapters::splitCount);
        row("Squeeze", 13, (node, out) -> integersToInput(node, out, "axes", 1));
        row("TopK", 10, Adapters::topK);
        row("Unsqueeze", 13, (node, out) -> integersToInput(node, out, "axes", 1));
        row("Upsample", 9, OldResize::upsampleScales);
        row("Upsample", ANY, OldResize::upsample);
    }

    private Adapters() {
    }

    private static void row(String op, int below, Adapter adapter) {
        TABLE.computeIfAbsent(op, key -> new ArrayList<>()).add(new Row(below, adapter));
    }

    /** Emits a node of the default domain at {@code version} as nodes of the graph's opset. */
    static void adapt(Node source, int version, Emitter out) {
        Node node = version < 6 && source.attributes().has("consumed_inputs") ? without(source, "consumed_inputs") : source;
        for (Row row : TABLE.getOrDefault(source.op(), List.of())) {
            if (node != null && version < row.below) {
                node = row.adapter.adapt(node, out);
            }
        }
        if (node != null) {
            out.add(node);
        }
    }

    static Node with(Node node, String attribute, Object value) {
        return node.withAttributes(node.attributes().with(attribute, value));
    }

    static Node without(Node node, String attribute) {
        return node.withAttributes(node.attributes().without(attribute));
    }

    /** {@code node} with {@code value} as input {@code index}; inputs before it that are missing become absent. */
    static Node withInput(Node node, int index, String value) {
        List<String> inputs = new ArrayList<>(node.inputs());
        while (inputs.size() <= index) {
            inputs.add("");
        }
        inputs.set(index, value);
        return node.withInputs(inputs);
    }

    /** Moves an attribute of integers to an input, when it is there. */
    private static Node integersToInput(Node node, Emitter out, String attribute, int index) {
        long[] values = node.attributes().ints(attribute);
        return values == null ? node
                : without(withInput(node, index, out.vector(node.name() + "_" + attribute, values)), attribute);
    }

    /** A float scalar of the type of {@code like}. */
    private static String scalarLike(Node node, Emitter out, String name, float value, String like) {
        DType dtype = out.dtype(like);
        if (dtype != null && dtype != DType.STRING) {
            return out.constant(node.name() + "_" + name, Tensor.ofDoubles(dtype, new int[0], new double[] {value}));
        }
        return out.op(node.name(), "CastLike", Attributes.NONE, out.scalar(node.name() + "_" + name, value), like);
    }

    /** Makes NaN the largest float4e2m1, which has no NaN, as operator sets before 24 have it. */
    private static Node castToFloat4(Node node, Emitter out) {
        DType from = out.dtype(node.input(0));
        if (node.attributes().integer("to", 0) != DType.FLOAT4E2M1.number() || from != null && !from.isFloat()) {
            return node;
        }
        String is = out.op(node.name(), "Equal", Attributes.NONE, node.input(0), node.input(0));
        String largest = scalarLike(node, out, "largest", 6, node.input(0));
        return withInput(node, 0, out.op(node.name(), "Where", Attributes.NONE, is, node.input(0), largest));
    }

    private static Node castByName(Node node, Emitter out) {
        String name = node.attributes().string("to", "").toLowerCase();
        String label = name.equals("float") ? "float32" : name.equals("double") ? "float64" : name;
        DType dtype = DType.ofLabel(label);
        if (dtype == null) {
            throw new UnsupportedModelException("cast-type", node.label(), node.label() + " casts to '" + name + "'", "",
                    "");
        }
        return with(node, "to", dtype.number());
    }

    private static Node clip(Node node, Emitter out) {
        Node result = node;
        for (int i = 0; i < 2; i++) {
            String bound = i == 0 ? "min" : "max";
            if (node.attributes().has(bound)) {
                String value = scalarLike(node, out, bound, node.attributes().real(bound, 0), node.input(0));
                result = without(withInput(result, i + 1, value), bound);
            }
        }
        return result;
    }

    private static Node constant(Node node, Emitter out) {
        Tensor value = ConstantValue.of(node);
        out.put(node.output(0), value);
        return null;
    }

    private static Node dft(Node node, Emitter out) {
        long axis = node.attributes().integer("axis", 1);
        String input = out.constant(node.name() + "_axis", Tensor.longs(new int[0], axis));
        return without(withInput(node, 2, input), "axis");
    }

    private static Node dropout(Node node, Emitter out) {
        Node plain = node.withAttributes(Attributes.NONE);
        if (node.output(1).isEmpty()) {
            return plain;
        }
        String mask = out.unique(node.output(1));
        out.add(new Node(node.name(), "", "Dropout", node.inputs(), List.of(node.output(0), mask), Attributes.NONE));
        DType dtype = out.dtype(node.input(0));
        boolean bool = !(node.attributes().has("is_test"));
        out.add(bool || dtype == null
                ? new Node(node.name() + "_mask", "", "Identity", List.of(mask), List.of(node.output(1)), Attributes.NONE)
                : new Node(node.name() + "_mask", "", "Cast", List.of(mask), List.of(node.output(1)),
                        Attributes.of("to", dtype.number())));
        return null;
    }

    private static Node integerNorm(Node node, Emitter out) {
        return node.attributes().has("p") ? with(node, "p", (long) node.attributes().real("p", 2)) : node;
    }

    private static Node gridSample(Node node, Emitter out) {
        String mode = node.attributes().string("mode", "bilinear");
        return with(node, "mode", mode.equals("bilinear") ? "linear" : mode.equals("bicubic") ? "cubic" : mode);
    }

    private static Node paddings(Node node, Emitter out) {
        long[] paddings = node.attributes().ints("paddings");
        return paddings == null ? node : without(with(node, "pads", paddings), "paddings");
    }

    private static Node pad(Node node, Emitter out) {
        float value = node.attributes().real("value", 0);
        Node result = without(integersToInput(node, out, "pads", 1), "value");
        return value == 0 ? result : withInput(result, 2, scalarLike(node, out, "value", value, node.input(0)));
    }

    private static Node slice(Node node, Emitter out) {
        return integersToInput(integersToInput(integersToInput(node, out, "starts", 1), out, "ends", 2), out, "axes", 3);
    }

    private static Node splitCount(Node node, Emitter out) {
        return node.input(1).isEmpty() ? with(node, "num_outputs", node.outputs().size()) : node;
    }

    private static Node topK(Node node, Emitter out) {
        long k = node.attributes().integer("k");
        return without(withInput(node, 1, out.vector(node.name() + "_k", k)), "k");
    }
}
