package dev.infuser.converter.keras;

import dev.infuser.converter.tensorflow.Convolutions;
import dev.infuser.converter.tensorflow.Ops;
import dev.infuser.converter.tensorflow.Window;
import dev.infuser.graph.Attributes;
import java.util.Locale;

/** Layers that move a window over the axes between batch and channels. */
final class Convolving {

    private Convolving() {
    }

    /** A convolution over 1 to 3 axes. */
    static String conv(Layer layer) {
        return around(layer, x -> Convolutions.conv(layer.ops(), x, layer.weight("kernel"), window(layer, kernel(layer))));
    }

    static String depthwise(Layer layer) {
        return around(layer, x -> Convolutions.depthwise(layer.ops(), x, layer.weight("depthwise_kernel"),
                window(layer, kernel(layer))));
    }

    /** A convolution of each channel, then one that mixes them. */
    static String separable(Layer layer) {
        long[] ones = {1, 1};
        return around(layer, x -> Convolutions.conv(layer.ops(), Convolutions.depthwise(layer.ops(), x,
                layer.weight("depthwise_kernel"), window(layer, kernel(layer))), layer.weight("pointwise_kernel"),
                new Window(ones, ones, "VALID", new long[0])));
    }

    /** The transpose of a convolution over 2 or 3 axes. */
    static String transposed(Layer layer) {
        return around(layer, x -> transposed(layer, x));
    }

    private interface Linear {
        String apply(String x);
    }

    /** A linear part over channels last, then bias and activation. */
    private static String around(Layer layer, Linear linear) {
        return layer.asStated(layer.finish(linear.apply(layer.channelsLast(layer.in()))));
    }

    private static long[] kernel(Layer layer) {
        return layer.config().perAxis("kernel_size", layer.rank() - 2, 1);
    }

    private static Window window(Layer layer, long[] kernel) {
        int n = kernel.length;
        long[] strides = layer.config().perAxis("strides", n, 1);
        long[] dilations = layer.config().perAxis("dilation_rate", n, 1);
        String padding = layer.config().text("padding", "valid").toUpperCase(Locale.ROOT);
        if (padding.equals("CAUSAL")) {
            return new Window(strides, dilations, "EXPLICIT", new long[] {(kernel[0] - 1) * dilations[0], 0});
        }
        return new Window(strides, dilations, padding, new long[0]);
    }

    private static String transposed(Layer layer, String x) {
        Ops ops = layer.ops();
        long[] kernel = kernel(layer);
        int n = kernel.length;
        Window window = window(layer, kernel);
        if (layer.config().has("output_padding")) {
            throw ops.unsupported("states its output padding");
        }
        long[] size = new long[n + 2];
        long[] missing = new long[2 * (n + 2)];
        boolean known = true;
        boolean sparse = false;
        for (int i = 0; i < n; i++) {
            long span = (kernel[i] - 1) * window.dilations()[i] + 1;
            long beyond = Math.max(0, window.strides()[i] - span);
            known &= ops.shape(x).dim(i + 1).isConstant();
            sparse |= beyond > 0;
            missing[n + 2 + i + 1] = beyond;
        }
        if (known) {
            for (int i = 0; i < n; i++) {
                long span = (kernel[i] - 1) * window.dilations()[i] + 1;
                size[i + 1] = ops.extent(x, i + 1) * window.strides()[i]
                        + (window.padding().equals("SAME") ? 0 : Math.max(0, span - window.strides()[i]));
            }
            return Convolutions.transposed(ops, x, layer.weight("kernel"), window, size);
        }
        if (sparse && window.padding().equals("SAME")) {
            throw ops.unsupported("has strides beyond its kernel, for an input of unknown extents");
        }
        String y = Convolutions.transposed(ops, x, layer.weight("kernel"), window, null);
        return sparse ? ops.op("Pad", y, ops.vector(missing)) : y;
    }

    /** {@code MaxPool} or {@code AveragePool} over 1 to 3 axes. */
    static String pool(Layer layer, String op) {
        int n = layer.rank() - 2;
        long[] size = layer.config().perAxis("pool_size", n, 2);
        long[] strides = layer.config().has("strides") ? layer.config().perAxis("strides", n, 1) : size;
        long[] ones = new long[n];
        java.util.Arrays.fill(ones, 1);
        Window window = new Window(strides, ones, layer.config().text("padding", "valid").toUpperCase(Locale.ROOT), new long[0]);
        return layer.asStated(Convolutions.pool(layer.ops(), op, layer.channelsLast(layer.in()), size, window));
    }

    /** A reduction over all axes between batch and channels. */
    static String global(Layer layer, String op) {
        int n = layer.rank() - 2;
        long[] axes = new long[n];
        for (int i = 0; i < n; i++) {
            axes[i] = layer.isChannelsFirst() ? i + 2 : i + 1;
        }
        return layer.ops().op(op, Attributes.of("keepdims", layer.config().flag("keepdims", false) ? 1 : 0), layer.in(),
                layer.ops().vector(axes));
    }

    /** Each pixel several times, or what lies between them. TensorFlow.js has corners of pixels where Keras has centres. */
    static String upSample(Layer layer) {
        long[] size = layer.config().perAxis("size", 2, 2);
        boolean nearest = layer.config().choice("interpolation", "nearest").equals("nearest");
        Attributes attributes = Attributes.of("mode", nearest ? "nearest" : "linear", "coordinate_transformation_mode",
                "asymmetric", "nearest_mode", "floor", "axes", new long[] {1, 2});
        String scales = layer.ops().constant(dev.infuser.tensor.Tensor.floats(new int[] {2}, size[0], size[1]));
        return layer.asStated(layer.ops().op("Resize", attributes, layer.channelsLast(layer.in()), "", scales));
    }

    static String pad(Layer layer) {
        int n = layer.rank() - 2;
        long[][] pairs = layer.config().pairs("padding", n, 1);
        long[] pads = new long[2 * (n + 2)];
        for (int i = 0; i < n; i++) {
            int axis = layer.isChannelsFirst() ? i + 2 : i + 1;
            pads[axis] = pairs[i][0];
            pads[n + 2 + axis] = pairs[i][1];
        }
        return layer.ops().op("Pad", layer.in(), layer.ops().vector(pads));
    }

    static String crop(Layer layer) {
        int n = layer.rank() - 2;
        long[][] pairs = layer.config().pairs("cropping", n, 0);
        long[] starts = new long[n];
        long[] ends = new long[n];
        long[] axes = new long[n];
        for (int i = 0; i < n; i++) {
            axes[i] = layer.isChannelsFirst() ? i + 2 : i + 1;
            starts[i] = pairs[i][0];
            ends[i] = pairs[i][1] == 0 ? Long.MAX_VALUE : -pairs[i][1];
        }
        return layer.ops().op("Slice", layer.in(), layer.ops().vector(starts), layer.ops().vector(ends),
                layer.ops().vector(axes));
    }
}
