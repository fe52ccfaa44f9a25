package dev.infuser.pass;

import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;

/** What rules for normalisations ask: means over the last axis, squares, and roots of what they add a small number to. */
record Moments(Graph graph, Editor editor) {

    /**
     * {@code sqrt(squares + epsilon)} or its reciprocal.
     *
     * @param squares a mean over the last axis
     */
    record Root(String squares, float epsilon) {
    }

    Match match() {
        return new Match(editor);
    }

    /** What a value is the mean of over the last axis, which it keeps, or null. */
    String averaged(String value) {
        Node mean = editor.producer(value, "ReduceMean");
        Tensor axes = mean == null ? null : editor.constant(mean.input(1));
        if (axes == null || axes.size() != 1 || !mean.attributes().flag("keepdims", true)
                || !(graph.type(mean.input(0)) instanceof ValueType.OfTensor type) || type.shape() == null) {
            return null;
        }
        return axes.getLong(0) == -1 || axes.getLong(0) == type.shape().rank() - 1 ? mean.input(0) : null;
    }

    /** What a value is the mean square of over the last axis, or "". */
    String squared(String value) {
        String square = averaged(value);
        Node pow = square == null ? null : editor.producer(square, "Pow");
        Node mul = square == null ? null : editor.producer(square, "Mul");
        if (pow != null && editor.scalar(pow.input(1)) == 2) {
            return pow.input(0);
        }
        return mul != null && mul.input(0).equals(mul.input(1)) ? mul.input(0) : "";
    }

    /** The parts of {@code sqrt(squares + epsilon)}, or null. */
    Root root(String value) {
        Node sqrt = editor.producer(value, "Sqrt");
        Node pow = editor.producer(value, "Pow");
        return sqrt != null ? shifted(sqrt.input(0)) : pow != null && editor.scalar(pow.input(1)) == 0.5f ? shifted(pow.input(0)) : null;
    }

    /** The parts of {@code 1 / sqrt(squares + epsilon)}, or null. */
    Root inverse(String value) {
        Node reciprocal = editor.producer(value, "Reciprocal");
        Node div = editor.producer(value, "Div");
        Node pow = editor.producer(value, "Pow");
        if (pow != null && editor.scalar(pow.input(1)) == -0.5f) {
            return shifted(pow.input(0));
        }
        return reciprocal != null ? root(reciprocal.input(0))
                : div != null && editor.scalar(div.input(0)) == 1 ? root(div.input(1)) : null;
    }

    private Root shifted(String value) {
        Node sum = editor.producer(value, "Add");
        for (int i = 0; sum != null && i < 2; i++) {
            float epsilon = editor.scalar(sum.input(i));
            if (epsilon == epsilon) {
                return new Root(sum.input(1 - i), epsilon);
            }
        }
        return null;
    }

    boolean isFloat(String value) {
        return graph.type(value) instanceof ValueType.OfTensor type && type.dtype() == DType.FLOAT32;
    }

    /** The last extent of a value, or -1 where it is not known. */
    int lastExtent(String value) {
        if (!(graph.type(value) instanceof ValueType.OfTensor type) || type.shape() == null || type.shape().rank() == 0) {
            return -1;
        }
        Dim last = type.shape().dim(-1);
        return last.isConstant() ? (int) last.value() : -1;
    }
}
