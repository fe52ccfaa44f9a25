package dev.infuser.graph;

import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Graphs inside graphs: what they take from around them, and how their parts move outwards. */
public final class Subgraphs {

    private Subgraphs() {
    }

    /** The subgraphs of a node. */
    public static List<Graph> of(Node node) {
        List<Graph> graphs = new ArrayList<>();
        for (Attribute attribute : node.attributes().map().values()) {
            if (attribute instanceof Attribute.OfGraph g) {
                graphs.add(g.value());
            }
        }
        return graphs;
    }

    /** Whether any node has subgraphs. */
    public static boolean any(Graph graph) {
        for (Node node : graph.nodes()) {
            if (node.attributes().hasGraph()) {
                return true;
            }
        }
        return false;
    }

    /** Names that the subgraphs of a node take from around it. */
    public static List<String> captured(Node node) {
        List<String> names = new ArrayList<>();
        for (Graph graph : of(node)) {
            captured(graph, Set.of(), names);
        }
        return names;
    }

    /** Names that a subgraph takes from around it. */
    public static List<String> captured(Graph subgraph) {
        List<String> names = new ArrayList<>();
        captured(subgraph, Set.of(), names);
        return names;
    }

    private static void captured(Graph scope, Set<String> outer, List<String> names) {
        Set<String> defined = new HashSet<>(outer);
        scope.inputs().forEach(input -> defined.add(input.name()));
        defined.addAll(scope.constants().keySet());
        for (Node node : scope.nodes()) {
            note(node.inputs(), defined, names);
            for (Graph graph : of(node)) {
                captured(graph, defined, names);
            }
            defined.addAll(node.outputs());
        }
        note(scope.outputs(), defined, names);
    }

    private static void note(List<String> values, Set<String> defined, List<String> names) {
        for (String name : values) {
            if (!name.isEmpty() && !defined.contains(name) && !names.contains(name)) {
                names.add(name);
            }
        }
    }

    /** How often each name is defined, in all scopes together. */
    public static Map<String, Integer> definitions(Graph graph) {
        Map<String, Integer> found = new HashMap<>();
        count(graph, found);
        return found;
    }

    private static void count(Graph scope, Map<String, Integer> found) {
        scope.inputs().forEach(input -> found.merge(input.name(), 1, Integer::sum));
        scope.constants().keySet().forEach(name -> found.merge(name, 1, Integer::sum));
        for (Node node : scope.nodes()) {
            node.outputs().forEach(output -> found.merge(output, 1, Integer::sum));
            of(node).forEach(graph -> count(graph, found));
        }
    }

    /** {@code name} if it is defined once, or else a name that is not defined yet, which is then counted. */
    public static String unique(String name, Map<String, Integer> definitions) {
        if (definitions.getOrDefault(name, 0) <= 1) {
            return name;
        }
        int number = 1;
        while (definitions.containsKey(name + "_" + number)) {
            number++;
        }
        definitions.put(name + "_" + number, 1);
        return name + "_" + number;
    }

    /** A node that reads and writes other names, inside its subgraphs too. */
    public static Node rename(Node node, Map<String, String> names) {
        Attributes attributes = node.attributes();
        for (Map.Entry<String, Attribute> entry : node.attributes().map().entrySet()) {
            if (entry.getValue() instanceof Attribute.OfGraph g) {
                attributes = attributes.with(entry.getKey(), rename(g.value(), names));
            }
        }
        return new Node(node.name(), node.domain(), node.op(), rename(node.inputs(), names),
                rename(node.outputs(), names), attributes);
    }

    private static List<String> rename(List<String> values, Map<String, String> names) {
        List<String> renamed = new ArrayList<>(values);
        renamed.replaceAll(name -> names.getOrDefault(name, name));
        return renamed;
    }

    private static Graph rename(Graph graph, Map<String, String> names) {
        List<Value> inputs = new ArrayList<>();
        graph.inputs().forEach(v -> inputs.add(new Value(names.getOrDefault(v.name(), v.name()), v.type())));
        List<Node> nodes = new ArrayList<>();
        graph.nodes().forEach(node -> nodes.add(rename(node, names)));
        return new Graph(graph.name(), inputs, rename(graph.outputs(), names), nodes, renameKeys(graph.constants(), names),
                renameKeys(graph.types(), names));
    }

    /** A map whose keys are renamed. */
    public static <T> Map<String, T> renameKeys(Map<String, T> map, Map<String, String> names) {
        Map<String, T> renamed = new LinkedHashMap<>();
        map.forEach((name, value) -> renamed.put(names.getOrDefault(name, name), value));
        return renamed;
    }

    /** The graph with the constants of all subgraphs moved to it, under other names where theirs are taken. */
    public static Graph hoist(Graph graph) {
        if (!any(graph)) {
            return graph;
        }
        Map<String, Tensor> constants = new LinkedHashMap<>(graph.constants());
        Map<String, Integer> definitions = definitions(graph);
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
            String moved = unique(name, definitions);
            names.put(name, moved);
            constants.put(moved, tensor);
        });
        List<Node> nodes = new ArrayList<>();
        scope.nodes().forEach(node -> nodes.add(hoist(rename(node, names), constants, definitions)));
        Map<String, ValueType> types = new LinkedHashMap<>(scope.types());
        types.keySet().removeAll(names.keySet());
        return new Graph(scope.name(), scope.inputs(), rename(scope.outputs(), names), nodes, Map.of(), types);
    }

    /** The graph without the nodes and constants that no result depends on. */
    public static Graph prune(Graph graph) {
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
                live.addAll(captured(node));
            }
        }
        Map<String, Tensor> constants = new LinkedHashMap<>(graph.constants());
        constants.keySet().retainAll(live);
        if (kept.size() == graph.nodes().size() && constants.size() == graph.constants().size()) {
            return graph;
        }
        return new Graph(graph.name(), graph.inputs(), graph.outputs(), kept, constants, graph.types());
    }
}
