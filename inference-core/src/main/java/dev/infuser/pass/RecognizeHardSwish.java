package dev.infuser.pass;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds {@code x * clip(x + 3, 0, 6) / 6}, with its factors in any order, and makes it one {@code HardSwish}; times what is
 * left where the sixth was rounded to float16.
 */
final class RecognizeHardSwish implements Pass {

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
            if (node.is("Mul") || node.is("Div")) {
                match(editor, node);
            }
        }
        return editor.build();
    }

    private static void match(Editor editor, Node node) {
        List<String> factors = new ArrayList<>();
        double scale = collect(editor, node, factors, 0);
        for (int i = 0; i < 2 && factors.size() == 2; i++) {
            String x = factors.get(i);
            double by = scale * gate(new Match(editor), factors.get(1 - i), x);
            if (HardGate.isNearOne(by) && editor.sameType(x, node.output(0))) {
                editor.replace(node, HardGate.scaled(editor, node, "HardSwish", x, Attributes.NONE, by));
                return;
            }
        }
    }

    /** Gathers the factors of a product, and of those in it that nobody else reads, and returns that which is a number. */
    private static double collect(Editor editor, Node product, List<String> factors, int depth) {
        double scale = 1;
        for (int i = 0; i < 2; i++) {
            String input = product.input(i);
            float number = editor.scalar(input);
            Node inner = editor.uses(input) == 1 && depth < 2 ? editor.producer(input) : null;
            if (number == number) {
                scale = product.is("Div") && i == 1 ? scale / number : scale * number;
            } else if (product.is("Div") && i == 1) {
                return Double.NaN;
            } else if (inner != null && (inner.is("Mul") || inner.is("Div"))) {
                scale *= collect(editor, inner, factors, depth + 1);
            } else {
                factors.add(input);
            }
        }
        return scale;
    }

    /** How many times {@code clip(x + 3, 0, 6) / 6} a value is that nobody else reads, or NaN. */
    private static double gate(Match m, String value, String x) {
        Node sigmoid = m.alone(value, "HardSigmoid");
        if (sigmoid != null) {
            return sigmoid.input(0).equals(x) && HardGate.isSixth(sigmoid.attributes()) ? 1 : Double.NaN;
        }
        return x.equals(HardGate.source(m, value)) ? 6 : Double.NaN;
    }
}
