package dev.infuser.pass;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.Arrays;
import java.util.List;

/** Makes a {@code BatchNormalization} by constants a {@code Mul} and an {@code Add}, which fold into a convolution before it. */
final class LowerBatchNormalization implements Pass {

    @Override
    public String name() {
        return "lower-batch-normalization";
    }

    @Override
    public String description() {
        return "BatchNormalization becomes a factor and an addend";
    }

    @Override
    public Graph run(Graph graph) {
        Editor editor = new Editor(graph);
        for (Node node : graph.nodes()) {
            if (node.is("BatchNormalization") && node.outputs().size() == 1 && isConstant(editor, node)
                    && graph.type(node.input(0)) instanceof ValueType.OfTensor type && type.shape() != null
                    && type.dtype() == DType.FLOAT32 && type.shape().rank() > 1) {
                lower(editor, node, type.shape().rank());
            }
        }
        return editor.build();
    }

    private static boolean isConstant(Editor editor, Node node) {
        for (int i = 1; i < 5; i++) {
            if (editor.constant(node.input(i)) == null) {
                return false;
            }
        }
        return !node.attributes().flag("training_mode", false);
    }

    private static void lower(Editor editor, Node node, int rank) {
        double epsilon = node.attributes().real("epsilon", 1e-5f);
        Tensor scale = editor.constant(node.input(1));
        Tensor bias = editor.constant(node.input(2));
        Tensor mean = editor.constant(node.input(3));
        Tensor variance = editor.constant(node.input(4));
        float[] factor = new float[scale.size()];
        float[] addend = new float[scale.size()];
        for (int i = 0; i < factor.length; i++) {
            double by = scale.getDouble(i) / Math.sqrt(variance.getDouble(i) + epsilon);
            factor[i] = (float) by;
            addend[i] = (float) (bias.getDouble(i) - mean.getDouble(i) * by);
        }
        int[] dims = new int[rank - 1];
        Arrays.fill(dims, 1);
        dims[0] = factor.length;
        String out = node.output(0);
        String product = editor.fresh(out + ".scaled");
        String by = editor.constantOf(out + ".scale", Tensor.floats(dims, factor));
        String plus = editor.constantOf(out + ".bias", Tensor.floats(dims, addend));
        editor.replace(node, new Node(node.name(), "", "Mul", List.of(node.input(0), by), List.of(product),
                        Attributes.NONE),
                new Node(node.name(), "", "Add", List.of(product, plus), List.of(out), Attributes.NONE));
    }
}
