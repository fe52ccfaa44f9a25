package dev.infuser.pass;

import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;

/**
 * Removes nodes that hand on their input: {@code Identity}, {@code Dropout}, casts and reshapes to what is there, and
 * arithmetic with a constant that changes nothing.
 */
final class DropIdentities implements Pass {

    @Override
    public String name() {
        return "drop-identities";
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
        return (node.is("Cast") || node.is("Reshape") || node.is("Expand"))
                && editor.sameType(node.input(0), node.output(0));
    }
}
