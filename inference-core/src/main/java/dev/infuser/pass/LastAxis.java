package dev.infuser.pass;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.ValueType;

/**
 * Takes the axes that softmax and normalisation work on to the end, where kernels read them: softmax by transposes, several
 * axes of a normalisation by making them one.
 */
final class LastAxis implements Pass {

    @Override
    public String name() {
        return "last-axis";
    }

    @Override
    public String description() {
        return "softmax and normalisation over other axes work on the last one";
    }

    @Override
    public Graph run(Graph graph) {
        Editor editor = new Editor(graph);
        for (Node node : graph.nodes()) {
            boolean softmax = node.is("Softmax") || node.is("LogSoftmax");
            boolean norm = (node.is("LayerNormalization") || node.is("RMSNormalization")) && node.outputs().size() == 1;
            if ((softmax || norm) && graph.type(node.input(0)) instanceof ValueType.OfTensor type && type.shape() != null
                    && type.dtype() == DType.FLOAT32) {
                int rank = type.shape().rank();
                int axis = LayoutRules.axis(node.attributes().integer("axis", -1), rank);
                if (axis < rank - 1 && softmax) {
                    swap(editor, node, axis, rank);
                } else if (axis < rank - 1 && hasWholeScales(graph, node, rank - axis)) {
                    merge(editor, node, axis);
                }
            }
        }
        return editor.build();
    }

    private static void swap(Editor editor, Node node, int axis, int rank) {
        long[] perm = new long[rank];
        for (int i = 0; i < rank; i++) {
            perm[i] = i == axis ? rank - 1 : i == rank - 1 ? axis : i;
        }
        Expansion e = new Expansion(editor, node);
        String swapped = e.add("Transpose", Attributes.of("perm", perm), node.input(0));
        e.add("Transpose", Attributes.of("perm", perm), e.add(node.op(), Attributes.of("axis", -1), swapped));
        e.replace();
    }

    /** Whether scale and bias have all the axes that are normalised, and no others. */
    private static boolean hasWholeScales(Graph graph, Node node, int axes) {
        Shape x = ((ValueType.OfTensor) graph.type(node.input(0))).shape();
        Shape wanted = new Shape(x.dims().subList(x.rank() - axes, x.rank()));
        for (int i = 1; i < node.inputs().size(); i++) {
            if (!(graph.type(node.input(i)) instanceof ValueType.OfTensor type) || !wanted.equals(type.shape())) {
                return false;
            }
        }
        return true;
    }

    private static void merge(Editor editor, Node node, int axis) {
        Expansion e = new Expansion(editor, node);
        long[] merged = new long[axis + 1];
        merged[axis] = -1;
        String[] inputs = new String[node.inputs().size()];
        inputs[0] = e.add("Reshape", node.input(0), e.vector(merged));
        for (int i = 1; i < inputs.length; i++) {
            inputs[i] = e.add("Reshape", node.input(i), e.vector(-1));
        }
        String y = e.add(node.op(), node.attributes().with("axis", -1), inputs);
        e.add("Reshape", y, e.add("Shape", node.input(0)));
        e.replace();
    }
}
