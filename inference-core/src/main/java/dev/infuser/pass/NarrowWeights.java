package dev.infuser.pass;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * Keeps float16 and int8 weights as narrow as they are stored: rows of a table are converted after they are gathered, and a
 * product reads int8 weights as whole numbers and multiplies its columns by their scales.
 */
final class NarrowWeights implements Pass {

    @Override
    public String name() {
        return "narrow-weights";
    }

    @Override
    public String description() {
        return "float16 and int8 weights stay narrow until they are read";
    }

    @Override
    public Graph run(Graph graph) {
        Editor editor = new Editor(graph);
        for (Node node : graph.nodes()) {
            if (node.is("Gather")) {
                gather(editor, node);
            } else if (node.is("MatMul")) {
                product(editor, graph, node);
            }
        }
        return editor.build();
    }

    /** Whether the constant that {@code node} converts is worth keeping. */
    static boolean isNarrow(Editor editor, Node node) {
        Tensor constant = node == null ? null : editor.constant(node.input(0));
        return constant != null && (constant.dtype() == DType.FLOAT16 || constant.dtype().bits() == 8);
    }

    private static void gather(Editor editor, Node gather) {
        Node cast = editor.producer(gather.input(0), "Cast");
        Node scaled = editor.producer(gather.input(0), "DequantizeLinear");
        Node convert = cast != null ? cast : scaled;
        if (!isNarrow(editor, convert) || scaled != null && !isOne(editor, scaled)) {
            return;
        }
        String rows = editor.fresh(gather.output(0) + "/narrow");
        List<String> inputs = new ArrayList<>(convert.inputs());
        inputs.set(0, rows);
        editor.replace(gather, new Node(gather.name(), "", "Gather", List.of(convert.input(0), gather.input(1)),
                List.of(rows), gather.attributes()),
                new Node("", "", convert.op(), inputs, gather.outputs(), convert.attributes()));
    }

    private static boolean isOne(Editor editor, Node dequantize) {
        Tensor scale = editor.constant(dequantize.input(1));
        return scale != null && scale.size() == 1 && dequantize.attributes().integer("block_size", 0) == 0;
    }

    private static void product(Editor editor, Graph graph, Node product) {
        Node weights = editor.producer(product.input(1), "DequantizeLinear");
        if (!isNarrow(editor, weights) || editor.constant(weights.input(0)).rank() != 2
                || editor.constant(weights.input(0)).dtype().isFloat()
                || !(graph.type(weights.output(0)) instanceof ValueType.OfTensor type) || type.dtype() != DType.FLOAT32) {
            return;
        }
        Tensor scale = editor.constant(weights.input(1));
        Tensor numbers = centred(editor, weights);
        boolean columns = scale != null && scale.rank() == 1 && (weights.attributes().integer("axis", 1) + 2) % 2 == 1;
        if (numbers == null || scale == null || scale.size() != 1 && !columns
                || weights.attributes().integer("block_size", 0) != 0) {
            return;
        }
        String constant = editor.constantOf(weights.input(0) + "/whole", numbers);
        String cast = editor.fresh(product.output(0) + "/weights");
        String whole = editor.fresh(product.output(0) + "/whole");
        editor.replace(product,
                new Node("", "", "Cast", List.of(constant), List.of(cast), Attributes.of("to", DType.FLOAT32.number())),
                new Node(product.name(), "", "MatMul", List.of(product.input(0), cast), List.of(whole), Attributes.NONE),
                new Node("", "", "Mul", List.of(whole, weights.input(1)), product.outputs(), Attributes.NONE));
    }

    /** The elements less their zero point, if they are the same int8 numbers for all columns, or null. */
    private static Tensor centred(Editor editor, Node dequantize) {
        Tensor x = editor.constant(dequantize.input(0));
        Tensor zeros = dequantize.input(2).isEmpty() ? Tensor.vector(0) : editor.constant(dequantize.input(2));
        byte[] out = new byte[x.size()];
        for (int i = 1; zeros != null && i < zeros.size(); i++) {
            zeros = zeros.getLong(i) == zeros.getLong(0) ? zeros : null;
        }
        for (int i = 0; i < out.length && zeros != null; i++) {
            long value = x.getLong(i) - zeros.getLong(0);
            out[i] = (byte) value;
            zeros = out[i] == value ? zeros : null;
        }
        return zeros == null ? null : Tensor.of(DType.INT8, x.dims(), out);
    }
}
