package dev.infuser.pass;

import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.op.Registry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Computes equal expressions once: nodes with the same operator, inputs and attributes become one. */
final class MergeEqualNodes implements Pass {

    private record Key(String op, List<String> inputs, Object attributes, int outputs) {
    }

    @Override
    public String name() {
        return "merge-equal-nodes";
    }

    @Override
    public String description() {
        return "equal expressions are computed once";
    }

    @Override
    public Graph run(Graph graph) {
        Editor editor = new Editor(graph);
        Map<Key, Node> seen = new HashMap<>();
        Map<String, String> same = new HashMap<>();
        for (Node node : graph.nodes()) {
            List<String> inputs = new ArrayList<>(node.inputs());
            inputs.replaceAll(input -> same.getOrDefault(input, input));
            if (!Registry.isPure(node)) {
                continue;
            }
            Node first = seen.putIfAbsent(
                    new Key(node.qualifiedOp(), inputs, node.attributes(), node.outputs().size()), node);
            if (first != null && mergeable(editor, node, first)) {
                for (int i = 0; i < node.outputs().size(); i++) {
                    if (!node.output(i).isEmpty()) {
                        same.put(node.output(i), first.output(i));
                        editor.rename(node.output(i), first.output(i));
                    }
                }
                editor.replace(node);
            }
        }
        return editor.build();
    }

    private static boolean mergeable(Editor editor, Node node, Node first) {
        for (int i = 0; i < node.outputs().size(); i++) {
            if (editor.isOutput(node.output(i)) || node.output(i).isEmpty() != first.output(i).isEmpty()) {
                return false;
            }
        }
        return true;
    }
}
