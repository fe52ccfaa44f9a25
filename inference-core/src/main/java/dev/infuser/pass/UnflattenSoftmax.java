package dev.infuser.pass;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.ValueType;
import java.util.List;

/** Applies softmax over the last axis to a tensor as it is, where it is flattened before and gets its shape back behind. */
final class UnflattenSoftmax implements Pass {

    @Override
    public String name() {
        return "unflatten-softmax";
    }

    @Override
    public String description() {
        return "a softmax between reshapes works on the tensor as it is";
    }

    @Override
    public Graph run(Graph graph) {
        Editor editor = new Editor(graph);
        for (Node node : graph.nodes()) {
            Node softmax = node.is("Reshape") ? editor.producer(node.input(0), "Softmax") : null;
            if (softmax == null || editor.uses(softmax.output(0)) != 1 || !isLast(graph, softmax)) {
                continue;
            }
            Node flatten = editor.producer(softmax.input(0), "Flatten");
            Node reshape = flatten == null ? editor.producer(softmax.input(0), "Reshape") : flatten;
            if (reshape != null && editor.sameType(reshape.input(0), node.output(0))
                    && last(graph, softmax.input(0)).equals(last(graph, node.output(0)))) {
                editor.replace(node, new Node(softmax.name(), "", "Softmax", List.of(reshape.input(0)), node.outputs(),
                        Attributes.of("axis", -1)));
            }
        }
        return editor.build();
    }

    private static boolean isLast(Graph graph, Node softmax) {
        long axis = softmax.attributes().integer("axis", -1);
        return graph.type(softmax.input(0)) instanceof ValueType.OfTensor type && type.shape() != null
                && type.shape().rank() > 0 && (axis == -1 || axis == type.shape().rank() - 1);
    }

    private static Dim last(Graph graph, String value) {
        return ((ValueType.OfTensor) graph.type(value)).shape().dim(-1);
    }
}
