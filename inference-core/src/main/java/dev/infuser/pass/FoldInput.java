package dev.infuser.pass;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.op.Inference;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Folds what multiplies the channels that convolutions or matrix products read by constants into their weights, and what is
 * added to those channels into their biases, as long as nobody else reads them. Zeros around an image are not added to, so
 * there an addend goes before its factor: {@code a * x + b} is {@code a * (x + b / a)}.
 */
final class FoldInput implements Pass {

    @Override
    public String name() {
        return "fold-input";
    }

    @Override
    public String description() {
        return "factors and addends before convolutions or products become part of their weights and biases";
    }

    @Override
    public Graph run(Graph graph) {
        Graph current = graph;
        while (true) {
            Graph next = step(current);
            if (next == current) {
                return current;
            }
            current = Inference.infer(next);
        }
    }

    /** The graph with some of the nodes folded that can be. */
    private static Graph step(Graph graph) {
        Map<String, List<Node>> readers = new HashMap<>();
        for (Node node : graph.nodes()) {
            for (String input : node.inputs()) {
                readers.computeIfAbsent(input, key -> new ArrayList<>()).add(node);
            }
        }
        Editor editor = new Editor(graph);
        Set<String> folded = new HashSet<>();
        for (Node node : graph.nodes()) {
            int variable = variable(editor, node);
            List<Weighted> all = variable < 0 ? null : weighted(editor, node, readers.getOrDefault(node.output(0), List.of()));
            if (all != null && !folded.contains(node.input(variable)) && fold(graph, editor, node, variable, all)) {
                folded.add(node.output(0));
                all.forEach(product -> folded.add(product.node().output(0)));
            }
        }
        return editor.build();
    }

    /** Which input of a node is not the constant that it is multiplied with or added to, or -1. */
    private static int variable(Editor editor, Node node) {
        boolean commutes = node.is("Mul") || node.is("Add");
        if (!commutes && !node.is("Div") && !node.is("Sub")) {
            return -1;
        }
        for (int i = 0; i < (commutes ? 2 : 1); i++) {
            Tensor constant = editor.constant(node.input(1 - i));
            if (constant != null && constant.dtype().isFloat() && editor.constant(node.input(i)) == null
                    && editor.sameType(node.input(i), node.output(0))) {
                return i;
            }
        }
        return -1;
    }

    /** All that read the output of a node, if these are products by constant weights, or null. */
    private static List<Weighted> weighted(Editor editor, Node node, List<Node> readers) {
        List<Weighted> all = new ArrayList<>();
        for (Node reader : readers) {
            Weighted product = Weighted.of(editor, reader, node.output(0));
            if (product == null) {
                return null;
            }
            all.add(product);
        }
        return all.isEmpty() || all.size() != editor.uses(node.output(0)) ? null : all;
    }

    private static boolean fold(Graph graph, Editor editor, Node node, int variable, List<Weighted> all) {
        int rank = ((ValueType.OfTensor) graph.type(node.output(0))).shape().rank();
        float[] by = channels(editor.constant(node.input(1 - variable)), rank, all.get(0).channels());
        if (by == null) {
            return false;
        }
        String x = node.input(variable);
        if (node.is("Mul") || node.is("Div")) {
            List<Tensor> weights = scaled(all, by, node.is("Div"));
            for (int i = 0; weights != null && i < all.size(); i++) {
                all.get(i).replace(editor, x, weights.get(i), null);
            }
            return done(editor, node, weights != null);
        }
        boolean subtracts = node.is("Sub");
        for (Weighted product : all) {
            if (!product.takesAddends(editor)) {
                return swap(graph, editor, node, variable, by, all);
            }
        }
        for (Weighted product : all) {
            product.replace(editor, x, null, product.bias(editor, by, subtracts));
        }
        return done(editor, node, true);
    }

    private static boolean done(Editor editor, Node node, boolean folded) {
        if (folded) {
            editor.replace(node);
        }
        return folded;
    }

    /** Takes the factor of {@code a * x + b} behind the sum, if the products can take it then. */
    private static boolean swap(Graph graph, Editor editor, Node add, int variable, float[] addend, List<Weighted> all) {
        Node mul = editor.uses(add.input(variable)) == 1 ? editor.producer(add.input(variable)) : null;
        int inner = mul == null || !mul.is("Mul") && !mul.is("Div") ? -1 : variable(editor, mul);
        int rank = ((ValueType.OfTensor) graph.type(add.output(0))).shape().rank();
        float[] factor = inner < 0 ? null : channels(editor.constant(mul.input(1 - inner)), rank, addend.length);
        if (factor == null || scaled(all, factor, mul.is("Div")) == null) {
            return false;
        }
        float[] before = new float[addend.length];
        for (int i = 0; i < before.length; i++) {
            before[i] = mul.is("Div") ? addend[i] * factor[i] : addend[i] / factor[i];
            if (!Float.isFinite(before[i])) {
                return false;
            }
        }
        String sum = editor.fresh(add.output(0) + ".sum");
        String constant = editor.constantOf(add.output(0) + ".addend", Tensor.floats(new int[] {before.length}, before));
        editor.replace(mul);
        editor.replace(add, new Node(add.name(), "", add.op(), List.of(mul.input(inner), constant), List.of(sum), Attributes.NONE),
                new Node(mul.name(), "", mul.op(), List.of(sum, mul.input(1 - inner)), add.outputs(), Attributes.NONE));
        return true;
    }

    private static List<Tensor> scaled(List<Weighted> all, float[] by, boolean divides) {
        List<Tensor> weights = new ArrayList<>();
        for (Weighted product : all) {
            Tensor scaled = product.scaled(by, divides);
            if (scaled == null) {
                return null;
            }
            weights.add(scaled);
        }
        return weights;
    }

    /** One element for each channel, of a constant that broadcasts to a value of some rank with channels last, or null. */
    private static float[] channels(Tensor constant, int rank, int channels) {
        boolean each = constant.rank() > 0 && constant.dim(-1) == channels;
        if (constant.rank() > rank || constant.size() != (each ? channels : 1)) {
            return null;
        }
        float[] out = new float[channels];
        for (int i = 0; i < channels; i++) {
            out[i] = (float) constant.getDouble(each ? i : 0);
        }
        return out;
    }
}
