package dev.infuser.pass;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/**
 * Finds {@code (x - mean(x)) / sqrt(mean((x - mean(x))^2) + epsilon) * scale + bias} over the last axis, spelled with
 * {@code Pow} or {@code Mul}, and makes it one {@code LayerNormalization}.
 */
final class RecognizeLayerNorm implements Pass {

    @Override
    public String name() {
        return "recognize-layer-norm";
    }

    @Override
    public String description() {
        return "a layer normalisation that is spelled out becomes LayerNormalization";
    }

    @Override
    public Graph run(Graph graph) {
        Editor editor = new Editor(graph);
        for (Node node : graph.nodes()) {
            if (node.is("Add")) {
                match(graph, editor, node);
            }
        }
        return editor.build();
    }

    private static void match(Graph graph, Editor editor, Node add) {
        for (int i = 0; i < 2; i++) {
            Node mul = single(editor, add.input(1 - i), "Mul");
            for (int j = 0; mul != null && j < 2; j++) {
                Node div = single(editor, mul.input(1 - j), "Div");
                if (div != null && isVector(editor, mul.input(j)) && isVector(editor, add.input(i))) {
                    Node norm = normalization(graph, editor, div, mul.input(j), add.input(i), add);
                    if (norm != null) {
                        editor.replace(add, norm);
                        return;
                    }
                }
            }
        }
    }

    private static Node normalization(Graph graph, Editor editor, Node div, String scale, String bias, Node last) {
        Node center = editor.producer(div.input(0), "Sub");
        Node sqrt = single(editor, div.input(1), "Sqrt");
        Node shifted = sqrt == null ? null : single(editor, sqrt.input(0), "Add");
        Node mean = center == null ? null : mean(graph, editor, center.input(1));
        if (shifted == null || mean == null || !mean.input(0).equals(center.input(0))
                || !editor.sameType(center.input(0), last.output(0))) {
            return null;
        }
        for (int i = 0; i < 2; i++) {
            float epsilon = editor.scalar(shifted.input(i));
            Node variance = mean(graph, editor, shifted.input(1 - i));
            if (epsilon == epsilon && variance != null && isSquare(editor, variance.input(0), center.output(0))
                    && lastExtent(graph, center.input(0)) == editor.constant(scale).size()
                    && editor.constant(bias).size() == editor.constant(scale).size()) {
                return new Node(last.name(), "", "LayerNormalization", List.of(center.input(0), scale, bias),
                        last.outputs(), Attributes.of("axis", -1, "epsilon", epsilon));
            }
        }
        return null;
    }

    private static Node single(Editor editor, String value, String type) {
        return editor.uses(value) == 1 ? editor.producer(value, type) : null;
    }

    private static boolean isVector(Editor editor, String value) {
        Tensor constant = editor.constant(value);
        return constant != null && constant.rank() == 1 && constant.dtype() == DType.FLOAT32;
    }

    private static Node mean(Graph graph, Editor editor, String value) {
        Node mean = editor.producer(value, "ReduceMean");
        Tensor axes = mean == null ? null : editor.constant(mean.input(1));
        if (axes == null || axes.size() != 1 || !mean.attributes().flag("keepdims", true)
                || !(graph.type(mean.input(0)) instanceof ValueType.OfTensor type) || type.shape() == null) {
            return null;
        }
        return axes.getLong(0) == -1 || axes.getLong(0) == type.shape().rank() - 1 ? mean : null;
    }

    private static long lastExtent(Graph graph, String value) {
        return ((ValueType.OfTensor) graph.type(value)).shape().dim(-1).value();
    }

    private static boolean isSquare(Editor editor, String value, String of) {
        Node pow = editor.producer(value, "Pow");
        Node mul = editor.producer(value, "Mul");
        return pow != null && pow.input(0).equals(of) && editor.scalar(pow.input(1)) == 2
                || mul != null && mul.input(0).equals(of) && mul.input(1).equals(of);
    }
}
