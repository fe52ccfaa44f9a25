package dev.infuser.pass;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.Node;
import dev.infuser.tensor.Tensor;
import java.util.List;

/** {@code clip(x + 3, 0, 6)}, which hard sigmoid and hard swish divide by 6, or multiply by what may be a rounded sixth. */
final class HardGate {

    static final float SIXTH = 1f / 6;

    /** Above the distance of a float16 number to what it stands for. */
    private static final double ROUNDED = 1e-3;
    private static final double EXACT = 1e-6;

    private HardGate() {
    }

    /** The x of {@code clip(x + 3, 0, 6)} that nobody else reads, or null. */
    static String source(Match m, String value) {
        Node clip = m.alone(value, "Clip");
        if (clip == null || m.editor().scalar(clip.input(1)) != 0 || m.editor().scalar(clip.input(2)) != 6) {
            return null;
        }
        Node sum = m.alone(clip.input(0), "Add");
        return sum == null ? null : m.beside(sum, 3, 0);
    }

    /** Whether a number is 1, or was before it was rounded. */
    static boolean isNearOne(double factor) {
        return Math.abs(factor - 1) < ROUNDED;
    }

    static boolean isSixth(Attributes hardSigmoid) {
        return Math.abs(hardSigmoid.real("alpha", 0.2f) - SIXTH) < EXACT && hardSigmoid.real("beta", 0.5f) == 0.5f;
    }

    /** {@code by} times the operator, in place of a node; without a product where {@code by} is 1. */
    static Node[] scaled(Editor editor, Node node, String op, String x, Attributes attributes, double by) {
        if (Math.abs(by - 1) < EXACT) {
            return new Node[] {new Node(node.name(), "", op, List.of(x), node.outputs(), attributes)};
        }
        String curve = editor.fresh(node.output(0) + ".curve");
        String factor = editor.constantOf(node.output(0) + ".factor", Tensor.floats(new int[0], (float) by));
        return new Node[] {new Node(node.name(), "", op, List.of(x), List.of(curve), attributes),
            new Node(node.name(), "", "Mul", List.of(curve, factor), node.outputs(), Attributes.NONE)};
    }
}
