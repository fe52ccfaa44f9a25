package dev.infuser.pass;

import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.tensor.Tensor;

/**
 * Removes nodes that hand on their input: {@code Identity}, {@code Dropout}, casts, slices and reshapes to what is there,
 * arithmetic with a constant that changes nothing, and what combines a single value.
 */
final class DropIdentities implements Pass {

    private static final int MANY = 1 << 16;

    @Override
    public String name() {
        return "drop-identities";
    }

    @Override
    public String description() {
        return "nodes that hand on their input go: Identity, Dropout, x * 1, x + 0, casts and reshapes to what is there";
    }

    @Override
    public Graph run(Graph graph) {
        Editor editor = new Editor(graph);
        for (Node node : graph.nodes()) {
            int kept = isIdentity(editor, node) ? 0 : isIdentityOfSecond(editor, node) ? 1 : -1;
            if (kept >= 0 && !editor.isOutput(node.output(0))) {
                editor.rename(node.output(0), node.input(kept));
                editor.replace(node);
            }
        }
        return editor.build();
    }

    /** Whether a node adds 0 to its second input, or multiplies it by 1. */
    private static boolean isIdentityOfSecond(Editor editor, Node node) {
        return (node.is("Add") || node.is("Mul")) && all(editor, node.input(0), node.is("Add") ? 0 : 1)
                && editor.sameType(node.input(1), node.output(0));
    }

    private static boolean isIdentity(Editor editor, Node node) {
        if (node.is("Identity")) {
            return true;
        }
        if (node.is("Dropout")) {
            return node.input(2).isEmpty() && (node.output(1).isEmpty() || editor.uses(node.output(1)) == 0);
        }
        if (node.is("Mul") || node.is("Div") || node.is("Sub") || node.is("Add") || node.is("Pow")) {
            return all(editor, node.input(1), node.is("Sub") || node.is("Add") ? 0 : 1)
                    && editor.sameType(node.input(0), node.output(0));
        }
        if (node.is("Transpose")) {
            return isInOrder(node.attributes().ints("perm"));
        }
        if (node.is("Pad")) {
            return all(editor, node.input(1), 0);
        }
        if (node.is("Tile")) {
            return all(editor, node.input(1), 1);
        }
        if (node.is("Concat") || node.is("Sum") || node.is("Max") || node.is("Min") || node.is("Mean")) {
            return node.inputs().size() == 1;
        }
        if (node.is("Slice")) {
            return goesForward(editor, node.input(4)) && editor.sameType(node.input(0), node.output(0));
        }
        return (node.is("Cast") || node.is("Reshape") || node.is("Expand"))
                && editor.sameType(node.input(0), node.output(0));
    }

    private static boolean isInOrder(long[] perm) {
        for (int i = 0; perm != null && i < perm.length; i++) {
            if (perm[i] != i) {
                return false;
            }
        }
        return perm != null;
    }

    /** Whether a value is a constant all of whose elements are {@code wanted}. */
    private static boolean all(Editor editor, String value, double wanted) {
        Tensor constant = editor.constant(value);
        if (constant == null || constant.size() > MANY || !constant.dtype().isFloat() && !constant.dtype().isInteger()) {
            return false;
        }
        for (int i = 0; i < constant.size(); i++) {
            if (constant.getDouble(i) != wanted) {
                return false;
            }
        }
        return constant.size() > 0;
    }

    private static boolean goesForward(Editor editor, String steps) {
        Tensor constant = editor.constant(steps);
        if (constant == null) {
            return steps.isEmpty();
        }
        for (long step : constant.toLongs()) {
            if (step != 1) {
                return false;
            }
        }
        return true;
    }
}
