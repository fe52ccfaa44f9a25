package dev.infuser.pass;

import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * Folds what multiplies each channel of a convolution, or each column of a matrix product, by a constant into its weights, and
 * what is added to a channel into its bias, as long as nobody else reads what is between.
 */
final class FoldScale implements Pass {

    @Override
    public String name() {
        return "fold-scale";
    }

    @Override
    public String description() {
        return "factors and addends behind a convolution or product become part of its weights and bias";
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

    /** The graph with the first of the nodes behind each product folded. */
    private static Graph step(Graph graph) {
        Editor editor = new Editor(graph);
        for (Node node : graph.nodes()) {
            boolean commutes = node.is("Mul") || node.is("Add");
            for (int i = 0; i < 2 && (commutes || i == 0 && (node.is("Div") || node.is("Sub"))); i++) {
                Product product = Product.behind(graph, editor, node.input(i));
                if (product != null && fold(editor, product, node, node.input(1 - i))) {
                    break;
                }
            }
        }
        return editor.build();
    }

    /**
     * A convolution or matrix product.
     *
     * @param rank   of its result
     * @param axis   of the result along which its filters lie
     * @param filter the filter that an element of the weights belongs to
     * @param biased whether it can have a bias
     */
    private record Product(Node node, Tensor weights, int rank, int axis, int filters, IntUnaryOperator filter,
            boolean biased) {

        /** What alone makes {@code value}, from constant weights, or null. */
        static Product behind(Graph graph, Editor editor, String value) {
            Node node = editor.uses(value) == 1 ? editor.producer(value) : null;
            Tensor w = node == null || node.inputs().size() < 2 ? null : editor.constant(node.input(1));
            if (w == null || w.dtype() != DType.FLOAT32 || w.size() == 0) {
                return null;
            }
            int group = (int) node.attributes().integer("group", 1);
            int rank = w.rank();
            int last = rank == 0 ? 0 : w.dim(rank - 1);
            if (node.is("MatMul")) {
                return rank == 2 && editor.uses(node.input(1)) == 1 && graph.type(value) instanceof ValueType.OfTensor type
                        && type.shape() != null && type.shape().rank() > 0
                        ? new Product(node, w, type.shape().rank(), type.shape().rank() - 1, last, i -> i % last, false) : null;
            }
            boolean ours = node.domain().equals("infuser");
            if (rank < 3 || !ours && !node.domain().isEmpty()) {
                return null;
            }
            if (node.op().equals("Conv")) {
                int each = w.size() / w.dim(0);
                return ours ? new Product(node, w, rank, rank - 1, last, i -> i % last, true)
                        : new Product(node, w, rank, 1, w.dim(0), i -> i / each, true);
            }
            if (!node.op().equals("ConvTranspose")) {
                return null;
            }
            int channels = w.dim(ours ? rank - 2 : 0) / group;
            int each = ours ? last : w.dim(1);
            int plane = ours ? 1 : w.size() / w.dim(0) / each;
            int all = w.dim(ours ? rank - 2 : 0);
            return new Product(node, w, rank, ours ? rank - 1 : 1, each * group,
                    i -> i / plane / each % all / channels * each + i / plane % each, true);
        }

        /** One element for each filter, of a constant that broadcasts to the result, or null. */
        float[] channels(Tensor constant) {
            int at = constant.rank() - (rank - axis);
            boolean each = at >= 0 && at < constant.rank() && constant.dim(at) == filters;
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

    private static boolean fold(Editor editor, Product product, Node node, String operand) {
        Node inner = product.node;
        boolean scales = node.is("Mul") || node.is("Div");
        Tensor constant = editor.constant(operand);
        Tensor old = editor.constant(inner.input(2));
        if (constant == null || constant.dtype() != DType.FLOAT32 || old == null && !inner.input(2).isEmpty()
                || !scales && !product.biased) {
            return false;
        }
        float[] by = product.channels(constant);
        if (by == null) {
            return false;
        }
        String out = node.output(0);
        List<String> inputs = new ArrayList<>(List.of(inner.input(0), inner.input(1)));
        if (scales) {
            float[] w = product.weights.floats().clone();
            for (int i = 0; i < w.length; i++) {
                w[i] = apply(node, w[i], by[product.filter.applyAsInt(i)]);
            }
            inputs.set(1, editor.constantOf(out + ".weight", Tensor.floats(product.weights.dims(), w)));
        }
        if (!scales || old != null) {
            float[] bias = old == null ? new float[product.filters] : old.toFloats().clone();
            for (int m = 0; m < bias.length; m++) {
                bias[m] = apply(node, bias[m], by[m]);
            }
            inputs.add(editor.constantOf(out + ".bias", Tensor.floats(new int[] {product.filters}, bias)));
        }
        editor.replace(inner);
        editor.replace(node, new Node(inner.name(), inner.domain(), inner.op(), inputs, node.outputs(), inner.attributes()));
        return true;
    }

    private static float apply(Node node, float x, float by) {
        return node.is("Mul") ? x * by : node.is("Div") ? x / by : node.is("Add") ? x + by : x - by;
    }
}
