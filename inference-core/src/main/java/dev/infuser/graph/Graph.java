package dev.infuser.graph;

import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An immutable computation in SSA form.
 *
 * @param name      of the model or subgraph
 * @param inputs    what the caller feeds, in order
 * @param outputs   names of the results, in order
 * @param nodes     in an order in which they can run
 * @param constants weights and other known tensors, by value name
 * @param types     what is known of computed values, by name; values may be missing before inference
 */
public record Graph(String name, List<Value> inputs, List<String> outputs, List<Node> nodes,
        Map<String, Tensor> constants, Map<String, ValueType> types) {

    /** The opset of {@code ai.onnx} whose operators graphs are made of. */
    public static final int OPSET = 27;

    public Graph {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        nodes = List.copyOf(nodes);
        constants = Collections.unmodifiableMap(new LinkedHashMap<>(constants));
        types = Collections.unmodifiableMap(new LinkedHashMap<>(types));
    }

    /** The type of an input, constant or computed value of this graph, or null when it is unknown. */
    public ValueType type(String value) {
        ValueType type = types.get(value);
        if (type != null) {
            return type;
        }
        Tensor constant = constants.get(value);
        if (constant != null) {
            return constant.type();
        }
        for (Value input : inputs) {
            if (input.name().equals(value)) {
                return input.type();
            }
        }
        return null;
    }

    public Graph withNodes(List<Node> newNodes) {
        return new Graph(name, inputs, outputs, newNodes, constants, types);
    }

    public Graph withTypes(Map<String, ValueType> newTypes) {
        return new Graph(name, inputs, outputs, nodes, constants, newTypes);
    }

    /** Short; {@link GraphText} has the readable form. */
    @Override
    public String toString() {
        return "graph " + name;
    }
}
