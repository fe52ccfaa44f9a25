package dev.infuser.pass;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/**
 * Finds an {@code InstanceNormalization} of groups of channels that are made one by a reshape and get their shape back behind
 * it, and makes it one {@code GroupNormalization}, which keeps channels where convolutions have them.
 */
final class RecognizeGroupNorm implements Pass {

    @Override
    public String name() {
        return "recognize-group-norm";
    }

    @Override
    public String description() {
        return "InstanceNormalization between reshapes becomes GroupNormalization";
    }

    @Override
    public Graph run(Graph graph) {
        Editor editor = new Editor(graph);
        for (Node node : graph.nodes()) {
            Node norm = node.is("Reshape") ? new Match(editor).alone(node.input(0), "InstanceNormalization") : null;
            Node split = norm == null ? null : editor.producer(norm.input(0), "Reshape");
            if (split != null && editor.sameType(split.input(0), node.output(0))) {
                match(graph, editor, node, norm, split.input(0));
            }
        }
        return editor.build();
    }

    private static void match(Graph graph, Editor editor, Node node, Node norm, String x) {
        Shape whole = ((ValueType.OfTensor) graph.type(x)).shape();
        Tensor scale = editor.constant(norm.input(1));
        Tensor bias = editor.constant(norm.input(2));
        if (scale == null || bias == null || whole.rank() < 3 || !whole.dim(1).isConstant()
                || !(graph.type(norm.input(0)) instanceof ValueType.OfTensor type) || type.shape() == null) {
            return;
        }
        int channels = (int) whole.dim(1).value();
        Dim groups = type.shape().dim(1);
        if (!type.shape().dim(0).equals(whole.dim(0)) || !groups.isConstant() || groups.value() == 0
                || channels % groups.value() != 0) {
            return;
        }
        String by = editor.constantOf(node.output(0) + ".scale", repeated(scale, channels));
        String plus = editor.constantOf(node.output(0) + ".bias", repeated(bias, channels));
        editor.replace(node, new Node(norm.name(), "", "GroupNormalization", List.of(x, by, plus), node.outputs(),
                Attributes.of("num_groups", groups.value(), "epsilon", norm.attributes().real("epsilon", 1e-5f))));
    }

    /** The element of each group for each of its channels. */
    private static Tensor repeated(Tensor groups, int channels) {
        float[] out = new float[channels];
        for (int c = 0; c < channels; c++) {
            out[c] = (float) groups.getDouble(c / (channels / groups.size()));
        }
        return Tensor.floats(new int[] {channels}, out);
    }
}
