package dev.infuser.pass;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.Arrays;
import java.util.List;

/**
 * Makes an antialiased {@code Resize} to constant extents of the first two axes of pixels {@code [H, W, C]}, and a cut-out and a cast from
 * uint8 in front of it, {@code infuser.Resample}.
 */
final class FuseResampling implements Pass {

    private static final int RANK = 3;

    @Override
    public String name() {
        return "fuse-resampling";
    }

    @Override
    public String description() {
        return "cutting out, casting and antialiased resizing of pixels become one Resample";
    }

    @Override
    public Graph run(Graph graph) {
        Editor editor = new Editor(graph);
        for (Node node : graph.nodes()) {
            int[] size = node.is("Resize") ? size(editor, graph, node) : null;
            if (size != null) {
                fuse(editor, graph, node, size);
            }
        }
        return editor.build();
    }

    private static Shape pixels(Graph graph, String value) {
        return graph.type(value) instanceof ValueType.OfTensor type && (type.dtype() == DType.FLOAT32 || type.dtype() == DType.UINT8)
                && type.shape() != null && type.shape().rank() == RANK && type.shape().isConstant() ? type.shape() : null;
    }

    private static boolean isFloat(Graph graph, String value) {
        return ((ValueType.OfTensor) graph.type(value)).dtype() == DType.FLOAT32;
    }

    /** What a node makes of the first two axes, or null where it is no sum over both of pixels. */
    private static int[] size(Editor editor, Graph graph, Node node) {
        Shape in = pixels(graph, node.input(0));
        Attributes a = node.attributes();
        String mode = a.string("mode", "nearest");
        Tensor sizes = editor.constant(node.input(3));
        if (in == null || in.elements().value() == 0 || !isFloat(graph, node.input(0)) || sizes == null || !a.flag("antialias", false)
                || !(mode.equals("linear") || mode.equals("cubic")) || !a.string("keep_aspect_ratio_policy", "stretch").equals("stretch")
                || a.string("coordinate_transformation_mode", "half_pixel").startsWith("tf")) {
            return null;
        }
        long[] axes = a.ints("axes") == null ? new long[] {0, 1, 2} : a.ints("axes");
        if (axes.length != sizes.size()) {
            return null;
        }
        int[] size = in.toInts();
        for (int i = 0; i < axes.length; i++) {
            size[(int) (axes[i] < 0 ? axes[i] + RANK : axes[i])] = (int) sizes.toLongs()[i];
        }
        boolean both = size[0] != in.dim(0).value() && size[1] != in.dim(1).value() && size[2] == in.dim(2).value();
        return both && size[0] > 0 && size[1] > 0 && size[0] <= 1 << 16 && size[1] <= 1 << 16 ? size : null;
    }

    private static void fuse(Editor editor, Graph graph, Node node, int[] size) {
        String from = node.input(0);
        long[] crop = null;
        boolean more = true;
        while (more) {
            Node before = editor.uses(from) == 1 ? editor.producer(from) : null;
            long[] part = before != null && before.is("Slice") && crop == null ? crop(editor, graph, before) : null;
            boolean cast = before != null && before.is("Cast") && isFloat(graph, from) && pixels(graph, before.input(0)) != null
                    && !isFloat(graph, before.input(0));
            more = part != null || cast;
            crop = part != null ? part : crop;
            if (more) {
                from = before.input(0);
                editor.replace(before);
            }
        }
        Attributes attributes = node.attributes().without("axes").with("size", new long[] {size[0], size[1]});
        editor.replace(node, new Node(node.name(), "infuser", "Resample", List.of(from), node.outputs(),
                crop == null ? attributes : attributes.with("crop", crop)));
    }

    /** The first row, the first column, rows and columns that a slice takes of pixels, or null where it is none of these. */
    private static long[] crop(Editor editor, Graph graph, Node slice) {
        Shape in = pixels(graph, slice.input(0));
        Tensor starts = editor.constant(slice.input(1));
        Tensor ends = editor.constant(slice.input(2));
        Tensor axes = editor.constant(slice.input(3));
        Tensor steps = editor.constant(slice.input(4));
        if (in == null || starts == null || ends == null || axes == null && !slice.input(3).isEmpty()
                || steps == null && !slice.input(4).isEmpty() || steps != null && Arrays.stream(steps.toLongs()).anyMatch(s -> s != 1)) {
            return null;
        }
        long[] from = {0, 0, 0};
        long[] to = Arrays.stream(in.toInts()).asLongStream().toArray();
        for (int i = 0; i < starts.size(); i++) {
            long named = axes == null ? i : axes.toLongs()[i];
            int axis = (int) (named < 0 ? named + RANK : named);
            long extent = in.dim(axis).value();
            from[axis] = bound(starts.toLongs()[i], extent);
            to[axis] = bound(ends.toLongs()[i], extent);
        }
        boolean whole = from[2] == 0 && to[2] == in.dim(2).value();
        return whole ? new long[] {from[0], from[1], to[0] - from[0], to[1] - from[1]} : null;
    }

    private static long bound(long position, long extent) {
        return Math.max(0, Math.min(extent, position < 0 ? position + extent : position));
    }
}
