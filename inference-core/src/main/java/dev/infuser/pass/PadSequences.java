package dev.infuser.pass;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * Pads the input of a channels-last convolution over one axis beforehand: windows within it are rows of a plain matrix product,
 * which copes with a few of them better than a convolution whose windows hang over edges.
 */
final class PadSequences implements Pass {

    @Override
    public String name() {
        return "pad-sequences";
    }

    @Override
    public String description() {
        return "convolutions over one axis are padded beforehand";
    }

    @Override
    public Graph run(Graph graph) {
        Editor editor = new Editor(graph);
        for (Node node : graph.nodes()) {
            if (isSequence(graph, node)) {
                pad(editor, node);
            }
        }
        return editor.build();
    }

    private static boolean isSequence(Graph graph, Node node) {
        if (!node.op().equals("Conv") || !node.domain().equals("infuser")
                || !(graph.type(node.input(1)) instanceof ValueType.OfTensor weights)) {
            return false;
        }
        Attributes a = node.attributes();
        Shape shape = weights.shape();
        return shape != null && shape.rank() == 3 && shape.isConstant() && shape.dim(-1).value() > 1
                && a.integer("group", 1) == 1 && first(a, "dilations", 1) == 1 && a.string("auto_pad", "NOTSET").equals("NOTSET")
                && (first(a, "pads", 0) > 0 || a.has("pads") && a.ints("pads")[1] > 0);
    }

    private static long first(Attributes attributes, String name, long fallback) {
        long[] values = attributes.ints(name);
        return values == null ? fallback : values[0];
    }

    private static void pad(Editor editor, Node node) {
        long[] pads = node.attributes().ints("pads");
        String padded = editor.fresh(node.output(0) + ".padded");
        String extents = editor.constantOf(node.output(0) + ".pads", Tensor.vector(0, pads[0], 0, 0, pads[1], 0));
        List<String> inputs = new ArrayList<>(node.inputs());
        inputs.set(0, padded);
        editor.replace(node, new Node(node.name(), "", "Pad", List.of(node.input(0), extents), List.of(padded), Attributes.NONE),
                node.withInputs(inputs).withAttributes(node.attributes().without("pads")));
    }
}
