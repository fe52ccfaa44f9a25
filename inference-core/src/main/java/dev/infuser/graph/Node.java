package dev.infuser.graph;

import java.util.List;

/**
 * The application of an operator to values.
 *
 * @param name       for messages; not an identity
 * @param domain     "" for {@code ai.onnx}, {@code infuser} for our own fused operators
 * @param op         the operator type, e.g. {@code MatMul}
 * @param inputs     value names; "" stands for an absent optional input
 * @param outputs    value names; "" stands for an output that nobody wants
 * @param attributes the attributes
 */
public record Node(String name, String domain, String op, List<String> inputs, List<String> outputs,
        Attributes attributes) {

    public Node {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    /** The name of input {@code i}, or "" when it is absent. */
    public String input(int i) {
        return i < inputs.size() ? inputs.get(i) : "";
    }

    /** The name of output {@code i}, or "" when it is absent. */
    public String output(int i) {
        return i < outputs.size() ? outputs.get(i) : "";
    }

    /** Whether this is the operator {@code type} of the default domain. */
    public boolean is(String type) {
        return domain.isEmpty() && op.equals(type);
    }

    /** {@code domain.op}, or just {@code op} in the default domain. */
    public String qualifiedOp() {
        return domain.isEmpty() ? op : domain + "." + op;
    }

    /** What messages call this node: operator and name. */
    public String label() {
        return name.isEmpty() ? qualifiedOp() + " -> " + output(0) : qualifiedOp() + " " + name;
    }

    public Node withInputs(List<String> newInputs) {
        return new Node(name, domain, op, newInputs, outputs, attributes);
    }

    public Node withAttributes(Attributes newAttributes) {
        return new Node(name, domain, op, inputs, outputs, newAttributes);
    }
}
