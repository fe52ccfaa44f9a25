package dev.infuser.pass;

import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.tensor.Tensor;

/**
 * Removes nodes that hand on their input: {@code Identity}, {@code Dropout}, casts, slices and reshapes to what is there,
 * arithmetic with a constant that changes nothing, and what combines a single value.
 */
final class DropIdentities implements Pass {

    @Override
    public String name() {
        return "drop-identities";
    }

    @Override
    public String description() {
        return "nodes that hand on their input go: Identity, Dropout, x * 1, casts and reshapes to what is there";
    }

    @Override
    public Graph run(Graph graph) {
        Editor editor = new Editor(graph);
        for (Node node : graph.nodes()) {
            if (isIdentity(editor, node) && !editor.isOutput(node.output(0))) {
                editor.rename(node.output(0), node.input(0));
                editor.replace(node);
            }
        }
        return editor.build();
    }

    private static boolean isIdentity(Editor editor, Node node) {
        if (node.is("Identity")) {
            return true;
        }
        if (node.is("Dropout")) {
            return node.input(2).isEmpty() && (node.output(1).isEmpty() || editor.uses(node.output(1)) == 0);
        }
        if (node.is("Mul") || node.is("Div") || node.is("Sub")) {
            return editor.scalar(node.input(1)) == (node.is("Sub") ? 0 : 1)
                    && editor.sameType(node.input(0), node.output(0));
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
