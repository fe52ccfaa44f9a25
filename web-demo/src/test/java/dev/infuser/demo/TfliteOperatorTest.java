package dev.infuser.demo;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.tensorflow.lite.schema.BuiltinOperator.*;

import com.google.flatbuffers.FlexBuffersBuilder;
import dev.infuser.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.lite.schema.*;

/** Operators of TensorFlow Lite in the browser beside LiteRT.js, each as a model of its own. */
@ExtendWith(Harness.Shared.class)
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class TfliteOperatorTest {

    private static final double TOLERANCE = 2e-6;
    private static final int F = TensorType.FLOAT32;
    private static final int I = TensorType.INT32;
    private static final int B = TensorType.BOOL;
    private static final byte VALID = Padding.VALID;
    private static final byte SAME = Padding.SAME;

    private final Map<String, Consumer<TfliteSketch>> cases = new LinkedHashMap<>();

    private void add(String name, Consumer<TfliteSketch> sketch) {
        cases.put(name, sketch);
    }

    private static int[] s(int... shape) {
        return shape;
    }

    private void elements() {
        for (int code : new int[] {ABS, CEIL, COS, ELU, EXP, FLOOR, HARD_SWISH, LOGISTIC, NEG, RELU, RELU6, RELU_N1_TO_1, RELU_0_TO_1,
            ROUND, SIGN, SIN, SQUARE, TANH, ZEROS_LIKE, LOG_SOFTMAX}) {
            add(name(code), k -> k.out(k.op(code, null, s(3, 7), k.in(-4, 4, 3, 7))));
        }
        for (int code : new int[] {LOG, SQRT, RSQRT}) {
            add(name(code), k -> k.out(k.op(code, null, s(3, 7), k.in(0.1, 4, 3, 7))));
        }
        for (int code : new int[] {MAXIMUM, MINIMUM, SQUARED_DIFFERENCE, FLOOR_DIV, FLOOR_MOD}) {
            add(name(code), k -> k.out(k.op(code, null, s(2, 3, 5), k.in(-4, 4, 2, 3, 5), k.in(-4, 4, 3, 5))));
        }
        add("ATAN2", k -> k.out(k.op(ATAN2, new ATan2OptionsT(), s(3, 5), k.in(-4, 4, 3, 5), k.in(-4, 4, 3, 5))));
        add("POW", k -> k.out(k.op(POW, null, s(3, 5), k.in(0.1, 4, 3, 5), k.in(-2, 2, 3, 5))));
        for (byte function : new byte[] {0, 1, 2, 3}) {
            AddOptionsT add = new AddOptionsT();
            add.setFusedActivationFunction(function);
            add("ADD " + function, k -> k.out(k.op(ADD, add, s(2, 3, 5), k.in(-4, 4, 2, 3, 5), k.in(-4, 4, 5))));
        }
        SubOptionsT sub = new SubOptionsT();
        add("SUB", k -> k.out(k.op(SUB, sub, s(2, 3, 5), k.in(-4, 4, 2, 3, 5), k.in(-4, 4, 3, 1))));
        MulOptionsT mul = new MulOptionsT();
        mul.setFusedActivationFunction((byte) 3);
        add("MUL", k -> k.out(k.op(MUL, mul, s(2, 3, 5), k.in(-4, 4, 2, 3, 5), k.in(-4, 4, 1))));
        add("DIV", k -> k.out(k.op(DIV, new DivOptionsT(), s(2, 3, 5), k.in(-4, 4, 2, 3, 5), k.in(1, 4, 2, 1, 5))));
        for (int code : new int[] {EQUAL, NOT_EQUAL, LESS, LESS_EQUAL, GREATER, GREATER_EQUAL}) {
            add(name(code), k -> k.out(k.real(k.op(code, null, B, s(4, 6), k.ints(0, 2, 4, 6), k.ints(0, 2, 4, 6)), B, 4, 6)));
        }
        for (int code : new int[] {LOGICAL_AND, LOGICAL_OR}) {
            add(name(code), k -> {
                int a = k.op(GREATER, null, B, s(8), k.in(-1, 1, 8), k.number(0f));
                int b = k.op(GREATER, null, B, s(8), k.in(-1, 1, 8), k.number(0f));
                k.out(k.real(k.op(LOGICAL_NOT, null, B, s(8), k.op(code, null, B, s(8), a, b)), B, 8));
            });
        }
        for (int code : new int[] {FLOOR_DIV, FLOOR_MOD}) {
            add(name(code) + " int", k -> k.out(k.op(code, null, I, s(9), k.ints(-9, 9, 9), k.ints(1, 4, 9))));
        }
        add("ADD_N", k -> k.out(k.op(ADD_N, null, s(3), k.in(-1, 1, 3), k.in(-1, 1, 3), k.in(-1, 1, 3))));
        add("PRELU", k -> k.out(k.op(PRELU, null, s(1, 2, 2, 5), k.in(-2, 2, 1, 2, 2, 5), k.weights(-1, 1, 1, 1, 5))));
        LeakyReluOptionsT leaky = new LeakyReluOptionsT();
        leaky.setAlpha(0.3f);
        add("LEAKY_RELU", k -> k.out(k.op(LEAKY_RELU, leaky, s(11), k.in(-2, 2, 11))));
        for (boolean approximate : new boolean[] {true, false}) {
            GeluOptionsT gelu = new GeluOptionsT();
            gelu.setApproximate(approximate);
            add("GELU " + approximate, k -> k.out(k.op(GELU, gelu, s(11), k.in(-4, 4, 11))));
        }
        for (float beta : new float[] {1, 0.5f}) {
            SoftmaxOptionsT softmax = new SoftmaxOptionsT();
            softmax.setBeta(beta);
            add("SOFTMAX " + beta, k -> k.out(k.op(SOFTMAX, softmax, s(3, 9), k.in(-4, 4, 3, 9))));
        }
        add("L2_NORMALIZATION", k -> k.out(k.op(L2_NORMALIZATION, new L2NormOptionsT(), s(3, 9), k.in(-4, 4, 3, 9))));
        FakeQuantOptionsT fake = new FakeQuantOptionsT();
        fake.setMin(-1.1f);
        fake.setMax(2.3f);
        fake.setNumBits(4);
        add("FAKE_QUANT", k -> k.out(k.op(FAKE_QUANT, fake, s(31), k.in(-2, 3, 31))));
        int[] newer = {163, 165, 166, 181};
        for (int code : newer) {
            add("STABLEHLO " + code, k -> k.out(k.op(code, null, s(3, 5), k.in(-1, 1, 3, 5), k.in(-1, 1, 3, 5))));
        }
        add("BITWISE_XOR", k -> k.out(k.op(BITWISE_XOR, new BitwiseXorOptionsT(), I, s(9), k.ints(-9, 9, 9), k.ints(-9, 9, 9))));
        add("RIGHT_SHIFT", k -> k.out(k.op(RIGHT_SHIFT, new RightShiftOptionsT(), I, s(9), k.ints(-99, 99, 9), k.ints(0, 4, 9))));
        add("BITCAST", k -> k.out(k.op(BITCAST, new BitcastOptionsT(), I, s(9), k.in(-9, 9, 9))));
        add("CAST", k -> k.out(k.op(CAST, null, I, s(9), k.in(-9, 9, 9))));
        for (int code : new int[] {MEAN, SUM, REDUCE_PROD, REDUCE_MAX, REDUCE_MIN}) {
            for (boolean keep : new boolean[] {true, false}) {
                ReducerOptionsT reduce = new ReducerOptionsT();
                reduce.setKeepDims(keep);
                add(name(code) + " " + keep, k -> k.out(k.op(code, reduce, keep ? s(1, 3, 1, 5) : s(3, 5), k.in(-2, 2, 2, 3, 4, 5),
                        k.list(0, -2))));
            }
        }
        for (int code : new int[] {REDUCE_ANY, REDUCE_ALL}) {
            add(name(code), k -> k.out(k.real(k.op(code, new ReducerOptionsT(), B, s(4), k.op(GREATER, null, B, s(4, 3),
                    k.in(-1, 1, 4, 3), k.number(-0.5f)), k.list(1)), B, 4)));
        }
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

    private static DepthwiseConv2DOptionsT depthwise(byte padding, int stride, int multiplier) {
        DepthwiseConv2DOptionsT options = new DepthwiseConv2DOptionsT();
        options.setPadding(padding);
        options.setStrideH(stride);
        options.setStrideW(stride);
        options.setDepthMultiplier(multiplier);
        options.setFusedActivationFunction((byte) 3);
        return options;
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

    private void arrays() {
        add("RESHAPE", k -> k.out(k.op(RESHAPE, null, s(6, 4), k.in(-1, 1, 2, 3, 4), k.list(-1, 4))));
        ReshapeOptionsT reshape = new ReshapeOptionsT();
        reshape.setNewShape(s(4, 6));
        add("RESHAPE options", k -> k.out(k.op(RESHAPE, reshape, s(4, 6), k.in(-1, 1, 2, 3, 4))));
        SqueezeOptionsT squeeze = new SqueezeOptionsT();
        squeeze.setSqueezeDims(s(-1, 0));
        add("SQUEEZE", k -> k.out(k.op(SQUEEZE, squeeze, s(3, 1), k.in(-1, 1, 1, 3, 1, 1))));
        add("EXPAND_DIMS", k -> k.out(k.op(EXPAND_DIMS, null, s(3, 1, 4), k.in(-1, 1, 3, 4), k.number(-2))));
        add("TRANSPOSE", k -> k.out(k.op(TRANSPOSE, null, s(4, 2, 3), k.in(-1, 1, 2, 3, 4), k.list(2, 0, 1))));
        add("BROADCAST_TO", k -> {
            int y = k.op(BROADCAST_TO, new BroadcastToOptionsT(), s(2, 3, 4), k.in(-1, 1, 3, 1), k.list(2, 3, 4));
            k.file().version(2);
            k.out(y);
        });
        add("BROADCAST_ARGS", k -> k.out(k.op(BROADCAST_ARGS, null, I, s(3), k.ints(1, 1, 2), k.list(4, 3, 2))));
        add("TILE", k -> k.out(k.op(TILE, null, s(4, 9), k.in(-1, 1, 2, 3), k.list(2, 3))));
        add("SPACE_TO_BATCH_ND", k -> k.out(k.op(SPACE_TO_BATCH_ND, null, s(4, 3, 2, 1), k.in(-1, 1, 1, 5, 4, 1), k.list(2, 2),
                k.constant(Tensor.ints(s(2, 2), 1, 0, 0, 0)))));
        add("BATCH_TO_SPACE_ND", k -> k.out(k.op(BATCH_TO_SPACE_ND, null, s(1, 5, 4, 1), k.in(-1, 1, 4, 3, 2, 1), k.list(2, 2),
                k.constant(Tensor.ints(s(2, 2), 1, 0, 0, 0)))));
        ConcatenationOptionsT concat = new ConcatenationOptionsT();
        concat.setAxis(-1);
        add("CONCATENATION", k -> k.out(k.op(CONCATENATION, concat, s(2, 7), k.in(-1, 1, 2, 3), k.in(-1, 1, 2, 4))));
        PackOptionsT pack = new PackOptionsT();
        pack.setAxis(1);
        pack.setValuesCount(2);
        add("PACK", k -> k.out(k.op(PACK, pack, s(2, 2, 3), k.in(-1, 1, 2, 3), k.in(-1, 1, 2, 3))));
        UnpackOptionsT unpack = new UnpackOptionsT();
        unpack.setAxis(1);
        unpack.setNum(2);
        add("UNPACK", k -> {
            int[] parts = {k.mid(F, 3, 4), k.mid(F, 3, 4)};
            k.file().op(UNPACK, unpack, s(k.in(-1, 1, 3, 2, 4)), parts);
            k.out(parts);
        });
        SplitOptionsT split = new SplitOptionsT();
        split.setNumSplits(3);
        add("SPLIT", k -> {
            int[] parts = {k.mid(F, 2, 2), k.mid(F, 2, 2), k.mid(F, 2, 2)};
            k.file().op(SPLIT, split, s(k.number(1), k.in(-1, 1, 2, 6)), parts);
            k.out(parts);
        });
        SplitVOptionsT sizes = new SplitVOptionsT();
        sizes.setNumSplits(2);
        add("SPLIT_V", k -> {
            int[] parts = {k.mid(F, 2, 2), k.mid(F, 2, 4)};
            k.file().op(SPLIT_V, sizes, s(k.in(-1, 1, 2, 6), k.list(2, -1), k.number(1)), parts);
            k.out(parts);
        });
        add("SLICE", k -> k.out(k.op(SLICE, null, s(2, 2), k.in(-1, 1, 3, 4), k.list(1, 1), k.list(-1, 2))));
        StridedSliceOptionsT strided = new StridedSliceOptionsT();
        strided.setEndMask(1);
        strided.setShrinkAxisMask(4);
        add("STRIDED_SLICE", k -> k.out(k.op(STRIDED_SLICE, strided, s(2, 2), k.in(-1, 1, 4, 5, 3), k.list(1, 4, -1),
                k.list(0, 0, 0), k.list(2, -2, 1))));
        add("PAD", k -> k.out(k.op(PAD, null, s(3, 6), k.in(-1, 1, 2, 3), k.constant(Tensor.ints(s(2, 2), 1, 0, 2, 1)))));
        add("PADV2", k -> k.out(k.op(PADV2, null, s(3, 6), k.in(-1, 1, 2, 3), k.constant(Tensor.ints(s(2, 2), 1, 0, 2, 1)),
                k.number(7f))));
        for (byte mode : new byte[] {0, 1}) {
            MirrorPadOptionsT mirror = new MirrorPadOptionsT();
            mirror.setMode(mode);
            add("MIRROR_PAD " + mode, k -> k.out(k.op(MIRROR_PAD, mirror, s(4, 6), k.in(-1, 1, 2, 3),
                    k.constant(Tensor.ints(s(2, 2), 1, 1, 2, 1)))));
        }
        add("REVERSE_V2", k -> k.out(k.op(REVERSE_V2, null, s(2, 3), k.in(-1, 1, 2, 3), k.list(1))));
        ReverseSequenceOptionsT sequence = new ReverseSequenceOptionsT();
        sequence.setSeqDim(1);
        add("REVERSE_SEQUENCE", k -> k.out(k.op(REVERSE_SEQUENCE, sequence, s(3, 5), k.in(-1, 1, 3, 5), k.list(2, 5, 1))));
        add("DYNAMIC_UPDATE_SLICE", k -> k.out(k.op(DYNAMIC_UPDATE_SLICE, new DynamicUpdateSliceOptionsT(), s(4, 5),
                k.in(-1, 1, 4, 5), k.in(-1, 1, 2, 3), k.ints(1, 4, 2))));
        for (int batch = 0; batch < 2; batch++) {
            GatherOptionsT gather = new GatherOptionsT();
            gather.setAxis(1);
            gather.setBatchDims(batch);
            add("GATHER " + batch, k -> k.out(k.op(GATHER, gather, gather.getBatchDims() == 0 ? s(2, 2, 3, 4) : s(2, 3, 4),
                    k.in(-1, 1, 2, 5, 4), k.ints(0, 4, 2, 3))));
        }
        add("GATHER_ND", k -> k.out(k.op(GATHER_ND, null, s(4, 3), k.in(-1, 1, 5, 2, 3), k.ints(0, 1, 4, 2))));
        add("EMBEDDING_LOOKUP", k -> k.out(k.op(EMBEDDING_LOOKUP, null, s(4, 3), k.ints(0, 6, 4), k.weights(-1, 1, 7, 3))));
        add("SCATTER_ND", k -> k.out(k.op(SCATTER_ND, new ScatterNdOptionsT(), s(6, 2), k.ints(0, 5, 3, 1), k.in(-1, 1, 3, 2),
                k.list(6, 2))));
        add("SPARSE_TO_DENSE", k -> k.out(k.op(SPARSE_TO_DENSE, new SparseToDenseOptionsT(), s(3, 4),
                k.constant(Tensor.ints(s(2, 2), 0, 1, 2, 3)), k.list(3, 4), k.in(-1, 1, 2), k.number(-5f))));
        add("SELECT", k -> k.out(k.op(SELECT, null, s(4, 3), k.op(GREATER, null, B, s(4), k.in(-1, 1, 4), k.number(0f)),
                k.in(-1, 1, 4, 3), k.in(-1, 1, 4, 3))));
        add("SELECT_V2", k -> k.out(k.op(SELECT_V2, null, s(4, 3), k.op(GREATER, null, B, s(4, 1), k.in(-1, 1, 4, 1), k.number(0f)),
                k.in(-1, 1, 4, 3), k.in(-1, 1, 3))));
        OneHotOptionsT hot = new OneHotOptionsT();
        hot.setAxis(-1);
        add("ONE_HOT", k -> k.out(k.op(ONE_HOT, hot, s(5, 4), k.ints(-1, 5, 5), k.number(4), k.number(3f), k.number(-1f))));
        add("TOPK_V2", k -> {
            int[] found = {k.mid(F, 2, 3), k.mid(I, 2, 3)};
            k.file().op(TOPK_V2, null, s(k.in(-1, 1, 2, 9), k.number(3)), found);
            k.out(found);
        });
        ArgMaxOptionsT most = new ArgMaxOptionsT();
        most.setOutputType((byte) I);
        ArgMinOptionsT least = new ArgMinOptionsT();
        least.setOutputType((byte) I);
        add("ARG_MAX", k -> k.out(k.op(ARG_MAX, most, I, s(3), k.in(-1, 1, 3, 9), k.number(1))));
        add("ARG_MIN", k -> k.out(k.op(ARG_MIN, least, I, s(3), k.in(-1, 1, 3, 9), k.number(-1))));
        UniqueOptionsT unique = new UniqueOptionsT();
        unique.setIdxOutType((byte) I);
        add("UNIQUE", k -> {
            int[] found = {k.mid(I, 6), k.mid(I, 6)};
            k.file().op(UNIQUE, unique, s(k.ints(0, 3, 6)), found);
            k.out(found[1]);
        });
        BucketizeOptionsT buckets = new BucketizeOptionsT();
        buckets.setBoundaries(new float[] {-0.5f, 0, 0.5f});
        add("BUCKETIZE", k -> k.out(k.op(BUCKETIZE, buckets, I, s(9), k.in(-1, 1, 9))));
        Object[] segments = {new UnsortedSegmentProdOptionsT(), new UnsortedSegmentMaxOptionsT(), new UnsortedSegmentSumOptionsT(),
            new UnsortedSegmentMinOptionsT()};
        int[] codes = {UNSORTED_SEGMENT_PROD, UNSORTED_SEGMENT_MAX, UNSORTED_SEGMENT_SUM, UNSORTED_SEGMENT_MIN};
        for (int i = 0; i < codes.length; i++) {
            int code = codes[i];
            Object options = segments[i];
            add(name(code), k -> k.out(k.op(code, options, s(4, 2), k.in(-1, 1, 4, 2), k.list(3, 0, 2, 0), k.number(4))));
        }
        add("MATRIX_DIAG", k -> k.out(k.op(MATRIX_DIAG, null, s(2, 3, 3), k.in(-1, 1, 2, 3))));
        add("MATRIX_SET_DIAG wide", k -> k.out(k.op(MATRIX_SET_DIAG, null, s(2, 3, 5), k.in(-1, 1, 2, 3, 5), k.in(-1, 1, 2, 3))));
        add("MATRIX_SET_DIAG high", k -> k.out(k.op(MATRIX_SET_DIAG, null, s(2, 5, 3), k.in(-1, 1, 2, 5, 3), k.in(-1, 1, 2, 3))));
        add("FILL", k -> k.out(k.op(FILL, null, s(2, 3), k.list(2, 3), k.in(-1, 1))));
        add("RANGE", k -> k.out(k.op(MUL, new MulOptionsT(), s(4), k.in(-1, 1, 4), k.op(RANGE, null, s(4), k.number(1f),
                k.number(9f), k.number(2f)))));
        for (int flips = 0; flips < 4; flips++) {
            CumsumOptionsT sums = new CumsumOptionsT();
            sums.setExclusive(flips % 2 == 1);
            sums.setReverse(flips > 1);
            add("CUMSUM " + flips, k -> k.out(k.op(CUMSUM, sums, s(2, 5), k.in(-1, 1, 2, 5), k.number(1))));
        }
        add("NON_MAX_SUPPRESSION_V4", k -> {
            int[] found = {k.mid(I, 6), k.mid(I)};
            k.file().op(NON_MAX_SUPPRESSION_V4, null, s(boxes(k), k.in(0, 1, 8), k.number(6), k.number(0.3f), k.number(0.2f)), found);
            k.out(found);
        });
        add("NON_MAX_SUPPRESSION_V5", k -> {
            int[] found = {k.mid(I, 6), k.mid(F, 6), k.mid(I)};
            k.file().op(NON_MAX_SUPPRESSION_V5, null, s(boxes(k), k.in(0, 1, 8), k.number(6), k.number(0.3f), k.number(0.2f),
                    k.number(0f)), found);
            k.out(found);
        });
    }

    /** Models with state that outlives a run are not for LiteRT.js, which does not load them. */
    private void recurrences() {
        LSTMOptionsT basic = new LSTMOptionsT();
        basic.setFusedActivationFunction((byte) ActivationFunctionType.TANH);
        basic.setKernelType((byte) LSTMKernelType.BASIC);
        add("LSTM basic", k -> {
            int[] found = {k.mid(F, 2, 4), k.mid(F, 2, 4), k.mid(F, 2, 7), k.mid(F, 2, 16)};
            k.file().op(LSTM, basic, s(k.in(-1, 1, 2, 3), k.in(0, 0, 2, 4), k.weights(-1, 1, 16, 7), k.weights(-1, 1, 16),
                    k.in(0, 0, 2, 4)), found).version(2);
            k.out(found[0], found[1]);
        });
    }

    private void control() {
        add("IF", k -> {
            IfOptionsT options = new IfOptionsT();
            options.setThenSubgraphIndex(1);
            options.setElseSubgraphIndex(2);
            int flag = k.op(GREATER, null, B, s(1), k.in(0.5, 1, 1), k.number(0f));
            k.out(k.op(IF, options, s(3), flag, k.in(-1, 1, 3), k.in(-1, 1, 3)));
            k.end();
            k.graph(2, (a, inner) -> inner.op(ADD, new AddOptionsT(), s(3), a[0], a[1]), 3);
            k.graph(2, (a, inner) -> inner.op(MUL, new MulOptionsT(), s(3), a[0], a[1]), 3);
        });
        add("WHILE", k -> {
            WhileOptionsT options = new WhileOptionsT();
            options.setCondSubgraphIndex(1);
            options.setBodySubgraphIndex(2);
            k.out(k.op(WHILE, options, s(3), k.in(1, 1.5, 3)));
            k.end();
            k.graph(1, (a, inner) -> inner.op(LESS, null, B, s(), inner.op(SUM, new ReducerOptionsT(), s(), a[0], inner.list(0)),
                    inner.number(100f)), 3);
            k.graph(1, (a, inner) -> inner.op(MUL, new MulOptionsT(), s(3), a[0], inner.number(2f)), 3);
        });
    }

    private static byte[] detection(boolean regular, int most, int classesPerBox) {
        FlexBuffersBuilder options = new FlexBuffersBuilder();
        int map = options.startMap();
        options.putInt("max_detections", most);
        options.putInt("max_classes_per_detection", classesPerBox);
        options.putInt("num_classes", 3);
        options.putBoolean("use_regular_nms", regular);
        options.putFloat("nms_score_threshold", 0.1f);
        options.putFloat("nms_iou_threshold", 0.5f);
        options.putFloat("y_scale", 10f);
        options.putFloat("x_scale", 10f);
        options.putFloat("h_scale", 5f);
        options.putFloat("w_scale", 5f);
        options.endMap(null, map);
        ByteBuffer bytes = options.finish();
        byte[] out = new byte[bytes.remaining()];
        bytes.get(out);
        return out;
    }

    private static byte[] numbers(int... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int value : values) {
            bytes.putInt(value);
        }
        return bytes.array();
    }

    private void customs() {
        for (int kind = 0; kind < 3; kind++) {
            int perBox = kind == 1 ? 2 : 1;
            byte[] options = detection(kind == 2, 4, perBox);
            add("TFLite_Detection_PostProcess " + kind, k -> {
                int[] found = {k.mid(F, 1, 4 * perBox, 4), k.mid(F, 1, 4 * perBox), k.mid(F, 1, 4 * perBox), k.mid(F, 1)};
                k.file().custom("TFLite_Detection_PostProcess", 1, options, s(k.in(-1, 1, 1, 20, 4), k.in(0.2, 1, 1, 20, 4),
                        k.weights(0.1, 0.9, 20, 4)), found);
                k.out(found);
            });
        }
        add("Convolution2DTransposeBias", k -> {
            int y = k.mid(F, 1, 10, 12, 4);
            k.file().custom("Convolution2DTransposeBias", 1, numbers(1, 2, 2), s(k.in(-1, 1, 1, 5, 6, 3), k.weights(-1, 1, 4, 3, 3, 3),
                    k.weights(-1, 1, 4)), y);
            k.out(y);
        });
        add("MaxPoolingWithArgmax2D", k -> {
            int[] found = {k.mid(F, 1, 3, 2, 4), k.mid(F, 1, 3, 2, 4)};
            k.file().custom("MaxPoolingWithArgmax2D", 1, numbers(1, 2, 2, 2, 2, 0, 0), s(k.in(-1, 1, 1, 6, 4, 4)), found);
            int y = k.mid(F, 1, 6, 4, 4);
            k.file().custom("MaxUnpooling2D", 1, numbers(1, 2, 2, 2, 2, 0, 0), found, y);
            // LiteRT.js numbers places by columns, which only these two operators see.
            k.out(found[0], y);
        });
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

    private final Map<String, Double> steps = new LinkedHashMap<>();

    private void step(String name, double step, Consumer<TfliteSketch> sketch) {
        add(name, sketch);
        steps.put(name, step * 1.001);
    }

    private static int boxes(TfliteSketch k) {
        int corner = k.in(0, 1, 8, 2);
        ConcatenationOptionsT concat = new ConcatenationOptionsT();
        concat.setAxis(1);
        return k.op(CONCATENATION, concat, s(8, 4), corner, k.op(ADD, new AddOptionsT(), s(8, 2), corner, k.number(0.5f)));
    }

    @Test
    void computesWhatLiteRtDoes(Harness harness, @TempDir Path folder) throws IOException {
        elements();
        products();
        arrays();
        integers();
        recurrences();
        control();
        customs();
        StringBuilder wrong = new StringBuilder();
        try (LiteRt page = LiteRt.open(harness, folder)) {
            int number = 0;
            for (Map.Entry<String, Consumer<TfliteSketch>> entry : cases.entrySet()) {
                TfliteSketch sketch = new TfliteSketch(entry.getKey().hashCode());
                entry.getValue().accept(sketch);
                String name = "case" + number++;
                try {
                    page.put(name, sketch.bytes());
                    for (LiteRt.Output output : page.compare(name, List.of(-1.0, 1.0), 1, sketch.feeds())) {
                        double allowed = steps.getOrDefault(entry.getKey(), 0.0) + TOLERANCE * Math.max(1, output.largest());
                        if (!(output.error() <= allowed)) {
                            wrong.append(entry.getKey()).append(": ").append(output).append('\n');
                        }
                    }
                } catch (RuntimeException e) {
                    wrong.append(entry.getKey()).append(": ").append(String.valueOf(e.getMessage()).lines().limit(4).toList()).append('\n');
                }
            }
        }
        assertTrue(wrong.isEmpty(), wrong::toString);
    }
}
