package dev.infuser.graph;

import dev.infuser.tensor.Tensor;
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
        for (Value input : scope.inputs()) {
            defined.add(input.name());
        }
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
        for (Value input : scope.inputs()) {
            count(input.name(), found);
        }
        for (String constant : scope.constants().keySet()) {
            count(constant, found);
        }
        for (Node node : scope.nodes()) {
            for (String output : node.outputs()) {
                count(output, found);
            }
            for (Graph graph : of(node)) {
                count(graph, found);
            }
        }
    }

    private static void count(String name, Map<String, Integer> found) {
        found.put(name, found.getOrDefault(name, 0) + 1);
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

    /** Names that are renamed. */
    public static List<String> rename(List<String> values, Map<String, String> names) {
        List<String> renamed = new ArrayList<>();
        for (String name : values) {
            renamed.add(names.getOrDefault(name, name));
        }
        return renamed;
    }

    private static Graph rename(Graph graph, Map<String, String> names) {
        List<Value> inputs = new ArrayList<>();
        for (Value input : graph.inputs()) {
            inputs.add(new Value(names.getOrDefault(input.name(), input.name()), input.type()));
        }
        List<Node> nodes = new ArrayList<>();
        for (Node node : graph.nodes()) {
            nodes.add(rename(node, names));
        }
        return new Graph(graph.name(), inputs, rename(graph.outputs(), names), nodes, renameKeys(graph.constants(), names),
                renameKeys(graph.types(), names));
    }

    /** A map whose keys are renamed. */
    public static <T> Map<String, T> renameKeys(Map<String, T> map, Map<String, String> names) {
        Map<String, T> renamed = new LinkedHashMap<>();
        for (Map.Entry<String, T> entry : map.entrySet()) {
            renamed.put(names.getOrDefault(entry.getKey(), entry.getKey()), entry.getValue());
        }
        return renamed;
    }

    /** The graph with names in its subgraphs that are defined nowhere else in it. */
    public static Graph distinct(Graph graph) {
        return any(graph) ? distinct(graph, definitions(graph)) : graph;
    }

    private static Graph distinct(Graph graph, Map<String, Integer> definitions) {
        List<Node> nodes = new ArrayList<>();
        for (Node node : graph.nodes()) {
            Attributes attributes = node.attributes();
            for (Map.Entry<String, Attribute> entry : node.attributes().map().entrySet()) {
                if (entry.getValue() instanceof Attribute.OfGraph g) {
                    Map<String, Integer> own = new HashMap<>();
                    count(g.value().withNodes(List.of()), own);
                    for (Node inner : g.value().nodes()) {
                        for (String output : inner.outputs()) {
                            count(output, own);
                        }
                    }
                    Map<String, String> names = new HashMap<>();
                    for (String name : own.keySet()) {
                        if (!name.isEmpty()) {
                            names.put(name, unique(name, definitions));
                        }
                    }
                    attributes = attributes.with(entry.getKey(), distinct(rename(g.value(), names), definitions));
                }
            }
            nodes.add(node.withAttributes(attributes));
        }
        return graph.withNodes(nodes);
    }

    /** A subgraph as a graph of its own: what it takes from around it becomes inputs and constants. */
    public static Graph close(Graph subgraph, Graph around) {
        List<Value> inputs = new ArrayList<>(subgraph.inputs());
        Map<String, Tensor> constants = new LinkedHashMap<>(subgraph.constants());
        for (String name : captured(subgraph)) {
            if (around.constants().containsKey(name)) {
                constants.put(name, around.constants().get(name));
            } else {
                inputs.add(new Value(name, around.type(name)));
            }
        }
        return new Graph(subgraph.name(), inputs, subgraph.outputs(), subgraph.nodes(), constants, subgraph.types());
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
        Map<String, Tensor> constants = new LinkedHashMap<>();
        for (Map.Entry<String, Tensor> constant : graph.constants().entrySet()) {
            if (live.contains(constant.getKey())) {
                constants.put(constant.getKey(), constant.getValue());
            }
        }
        if (kept.size() == graph.nodes().size() && constants.size() == graph.constants().size()) {
            return graph;
        }
        return new Graph(graph.name(), graph.inputs(), graph.outputs(), kept, constants, graph.types());
    }
}
