package dev.infuser.pass;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.graph.Subgraphs;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes two nodes in a row one, or none: transposes, reshapes, casts, negations, roundings, axes that are taken out and put in
 * again, and parts that are joined as they were split.
 */
final class CombineNodes implements Pass {

    @Override
    public String name() {
        return "combine-nodes";
    }

    @Override
    public String description() {
        return "two transposes, reshapes, casts or negations in a row become one or none";
    }

    @Override
    public Graph run(Graph graph) {
        Graph current = graph;
        while (true) {
            Graph next = step(current);
            if (next == current) {
                return current == graph ? graph : Subgraphs.prune(current);
            }
            current = next;
        }
    }

    private static Graph step(Graph graph) {
        Editor editor = new Editor(graph);
        for (Node node : graph.nodes()) {
            Node inner = node.domain().isEmpty() && !node.inputs().isEmpty() ? editor.producer(node.input(0)) : null;
            if (inner == null || !inner.domain().isEmpty() || inner.inputs().isEmpty()) {
                continue;
            }
            Node made = combine(graph, editor, node, inner);
            if (made != null) {
                editor.replace(node, made);
            }
        }
        return editor.build();
    }

    private static Node combine(Graph graph, Editor editor, Node node, Node inner) {
        String x = inner.input(0);
        if (node.is("Concat")) {
            return isWhole(editor, node, inner) ? identity(node, x) : null;
        }
        if (node.is("Relu")) {
            return inner.is("Relu") || inner.is("Sigmoid") || inner.is("Softmax") ? identity(node, inner.output(0)) : null;
        }
        if (node.is("Abs") && (inner.is("Relu") || inner.is("Sigmoid") || inner.is("Softmax") || inner.is("Exp"))) {
            return identity(node, inner.output(0));
        }
        if (node.is("Squeeze") && inner.is("Unsqueeze") || node.is("Unsqueeze") && inner.is("Squeeze")) {
            return editor.sameType(x, node.output(0)) && sameAxes(editor, node, inner) ? identity(node, x) : null;
        }
        if (!node.is(inner.op())) {
            return node.is("Reshape") && (inner.is("Squeeze") || inner.is("Unsqueeze") || inner.is("Flatten"))
                    ? reshape(editor, node, x) : null;
        }
        switch (node.op()) {
            case "Neg":
            case "Not":
            case "Reciprocal":
                return identity(node, x);
            case "Abs":
            case "Ceil":
            case "Floor":
            case "Round":
            case "Sign":
                return identity(node, inner.output(0));
            case "Transpose":
                return transpose(graph, node, inner);
            case "Reshape":
                return reshape(editor, node, x);
            case "Cast":
                return isLossless(graph, inner) ? new Node(node.name(), "", "Cast", List.of(x), node.outputs(),
                        node.attributes()) : null;
            default:
                return null;
        }
    }

    private static Node identity(Node node, String x) {
        return new Node(node.name(), "", "Identity", List.of(x), node.outputs(), Attributes.NONE);
    }

    private static Node transpose(Graph graph, Node node, Node inner) {
        if (!(graph.type(inner.input(0)) instanceof ValueType.OfTensor type) || type.shape() == null) {
            return null;
        }
        long[] first = order(inner, type.shape().rank());
        long[] second = order(node, first.length);
        long[] both = new long[first.length];
        boolean same = true;
        for (int i = 0; i < both.length; i++) {
            both[i] = first[(int) second[i]];
            same &= both[i] == i;
        }
        return same ? identity(node, inner.input(0)) : new Node(node.name(), "", "Transpose", List.of(inner.input(0)),
                node.outputs(), Attributes.of("perm", both));
    }

    private static long[] order(Node node, int rank) {
        long[] perm = node.attributes().ints("perm");
        if (perm != null) {
            return perm;
        }
        long[] reversed = new long[rank];
        for (int i = 0; i < rank; i++) {
            reversed[i] = rank - 1 - i;
        }
        return reversed;
    }

    /** A reshape of {@code x}, if what it makes follows from the number of elements alone. */
    private static Node reshape(Editor editor, Node node, String x) {
        Tensor shape = editor.constant(node.input(1));
        if (shape == null || node.attributes().flag("allowzero", false)) {
            return null;
        }
        for (long extent : shape.toLongs()) {
            if (extent == 0) {
                return null;
            }
        }
        return new Node(node.name(), "", "Reshape", List.of(x, node.input(1)), node.outputs(), node.attributes());
    }

    private static boolean sameAxes(Editor editor, Node a, Node b) {
        Tensor first = editor.constant(a.input(1));
        Tensor second = editor.constant(b.input(1));
        return first != null && second != null && first.size() == 1 && second.size() == 1
                && first.getLong(0) == second.getLong(0);
    }

    /** Whether a cast keeps every number, so that what is cast again is the same. */
    private static boolean isLossless(Graph graph, Node cast) {
        if (!(graph.type(cast.input(0)) instanceof ValueType.OfTensor from)
                || !(graph.type(cast.output(0)) instanceof ValueType.OfTensor to)) {
            return false;
        }
        DType wide = to.dtype();
        return switch (from.dtype()) {
            case BOOL -> wide != DType.STRING;
            case UINT8 -> wide == DType.INT16 || wide == DType.INT32 || wide == DType.INT64 || wide == DType.FLOAT32
                    || wide == DType.FLOAT64;
            case INT8 -> wide == DType.INT16 || wide == DType.INT32 || wide == DType.INT64 || wide == DType.FLOAT32
                    || wide == DType.FLOAT64;
            case INT16, UINT16 -> wide == DType.INT32 || wide == DType.INT64 || wide == DType.FLOAT32 || wide == DType.FLOAT64;
            case INT32 -> wide == DType.INT64 || wide == DType.FLOAT64;
            case FLOAT16 -> wide == DType.FLOAT32 || wide == DType.FLOAT64;
            case FLOAT32 -> wide == DType.FLOAT64;
            default -> false;
        };
    }

    /** Whether a node joins all parts that {@code split} makes, as they lie. */
    private static boolean isWhole(Editor editor, Node concat, Node split) {
        if (!split.is("Split") || !split.outputs().equals(concat.inputs())) {
            return false;
        }
        long axis = concat.attributes().integer("axis", 0);
        return axis == split.attributes().integer("axis", 0);
    }
}
