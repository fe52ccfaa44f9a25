package dev.infuser.pass;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import java.util.List;

/** Finds {@code x * clip(x + 3, 0, 6) / 6}, with the division at any of its places, and makes it one {@code HardSwish}. */
final class RecognizeHardSwish implements Pass {

    private static final float SIXTH = 1f / 6;

    @Override
    public String name() {
        return "recognize-hard-swish";
    }

    @Override
    public String description() {
        return "x * clip(x + 3, 0, 6) / 6 becomes HardSwish";
    }

    @Override
    public Graph run(Graph graph) {
        Editor editor = new Editor(graph);
        for (Node node : graph.nodes()) {
            String scaled = scaled(editor, node);
            Node product = scaled != null && editor.uses(scaled) == 1 ? editor.producer(scaled, "Mul") : null;
            String x = product == null ? null : source(editor, product, false);
            if (x == null && node.is("Mul")) {
                x = source(editor, node, true);
            }
            if (x != null && editor.sameType(x, node.output(0))) {
                editor.replace(node, new Node(node.name(), "", "HardSwish", List.of(x), node.outputs(), Attributes.NONE));
            }
        }
        return editor.build();
    }

    /** What {@code node} divides by 6, or null. */
    private static String scaled(Editor editor, Node node) {
        if (node.is("Div")) {
            return editor.scalar(node.input(1)) == 6 ? node.input(0) : null;
        }
        for (int i = 0; i < 2 && node.is("Mul"); i++) {
            if (Math.abs(editor.scalar(node.input(i)) - SIXTH) < 1e-7f) {
                return node.input(1 - i);
            }
        }
        return null;
    }

    /** The x of {@code x * clip(x + 3, 0, 6)}, the second factor divided by 6 or not, or null. */
    private static String source(Editor editor, Node product, boolean divided) {
        for (int i = 0; i < 2; i++) {
            String factor = product.input(1 - i);
            Node early = divided ? divider(editor, product.input(i)) : null;
            if (early != null && editor.uses(factor) == 1 && isGate(editor, factor, scaled(editor, early))) {
                return scaled(editor, early);
            }
            Node sigmoid = divided && editor.uses(factor) == 1 ? editor.producer(factor, "HardSigmoid") : null;
            if (sigmoid != null && sigmoid.input(0).equals(product.input(i)) && isSixth(sigmoid.attributes())) {
                return product.input(i);
            }
            Node division = divided ? divider(editor, factor) : null;
            String gate = division == null ? factor : scaled(editor, division);
            if (divided == (division != null) && editor.uses(gate) == 1 && isGate(editor, gate, product.input(i))) {
                return product.input(i);
            }
        }
        return null;
    }

    private static boolean isSixth(Attributes hardSigmoid) {
        return Math.abs(hardSigmoid.real("alpha", 0.2f) - SIXTH) < 1e-6f && hardSigmoid.real("beta", 0.5f) == 0.5f;
    }

    private static Node divider(Editor editor, String value) {
        Node node = editor.producer(value, "Div");
        node = node == null ? editor.producer(value, "Mul") : node;
        return node != null && editor.uses(value) == 1 && scaled(editor, node) != null ? node : null;
    }

    private static boolean isGate(Editor editor, String value, String x) {
        Node clip = editor.producer(value, "Clip");
        if (clip == null || editor.scalar(clip.input(1)) != 0 || editor.scalar(clip.input(2)) != 6) {
            return false;
        }
        Node sum = editor.uses(clip.input(0)) == 1 ? editor.producer(clip.input(0), "Add") : null;
        return sum != null && (sum.input(0).equals(x) && editor.scalar(sum.input(1)) == 3
                || sum.input(1).equals(x) && editor.scalar(sum.input(0)) == 3);
    }
}
