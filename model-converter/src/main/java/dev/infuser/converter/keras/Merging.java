package dev.infuser.converter.keras;

import dev.infuser.converter.tensorflow.Ops;
import dev.infuser.graph.Attributes;
import java.util.ArrayList;
import java.util.List;

/** Layers of several inputs. */
final class Merging {

    private static final double NORM_EPSILON = 1e-7;

    private Merging() {
    }

    /** {@code op} of all inputs, element by element; those of fewer dimensions get axes behind the batch. */
    static List<Masked> all(Layer layer, String op) {
        Ops ops = layer.ops();
        int rank = layer.values().stream().mapToInt(ops::rank).max().orElse(0);
        String result = null;
        for (String input : layer.values()) {
            long[] added = new long[rank - ops.rank(input)];
            for (int i = 0; i < added.length; i++) {
                added[i] = i + 1;
            }
            String wide = ops.unsqueeze(input, added);
            result = result == null ? wide : ops.op(op, result, wide);
        }
        return List.of(new Masked(result, mask(layer)));
    }

    static List<Masked> average(Layer layer) {
        Masked sum = all(layer, "Add").get(0);
        String mean = layer.ops().op("Mul", sum.value(), layer.ops().like(sum.value(), 1.0 / layer.inputs().size()));
        return List.of(new Masked(mean, sum.mask()));
    }

    /** Steps that count in all inputs that say which do. */
    private static String mask(Layer layer) {
        String mask = null;
        for (Masked input : layer.inputs()) {
            mask = mask == null ? input.mask() : input.mask() == null ? mask : layer.ops().op("And", mask, input.mask());
        }
        return mask;
    }

    static List<Masked> concatenate(Layer layer) {
        int rank = layer.rank();
        int axis = layer.ops().axis(layer.config().integer("axis", -1), rank);
        if (axis != rank - 1 && layer.inputs().stream().anyMatch(input -> input.mask() != null)) {
            throw layer.ops().unsupported("joins inputs with masks along axis " + axis);
        }
        return List.of(new Masked(layer.ops().concat(axis, layer.values()), mask(layer)));
    }

    /** Products of vectors, or of matrices, along one axis of each input. */
    static String dot(Layer layer) {
        Ops ops = layer.ops();
        String x = layer.in(0);
        String y = layer.in(1);
        int ranks = Math.max(ops.rank(x), ops.rank(y));
        if (ranks > 3 || Math.min(ops.rank(x), ops.rank(y)) < 2) {
            throw ops.unsupported("has inputs of " + ops.rank(x) + " and " + ops.rank(y) + " dimensions");
        }
        long[] axes = layer.config().integers("axes");
        int first = ops.axis(axes[0], ops.rank(x));
        int second = ops.axis(axes[axes.length - 1], ops.rank(y));
        if (first == 0 || second == 0) {
            throw ops.unsupported("works along the batch");
        }
        if (layer.config().flag("normalize", false)) {
            x = normal(ops, x, first);
            y = normal(ops, y, second);
        }
        boolean vectorX = ops.rank(x) == 2;
        boolean vectorY = ops.rank(y) == 2;
        String left = vectorX ? ops.unsqueeze(x, 1) : first == 2 ? x : ops.transpose(x, 0, 2, 1);
        String right = vectorY ? ops.unsqueeze(y, 2) : second == 1 ? y : ops.transpose(y, 0, 2, 1);
        String product = ops.op("MatMul", left, right);
        if (vectorY) {
            return ops.squeeze(product, 2);
        }
        return vectorX ? ops.squeeze(product, 1) : product;
    }

    /** {@code x} with vectors of length 1 along an axis. */
    private static String normal(Ops ops, String x, int axis) {
        String sum = ops.op("ReduceSumSquare", Attributes.of("keepdims", 1), x, ops.vector(axis));
        return ops.op("Div", x, ops.op("Sqrt", ops.op("Max", sum, ops.like(x, NORM_EPSILON))));
    }

    /** The axes that a number or a list names, counted from the front and in order. */
    static List<Integer> axes(Layer layer, long fallback) {
        List<Integer> axes = new ArrayList<>();
        for (long axis : layer.config().has("axis") ? layer.config().integers("axis") : new long[] {fallback}) {
            axes.add(layer.ops().axis(axis, layer.rank()));
        }
        axes.sort(null);
        return axes;
    }
}
