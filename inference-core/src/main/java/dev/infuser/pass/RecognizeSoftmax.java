package dev.infuser.pass;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/**
 * Finds {@code exp(x - max(x)) / sum(exp(x - max(x)))}, also without the maximum, and makes it one {@code Softmax}; and
 * {@code x - max(x) - log(sum(exp(x - max(x))))}, {@code x - logsumexp(x)} and {@code log(softmax(x))}, of which it makes
 * {@code LogSoftmax}.
 */
final class RecognizeSoftmax implements Pass {

    @Override
    public String name() {
        return "recognize-softmax";
    }

    @Override
    public String description() {
        return "Softmax and LogSoftmax that are spelled out become one node";
    }

    @Override
    public Graph run(Graph graph) {
        Graph current = graph;
        while (true) {
            Editor editor = new Editor(current);
            for (Node node : current.nodes()) {
                Node made = match(current, editor, node);
                if (made != null) {
                    editor.replace(node, made);
                }
            }
            Graph next = editor.build();
            if (next == current) {
                return current;
            }
            current = next;
        }
    }

    private static Node match(Graph graph, Editor editor, Node node) {
        Match m = new Match(editor);
        if (node.is("Div")) {
            return shares(graph, editor, node, node.input(0), node.input(1));
        }
        for (int i = 0; i < 2 && node.is("Mul"); i++) {
            Node reciprocal = m.alone(node.input(1 - i), "Reciprocal");
            Node made = reciprocal == null ? null : shares(graph, editor, node, node.input(i), reciprocal.input(0));
            if (made != null) {
                return made;
            }
        }
        if (node.is("Log")) {
            Node softmax = m.alone(node.input(0), "Softmax");
            return softmax == null ? null
                    : new Node(node.name(), "", "LogSoftmax", softmax.inputs(), node.outputs(), softmax.attributes());
        }
        return node.is("Sub") ? logarithm(graph, editor, node) : null;
    }

    /** {@code exp / sum(exp)}. */
    private static Node shares(Graph graph, Editor editor, Node node, String power, String sum) {
        Node exp = editor.producer(power, "Exp");
        Node reduce = editor.producer(sum, "ReduceSum");
        Integer axis = reduce != null && reduce.input(0).equals(power) ? axis(graph, editor, reduce) : null;
        return exp == null || axis == null ? null : made(graph, editor, node, "Softmax", exp.input(0), axis);
    }

    /** {@code x - logsumexp(x)}, or {@code x - log(sum(exp(x)))}. */
    private static Node logarithm(Graph graph, Editor editor, Node node) {
        String x = node.input(0);
        Node whole = editor.producer(node.input(1), "ReduceLogSumExp");
        Node log = editor.producer(node.input(1), "Log");
        Node sum = log == null ? null : editor.producer(log.input(0), "ReduceSum");
        Node exp = sum == null ? null : editor.producer(sum.input(0), "Exp");
        Node reduce = whole != null ? whole : exp == null ? null : sum;
        Integer axis = reduce == null || !(whole != null ? whole : exp).input(0).equals(x) ? null : axis(graph, editor, reduce);
        return axis == null ? null : made(graph, editor, node, "LogSoftmax", x, axis);
    }

    /** The operator on {@code x}, without the maximum along the axis that may have been taken from it. */
    private static Node made(Graph graph, Editor editor, Node node, String op, String x, int axis) {
        Node difference = editor.producer(x, "Sub");
        Node max = difference == null ? null : editor.producer(difference.input(1), "ReduceMax");
        boolean shifted = max != null && max.input(0).equals(difference.input(0)) && Integer.valueOf(axis).equals(axis(graph, editor, max));
        String source = shifted ? difference.input(0) : x;
        return editor.sameType(source, node.output(0)) && graph.type(source) instanceof ValueType.OfTensor type
                && type.dtype() == DType.FLOAT32
                ? new Node(node.name(), "", op, List.of(source), node.outputs(), Attributes.of("axis", axis)) : null;
    }

    /** The only axis that a node reduces and keeps, or null. */
    private static Integer axis(Graph graph, Editor editor, Node reduce) {
        Tensor axes = editor.constant(reduce.input(1));
        if (axes == null || axes.size() != 1 || !reduce.attributes().flag("keepdims", true)
                || !(graph.type(reduce.input(0)) instanceof ValueType.OfTensor type) || type.shape() == null) {
            return null;
        }
        return LayoutRules.axis(axes.getLong(0), type.shape().rank());
    }
}
