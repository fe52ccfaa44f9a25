package dev.infuser.converter.build;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.graph.Value;
import dev.infuser.op.Inference;
import dev.infuser.op.Registry;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.InfuserException;
import dev.infuser.tensor.Shape;
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
 * A graph while it is being translated: collects nodes and constants under names that no other value has, and tells what
 * can be told so far of their types and elements.
 */
public final class Emitter {

    private final Emitter outer;
    private final Set<String> names;
    /** By name, the last number that was tried behind it. */
    private final Map<String, Integer> numbers;
    private final List<Value> inputs = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, Node> producers = new HashMap<>();
    private final Map<String, Tensor> constants = new LinkedHashMap<>();
    private final Map<String, ValueType> stated = new LinkedHashMap<>();
    private final Inference inference;
    private int inferred;

    /** An empty graph; {@code outer} is the one around it, or null. */
    public Emitter(Emitter outer) {
        this.outer = outer;
        this.names = outer == null ? new HashSet<>() : outer.names;
        this.numbers = outer == null ? new HashMap<>() : outer.numbers;
        this.inference = Inference.growing(outer == null ? null : outer.inference);
    }

    /** A name nobody has yet: {@code wanted} itself where it is free. */
    public String unique(String wanted) {
        String base = wanted.isEmpty() ? "value" : wanted;
        String name = base;
        while (!names.add(name)) {
            name = base + "_" + numbers.merge(base, 2, (last, two) -> last + 1);
        }
        return name;
    }

    /** Adds an input, whose name is taken already. */
    public void input(Value input) {
        inputs.add(input);
        inference.declare(input.name(), input.type());
    }

    /** Adds a node, whose outputs' names are taken already. */
    public void add(Node node) {
        nodes.add(node);
        node.outputs().forEach(output -> producers.put(output, node));
    }

    /** The node of this graph that makes a value, or null. */
    public Node producer(String value) {
        return producers.get(value);
    }

    /** Adds a constant, whose name is taken already. */
    public void put(String name, Tensor tensor) {
        constants.put(name, tensor);
        inference.declare(name, tensor);
    }

    /** Notes what the source says of a value. */
    public void state(String value, ValueType type) {
        stated.put(value, type);
    }

    /** Adds a constant, and returns its name. */
    public String constant(String name, Tensor tensor) {
        String unique = unique(name);
        put(unique, tensor);
        return unique;
    }

    /** A one-dimensional int64 constant. */
    public String vector(String name, long... values) {
        return constant(name, Tensor.vector(values));
    }

    /** A float32 constant without dimensions. */
    public String scalar(String name, float value) {
        return constant(name, Tensor.floats(new int[0], value));
    }

    /** Adds a node with one fresh output, which it returns. */
    public String op(String name, String op, Attributes attributes, String... nodeInputs) {
        return ops(name, op, attributes, 1, nodeInputs)[0];
    }

    /** Adds a node with {@code count} fresh outputs, which it returns. */
    public String[] ops(String name, String op, Attributes attributes, int count, String... nodeInputs) {
        String[] outputs = new String[count];
        for (int i = 0; i < count; i++) {
            outputs[i] = unique(name + "_" + op);
        }
        add(new Node(name, "", op, List.of(nodeInputs), List.of(outputs), attributes));
        return outputs;
    }

    /** The graph so far. */
    public Graph graph(String name, List<String> outputs) {
        return new Graph(name, inputs, outputs, nodes, constants, stated);
    }

    /** Whether a value is a constant of this graph, not one around it. */
    public boolean isConstant(String value) {
        return constants.containsKey(value);
    }

    /** The elements of a value that is constant, or follows from constants and shapes and is small; or null. */
    public Tensor constantOf(String value) {
        infer();
        return inference.constant(value);
    }

    /** What can be told of a value from what has been translated so far, or null. */
    public ValueType type(String value) {
        infer();
        ValueType type = inference.type(value);
        for (Emitter at = this; type == null && at != null; at = at.outer) {
            type = at.stated.get(value);
        }
        return type;
    }

    private void infer() {
        if (outer != null) {
            outer.infer();
        }
        for (; inferred < nodes.size(); inferred++) {
            Node node = nodes.get(inferred);
            if (Registry.find(node) != null) {
                try {
                    inference.add(node);
                } catch (InfuserException e) {
                    continue;
                }
            }
            for (String output : node.outputs()) {
                if (inference.type(output) == null && stated.containsKey(output)) {
                    inference.declare(output, stated.get(output));
                }
            }
        }
    }

    /** The shape of a value, or null when it is not known. */
    public Shape shape(String value) {
        return type(value) instanceof ValueType.OfTensor t ? t.shape() : null;
    }

    /** The rank of a value, or -1 when it is not known. */
    public int rank(String value) {
        Shape shape = shape(value);
        return shape == null ? -1 : shape.rank();
    }

    /** The element type of a value, or null. */
    public DType dtype(String value) {
        return type(value) instanceof ValueType.OfTensor t ? t.dtype() : null;
    }
}
