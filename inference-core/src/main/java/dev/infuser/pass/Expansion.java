package dev.infuser.pass;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.Node;
import dev.infuser.op.Evaluator;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** The nodes that one node becomes, written one after the other. */
final class Expansion {

    private final Editor editor;
    private final Node node;
    private final List<Node> nodes = new ArrayList<>();

    Expansion(Editor editor, Node node) {
        this.editor = editor;
        this.node = node;
    }

    /** Adds a node, or a constant where all inputs are, and returns the name of what it computes. */
    String add(String op, Attributes attributes, String... inputs) {
        String out = editor.fresh(node.output(0) + "." + nodes.size());
        Node added = new Node(node.name(), "", op, List.of(inputs), List.of(out), attributes);
        List<Datum> constants = new ArrayList<>();
        for (String input : inputs) {
            constants.add(editor.constant(input));
        }
        if (!constants.contains(null)) {
            return editor.constantOf(out, (Tensor) Evaluator.apply(added, constants).get(0));
        }
        nodes.add(added);
        return out;
    }

    /** Adds a node without attributes. */
    String add(String op, String... inputs) {
        return add(op, Attributes.NONE, inputs);
    }

    /** Adds an int64 vector and returns its name. */
    String vector(long... values) {
        return constant(Tensor.vector(values));
    }

    /** Adds a float scalar and returns its name. */
    String scalar(float value) {
        return constant(Tensor.floats(new int[0], value));
    }

    /** Adds an int64 scalar and returns its name. */
    String index(long value) {
        return constant(Tensor.longs(new int[0], value));
    }

    /** Makes {@code output} another name of {@code value}. */
    void give(String output, String value) {
        nodes.add(new Node(node.name(), "", "Identity", List.of(value), List.of(output), Attributes.NONE));
    }

    private String constant(Tensor tensor) {
        return editor.constantOf(node.output(0) + ".constant", tensor);
    }

    /** Puts the nodes in place of the one, whose output the last of them computes. */
    void replace() {
        Node last = nodes.get(nodes.size() - 1);
        nodes.set(nodes.size() - 1, new Node(last.name(), "", last.op(), last.inputs(), List.of(node.output(0)),
                last.attributes()));
        editor.replace(node, nodes.toArray(new Node[0]));
    }
}
