package dev.infuser.pass;

import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.graph.Subgraphs;
import dev.infuser.op.Evaluator;
import dev.infuser.op.Registry;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.UnsupportedModelException;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Computes what depends on constants only, unless the result is large and none of its inputs is, or products read it from
 * narrower constants.
 */
final class FoldConstants implements Pass {

    private static final int SMALL = 1 << 16;
    /** From so many elements on, weights that products convert as they read them stay narrow. */
    private static final int MANY = 1 << 10;

    @Override
    public String name() {
        return "fold-constants";
    }

    @Override
    public String description() {
        return "what depends on constants only is computed";
    }

    @Override
    public Graph run(Graph graph) {
        Editor editor = new Editor(graph);
        Set<String> rights = rights(graph);
        for (Node node : graph.nodes()) {
            boolean stored = node.is("Cast") && NarrowWeights.isNarrow(editor, node) && rights.contains(node.output(0))
                    && editor.constant(node.input(0)).rank() == 2 && editor.constant(node.input(0)).size() > MANY
                    && isFinite(editor.constant(node.input(0)));
            if (!stored) {
                fold(graph, editor, node);
            }
        }
        return editor.build();
    }

    /** Whether kernels can convert float16 weights: those of products are finite. */
    private static boolean isFinite(Tensor constant) {
        for (int i = 0; constant.dtype() == DType.FLOAT16 && i < constant.size(); i++) {
            if ((constant.shorts()[i] & 0x7C00) == 0x7C00) {
                return false;
            }
        }
        return true;
    }

    /** The values that products read on the right and nothing else reads. */
    private static Set<String> rights(Graph graph) {
        Set<String> rights = new HashSet<>();
        Set<String> other = new HashSet<>(graph.outputs());
        for (Node node : graph.nodes()) {
            for (int i = 0; i < node.inputs().size(); i++) {
                (i == 1 && node.is("MatMul") ? rights : other).add(node.input(i));
            }
            other.addAll(Subgraphs.captured(node));
        }
        rights.removeAll(other);
        return rights;
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
