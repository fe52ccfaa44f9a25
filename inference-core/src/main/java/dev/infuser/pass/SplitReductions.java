package dev.infuser.pass;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.op.Inference;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.Arrays;

/**
 * Reduces axes that do not lie side by side one run after the other, and spells out {@code ReduceLogSumExp}: kernels reduce
 * adjacent axes.
 */
final class SplitReductions implements Pass {

    @Override
    public String name() {
        return "split-reductions";
    }

    @Override
    public String description() {
        return "axes that are not adjacent are reduced one after the other";
    }

    @Override
    public Graph run(Graph graph) {
        Graph current = graph;
        while (true) {
            Editor editor = new Editor(current);
            for (Node node : current.nodes()) {
                if (node.op().startsWith("Reduce") && node.domain().isEmpty()
                        && current.type(node.input(0)) instanceof ValueType.OfTensor type && type.shape() != null
                        && type.dtype() == DType.FLOAT32) {
                    split(editor, node, type.shape().rank());
                }
            }
            Graph next = editor.build();
            if (next == current) {
                return current;
            }
            current = Inference.infer(next);
        }
    }

    private static void split(Editor editor, Node node, int rank) {
        Tensor listed = editor.constant(node.input(1));
        if (listed == null && !node.input(1).isEmpty()) {
            return;
        }
        if (node.is("ReduceLogSumExp")) {
            logSumExp(editor, node);
            return;
        }
        long[] axes = listed == null ? new long[0] : listed.toLongs().clone();
        for (int i = 0; i < axes.length; i++) {
            axes[i] = LayoutRules.axis(axes[i], rank);
        }
        Arrays.sort(axes);
        int run = axes.length - 1;
        while (run > 0 && axes[run] == axes[run - 1] + 1) {
            run--;
        }
        if (run <= 0) {
            return;
        }
        Expansion e = new Expansion(editor, node);
        boolean squares = node.is("ReduceSumSquare");
        boolean logarithm = node.is("ReduceLogSum");
        String inner = logarithm ? "ReduceSum" : node.op();
        String outer = squares ? "ReduceSum" : node.op();
        Attributes attributes = Attributes.of("keepdims", node.attributes().integer("keepdims", 1));
        String last = e.add(inner, attributes, node.input(0), e.vector(Arrays.copyOfRange(axes, run, axes.length)));
        e.add(outer, attributes, last, e.vector(Arrays.copyOf(axes, run)));
        e.replace();
    }

    /** {@code log(sum(exp(x - max))) + max}, where an infinite maximum is taken for the greatest number. */
    private static void logSumExp(Editor editor, Node node) {
        Expansion e = new Expansion(editor, node);
        Attributes keep = node.attributes().with("keepdims", 1);
        String[] axes = node.input(1).isEmpty() ? new String[0] : new String[] {node.input(1)};
        String max = e.add("Clip", e.add("ReduceMax", keep, inputs(node.input(0), axes)), e.scalar(-Float.MAX_VALUE),
                e.scalar(Float.MAX_VALUE));
        String exp = e.add("Exp", e.add("Sub", node.input(0), max));
        String log = e.add("ReduceLogSum", node.attributes(), inputs(exp, axes));
        e.add("Add", log, e.add("ReduceMax", node.attributes(), inputs(max, axes)));
        e.replace();
    }

    private static String[] inputs(String first, String... more) {
        String[] all = new String[1 + more.length];
        all[0] = first;
        System.arraycopy(more, 0, all, 1, more.length);
        return all;
    }
}
