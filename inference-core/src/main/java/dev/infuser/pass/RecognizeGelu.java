package dev.infuser.pass;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import java.util.ArrayList;
import java.util.List;

/** Finds {@code x * 0.5 * (1 + erf(x / sqrt(2)))} with its factors in any order and makes it one {@code Gelu}. */
final class RecognizeGelu implements Pass {

    private static final float SQRT2 = 1.41421356f;
    private static final float TOLERANCE = 1e-5f;

    @Override
    public String name() {
        return "recognize-gelu";
    }

    @Override
    public String description() {
        return "x * (1 + erf(x / sqrt(2))) / 2 becomes Gelu";
    }

    @Override
    public Graph run(Graph graph) {
        Editor editor = new Editor(graph);
        for (Node node : graph.nodes()) {
            if (node.is("Mul")) {
                match(editor, node);
            }
        }
        return editor.build();
    }

    private static void match(Editor editor, Node root) {
        List<String> factors = new ArrayList<>();
        collect(editor, root, factors, true);
        if (factors.size() != 3) {
            return;
        }
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j < 3; j++) {
                if (i != j && editor.scalar(factors.get(i)) == 0.5f) {
                    String x = factors.get(3 - i - j);
                    if (isOnePlusErf(editor, factors.get(j), x) && editor.sameType(x, root.output(0))) {
                        editor.replace(root, new Node(root.name(), "", "Gelu", List.of(x), root.outputs(),
                                Attributes.NONE));
                        return;
                    }
                }
            }
        }
    }

    private static void collect(Editor editor, Node mul, List<String> factors, boolean root) {
        for (String input : mul.inputs()) {
            Node inner = root && editor.uses(input) == 1 ? editor.producer(input, "Mul") : null;
            if (inner != null) {
                collect(editor, inner, factors, false);
            } else {
                factors.add(input);
            }
        }
    }

    private static boolean isOnePlusErf(Editor editor, String value, String x) {
        Node add = editor.uses(value) == 1 ? editor.producer(value, "Add") : null;
        for (int i = 0; add != null && i < 2; i++) {
            Node erf = editor.scalar(add.input(i)) == 1 ? editor.producer(add.input(1 - i), "Erf") : null;
            if (erf != null && isOverSqrt2(editor, erf.input(0), x)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isOverSqrt2(Editor editor, String value, String x) {
        Node div = editor.producer(value, "Div");
        if (div != null) {
            return div.input(0).equals(x) && near(editor.scalar(div.input(1)), SQRT2);
        }
        Node mul = editor.producer(value, "Mul");
        return mul != null && (mul.input(0).equals(x) && near(editor.scalar(mul.input(1)), 1 / SQRT2)
                || mul.input(1).equals(x) && near(editor.scalar(mul.input(0)), 1 / SQRT2));
    }

    private static boolean near(float value, float wanted) {
        return Math.abs(value - wanted) < TOLERANCE;
    }
}
