package dev.infuser.converter.tfjs;

import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/** What follows for inputs that the file gives no number of dimensions from the nodes that read them. */
final class UnknownRanks {

    private static final int IMAGES = 4;

    private UnknownRanks() {
    }

    /**
     * Four dimensions of any extent, which broadcast, for carried state that is stretched to the size of an image; else none,
     * for a number.
     */
    static Shape shape(TfGraph graph, TfNode input) {
        for (TfNode node : graph.nodes().values()) {
            if (node.op().equals("BroadcastTo") && graph.nodes().containsKey(TfNode.source(node.data(0)))
                    && TfNode.source(node.data(0)).equals(input.name())) {
                List<Dim> dims = new ArrayList<>();
                for (int i = 0; i < IMAGES; i++) {
                    dims.add(Dim.symbol(input.name() + "_dim" + i));
                }
                return new Shape(dims);
            }
        }
        return Shape.of(new long[0]);
    }
}
