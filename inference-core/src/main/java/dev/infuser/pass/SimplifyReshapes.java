package dev.infuser.pass;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.graph.Subgraphs;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/**
 * Gives a reshape whose extents are computed constant ones, where those of its result are known: extents of the input at the
 * same place are copied, and one more follows from the number of elements. What computed the extents is then needed no more.
 */
final class SimplifyReshapes implements Pass {

    @Override
    public String name() {
        return "simplify-reshapes";
    }

    @Override
    public String description() {
        return "reshapes to extents that are computed from the input's become reshapes to constants";
    }

    @Override
    public Graph run(Graph graph) {
        Editor editor = new Editor(graph);
        for (Node node : graph.nodes()) {
            if (node.is("Reshape") && editor.constant(node.input(1)) == null
                    && graph.type(node.input(0)) instanceof ValueType.OfTensor from && from.shape() != null
                    && graph.type(node.output(0)) instanceof ValueType.OfTensor to && to.shape() != null) {
                long[] extents = extents(from.shape(), to.shape());
                if (extents != null) {
                    String constant = editor.constantOf(node.output(0) + ".shape", Tensor.vector(extents));
                    editor.replace(node, new Node(node.name(), "", "Reshape", List.of(node.input(0), constant), node.outputs(),
                            Attributes.NONE));
                }
            }
        }
        Graph rewritten = editor.build();
        return rewritten == graph ? graph : Subgraphs.prune(rewritten);
    }

    /** Extents with 0 for copied ones and -1 for the one that follows, or null; an extent of 0 would make -1 ambiguous. */
    private static long[] extents(Shape from, Shape to) {
        long[] out = new long[to.rank()];
        int open = 0;
        int copied = 0;
        for (int i = 0; i < out.length; i++) {
            Dim dim = to.dim(i);
            if (dim.isConstant()) {
                out[i] = dim.value();
                if (out[i] == 0) {
                    return null;
                }
            } else if (i < from.rank() && dim.equals(from.dim(i))) {
                copied++;
            } else {
                out[i] = -1;
                open++;
            }
        }
        return open == 0 || open == 1 && copied == 0 ? out : null;
    }
}
