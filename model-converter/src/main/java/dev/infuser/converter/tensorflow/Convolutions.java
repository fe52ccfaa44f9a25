package dev.infuser.converter.tensorflow;

import dev.infuser.graph.Attributes;
import dev.infuser.tensor.Shape;

/**
 * Convolutions and pooling over tensors {@code [N, D1..Dn, C]}. Each is written as ONNX's over {@code [N, C, D1..Dn]}
 * between two transposes, which the pass {@code channels-last} takes out again.
 */
public final class Convolutions {

    private Convolutions() {
    }

    /** {@code [N, D.., C]} as {@code [N, C, D..]}. */
    public static String channelsFirst(Ops ops, String x) {
        int rank = ops.rank(x);
        long[] perm = new long[rank];
        for (int i = 2; i < rank; i++) {
            perm[i] = i - 1;
        }
        perm[1] = rank - 1;
        return ops.transpose(x, perm);
    }

    /** {@code [N, C, D..]} as {@code [N, D.., C]}. */
    public static String channelsLast(Ops ops, String x) {
        int rank = ops.rank(x);
        long[] perm = new long[rank];
        for (int i = 1; i < rank - 1; i++) {
            perm[i] = i + 1;
        }
        perm[rank - 1] = 1;
        return ops.transpose(x, perm);
    }

    /** A convolution with weights {@code [k.., C / groups, M]}; the groups follow from the channels of {@code x}. */
    public static String conv(Ops ops, String x, String weights, Window window) {
        int rank = ops.rank(x);
        long[] perm = new long[rank];
        perm[0] = rank - 1;
        perm[1] = rank - 2;
        for (int i = 2; i < rank; i++) {
            perm[i] = i - 2;
        }
        long channels = ops.extent(x, rank - 1);
        long perGroup = ops.extent(weights, rank - 2);
        if (perGroup == 0 || channels % perGroup != 0) {
            throw ops.unsupported("has " + channels + " channels and weights for " + perGroup);
        }
        return channelsLast(ops, ops.op("Conv", window.attributes().with("group", channels / perGroup),
                channelsFirst(ops, x), ops.transpose(weights, perm)));
    }

    /** A convolution of each channel with weights {@code [k1, k2, C, multiplier]}. */
    public static String depthwise(Ops ops, String x, String weights, Window window) {
        Shape w = ops.shape(weights);
        long channels = ops.extent(weights, 2);
        long multiplier = ops.extent(weights, 3);
        String filters = ops.reshape(ops.transpose(weights, 2, 3, 0, 1), channels * multiplier, 1, w.dim(0).value(),
                w.dim(1).value());
        return channelsLast(ops, ops.op("Conv", window.attributes().with("group", channels), channelsFirst(ops, x), filters));
    }

    /**
     * The transpose of a convolution, with weights {@code [k.., M, C]}.
     *
     * @param size {@code [N, D.., M]} of the output where it is known; -1 for what is not
     */
    public static String transposed(Ops ops, String x, String weights, Window window, long[] size) {
        int rank = ops.rank(x);
        long[] perm = new long[rank];
        perm[0] = rank - 1;
        perm[1] = rank - 2;
        for (int i = 2; i < rank; i++) {
            perm[i] = i - 2;
        }
        Attributes attributes = window.attributes();
        boolean known = true;
        long[] output = new long[window.rank()];
        for (int i = 0; i < output.length; i++) {
            output[i] = size == null ? -1 : size[i + 1];
            known &= output[i] >= 0 && ops.shape(x).dim(i + 1).isConstant();
        }
        if (known && !window.padding().equals("EXPLICIT")) {
            attributes = Attributes.of("strides", window.strides(), "dilations", window.dilations(), "pads",
                    transposedPads(ops, x, weights, window, output), "output_padding",
                    outputPadding(ops, x, weights, window, output));
        }
        return channelsLast(ops, ops.op("ConvTranspose", attributes, channelsFirst(ops, x), ops.transpose(weights, perm)));
    }

    /** What a forward convolution from {@code output} to x pads, before and then after. */
    private static long[] transposedPads(Ops ops, String x, String weights, Window window, long[] output) {
        int n = output.length;
        long[] pads = new long[2 * n];
        for (int i = 0; i < n; i++) {
            long span = (ops.extent(weights, i) - 1) * window.dilations()[i] + 1;
            long total = window.padding().equals("SAME")
                    ? Math.max(0, (ops.extent(x, i + 1) - 1) * window.strides()[i] + span - output[i]) : 0;
            pads[i] = total / 2;
            pads[n + i] = total - total / 2;
        }
        return pads;
    }

    /** What the output has beyond the last place that a window reaches. */
    private static long[] outputPadding(Ops ops, String x, String weights, Window window, long[] output) {
        long[] pads = transposedPads(ops, x, weights, window, output);
        long[] beyond = new long[output.length];
        for (int i = 0; i < output.length; i++) {
            long span = (ops.extent(weights, i) - 1) * window.dilations()[i] + 1;
            beyond[i] = output[i] - ((ops.extent(x, i + 1) - 1) * window.strides()[i] + span - pads[i]
                    - pads[output.length + i]);
        }
        return beyond;
    }

    /** {@code MaxPool} or {@code AveragePool} over windows of {@code kernel}; padding does not count. */
    public static String pool(Ops ops, String op, String x, long[] kernel, Window window) {
        Attributes attributes = window.attributes().with("kernel_shape", kernel);
        return channelsLast(ops, ops.op(op, attributes, channelsFirst(ops, x)));
    }

    /**
     * {@code x} of {@code [N, H, W, C]} at another size.
     *
     * @param mode   {@code linear}, {@code nearest} or {@code cubic}
     * @param size   two int32 or int64 elements
     * @param corner whether the centres of corner pixels stay where they are
     * @param half   whether pixels have their centres at one half, else at zero
     */
    public static String resize(Ops ops, String mode, String x, String size, boolean corner, boolean half) {
        Attributes attributes = Attributes.of("mode", mode, "coordinate_transformation_mode",
                corner ? "align_corners" : half ? "half_pixel" : "asymmetric", "axes", new long[] {1, 2});
        if (mode.equals("nearest")) {
            attributes = attributes.with("nearest_mode", corner || half ? "round_prefer_ceil" : "floor");
        }
        if (mode.equals("cubic")) {
            attributes = attributes.with("cubic_coeff_a", half ? -0.5f : -0.75f).with("exclude_outside", half ? 1 : 0);
        }
        return ops.op("Resize", attributes, x, "", "", ops.longs(size));
    }

    /** Blocks of the channels of {@code [N, H, W, C]} side by side. */
    public static String depthToSpace(Ops ops, String x, long block) {
        return channelsLast(ops, ops.op("DepthToSpace", Attributes.of("blocksize", block, "mode", "DCR"),
                channelsFirst(ops, x)));
    }

    /** Squares of pixels of {@code [N, H, W, C]} one behind the other. */
    public static String spaceToDepth(Ops ops, String x, long block) {
        return channelsLast(ops, ops.op("SpaceToDepth", Attributes.of("blocksize", block), channelsFirst(ops, x)));
    }
}
