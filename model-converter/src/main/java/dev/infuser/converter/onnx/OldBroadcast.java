package dev.infuser.converter.onnx;

import dev.infuser.converter.build.Emitter;
import dev.infuser.graph.Attributes;
import dev.infuser.graph.Node;
import dev.infuser.tensor.UnsupportedModelException;

/** Broadcasting before opset 7: only the second operand, to dimensions that start at the attribute {@code axis}. */
final class OldBroadcast {

    private OldBroadcast() {
    }

    static Node adapt(Node node, Emitter out) {
        Node plain = Adapters.without(Adapters.without(node, "broadcast"), "axis");
        if (!node.attributes().flag("broadcast", false) || !node.attributes().has("axis")) {
            return plain;
        }
        int rank = rank(node, out, 0);
        int operand = rank(node, out, 1);
        long axis = node.attributes().integer("axis");
        return Adapters.withInput(plain, 1, align(node, out, (axis < 0 ? axis + rank : axis) + operand, rank));
    }

    /** PRelu-6: a slope of one element, or one for each channel at axis 1. */
    static Node adaptSlope(Node node, Emitter out) {
        if (rank(node, out, 1) != 1) {
            return node;
        }
        return Adapters.withInput(node, 1, align(node, out, 2, rank(node, out, 0)));
    }

    /** Input 1 with ones appended so that what ended at {@code end} ends at {@code rank}. */
    private static String align(Node node, Emitter out, long end, int rank) {
        int operand = rank(node, out, 1);
        if (end >= rank) {
            return node.input(1);
        }
        long[] axes = new long[(int) (rank - end)];
        for (int i = 0; i < axes.length; i++) {
            axes[i] = operand + i;
        }
        return out.op(node.name(), "Unsqueeze", Attributes.NONE, node.input(1), out.vector(node.name() + "_axes", axes));
    }

    private static int rank(Node node, Emitter out, int input) {
        int rank = out.rank(node.input(input));
        if (rank < 0) {
            throw new UnsupportedModelException("old-broadcast", node.label(), node.label()
                    + " broadcasts in the way of opset 6 over a value of unknown rank", "",
                    "export the model with opset 7 or newer");
        }
        return rank;
    }
}
