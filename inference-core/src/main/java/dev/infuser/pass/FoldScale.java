package dev.infuser.pass;

import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Folds what multiplies each channel of a convolution by a constant, or adds one to it, into its weights and bias, as long as
 * nobody else reads what is between.
 */
final class FoldScale implements Pass {

    @Override
    public String name() {
        return "fold-scale";
    }

    @Override
    public String description() {
        return "factors and addends behind a convolution become part of its weights and bias";
    }

    @Override
    public Graph run(Graph graph) {
        Graph current = graph;
        while (true) {
            Graph next = step(current);
            if (next == current) {
                return current;
            }
            current = next;
        }
    }

    /** The graph with the first of the nodes behind each convolution folded. */
    private static Graph step(Graph graph) {
        Editor editor = new Editor(graph);
        for (Node node : graph.nodes()) {
            boolean commutes = node.is("Mul") || node.is("Add");
            for (int i = 0; i < 2 && (commutes || i == 0 && (node.is("Div") || node.is("Sub"))); i++) {
                Node conv = convolution(editor, node.input(i));
                if (conv != null && fold(editor, conv, node, node.input(1 - i))) {
                    break;
                }
            }
        }
        return editor.build();
    }

    private static Node convolution(Editor editor, String value) {
        Node conv = editor.producer(value, "Conv");
        conv = conv == null ? editor.producer(value, "ConvTranspose") : conv;
        return conv != null && editor.uses(value) == 1 ? conv : null;
    }

    private static boolean fold(Editor editor, Node conv, Node node, String operand) {
        Tensor weights = editor.constant(conv.input(1));
        Tensor constant = editor.constant(operand);
        Tensor old = editor.constant(conv.input(2));
        if (weights == null || constant == null || weights.dtype() != DType.FLOAT32 || constant.dtype() != DType.FLOAT32
                || old == null && !conv.input(2).isEmpty()) {
            return false;
        }
        boolean transposed = conv.is("ConvTranspose");
        int group = (int) conv.attributes().integer("group", 1);
        int filters = transposed ? weights.dim(1) * group : weights.dim(0);
        float[] by = channels(constant, weights.rank(), filters);
        if (by == null) {
            return false;
        }
        float[] w = weights.floats().clone();
        float[] bias = old == null ? new float[filters] : old.toFloats().clone();
        boolean product = node.is("Mul") || node.is("Div");
        for (int m = 0; m < filters; m++) {
            bias[m] = apply(node, bias[m], by[m]);
        }
        if (product) {
            int plane = w.length / Math.max(1, weights.dim(0) * weights.dim(1));
            int each = transposed ? weights.dim(1) : 1;
            int inputs = Math.max(1, weights.dim(0) / group);
            for (int i = 0; i < w.length; i++) {
                int row = i / plane / weights.dim(1);
                int m = transposed ? row / inputs * each + i / plane % each : row;
                w[i] = apply(node, w[i], by[m]);
            }
        }
        String out = node.output(0);
        List<String> inputs = new ArrayList<>(List.of(conv.input(0), conv.input(1)));
        if (product) {
            inputs.set(1, editor.constantOf(out + ".weight", Tensor.floats(weights.dims(), w)));
        }
        if (!product || old != null) {
            inputs.add(editor.constantOf(out + ".bias", Tensor.floats(new int[] {filters}, bias)));
        }
        editor.replace(conv);
        editor.replace(node, new Node(conv.name(), "", conv.op(), inputs, node.outputs(), conv.attributes()));
        return true;
    }

    private static float apply(Node node, float x, float by) {
        return node.is("Mul") ? x * by : node.is("Div") ? x / by : node.is("Add") ? x + by : x - by;
    }

    /** One element for each channel of a tensor [N, M, ...] of this rank to which {@code constant} broadcasts, or null. */
    private static float[] channels(Tensor constant, int rank, int filters) {
        int axis = constant.rank() - (rank - 1);
        boolean each = axis >= 0 && axis < constant.rank() && constant.dim(axis) == filters;
        if (constant.rank() > rank || constant.size() != (each ? filters : 1)) {
            return null;
        }
        float[] out = new float[filters];
        for (int m = 0; m < filters; m++) {
            out[m] = constant.floats()[each ? m : 0];
        }
        return out;
    }
}
