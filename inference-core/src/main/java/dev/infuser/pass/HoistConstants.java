package dev.infuser.pass;

import dev.infuser.graph.Attribute;
import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.graph.Subgraphs;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Moves the constants of subgraphs to the outermost graph, where all of them can be folded, merged and stored. */
final class HoistConstants implements Pass {

    @Override
    public String name() {
        return "hoist-constants";
    }

    @Override
    public String description() {
        return "constants of subgraphs move to the outermost graph";
    }

    @Override
    public Graph run(Graph graph) {
        Map<String, Tensor> constants = new LinkedHashMap<>(graph.constants());
        Map<String, Integer> definitions = Subgraphs.definitions(graph);
        List<Node> nodes = new ArrayList<>();
        graph.nodes().forEach(node -> nodes.add(hoist(node, constants, definitions)));
        return constants.size() == graph.constants().size() ? graph
                : new Graph(graph.name(), graph.inputs(), graph.outputs(), nodes, constants, graph.types());
    }

    private static Node hoist(Node node, Map<String, Tensor> constants, Map<String, Integer> definitions) {
        Attributes attributes = node.attributes();
        for (Map.Entry<String, Attribute> entry : node.attributes().map().entrySet()) {
            if (entry.getValue() instanceof Attribute.OfGraph g) {
                attributes = attributes.with(entry.getKey(), hoist(g.value(), constants, definitions));
            }
        }
        return attributes == node.attributes() ? node : node.withAttributes(attributes);
    }

    private static Graph hoist(Graph scope, Map<String, Tensor> constants, Map<String, Integer> definitions) {
        Map<String, String> names = new HashMap<>();
        scope.constants().forEach((name, tensor) -> {
            String moved = Subgraphs.unique(name, definitions);
            names.put(name, moved);
            constants.put(moved, tensor);
        });
        List<Node> nodes = new ArrayList<>();
        scope.nodes().forEach(node -> nodes.add(hoist(Subgraphs.rename(node, names), constants, definitions)));
        Map<String, ValueType> types = new LinkedHashMap<>(scope.types());
        types.keySet().removeAll(names.keySet());
        return new Graph(scope.name(), scope.inputs(), Subgraphs.rename(scope.outputs(), names), nodes, Map.of(), types);
    }
}
