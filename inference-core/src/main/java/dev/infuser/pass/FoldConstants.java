package dev.infuser.pass;

import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.op.Evaluator;
import dev.infuser.op.Registry;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.UnsupportedModelException;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/** Computes what depends on constants only, unless the result is large and none of its inputs is. */
final class FoldConstants implements Pass {

    private static final int SMALL = 1 << 16;

    @Override
    public String name() {
        return "fold-constants";
    }

    @Override
    public Graph run(Graph graph) {
        Editor editor = new Editor(graph);
        for (Node node : graph.nodes()) {
            fold(graph, editor, node);
        }
        return editor.build();
    }

    private static void fold(Graph graph, Editor editor, Node node) {
        if (!Registry.isPure(node) || !worthwhile(graph, editor, node)) {
            return;
        }
        List<Datum> inputs = new ArrayList<>();
        for (String input : node.inputs()) {
            inputs.add(input.isEmpty() ? null : editor.constant(input));
        }
        List<Datum> outputs;
        try {
            outputs = Evaluator.apply(node, inputs);
        } catch (UnsupportedModelException e) {
            return;
        }
        for (Datum output : outputs) {
            if (!(output instanceof Tensor)) {
                return;
            }
        }
        for (int i = 0; i < node.outputs().size(); i++) {
            if (!node.output(i).isEmpty()) {
                editor.constant(node.output(i), (Tensor) outputs.get(i));
            }
        }
        editor.replace(node);
    }

    private static boolean worthwhile(Graph graph, Editor editor, Node node) {
        long largest = SMALL;
        for (String input : node.inputs()) {
            if (!input.isEmpty() && editor.constant(input) == null) {
                return false;
            }
            largest = input.isEmpty() ? largest : Math.max(largest, editor.constant(input).size());
        }
        for (String output : node.outputs()) {
            if (graph.type(output) instanceof ValueType.OfTensor type && type.shape() != null
                    && !(type.shape().isConstant() && type.shape().elements().value() <= largest)) {
                return false;
            }
        }
        return true;
    }
}
