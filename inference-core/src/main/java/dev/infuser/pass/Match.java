package dev.infuser.pass;

import dev.infuser.graph.Node;
import java.util.ArrayList;
import java.util.List;

/** What rules ask of the nodes around one. */
record Match(Editor editor) {

    /** The node of this type that makes {@code value} for one reader alone, or null. */
    Node alone(String value, String type) {
        return editor.uses(value) == 1 ? editor.producer(value, type) : null;
    }

    /** The other input of a node that has a constant of one element near {@code wanted} as either, or null. */
    String beside(Node node, float wanted, float tolerance) {
        for (int i = 0; i < 2; i++) {
            float found = editor.scalar(node.input(i));
            if (found == wanted || Math.abs(found - wanted) < tolerance) {
                return node.input(1 - i);
            }
        }
        return null;
    }

    /** What a node divides by a number, or multiplies by its reciprocal, or null. */
    String divided(Node node, float by) {
        if (node.is("Div")) {
            return editor.scalar(node.input(1)) == by ? node.input(0) : null;
        }
        return node.is("Mul") ? beside(node, 1 / by, 1e-7f) : null;
    }

    /** The factors of a product, of products in it for one reader alone too. */
    String[] factors(Node mul) {
        List<String> factors = new ArrayList<>();
        for (String input : mul.inputs()) {
            Node inner = alone(input, "Mul");
            if (inner == null || inner.input(0).equals(inner.input(1))) {
                factors.add(input);
            } else {
                factors.addAll(inner.inputs());
            }
        }
        return factors.toArray(new String[0]);
    }

    /** The bounds that a node sets: {@code min} and {@code max}; or null when it does not, or by what is no number. */
    float[] bounds(Node node) {
        float low = Float.NEGATIVE_INFINITY;
        float high = Float.POSITIVE_INFINITY;
        if (node.is("Relu")) {
            low = 0;
        } else if (node.is("Clip")) {
            low = node.input(1).isEmpty() ? low : editor.scalar(node.input(1));
            high = node.input(2).isEmpty() ? high : editor.scalar(node.input(2));
        } else if ((node.is("Min") || node.is("Max")) && node.inputs().size() == 2 && bounded(node) != null) {
            float limit = editor.scalar(node.input(bounded(node).equals(node.input(0)) ? 1 : 0));
            low = node.is("Max") ? limit : low;
            high = node.is("Min") ? limit : high;
        } else {
            return null;
        }
        return low != low || high != high ? null : new float[] {low, high};
    }

    /** What a node that sets bounds reads. */
    String bounded(Node node) {
        if (!node.is("Min") && !node.is("Max")) {
            return node.input(0);
        }
        for (int i = 0; i < node.inputs().size(); i++) {
            float limit = editor.scalar(node.input(i));
            if (limit == limit) {
                return node.input(1 - i);
            }
        }
        return null;
    }
}
