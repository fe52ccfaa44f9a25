package dev.infuser.converter.onnx;

import dev.infuser.converter.build.Emitter;
import dev.infuser.graph.Attributes;
import dev.infuser.graph.Node;
import dev.infuser.tensor.UnsupportedModelException;
import java.util.List;

/** Normalisations whose meaning changed: Softmax and its kin before opset 13, batch and group normalisation. */
final class OldNormalization {

    private OldNormalization() {
    }

    /** Before opset 13 these work on the input as a matrix: dimensions before {@code axis} by those from it on. */
    static Node coerced(Node node, Emitter out) {
        long axis = node.attributes().integer("axis", 1);
        int rank = out.rank(node.input(0));
        if (axis == -1 || rank > 0 && axis == rank - 1) {
            return Adapters.with(node, "axis", -1);
        }
        String shape = out.op(node.name(), "Shape", Attributes.NONE, node.input(0));
        String matrix = out.op(node.name(), "Flatten", Attributes.of("axis", axis), node.input(0));
        String result = out.op(node.name(), node.op(), Attributes.of("axis", -1), matrix);
        out.add(new Node(node.name(), "", "Reshape", List.of(result, shape), node.outputs(),
                Attributes.of("allowzero", 1)));
        return null;
    }

    /**
     * Before opset 14 the outputs tell the mode: with the running statistics among them it is training. Before opset 9,
     * {@code spatial=0} has parameters for every activation.
     */
    static Node batch(Node node, Emitter out) {
        for (int i = 3; i < node.outputs().size(); i++) {
            if (!node.output(i).isEmpty()) {
                throw new UnsupportedModelException("batch-statistics", node.label(), node.label()
                        + " gives out its saved statistics, which only training needs", "", "export it for inference");
            }
        }
        boolean training = !node.output(1).isEmpty() || !node.output(2).isEmpty();
        Attributes attributes = node.attributes();
        Node result = new Node(node.name(), "", node.op(), node.inputs(),
                training ? List.of(node.output(0), node.output(1), node.output(2)) : List.of(node.output(0)),
                attributes.without("spatial").without("is_test"));
        if (!attributes.flag("spatial", true)) {
            return perActivation(node, out);
        }
        return training ? Adapters.with(result, "training_mode", 1) : result;
    }

    private static Node perActivation(Node node, Emitter out) {
        String epsilon = out.scalar(node.name() + "_epsilon", node.attributes().real("epsilon", 1e-5f));
        String centred = out.op(node.name(), "Sub", Attributes.NONE, node.input(0), node.input(3));
        String variance = out.op(node.name(), "Add", Attributes.NONE, node.input(4), epsilon);
        String deviation = out.op(node.name(), "Sqrt", Attributes.NONE, variance);
        String normal = out.op(node.name(), "Div", Attributes.NONE, centred, deviation);
        String scaled = out.op(node.name(), "Mul", Attributes.NONE, normal, node.input(1));
        out.add(new Node(node.name(), "", "Add", List.of(scaled, node.input(2)), List.of(node.output(0)),
                Attributes.NONE));
        return null;
    }

    /** Before opset 21 scale and bias have one element per group, since then one per channel. */
    static Node group(Node node, Emitter out) {
        long groups = node.attributes().integer("num_groups");
        String count = out.vector(node.name() + "_groups", groups);
        String channels = out.op(node.name(), "Shape", Attributes.of("start", 1, "end", 2), node.input(0));
        String each = out.op(node.name(), "Div", Attributes.NONE, channels, count);
        String repeats = out.op(node.name(), "Concat", Attributes.of("axis", 0), count, each);
        Node result = node;
        for (int i = 1; i <= 2; i++) {
            String column = out.op(node.name(), "Unsqueeze", Attributes.NONE, node.input(i),
                    out.vector(node.name() + "_axis", 1));
            String repeated = out.op(node.name(), "Expand", Attributes.NONE, column, repeats);
            String flat = out.op(node.name(), "Reshape", Attributes.NONE, repeated,
                    out.vector(node.name() + "_flat", -1));
            result = Adapters.withInput(result, i, flat);
        }
        return result;
    }
}
