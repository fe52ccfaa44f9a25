package dev.infuser.graph;

import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Collects values and nodes, in running order, and builds a verified {@link Graph}. */
public final class GraphBuilder {

    private final String name;
    private final List<Value> inputs = new ArrayList<>();
    private final List<String> outputs = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, Tensor> constants = new LinkedHashMap<>();
    private final Map<String, ValueType> types = new LinkedHashMap<>();
    private int fresh;

    public GraphBuilder(String name) {
        this.name = name;
    }

    /** Declares an input and returns its name. */
    public String input(String value, ValueType type) {
        inputs.add(new Value(value, type));
        return value;
    }

    /** Declares a constant and returns its name. */
    public String constant(String value, Tensor tensor) {
        constants.put(value, tensor);
        return value;
    }

    /** Adds a node with one output of a fresh name, which it returns. */
    public String add(String op, Attributes attributes, String... nodeInputs) {
        String out = op + "_" + fresh++;
        add(new Node("", "", op, List.of(nodeInputs), List.of(out), attributes));
        return out;
    }

    /** Adds a node without attributes and with one output of a fresh name, which it returns. */
    public String add(String op, String... nodeInputs) {
        return add(op, Attributes.NONE, nodeInputs);
    }

    public GraphBuilder add(Node node) {
        nodes.add(node);
        return this;
    }

    /** States what is known of a value. */
    public GraphBuilder type(String value, ValueType type) {
        types.put(value, type);
        return this;
    }

    /** Declares the next output. */
    public GraphBuilder output(String value) {
        outputs.add(value);
        return this;
    }

    /** The graph, verified as a whole model. */
    public Graph build() {
        Graph graph = buildSubgraph();
        Verifier.verify(graph);
        return graph;
    }

    /** The graph, unverified because it may use values of the graph around it. */
    public Graph buildSubgraph() {
        return new Graph(name, inputs, outputs, nodes, constants, types);
    }
}
