package dev.infuser.pass;

import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.ValueType;

/**
 * Makes {@code InstanceNormalization} and {@code GroupNormalization} reductions and arithmetic. The moments of a group are
 * those of its channels put together, so that the large tensors stay as they are.
 */
final class LowerNormalization implements Pass {

    @Override
    public String name() {
        return "lower-normalization";
    }

    @Override
    public String description() {
        return "InstanceNormalization and GroupNormalization become reductions and arithmetic";
    }

    @Override
    public Graph run(Graph graph) {
        Editor editor = new Editor(graph);
        for (Node node : graph.nodes()) {
            boolean groups = node.is("GroupNormalization");
            if ((groups || node.is("InstanceNormalization")) && graph.type(node.input(0)) instanceof ValueType.OfTensor x
                    && x.shape() != null && x.dtype() == DType.FLOAT32 && x.shape().rank() > 2
                    && graph.type(node.input(1)) instanceof ValueType.OfTensor scale
                    && scale.shape() != null && scale.shape().isConstant()) {
                lower(editor, node, x.shape(), groups ? node.attributes().integer("num_groups") : 0,
                        scale.shape().elements().value());
            }
        }
        return editor.build();
    }

    private static void lower(Editor editor, Node node, Shape shape, long groups, long channels) {
        Expansion e = new Expansion(editor, node);
        long[] spatial = new long[shape.rank() - 2];
        for (int i = 0; i < spatial.length; i++) {
            spatial[i] = i + 2;
        }
        String axes = e.vector(spatial);
        long[] flat = new long[shape.rank()];
        for (int i = 1; i < flat.length; i++) {
            flat[i] = i == 1 ? -1 : 1;
        }
        String x = node.input(0);
        String mean = pooled(e, e.add("ReduceMean", x, axes), groups, channels, flat);
        String centred = e.add("Sub", x, mean);
        String variance = pooled(e, e.add("ReduceMean", e.add("Mul", centred, centred), axes), groups, channels, flat);
        String deviation = e.add("Sqrt", e.add("Add", variance, e.scalar(node.attributes().real("epsilon", 1e-5f))));
        String each = e.vector(span(flat.length - 2));
        String scale = e.add("Unsqueeze", node.input(1), each);
        String bias = e.add("Unsqueeze", node.input(2), each);
        e.add("Add", e.add("Mul", centred, e.add("Div", scale, deviation)), bias);
        e.replace();
    }

    private static long[] span(int count) {
        long[] axes = new long[count];
        for (int i = 0; i < count; i++) {
            axes[i] = i + 1;
        }
        return axes;
    }

    /** The mean over each group of what has one element for each channel, for each of its channels again. */
    private static String pooled(Expansion e, String moments, long groups, long channels, long[] flat) {
        if (groups == 0) {
            return moments;
        }
        String grouped = e.add("Reshape", moments, e.vector(0, groups, channels / groups));
        String mean = e.add("ReduceMean", grouped, e.vector(2));
        return e.add("Reshape", e.add("Expand", mean, e.vector(1, 1, channels / groups)), e.vector(flat));
    }
}
