package dev.infuser.converter.onnx;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.graph.Value;
import dev.infuser.op.Inference;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.InfuserException;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A graph while it is being translated: collects nodes and constants under names that no other value has. */
final class Emitter {

    private final Emitter outer;
    private final Set<String> names;
    final List<Value> inputs = new ArrayList<>();
    final List<Node> nodes = new ArrayList<>();
    final Map<String, Tensor> constants = new LinkedHashMap<>();
    final Map<String, ValueType> types = new LinkedHashMap<>();
    private Map<String, ValueType> inferred = Map.of();
    private int inferredNodes = -1;

    Emitter(Emitter outer) {
        this.outer = outer;
        this.names = outer == null ? new HashSet<>() : outer.names;
    }

    /** A name nobody has yet: {@code wanted} itself where it is free. */
    String unique(String wanted) {
        String base = wanted.isEmpty() ? "value" : wanted;
        String name = base;
        for (int i = 2; !names.add(name); i++) {
            name = base + "_" + i;
        }
        return name;
    }

    void add(Node node) {
        nodes.add(node);
    }

    String constant(String name, Tensor tensor) {
        String unique = unique(name);
        constants.put(unique, tensor);
        return unique;
    }

    /** A one-dimensional int64 constant. */
    String vector(String name, long... values) {
        return constant(name, Tensor.vector(values));
    }

    String scalar(String name, float value) {
        return constant(name, Tensor.floats(new int[0], value));
    }

    /** Adds a node with one fresh output, which it returns. */
    String op(String name, String op, Attributes attributes, String... nodeInputs) {
        String output = unique(name + "_" + op);
        add(new Node(name, "", op, List.of(nodeInputs), List.of(output), attributes));
        return output;
    }

    /** The tensor behind a value that is constant, or null. */
    Tensor constantOf(String value) {
        Tensor tensor = constants.get(value);
        return tensor != null || outer == null ? tensor : outer.constantOf(value);
    }

    /** What can be told of a value from what has been translated so far, or null. */
    ValueType type(String value) {
        ValueType type = known(value);
        if (type != null || outer != null || inferredNodes == nodes.size()) {
            return type;
        }
        inferredNodes = nodes.size();
        try {
            inferred = Inference.infer(new Graph("", inputs, List.of(), nodes, constants, types)).types();
        } catch (InfuserException e) {
            inferred = new HashMap<>();
        }
        return known(value);
    }

    private ValueType known(String value) {
        Tensor constant = constants.get(value);
        ValueType type = constant != null ? constant.type() : inferred.get(value);
        if (type == null) {
            type = types.get(value);
        }
        for (int i = 0; i < inputs.size() && type == null; i++) {
            type = inputs.get(i).name().equals(value) ? inputs.get(i).type() : null;
        }
        return type != null || outer == null ? type : outer.type(value);
    }

    /** The rank of a value, or -1 when it is not known. */
    int rank(String value) {
        return type(value) instanceof ValueType.OfTensor t && t.shape() != null ? t.shape().rank() : -1;
    }

    /** The element type of a value, or null. */
    DType dtype(String value) {
        return type(value) instanceof ValueType.OfTensor t ? t.dtype() : null;
    }
}
