package dev.infuser.converter.tflite;

import dev.infuser.converter.tensorflow.Ops;
import dev.infuser.graph.Attributes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.Map;
import org.tensorflow.lite.schema.Padding;

/** Operators that MediaPipe adds. Source: MediaPipe, {@code mediapipe/util/tflite/operations}. */
final class MediaPipeRules {

    /** As the options of these operators number it, unlike the schema. */
    private static final int SAME = 1;

    private MediaPipeRules() {
    }

    static void add(Map<String, Rule> rules) {
        rules.put("Convolution2DTransposeBias", Rule.stored(MediaPipeRules::transposeConv));
        rules.put("MaxPoolingWithArgmax2D", new Rule(Rule.Numbers.REAL, MediaPipeRules::maxPool));
        rules.put("MaxUnpooling2D", Rule.real(MediaPipeRules::maxUnpool));
        rules.put("Landmarks2TransformMatrix", Rule.real(LandmarkRules::matrix));
        rules.put("TransformLandmarks", Rule.real(LandmarkRules::landmarks));
        rules.put("TransformTensor", Rule.real(LandmarkRules::image));
        rules.put("TransformTensorBilinear", Rule.real(LandmarkRules::image));
    }

    private static ByteBuffer options(Call call, int numbers) {
        ByteBuffer options = call.node().custom();
        if (options.remaining() < numbers * Integer.BYTES) {
            throw call.ops().unsupported("has options of " + options.remaining() + " bytes");
        }
        return options;
    }

    /** Weights are {@code [M, h, w, C]}; the options are padding and strides, the width first. */
    private static String transposeConv(Call call) {
        Ops ops = call.ops();
        ByteBuffer options = options(call, 3);
        boolean same = options.getInt(0) == SAME;
        long[] strides = {options.getInt(8), options.getInt(4)};
        if (strides[0] < 1 || strides[1] < 1) {
            throw ops.unsupported("moves by " + strides[0] + " and " + strides[1]);
        }
        int[] declared = call.output(0).shape();
        long[] size = new long[declared.length];
        for (int i = 0; i < size.length; i++) {
            size[i] = declared[i];
        }
        return ProductRules.transposed(call, 0, call.weights(1, 3, 0, 1, 2), strides, new long[] {1, 1},
                same ? Padding.SAME : Padding.VALID, size, 2, 0);
    }

    /** The greatest of every window, and its place in the window, row by row, plus 0.1. */
    private static String[] maxPool(Call call) {
        Ops ops = call.ops();
        Pool pool = Pool.of(call);
        if (pool.strides[0] != pool.kernel[0] || pool.strides[1] != pool.kernel[1] || !pool.fits(ops, call.in(0))) {
            throw ops.unsupported("has windows that overlap or do not fill the image");
        }
        String windows = pool.windows(ops, call.in(0));
        String greatest = ops.op("ReduceMax", Attributes.of("keepdims", 0), windows, ops.vector(3));
        String place = ops.op("ArgMax", Attributes.of("axis", 3, "keepdims", 0), windows);
        String number = ops.cast(place, DType.FLOAT32);
        String real = ops.op("Add", number, ops.like(number, 0.1f));
        return new String[] {call.activated(greatest, pool.function), real};
    }

    /** Each element at its place in a window of zeros. */
    private static String maxUnpool(Call call) {
        Ops ops = call.ops();
        Pool pool = Pool.of(call);
        if (pool.strides[0] != pool.kernel[0] || pool.strides[1] != pool.kernel[1]) {
            throw ops.unsupported("has windows that overlap");
        }
        String x = call.in(0);
        long h = ops.extent(x, 1);
        long w = ops.extent(x, 2);
        long c = ops.extent(x, 3);
        int size = Math.toIntExact(pool.kernel[0] * pool.kernel[1]);
        long[] places = new long[size];
        for (int i = 0; i < size; i++) {
            places[i] = i;
        }
        String place = ops.unsqueeze(ops.longs(call.in(1)), 3);
        String here = ops.op("Equal", place, ops.constant(Tensor.longs(new int[] {size, 1}, places)));
        String wide = ops.op("Where", here, ops.unsqueeze(x, 3), ops.like(x, 0));
        String parts = ops.reshape(wide, -1, h, w, pool.kernel[0], pool.kernel[1], c);
        return ops.reshape(ops.transpose(parts, 0, 1, 3, 2, 4, 5), -1, h * pool.kernel[0], w * pool.kernel[1], c);
    }

    /** A window of {@code [h, w]}, of options that list the width first. */
    private record Pool(long[] strides, long[] kernel, int function) {

        static Pool of(Call call) {
            ByteBuffer options = options(call, 6);
            Pool pool = new Pool(new long[] {options.getInt(8), options.getInt(4)}, new long[] {options.getInt(16), options.getInt(12)},
                    options.getInt(20));
            for (int i = 0; i < 2; i++) {
                if (pool.kernel[i] < 1 || pool.kernel[i] > Short.MAX_VALUE || pool.strides[i] < 1) {
                    throw call.ops().unsupported("has windows of " + pool.kernel[i] + " that move by " + pool.strides[i]);
                }
            }
            return pool;
        }

        boolean fits(Ops ops, String x) {
            return ops.extent(x, 1) % kernel[0] == 0 && ops.extent(x, 2) % kernel[1] == 0;
        }

        /** {@code [N, H, W, C]} as {@code [N, rows, columns, window, C]}. */
        String windows(Ops ops, String x) {
            long rows = ops.extent(x, 1) / kernel[0];
            long columns = ops.extent(x, 2) / kernel[1];
            long c = ops.extent(x, 3);
            String parts = ops.transpose(ops.reshape(x, -1, rows, kernel[0], columns, kernel[1], c), 0, 1, 3, 2, 4, 5);
            return ops.reshape(parts, -1, rows, columns, kernel[0] * kernel[1], c);
        }
    }
}
