package dev.infuser.pass;

import dev.infuser.graph.Attribute;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A graph that is being rewritten: who makes and who uses each value, and the changes so far. */
final class Editor {

    private final Graph graph;
    private final Map<String, Node> producers = new HashMap<>();
    private final Map<String, Integer> uses = new HashMap<>();
    private final Map<String, String> renamed = new HashMap<>();
    private final Map<String, Tensor> constants;
    private final Map<Node, List<Node>> replaced = new IdentityHashMap<>();
    private boolean changed;

    Editor(Graph graph) {
        this.graph = graph;
        this.constants = new LinkedHashMap<>(graph.constants());
        count(graph);
        for (Node node : graph.nodes()) {
            for (String output : node.outputs()) {
                producers.put(output, node);
            }
        }
    }

    private void count(Graph scope) {
        for (Node node : scope.nodes()) {
            for (String input : node.inputs()) {
                uses.merge(input, 1, Integer::sum);
            }
            for (Attribute attribute : node.attributes().map().values()) {
                if (attribute instanceof Attribute.OfGraph g) {
                    count(g.value());
                }
            }
        }
        for (String output : scope.outputs()) {
            uses.merge(output, 1, Integer::sum);
        }
    }

    /** How often a value is read, by outputs of the graph and inside subgraphs too. */
    int uses(String value) {
        return uses.getOrDefault(value, 0);
    }

    /** The node that makes {@code value}, or null. */
    Node producer(String value) {
        return producers.get(value);
    }

    /** The node that makes {@code value} if it is a {@code type} of the default domain, or null. */
    Node producer(String value, String type) {
        Node node = producers.get(value);
        return node != null && node.is(type) ? node : null;
    }

    Tensor constant(String value) {
        return constants.get(value);
    }

    /** The element of a float constant of one element, or NaN. */
    float scalar(String value) {
        Tensor constant = constants.get(value);
        return constant != null && constant.size() == 1 && constant.dtype().isFloat() ? (float) constant.getDouble(0)
                : Float.NaN;
    }

    /** Whether {@code value} is one of the graph's results. */
    boolean isOutput(String value) {
        return graph.outputs().contains(value);
    }

    /** Whether two values are known to be tensors of the same type and shape. */
    boolean sameType(String a, String b) {
        return graph.type(a) instanceof ValueType.OfTensor type && type.shape() != null && type.equals(graph.type(b));
    }

    /** Puts {@code nodes} where {@code node} stands. */
    void replace(Node node, Node... nodes) {
        replaced.put(node, List.of(nodes));
        changed = true;
    }

    /** Adds a constant under a name that is not taken. */
    void constant(String value, Tensor tensor) {
        constants.put(value, tensor);
        changed = true;
    }

    /** Adds a constant under {@code value}, or a name like it that is not taken, and returns the name. */
    String constantOf(String value, Tensor tensor) {
        String name = fresh(value);
        constant(name, tensor);
        return name;
    }

    /** {@code value}, or a name like it that nothing has yet. */
    String fresh(String value) {
        String name = value;
        while (graph.type(name) != null || producers.containsKey(name) || constants.containsKey(name)) {
            name += "'";
        }
        return name;
    }

    /** Makes everybody who reads {@code from} read {@code to}; {@code from} must not be a result of the graph. */
    void rename(String from, String to) {
        renamed.put(from, to);
        changed = true;
    }

    private String resolve(String value) {
        String current = value;
        while (renamed.containsKey(current)) {
            current = renamed.get(current);
        }
        return current;
    }

    /** The graph with all changes made. */
    Graph build() {
        if (!changed) {
            return graph;
        }
        List<Node> nodes = new ArrayList<>();
        for (Node node : graph.nodes()) {
            List<Node> replacement = replaced.get(node);
            if (replacement == null) {
                nodes.add(rename(node));
            } else {
                for (Node other : replacement) {
                    nodes.add(rename(other));
                }
            }
        }
        return new Graph(graph.name(), graph.inputs(), graph.outputs(), nodes, constants, graph.types());
    }

    private Node rename(Node node) {
        List<String> inputs = new ArrayList<>(node.inputs());
        inputs.replaceAll(this::resolve);
        Node out = inputs.equals(node.inputs()) ? node : node.withInputs(inputs);
        for (Map.Entry<String, Attribute> entry : node.attributes().map().entrySet()) {
            if (entry.getValue() instanceof Attribute.OfGraph g && !renamed.isEmpty()) {
                out = out.withAttributes(out.attributes().with(entry.getKey(), rename(g.value())));
            }
        }
        return out;
    }

    private Graph rename(Graph scope) {
        List<Node> nodes = new ArrayList<>();
        for (Node node : scope.nodes()) {
            nodes.add(rename(node));
        }
        List<String> outputs = new ArrayList<>(scope.outputs());
        outputs.replaceAll(this::resolve);
        return new Graph(scope.name(), scope.inputs(), outputs, nodes, scope.constants(), scope.types());
    }
}
