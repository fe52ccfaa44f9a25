package dev.infuser.converter.keras;

import dev.infuser.converter.tensorflow.Arithmetic;
import dev.infuser.converter.tensorflow.Ops;
import dev.infuser.graph.Attributes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** Normalisations, and activations with parameters. */
final class Normalizing {

    private static final double EPSILON = 1e-3;

    private Normalizing() {
    }

    /** A scale and an offset for each channel, from the statistics of training. */
    static String batch(Layer layer) {
        Ops ops = layer.ops();
        int rank = layer.rank();
        int axis = Merging.axes(layer, -1).get(0);
        String variance = layer.weight("moving_variance");
        String deviation = ops.op("Sqrt", ops.op("Add", variance, ops.like(variance, layer.config().real("epsilon", EPSILON))));
        String factor = layer.config().flag("scale", true) ? ops.op("Div", layer.weight("gamma"), deviation)
                : ops.op("Reciprocal", deviation);
        String shift = ops.op("Mul", layer.weight("moving_mean"), factor);
        String rest = layer.config().flag("center", true) ? ops.op("Sub", layer.weight("beta"), shift) : ops.op("Neg", shift);
        String product = ops.op("Mul", layer.in(), along(ops, factor, axis, rank));
        return ops.op("Add", product, along(ops, rest, axis, rank));
    }

    /** A vector in the dimensions that broadcast it along {@code axis} of {@code rank}. */
    private static String along(Ops ops, String vector, int axis, int rank) {
        long[] dims = new long[rank - axis];
        Arrays.fill(dims, 1);
        dims[0] = -1;
        return dims.length == 1 ? vector : ops.reshape(vector, dims);
    }

    /** Mean 0 and deviation 1 along axes, then a scale and an offset. */
    static String layer(Layer layer) {
        Ops ops = layer.ops();
        int rank = layer.rank();
        List<Integer> axes = Merging.axes(layer, -1);
        float epsilon = (float) layer.config().real("epsilon", EPSILON);
        if (axes.get(0) == rank - axes.size()) {
            String scale = layer.config().flag("scale", true) ? layer.weight("gamma") : ones(ops, layer.in(), axes);
            Attributes attributes = Attributes.of("axis", axes.get(0), "epsilon", epsilon);
            return layer.config().flag("center", true)
                    ? ops.op("LayerNormalization", attributes, layer.in(), scale, layer.weight("beta"))
                    : ops.op("LayerNormalization", attributes, layer.in(), scale);
        }
        long[] list = axes.stream().mapToLong(Integer::longValue).toArray();
        long[] dims = new long[rank];
        Arrays.fill(dims, 1);
        axes.forEach(axis -> dims[axis] = ops.extent(layer.in(), axis));
        Attributes keep = Attributes.of("keepdims", 1);
        String from = ops.op("Sub", layer.in(), ops.op("ReduceMean", keep, layer.in(), ops.vector(list)));
        String variance = ops.op("ReduceMean", keep, ops.op("Mul", from, from), ops.vector(list));
        String result = ops.op("Div", from, ops.op("Sqrt", ops.op("Add", variance, ops.like(variance, epsilon))));
        if (layer.config().flag("scale", true)) {
            result = ops.op("Mul", result, ops.reshape(layer.weight("gamma"), dims));
        }
        return layer.config().flag("center", true) ? ops.op("Add", result, ops.reshape(layer.weight("beta"), dims)) : result;
    }

    private static String ones(Ops ops, String x, List<Integer> axes) {
        int[] dims = axes.stream().mapToInt(axis -> (int) ops.extent(x, axis)).toArray();
        double[] ones = new double[Tensor.count(dims)];
        Arrays.fill(ones, 1);
        return ops.constant(Tensor.ofDoubles(DType.FLOAT32, dims, ones));
    }

    /** {@code max(0, x)} up to a bound; below a threshold, {@code negative_slope} times the distance to it. */
    static String relu(Layer layer) {
        Ops ops = layer.ops();
        double slope = layer.config().real("negative_slope", 0);
        double threshold = layer.config().real("threshold", 0);
        double most = layer.config().real("max_value", Double.POSITIVE_INFINITY);
        String x = layer.in();
        if (threshold == 0 && slope == 0 && most != Double.POSITIVE_INFINITY) {
            return Arithmetic.clip(ops, x, 0, most);
        }
        String y;
        if (threshold == 0) {
            y = slope == 0 ? ops.op("Relu", x) : ops.op("LeakyRelu", Attributes.of("alpha", (float) slope), x);
        } else {
            String below = ops.op("Mul", ops.op("Sub", x, ops.like(x, threshold)), ops.like(x, slope));
            y = ops.op("Where", ops.op("Less", x, ops.like(x, threshold)), below, x);
        }
        return most == Double.POSITIVE_INFINITY ? y : ops.op("Min", y, ops.like(x, most));
    }

    static String softmax(Layer layer) {
        Ops ops = layer.ops();
        List<Integer> axes = Merging.axes(layer, -1);
        if (axes.size() == 1) {
            return ops.op("Softmax", Attributes.of("axis", axes.get(0)), layer.in());
        }
        long[] list = axes.stream().mapToLong(Integer::longValue).toArray();
        String sum = ops.op("ReduceLogSumExp", Attributes.of("keepdims", 1), layer.in(), ops.vector(list));
        return ops.op("Exp", ops.op("Sub", layer.in(), sum));
    }
}
