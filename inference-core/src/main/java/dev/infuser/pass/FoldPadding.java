package dev.infuser.pass;

import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Makes zeros around the input of a convolution, which TensorFlow writes as a node of their own, padding of the convolution. */
final class FoldPadding implements Pass {

    @Override
    public String name() {
        return "fold-padding";
    }

    @Override
    public String description() {
        return "zeros that are put around the input of a convolution become its padding";
    }

    @Override
    public Graph run(Graph graph) {
        Editor editor = new Editor(graph);
        for (Node node : graph.nodes()) {
            Node pad = node.op().equals("Conv") ? editor.producer(node.input(0), "Pad") : null;
            Tensor weights = pad == null || editor.uses(pad.output(0)) > 1 ? null : editor.constant(node.input(1));
            if (weights != null && node.attributes().string("auto_pad", "NOTSET").equals("NOTSET")) {
                int first = node.domain().isEmpty() ? 2 : 1;
                long[] zeros = zeros(editor, pad, weights.rank(), first);
                if (zeros != null) {
                    fold(editor, node, pad, zeros, weights.rank() - 2, first);
                }
            }
        }
        return editor.build();
    }

    private static void fold(Editor editor, Node conv, Node pad, long[] zeros, int spatial, int first) {
        long[] own = conv.attributes().ints("pads");
        long[] pads = new long[2 * spatial];
        for (int i = 0; i < spatial; i++) {
            pads[i] = zeros[first + i] + (own == null ? 0 : own[i]);
            pads[spatial + i] = zeros[zeros.length / 2 + first + i] + (own == null ? 0 : own[spatial + i]);
        }
        List<String> inputs = new ArrayList<>(conv.inputs());
        inputs.set(0, pad.input(0));
        editor.replace(pad);
        editor.replace(conv, conv.withInputs(inputs).withAttributes(conv.attributes().with("pads", pads)));
    }

    /** How many zeros a node puts before and behind each axis, if it does so along spatial axes alone, or null. */
    private static long[] zeros(Editor editor, Node pad, int rank, int first) {
        Tensor extents = editor.constant(pad.input(1));
        Tensor axes = editor.constant(pad.input(3));
        boolean zero = pad.input(2).isEmpty() || editor.scalar(pad.input(2)) == 0;
        if (extents == null || !zero || axes == null && !pad.input(3).isEmpty()
                || !pad.attributes().string("mode", "constant").equals("constant")) {
            return null;
        }
        int count = extents.size() / 2;
        long[] out = new long[2 * rank];
        for (int i = 0; i < count; i++) {
            int axis = axes == null ? i : (int) (axes.getLong(i) < 0 ? axes.getLong(i) + rank : axes.getLong(i));
            long before = extents.getLong(i);
            long behind = extents.getLong(count + i);
            boolean inside = axis >= first && axis < first + rank - 2;
            if (axis < 0 || axis >= rank || before < 0 || behind < 0 || !inside && (before != 0 || behind != 0)) {
                return null;
            }
            out[axis] = before;
            out[rank + axis] = behind;
        }
        return out;
    }
}
