package dev.infuser.pass;

import dev.infuser.graph.Attribute;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Removes nodes and constants that no result depends on. */
final class RemoveDeadNodes implements Pass {

    @Override
    public String name() {
        return "remove-dead-nodes";
    }

    @Override
    public Graph run(Graph graph) {
        Set<String> live = new HashSet<>(graph.outputs());
        List<Node> kept = new ArrayList<>();
        for (int i = graph.nodes().size() - 1; i >= 0; i--) {
            Node node = graph.nodes().get(i);
            boolean wanted = false;
            for (String output : node.outputs()) {
                wanted |= live.contains(output);
            }
            if (wanted) {
                kept.add(0, node);
                live.addAll(node.inputs());
                addCaptured(node, live);
            }
        }
        Map<String, Tensor> constants = new LinkedHashMap<>(graph.constants());
        constants.keySet().retainAll(live);
        if (kept.size() == graph.nodes().size() && constants.size() == graph.constants().size()) {
            return graph;
        }
        return new Graph(graph.name(), graph.inputs(), graph.outputs(), kept, constants, graph.types());
    }

    private static void addCaptured(Node node, Set<String> live) {
        for (Attribute attribute : node.attributes().map().values()) {
            if (attribute instanceof Attribute.OfGraph g) {
                for (Node inner : g.value().nodes()) {
                    live.addAll(inner.inputs());
                    addCaptured(inner, live);
                }
                live.addAll(g.value().outputs());
            }
        }
    }
}
