package dev.infuser.demo;

import static org.tensorflow.lite.schema.BuiltinOperator.*;

import dev.infuser.tensor.Tensor;
import org.tensorflow.lite.schema.*;

/** Products, convolutions and pools, of real numbers and of quantised ones. */
final class TfliteProductCases extends TfliteCases {

    @Override
    void add() {
        products();
        integers();
    }

    private void products() {
        add("CONV_2D same", k -> k.out(k.op(CONV_2D, conv(SAME, 2, 1, 1), s(2, 4, 3, 5), k.in(-1, 1, 2, 7, 6, 3),
                k.weights(-1, 1, 5, 3, 3, 3), k.weights(-1, 1, 5))));
        add("CONV_2D valid", k -> k.out(k.op(CONV_2D, conv(VALID, 1, 2, 3), s(1, 5, 5, 8), k.in(-1, 1, 1, 9, 9, 4),
                k.weights(-1, 1, 8, 3, 3, 4), k.weights(-1, 1, 8))));
        add("CONV_2D groups", k -> k.out(k.op(CONV_2D, conv(SAME, 1, 1, 0), s(1, 4, 4, 6), k.in(-1, 1, 1, 4, 4, 4),
                k.weights(-1, 1, 6, 3, 3, 2), k.weights(-1, 1, 6))));
        add("DEPTHWISE_CONV_2D", k -> k.out(k.op(DEPTHWISE_CONV_2D, depthwise(SAME, 2, 1), s(1, 4, 4, 6), k.in(-1, 1, 1, 7, 8, 6),
                k.weights(-1, 1, 1, 3, 3, 6), k.weights(-1, 1, 6))));
        add("DEPTHWISE_CONV_2D multiplier", k -> k.out(k.op(DEPTHWISE_CONV_2D, depthwise(VALID, 1, 2), s(1, 5, 6, 6),
                k.in(-1, 1, 1, 7, 8, 3), k.weights(-1, 1, 1, 3, 3, 6), k.weights(-1, 1, 6))));
        for (byte padding : new byte[] {SAME, VALID}) {
            TransposeConvOptionsT transpose = new TransposeConvOptionsT();
            transpose.setPadding(padding);
            transpose.setStrideH(2);
            transpose.setStrideW(2);
            int size = padding == SAME ? 10 : 11;
            add("TRANSPOSE_CONV " + padding, k -> k.out(k.op(TRANSPOSE_CONV, transpose, s(1, size, size, 4), k.list(1, size, size, 4),
                    k.weights(-1, 1, 4, 3, 3, 3), k.in(-1, 1, 1, 5, 5, 3), k.weights(-1, 1, 4))));
        }
        Conv3DOptionsT conv3 = new Conv3DOptionsT();
        conv3.setPadding(SAME);
        conv3.setStrideD(1);
        conv3.setStrideH(2);
        conv3.setStrideW(1);
        conv3.setDilationDFactor(1);
        conv3.setDilationHFactor(1);
        conv3.setDilationWFactor(1);
        add("CONV_3D", k -> k.out(k.op(CONV_3D, conv3, s(1, 3, 2, 4, 5), k.in(-1, 1, 1, 3, 4, 4, 2), k.weights(-1, 1, 2, 3, 3, 2, 5),
                k.weights(-1, 1, 5))));
        add("CONV_3D_TRANSPOSE", k -> k.out(k.op(CONV_3D_TRANSPOSE, conv3, s(1, 3, 8, 4, 5), k.list(1, 3, 8, 4, 5),
                k.weights(-1, 1, 2, 3, 3, 5, 2), k.in(-1, 1, 1, 3, 4, 4, 2), k.weights(-1, 1, 5))));
        FullyConnectedOptionsT full = new FullyConnectedOptionsT();
        full.setFusedActivationFunction((byte) 1);
        add("FULLY_CONNECTED", k -> k.out(k.op(FULLY_CONNECTED, full, s(2, 7), k.in(-1, 1, 2, 3, 4), k.weights(-1, 1, 7, 12),
                k.weights(-1, 1, 7))));
        FullyConnectedOptionsT keep = new FullyConnectedOptionsT();
        keep.setKeepNumDims(true);
        add("FULLY_CONNECTED keep", k -> k.out(k.op(FULLY_CONNECTED, keep, s(2, 3, 7), k.in(-1, 1, 2, 3, 4), k.weights(-1, 1, 7, 4), -1)));
        for (int flips = 0; flips < 4; flips++) {
            BatchMatMulOptionsT product = new BatchMatMulOptionsT();
            product.setAdjX(flips % 2 == 1);
            product.setAdjY(flips > 1);
            int[] a = flips % 2 == 1 ? s(2, 5, 3) : s(2, 3, 5);
            int[] b = flips > 1 ? s(2, 4, 5) : s(2, 5, 4);
            add("BATCH_MATMUL " + flips, k -> k.out(k.op(BATCH_MATMUL, product, s(2, 3, 4), k.in(-1, 1, a), k.in(-1, 1, b))));
        }
        for (int code : new int[] {AVERAGE_POOL_2D, MAX_POOL_2D, L2_POOL_2D}) {
            for (byte padding : new byte[] {SAME, VALID}) {
                Pool2DOptionsT pool = new Pool2DOptionsT();
                pool.setPadding(padding);
                pool.setStrideH(2);
                pool.setStrideW(1);
                pool.setFilterHeight(3);
                pool.setFilterWidth(2);
                add(name(code) + " " + padding, k -> k.out(k.op(code, pool, padding == SAME ? s(1, 4, 6, 3) : s(1, 3, 5, 3),
                        k.in(-1, 1, 1, 7, 6, 3))));
            }
        }
        for (int mode = 0; mode < 3; mode++) {
            ResizeBilinearOptionsT linear = new ResizeBilinearOptionsT();
            linear.setAlignCorners(mode == 1);
            linear.setHalfPixelCenters(mode == 2);
            ResizeNearestNeighborOptionsT nearest = new ResizeNearestNeighborOptionsT();
            nearest.setAlignCorners(mode == 1);
            nearest.setHalfPixelCenters(mode == 2);
            add("RESIZE_BILINEAR " + mode, k -> k.out(k.op(RESIZE_BILINEAR, linear, s(1, 9, 4, 3), k.in(-1, 1, 1, 5, 6, 3),
                    k.list(9, 4))));
            add("RESIZE_NEAREST_NEIGHBOR " + mode, k -> k.out(k.op(RESIZE_NEAREST_NEIGHBOR, nearest, s(1, 9, 4, 3),
                    k.in(-1, 1, 1, 5, 6, 3), k.list(9, 4))));
        }
        SpaceToDepthOptionsT fold = new SpaceToDepthOptionsT();
        fold.setBlockSize(2);
        DepthToSpaceOptionsT unfold = new DepthToSpaceOptionsT();
        unfold.setBlockSize(2);
        add("SPACE_TO_DEPTH", k -> k.out(k.op(SPACE_TO_DEPTH, fold, s(1, 2, 3, 12), k.in(-1, 1, 1, 4, 6, 3))));
        add("DEPTH_TO_SPACE", k -> k.out(k.op(DEPTH_TO_SPACE, unfold, s(1, 4, 6, 3), k.in(-1, 1, 1, 2, 3, 12))));
        LocalResponseNormalizationOptionsT response = new LocalResponseNormalizationOptionsT();
        response.setRadius(2);
        response.setBias(1);
        response.setAlpha(0.5f);
        response.setBeta(0.75f);
        add("LOCAL_RESPONSE_NORMALIZATION", k -> k.out(k.op(LOCAL_RESPONSE_NORMALIZATION, response, s(1, 2, 2, 9),
                k.in(-1, 1, 1, 2, 2, 9))));
    }

    /** Integers that stand for numbers: results may be a step apart. */
    private void integers() {
        for (int type : new int[] {TensorType.INT8, TensorType.UINT8}) {
            String of = " " + TensorType.name(type);
            int zero = type == TensorType.INT8 ? 3 : 120;
            step("LOGISTIC" + of, 1 / 256f, k -> k.out(k.quantizedOp(LOGISTIC, null, type, 1 / 256f,
                    type == TensorType.INT8 ? -128 : 0, s(3, 9), k.quantized(k.in(-4, 4, 3, 9), type, 0.04f, zero, 3, 9))));
            step("SOFTMAX" + of, 1 / 256f, k -> {
                SoftmaxOptionsT softmax = new SoftmaxOptionsT();
                softmax.setBeta(1);
                k.out(k.quantizedOp(SOFTMAX, softmax, type, 1 / 256f, type == TensorType.INT8 ? -128 : 0, s(3, 9),
                        k.quantized(k.in(-4, 4, 3, 9), type, 0.04f, zero, 3, 9)));
            });
            for (int code : new int[] {ADD, MUL, SUB}) {
                Object options = code == ADD ? new AddOptionsT() : code == SUB ? new SubOptionsT() : new MulOptionsT();
                step(name(code) + of, 0.05f, k -> k.out(k.quantizedOp(code, options, type, 0.05f, zero, s(3, 9),
                        k.quantized(k.in(-3, 3, 3, 9), type, 0.03f, zero, 3, 9), k.quantized(k.in(-2, 2, 3, 9), type, 0.02f, zero, 3, 9))));
            }
            Pool2DOptionsT pool = new Pool2DOptionsT();
            pool.setStrideH(2);
            pool.setStrideW(2);
            pool.setFilterHeight(3);
            pool.setFilterWidth(3);
            for (int code : new int[] {AVERAGE_POOL_2D, MAX_POOL_2D}) {
                step(name(code) + of, 0.03f, k -> k.out(k.quantizedOp(code, pool, type, 0.03f, zero, s(1, 4, 4, 8),
                        k.quantized(k.in(-3, 3, 1, 7, 7, 8), type, 0.03f, zero, 1, 7, 7, 8))));
            }
            step("MEAN" + of, 0.03f, k -> k.out(k.quantizedOp(MEAN, new ReducerOptionsT(), type, 0.03f, zero, s(2, 8),
                    k.quantized(k.in(-3, 3, 2, 5, 5, 8), type, 0.03f, zero, 2, 5, 5, 8), k.list(1, 2))));
            step("RESIZE_BILINEAR" + of, 0.03f, k -> k.out(k.quantizedOp(RESIZE_BILINEAR, new ResizeBilinearOptionsT(), type, 0.03f,
                    zero, s(1, 8, 9, 3), k.quantized(k.in(-3, 3, 1, 4, 5, 3), type, 0.03f, zero, 1, 4, 5, 3), k.list(8, 9))));
            step("PAD" + of, 0, k -> k.out(k.quantizedOp(PAD, null, type, 0.03f, zero, s(4, 5),
                    k.quantized(k.in(-3, 3, 3, 5), type, 0.03f, zero, 3, 5), k.constant(Tensor.ints(s(2, 2), 1, 0, 0, 0)))));
            step("TRANSPOSE" + of, 0, k -> k.out(k.quantizedOp(TRANSPOSE, null, type, 0.03f, zero, s(5, 3),
                    k.quantized(k.in(-3, 3, 3, 5), type, 0.03f, zero, 3, 5), k.list(1, 0))));
            ConcatenationOptionsT concat = new ConcatenationOptionsT();
            concat.setAxis(1);
            step("CONCATENATION" + of, type == TensorType.INT8 ? 0 : 0.03f, k -> k.out(k.quantizedOp(CONCATENATION, concat, type, 0.03f,
                    zero, s(3, 9), k.quantized(k.in(-3, 3, 3, 5), type, 0.03f, zero, 3, 5),
                    k.quantized(k.in(-3, 3, 3, 4), type, 0.03f, zero, 3, 4))));
        }
        for (int type : new int[] {TensorType.INT8, TensorType.INT16}) {
            boolean wide = type == TensorType.INT16;
            float in = wide ? 1e-4f : 0.02f;
            float out = wide ? 5e-4f : 0.1f;
            int zero = wide ? 0 : -5;
            String of = " " + TensorType.name(type);
            step("CONV_2D" + of, out, k -> {
                int w = k.bytes(0.01f, 0, 8, 3, 3, 4);
                k.out(k.quantizedOp(CONV_2D, conv(SAME, 2, 1, 1), type, out, zero, s(1, 4, 4, 8),
                        k.quantized(k.in(-2, 2, 1, 7, 8, 4), type, in, zero, 1, 7, 8, 4), w, sums(k, w, in, wide)));
            });
            step("DEPTHWISE_CONV_2D" + of, out, k -> {
                int w = k.bytes(0.01f, 3, 1, 3, 3, 8);
                k.out(k.quantizedOp(DEPTHWISE_CONV_2D, depthwise(SAME, 1, 1), type, out, zero, s(1, 7, 8, 8),
                        k.quantized(k.in(-2, 2, 1, 7, 8, 8), type, in, zero, 1, 7, 8, 8), w, sums(k, w, in, wide)));
            });
        }
        step("FULLY_CONNECTED INT8", 0.1f, k -> {
            int w = k.file().quantized(k.bytes(0.01f, 0, 5, 12), 0.01f, 0);
            k.out(k.quantizedOp(FULLY_CONNECTED, new FullyConnectedOptionsT(), TensorType.INT8, 0.1f, 4, s(2, 5),
                    k.quantized(k.in(-2, 2, 2, 3, 4), TensorType.INT8, 0.02f, -5, 2, 3, 4), w,
                    k.file().quantized(k.list(100, 200, -300, 50, 7), 0.0002f, 0)));
        });
        step("REQUANTIZE", 0.05f, k -> {
            int y = k.file().quantized(k.mid(TensorType.INT8, 3, 9), 0.05f, 7);
            k.file().op(QUANTIZE, null, s(k.quantized(k.in(-3, 3, 3, 9), TensorType.INT8, 0.03f, -4, 3, 9)), y);
            k.out(k.dequantized(y, 3, 9));
        });
        // LiteRT.js rounds what weights of 8 bits are multiplied with to 8 bits too, which costs up to this much.
        step("FULLY_CONNECTED of bytes", 0.05f, k -> k.out(k.op(FULLY_CONNECTED, new FullyConnectedOptionsT(), s(2, 5),
                k.in(-2, 2, 2, 12), k.file().quantized(k.bytes(0.01f, 0, 5, 12), 0.01f, 0), -1)));
        step("CONV_2D of bytes", 0.1f, k -> k.out(k.op(CONV_2D, conv(SAME, 1, 1, 0), s(1, 5, 5, 8), k.in(-2, 2, 1, 5, 5, 4),
                k.bytes(0.01f, 0, 8, 3, 3, 4), k.weights(-1, 1, 8))));
    }

    /** A bias, of int64 where numbers have 16 bits. */
    private static int sums(TfliteSketch k, int weights, float scale, boolean wide) {
        if (!wide) {
            return k.sums(weights, scale);
        }
        int count = k.file().scales(weights).length;
        float[] scales = new float[count];
        for (int i = 0; i < count; i++) {
            scales[i] = scale * k.file().scales(weights)[i];
        }
        return k.file().quantized(k.constant(Tensor.longs(s(count), new long[count])), 0, scales, new long[count]);
    }

    private static DepthwiseConv2DOptionsT depthwise(byte padding, int stride, int multiplier) {
        DepthwiseConv2DOptionsT options = new DepthwiseConv2DOptionsT();
        options.setPadding(padding);
        options.setStrideH(stride);
        options.setStrideW(stride);
        options.setDepthMultiplier(multiplier);
        options.setFusedActivationFunction((byte) 3);
        return options;
    }

    private static Conv2DOptionsT conv(byte padding, int stride, int dilation, int function) {
        Conv2DOptionsT options = new Conv2DOptionsT();
        options.setPadding(padding);
        options.setStrideH(stride);
        options.setStrideW(stride);
        options.setDilationHFactor(dilation);
        options.setDilationWFactor(dilation);
        options.setFusedActivationFunction((byte) function);
        return options;
    }
}
