package dev.infuser.converter.tflite;

import static org.tensorflow.lite.schema.BuiltinOperator.*;

import dev.infuser.converter.tensorflow.Convolutions;
import dev.infuser.converter.tensorflow.Ops;
import dev.infuser.graph.Attributes;
import java.util.Map;
import org.tensorflow.lite.schema.BatchMatMulOptions;
import org.tensorflow.lite.schema.Conv2DOptions;
import org.tensorflow.lite.schema.Conv3DOptions;
import org.tensorflow.lite.schema.DepthToSpaceOptions;
import org.tensorflow.lite.schema.DepthwiseConv2DOptions;
import org.tensorflow.lite.schema.FullyConnectedOptions;
import org.tensorflow.lite.schema.FullyConnectedOptionsWeightsFormat;
import org.tensorflow.lite.schema.LocalResponseNormalizationOptions;
import org.tensorflow.lite.schema.Padding;
import org.tensorflow.lite.schema.Pool2DOptions;
import org.tensorflow.lite.schema.ResizeBilinearOptions;
import org.tensorflow.lite.schema.ResizeNearestNeighborOptions;
import org.tensorflow.lite.schema.SpaceToDepthOptions;
import org.tensorflow.lite.schema.TransposeConvOptions;

/** Convolutions, products of matrices, pooling, and what else works on images. */
final class ProductRules {

    private ProductRules() {
    }

    static void add(Map<Integer, Rule> rules) {
        rules.put(CONV_2D, Rule.stored(ProductRules::conv));
        rules.put(DEPTHWISE_CONV_2D, Rule.stored(ProductRules::depthwise));
        rules.put(CONV_3D, Rule.stored(ProductRules::conv3));
        rules.put(TRANSPOSE_CONV, Rule.stored(ProductRules::transposeConv));
        rules.put(CONV_3D_TRANSPOSE, Rule.stored(ProductRules::transposeConv3));
        rules.put(FULLY_CONNECTED, Rule.stored(ProductRules::fullyConnected));
        rules.put(BATCH_MATMUL, Rule.stored(ProductRules::matMul));
        rules.put(MAX_POOL_2D, Rule.moved(call -> pool(call, "MaxPool", Convolutions.channelsFirst(call.ops(), call.in(0)))));
        rules.put(AVERAGE_POOL_2D, Rule.real(call -> pool(call, "AveragePool", Convolutions.channelsFirst(call.ops(), call.in(0)))));
        rules.put(L2_POOL_2D, Rule.real(ProductRules::l2Pool));
        rules.put(RESIZE_BILINEAR, Rule.real(call -> Convolutions.resize(call.ops(), "linear", call.in(0), call.in(1),
                call.options(new ResizeBilinearOptions()).alignCorners(),
                call.options(new ResizeBilinearOptions()).halfPixelCenters())));
        rules.put(RESIZE_NEAREST_NEIGHBOR, Rule.moved(call -> Convolutions.resize(call.ops(), "nearest", call.in(0), call.in(1),
                call.options(new ResizeNearestNeighborOptions()).alignCorners(),
                call.options(new ResizeNearestNeighborOptions()).halfPixelCenters())));
        rules.put(SPACE_TO_DEPTH, Rule.moved(call -> Convolutions.spaceToDepth(call.ops(), call.in(0),
                call.options(new SpaceToDepthOptions()).blockSize())));
        rules.put(DEPTH_TO_SPACE, Rule.moved(call -> Convolutions.depthToSpace(call.ops(), call.in(0),
                call.options(new DepthToSpaceOptions()).blockSize())));
        rules.put(LOCAL_RESPONSE_NORMALIZATION, Rule.real(ProductRules::localResponse));
    }

    private static Attributes window(int padding, long[] strides, long[] dilations) {
        Attributes attributes = Attributes.of("strides", strides, "dilations", dilations);
        return padding == Padding.SAME ? attributes.with("auto_pad", "SAME_UPPER") : attributes;
    }

    /** A convolution whose weights have the layout of ONNX. */
    private static String convolve(Call call, String weights, Attributes window, int function) {
        Ops ops = call.ops();
        String x = call.first(0);
        String bias = call.bias(2);
        String product = bias.isEmpty() ? ops.op("Conv", window, x, weights) : ops.op("Conv", window, x, weights, bias);
        return Convolutions.channelsLast(ops, call.quantized(0, call.activated(product, function)));
    }

    private static long groups(Call call, int last) {
        long channels = call.ops().extent(call.raw(0), last);
        int perGroup = call.info(1).shape()[call.info(1).shape().length - 1];
        if (perGroup == 0 || channels % perGroup != 0) {
            throw call.ops().unsupported("has " + channels + " channels and weights for " + perGroup);
        }
        return channels / perGroup;
    }

    private static String conv(Call call) {
        Conv2DOptions options = call.options(new Conv2DOptions());
        Attributes window = window(options.padding(), new long[] {options.strideH(), options.strideW()},
                new long[] {options.dilationHFactor(), options.dilationWFactor()});
        String weights = call.weights(1, 0, 3, 1, 2);
        return convolve(call, weights, window.with("group", groups(call, 3)), options.fusedActivationFunction());
    }

    /** Weights are {@code [1, h, w, C * multiplier]}. */
    private static String depthwise(Call call) {
        DepthwiseConv2DOptions options = call.options(new DepthwiseConv2DOptions());
        Attributes window = window(options.padding(), new long[] {options.strideH(), options.strideW()},
                new long[] {options.dilationHFactor(), options.dilationWFactor()});
        return convolve(call, call.weights(1, 3, 0, 1, 2), window.with("group", call.ops().extent(call.raw(0), 3)),
                options.fusedActivationFunction());
    }

    /** Weights are {@code [d, h, w, C, M]}. */
    private static String conv3(Call call) {
        Conv3DOptions options = call.options(new Conv3DOptions());
        return convolve(call, call.weights(1, 4, 3, 0, 1, 2), window(options.padding(), strides(options), dilations(options)),
                options.fusedActivationFunction());
    }

    private static long[] strides(Conv3DOptions options) {
        return new long[] {options.strideD(), options.strideH(), options.strideW()};
    }

    private static long[] dilations(Conv3DOptions options) {
        return new long[] {options.dilationDFactor(), options.dilationHFactor(), options.dilationWFactor()};
    }

    /** Weights are {@code [M, h, w, C]}; input 0 is the size of the output. */
    private static String transposeConv(Call call) {
        TransposeConvOptions options = call.options(new TransposeConvOptions());
        long[] strides = {options.strideH(), options.strideW()};
        return transposed(call, 2, call.weights(1, 3, 0, 1, 2), strides, new long[] {1, 1}, options.padding(),
                call.longs(0, "size"), 3, activation(call));
    }

    /** The fused activation function, which the published class does not know. */
    private static int activation(Call call) {
        Fields fields = call.node().fields().options();
        return fields == null ? 0 : fields.octet(3);
    }

    /** Weights are {@code [d, h, w, M, C]}. */
    private static String transposeConv3(Call call) {
        Conv3DOptions options = call.options(new Conv3DOptions());
        return transposed(call, 2, call.weights(1, 4, 3, 0, 1, 2), strides(options), dilations(options), options.padding(),
                call.longs(0, "size"), 3, options.fusedActivationFunction());
    }

    /**
     * The transpose of a convolution.
     *
     * @param weights {@code [C, M, k..]}
     * @param size    {@code [N, D.., M]} of the output
     */
    static String transposed(Call call, int input, String weights, long[] strides, long[] dilations, int padding, long[] size,
            int bias, int function) {
        Ops ops = call.ops();
        String x = call.first(input);
        int n = strides.length;
        if (size.length != n + 2) {
            throw ops.unsupported("gives " + size.length + " dimensions");
        }
        long[] pads = new long[2 * n];
        long[] beyond = new long[n];
        for (int i = 0; i < n; i++) {
            long span = (ops.extent(weights, i + 2) - 1) * dilations[i] + 1;
            long whole = (ops.extent(x, i + 2) - 1) * strides[i] + span;
            long total = padding == Padding.SAME ? Math.max(0, whole - size[i + 1]) : 0;
            pads[i] = total / 2;
            pads[n + i] = total - total / 2;
            beyond[i] = size[i + 1] - (whole - total);
            if (beyond[i] < 0) {
                // Less than all is asked for: the rest is cut off at the end.
                pads[n + i] -= beyond[i];
                beyond[i] = 0;
            }
        }
        Attributes attributes = Attributes.of("strides", strides, "dilations", dilations, "pads", pads, "output_padding", beyond);
        String b = call.bias(bias);
        String product = b.isEmpty() ? ops.op("ConvTranspose", attributes, x, weights)
                : ops.op("ConvTranspose", attributes, x, weights, b);
        return Convolutions.channelsLast(ops, call.quantized(0, call.activated(product, function)));
    }

    /** Weights are {@code [N, K]}; all axes but the last of x are one, unless they are to stay. */
    private static String fullyConnected(Call call) {
        Ops ops = call.ops();
        FullyConnectedOptions options = call.options(new FullyConnectedOptions());
        if (options.weightsFormat() != FullyConnectedOptionsWeightsFormat.DEFAULT) {
            throw ops.unsupported("has shuffled weights");
        }
        int[] w = call.info(1).shape();
        if (w.length != 2) {
            throw ops.unsupported("has weights of " + w.length + " dimensions");
        }
        String x = call.raw(0);
        int rank = ops.rank(x);
        if (rank != 2 && !(options.keepNumDims() && rank > 1)) {
            x = ops.reshape(x, -1, w[1]);
        }
        String product = ops.op("MatMul", call.dequantized(0, x), call.weights(1, 1, 0));
        String sum = call.has(2) ? ops.op("Add", product, call.bias(2)) : product;
        return call.quantized(0, call.activated(sum, options.fusedActivationFunction()));
    }

    private static String matMul(Call call) {
        BatchMatMulOptions options = call.options(new BatchMatMulOptions());
        return call.quantized(0, call.op("MatMul", factor(call, 0, options.adjX()), factor(call, 1, options.adjY())));
    }

    private static String factor(Call call, int i, boolean flip) {
        if (!flip) {
            return call.real(i);
        }
        int rank = call.constant(i) == null ? call.ops().rank(call.raw(i)) : call.info(i).shape().length;
        int[] perm = new int[rank];
        for (int axis = 0; axis < rank; axis++) {
            perm[axis] = axis < rank - 2 ? axis : 2 * rank - 3 - axis;
        }
        return call.weights(i, perm);
    }

    private static String pool(Call call, String op, String x) {
        Pool2DOptions options = call.options(new Pool2DOptions());
        Attributes attributes = window(options.padding(), new long[] {options.strideH(), options.strideW()}, new long[] {1, 1})
                .without("dilations").with("kernel_shape", new long[] {options.filterHeight(), options.filterWidth()});
        String pooled = Convolutions.channelsLast(call.ops(), call.op(op, attributes, x));
        return call.stored() && call.info(0).isQuantized() ? pooled : call.activated(pooled, options.fusedActivationFunction());
    }

    /** The root of the mean square. */
    private static String l2Pool(Call call) {
        String x = Convolutions.channelsFirst(call.ops(), call.in(0));
        Pool2DOptions options = call.options(new Pool2DOptions());
        Attributes attributes = window(options.padding(), new long[] {options.strideH(), options.strideW()}, new long[] {1, 1})
                .without("dilations").with("kernel_shape", new long[] {options.filterHeight(), options.filterWidth()});
        String mean = call.op("AveragePool", attributes, call.op("Mul", x, x));
        return call.activated(Convolutions.channelsLast(call.ops(), call.op("Sqrt", mean)), options.fusedActivationFunction());
    }

    /** Sums over {@code 2 r + 1} neighbouring channels. */
    private static String localResponse(Call call) {
        Ops ops = call.ops();
        LocalResponseNormalizationOptions options = call.options(new LocalResponseNormalizationOptions());
        long size = 2L * options.radius() + 1;
        return Convolutions.channelsLast(ops, ops.op("LRN", Attributes.of("size", size, "alpha", options.alpha() * size, "beta",
                options.beta(), "bias", options.bias()), Convolutions.channelsFirst(ops, call.in(0))));
    }
}
