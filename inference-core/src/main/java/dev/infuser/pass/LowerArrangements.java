package dev.infuser.pass;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.tensor.ValueType;

/** Makes {@code DepthToSpace} and {@code SpaceToDepth} a transpose of more axes between reshapes. */
final class LowerArrangements implements Pass {

    @Override
    public String name() {
        return "lower-arrangements";
    }

    @Override
    public String description() {
        return "DepthToSpace and SpaceToDepth become a transpose between reshapes";
    }

    @Override
    public Graph run(Graph graph) {
        Editor editor = new Editor(graph);
        for (Node node : graph.nodes()) {
            boolean toSpace = node.is("DepthToSpace");
            if ((toSpace || node.is("SpaceToDepth")) && graph.type(node.input(0)) instanceof ValueType.OfTensor type
                    && type.shape() != null && type.shape().rank() == 4 && type.shape().dim(1).isConstant()) {
                long block = node.attributes().integer("blocksize");
                if (toSpace) {
                    toSpace(new Expansion(editor, node), node, block, type.shape().dim(1).value());
                } else {
                    toDepth(new Expansion(editor, node), node, block, type.shape().dim(1).value());
                }
            }
        }
        return editor.build();
    }

    private static void toSpace(Expansion e, Node node, long block, long channels) {
        boolean columns = node.attributes().string("mode", "DCR").equals("CRD");
        String x = node.input(0);
        long depth = channels / (block * block);
        String plane = e.add("Shape", Attributes.of("start", 2), x);
        String batch = e.add("Shape", Attributes.of("end", 1), x);
        Attributes first = Attributes.of("axis", 0);
        String blocks = columns ? e.vector(depth, block, block) : e.vector(block, block, depth);
        String split = e.add("Reshape", x, e.add("Concat", first, batch, blocks, plane));
        String moved = e.add("Transpose", Attributes.of("perm",
                columns ? new long[] {0, 1, 4, 2, 5, 3} : new long[] {0, 3, 4, 1, 5, 2}), split);
        e.add("Reshape", moved, e.add("Concat", first, batch, e.vector(depth), e.add("Mul", plane, e.vector(block))));
        e.replace();
    }

    private static void toDepth(Expansion e, Node node, long block, long channels) {
        String x = node.input(0);
        Attributes first = Attributes.of("axis", 0);
        String plane = e.add("Div", e.add("Shape", Attributes.of("start", 2), x), e.vector(block));
        String front = e.add("Shape", Attributes.of("end", 2), x);
        String height = e.add("Gather", first, plane, e.vector(0));
        String width = e.add("Gather", first, plane, e.vector(1));
        String side = e.vector(block);
        String split = e.add("Reshape", x, e.add("Concat", first, front, height, side, width, side));
        String moved = e.add("Transpose", Attributes.of("perm", new long[] {0, 3, 5, 1, 2, 4}), split);
        String batch = e.add("Shape", Attributes.of("end", 1), x);
        e.add("Reshape", moved, e.add("Concat", first, batch, e.vector(channels * block * block), plane));
        e.replace();
    }
}
