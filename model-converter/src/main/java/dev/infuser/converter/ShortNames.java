package dev.infuser.converter;

import dev.infuser.graph.Attribute;
import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.graph.Subgraphs;
import dev.infuser.graph.Value;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Gives values that nobody outside can ask for names of a letter or two, which may be most of a small file otherwise, and takes
 * the scope that most nodes share from their names. Inputs, outputs and symbols keep theirs.
 */
final class ShortNames {

    private final Set<String> kept = new HashSet<>();
    private final Map<String, String> renamed = new HashMap<>();
    private final String scope;
    private int next;

    private ShortNames(Graph graph) {
        graph.inputs().forEach(input -> kept.add(input.name()));
        kept.addAll(graph.outputs());
        kept.add("");
        List<String> names = new ArrayList<>();
        names(graph, names);
        scope = scope(names);
    }

    /** The same graph with short names. */
    static Graph of(Graph graph) {
        return new ShortNames(graph).rename(graph, true);
    }

    private static void names(Graph graph, List<String> names) {
        for (Node node : graph.nodes()) {
            if (!node.name().isEmpty()) {
                names.add(node.name());
            }
            Subgraphs.of(node).forEach(inner -> names(inner, names));
        }
    }

    /** The longest path that more than half of the names begin with. */
    private static String scope(List<String> names) {
        String scope = "";
        List<String> inside = names;
        while (true) {
            Map<String, List<String>> longer = new LinkedHashMap<>();
            for (String name : inside) {
                int end = name.indexOf('/', scope.length());
                if (end >= 0) {
                    longer.computeIfAbsent(name.substring(0, end + 1), key -> new ArrayList<>()).add(name);
                }
            }
            String most = scope;
            for (Map.Entry<String, List<String>> entry : longer.entrySet()) {
                most = entry.getValue().size() * 2 > names.size() ? entry.getKey() : most;
            }
            if (most.equals(scope)) {
                return scope;
            }
            scope = most;
            inside = longer.get(most);
        }
    }

    private String name(String value) {
        if (kept.contains(value)) {
            return value;
        }
        String known = renamed.get(value);
        while (known == null || kept.contains(known)) {
            known = Integer.toString(next++, Character.MAX_RADIX);
        }
        renamed.put(value, known);
        return known;
    }

    private List<String> names(List<String> values) {
        return values.stream().map(this::name).toList();
    }

    private Graph rename(Graph graph, boolean outermost) {
        List<Value> inputs = graph.inputs().stream().map(input -> new Value(name(input.name()), input.type())).toList();
        List<Node> nodes = new ArrayList<>();
        Set<String> computed = new HashSet<>();
        for (Node node : graph.nodes()) {
            Attributes attributes = node.attributes();
            for (Map.Entry<String, Attribute> entry : node.attributes().map().entrySet()) {
                if (entry.getValue() instanceof Attribute.OfGraph inner) {
                    attributes = attributes.with(entry.getKey(), rename(inner.value(), false));
                }
            }
            String name = node.name().startsWith(scope) ? node.name().substring(scope.length()) : node.name();
            nodes.add(new Node(name, node.domain(), node.op(), names(node.inputs()), names(node.outputs()), attributes));
            computed.addAll(node.outputs());
        }
        Map<String, Tensor> constants = new LinkedHashMap<>();
        graph.constants().forEach((name, tensor) -> constants.put(name(name), tensor));
        Map<String, ValueType> types = new LinkedHashMap<>();
        graph.types().forEach((name, type) -> {
            if (!outermost || computed.contains(name)) {
                types.put(name(name), type);
            }
        });
        return new Graph(graph.name(), inputs, names(graph.outputs()), nodes, constants, types);
    }
}
