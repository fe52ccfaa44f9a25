package dev.infuser.converter.tflite;

import static org.tensorflow.lite.schema.BuiltinOperator.*;

import dev.infuser.converter.tensorflow.Arithmetic;
import dev.infuser.converter.tensorflow.Arrays;
import dev.infuser.converter.tensorflow.Ops;
import dev.infuser.converter.tensorflow.StridedSlice;
import dev.infuser.graph.Attributes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.tensorflow.lite.schema.ArgMaxOptions;
import org.tensorflow.lite.schema.ArgMinOptions;
import org.tensorflow.lite.schema.BucketizeOptions;
import org.tensorflow.lite.schema.ConcatenationOptions;
import org.tensorflow.lite.schema.CumsumOptions;
import org.tensorflow.lite.schema.GatherOptions;
import org.tensorflow.lite.schema.MirrorPadMode;
import org.tensorflow.lite.schema.MirrorPadOptions;
import org.tensorflow.lite.schema.OneHotOptions;
import org.tensorflow.lite.schema.PackOptions;
import org.tensorflow.lite.schema.ReshapeOptions;
import org.tensorflow.lite.schema.ReverseSequenceOptions;
import org.tensorflow.lite.schema.ShapeOptions;
import org.tensorflow.lite.schema.SplitOptions;
import org.tensorflow.lite.schema.SplitVOptions;
import org.tensorflow.lite.schema.SqueezeOptions;
import org.tensorflow.lite.schema.StridedSliceOptions;
import org.tensorflow.lite.schema.TensorType;
import org.tensorflow.lite.schema.UniqueOptions;
import org.tensorflow.lite.schema.UnpackOptions;

/** Operators that move elements, look for them and count them. */
final class ArrayRules {

    private ArrayRules() {
    }

    static void add(Map<Integer, Rule> rules) {
        shapes(rules);
        parts(rules);
        indices(rules);
        rules.put(CAST, Rule.stored(call -> cast(call)));
        rules.put(BITCAST, Rule.stored(call -> call.op("BitCast", Attributes.of("to", call.output(0).dtype().number()), call.in(0))));
        rules.put(DENSIFY, new Rule(Rule.Numbers.STORED, call -> densify(call)));
        rules.put(FILL, Rule.moved(call -> Arrays.fill(call.ops(), call.raw(0), call.in(1))));
        rules.put(RANGE, Rule.real(call -> Arrays.range(call.ops(), call.in(0), call.in(1), call.in(2))));
        rules.put(CUMSUM, Rule.real(call -> call.op("CumSum", Attributes.of("exclusive",
                call.options(new CumsumOptions()).exclusive() ? 1 : 0, "reverse", call.options(new CumsumOptions()).reverse() ? 1 : 0),
                call.in(0), call.in(1))));
    }

    private static void shapes(Map<Integer, Rule> rules) {
        rules.put(RESHAPE, Rule.moved(ArrayRules::reshape));
        rules.put(SQUEEZE, Rule.moved(ArrayRules::squeeze));
        rules.put(EXPAND_DIMS, Rule.moved(call -> call.ops().unsqueeze(call.in(0),
                call.ops().axis(call.ops().longs(call.raw(1), "axis")[0], call.ops().rank(call.in(0)) + 1))));
        rules.put(TRANSPOSE, Rule.moved(call -> call.ops().transpose(call.in(0), call.ops().longs(call.raw(1), "permutation"))));
        rules.put(SHAPE, Rule.stored(call -> Arrays.shape(call.ops(), call.in(0),
                call.options(new ShapeOptions()).outType() == TensorType.INT64 ? DType.INT64 : DType.INT32)));
        rules.put(RANK, Rule.stored(call -> call.ops().constant(Tensor.ints(new int[0], call.ops().rank(call.in(0))))));
        rules.put(BROADCAST_TO, Rule.moved(call -> call.op("Expand", call.in(0), call.ops().longs(call.raw(1)))));
        rules.put(BROADCAST_ARGS, Rule.stored(ArrayRules::broadcastShapes));
        rules.put(TILE, Rule.moved(call -> call.op("Tile", call.in(0), call.ops().longs(call.raw(1)))));
        rules.put(SPACE_TO_BATCH_ND, Rule.moved(call -> Arrays.spaceToBatch(call.ops(), call.in(0),
                call.ops().longs(call.raw(1), "block"), call.raw(2))));
        rules.put(BATCH_TO_SPACE_ND, Rule.moved(call -> Arrays.batchToSpace(call.ops(), call.in(0),
                call.ops().longs(call.raw(1), "block"), call.raw(2))));
    }

    private static void parts(Map<Integer, Rule> rules) {
        rules.put(CONCATENATION, Rule.moved(ArrayRules::concat));
        rules.put(PACK, Rule.moved(call -> Arrays.pack(call.ops(), call.all(), call.options(new PackOptions()).axis())));
        rules.put(UNPACK, new Rule(Rule.Numbers.MOVED, call -> Arrays.unpack(call.ops(), call.in(0),
                call.options(new UnpackOptions()).num(), call.options(new UnpackOptions()).axis())));
        rules.put(SPLIT, new Rule(Rule.Numbers.MOVED, call -> Arrays.split(call.ops(), call.in(1),
                call.options(new SplitOptions()).numSplits(), call.ops().longs(call.raw(0), "axis")[0])));
        rules.put(SPLIT_V, new Rule(Rule.Numbers.MOVED, call -> Arrays.splitSizes(call.ops(), call.in(0),
                call.ops().longs(call.raw(1), "sizes"), call.ops().longs(call.raw(2), "axis")[0])));
        rules.put(SLICE, Rule.moved(call -> Arrays.slice(call.ops(), call.in(0), call.raw(1), call.raw(2))));
        rules.put(STRIDED_SLICE, Rule.moved(ArrayRules::stridedSlice));
        // Zero is not the integer 0 where numbers are quantised, so these see real numbers.
        rules.put(PAD, Rule.real(call -> Arrays.pad(call.ops(), call.in(0), call.raw(1), "constant", null)));
        rules.put(PADV2, Rule.real(call -> Arrays.pad(call.ops(), call.in(0), call.raw(1), "constant", call.in(2))));
        rules.put(MIRROR_PAD, Rule.moved(call -> Arrays.pad(call.ops(), call.in(0), call.raw(1),
                call.options(new MirrorPadOptions()).mode() == MirrorPadMode.SYMMETRIC ? "symmetric" : "reflect", null)));
        rules.put(REVERSE_V2, Rule.moved(call -> Arrays.reverse(call.ops(), call.in(0), call.ops().longs(call.raw(1), "axes"))));
        rules.put(REVERSE_SEQUENCE, Rule.moved(call -> call.op("ReverseSequence", Attributes.of("time_axis",
                call.options(new ReverseSequenceOptions()).seqDim(), "batch_axis",
                call.options(new ReverseSequenceOptions()).batchDim()), call.in(0), call.ops().longs(call.raw(1)))));
        rules.put(DYNAMIC_UPDATE_SLICE, Rule.moved(ArrayRules::update));
        rules.put(Codes.DILATE, Rule.moved(ArrayRules::dilate));
    }

    private static void indices(Map<Integer, Rule> rules) {
        rules.put(GATHER, Rule.moved(call -> Arrays.gather(call.ops(), call.in(0), call.raw(1),
                call.options(new GatherOptions()).axis(), call.options(new GatherOptions()).batchDims())));
        rules.put(GATHER_ND, Rule.moved(call -> Arrays.gatherNd(call.ops(), call.in(0), call.raw(1))));
        rules.put(EMBEDDING_LOOKUP, Rule.moved(call -> call.op("Gather", Attributes.of("axis", 0), call.in(1), call.raw(0))));
        rules.put(SCATTER_ND, Rule.real(call -> Arrays.scatterNd(call.ops(), call.in(0), call.in(1), call.in(2))));
        rules.put(SPARSE_TO_DENSE, Rule.real(ArrayRules::sparseToDense));
        rules.put(WHERE, Rule.stored(call -> Arrays.where(call.ops(), call.in(0))));
        rules.put(SELECT, Rule.moved(call -> Arrays.select(call.ops(), call.in(0), call.in(1), call.in(2))));
        rules.put(SELECT_V2, Rule.moved(call -> call.op("Where", call.in(0), call.in(1), call.in(2))));
        rules.put(ONE_HOT, Rule.moved(call -> Arrays.oneHot(call.ops(), call.raw(0), call.raw(1), call.in(2), call.in(3),
                call.options(new OneHotOptions()).axis())));
        rules.put(TOPK_V2, new Rule(Rule.Numbers.MOVED, call -> {
            String[] found = Arrays.topK(call.ops(), call.in(0), call.raw(1), true);
            return new String[] {found[0], call.ops().cast(found[1], call.output(1).dtype())};
        }));
        rules.put(ARG_MAX, Rule.stored(call -> Arithmetic.arg(call.ops(), "ArgMax", call.in(0), call.in(1),
                index(call.options(new ArgMaxOptions()).outputType()))));
        rules.put(ARG_MIN, Rule.stored(call -> Arithmetic.arg(call.ops(), "ArgMin", call.in(0), call.in(1),
                index(call.options(new ArgMinOptions()).outputType()))));
        rules.put(UNIQUE, new Rule(Rule.Numbers.STORED, call -> {
            String[] found = call.ops().ops("Unique", Attributes.of("sorted", 0), 4, call.in(0));
            return new String[] {found[0], call.ops().cast(found[2], index(call.options(new UniqueOptions()).idxOutType()))};
        }));
        rules.put(BUCKETIZE, Rule.real(ArrayRules::bucketize));
        rules.put(SEGMENT_SUM, Rule.real(call -> Arrays.segment(call.ops(), "add", call.in(0), call.in(1), null)));
        rules.put(UNSORTED_SEGMENT_SUM, Rule.real(call -> Arrays.segment(call.ops(), "add", call.in(0), call.in(1), call.in(2))));
        rules.put(UNSORTED_SEGMENT_PROD, Rule.real(call -> Arrays.segment(call.ops(), "mul", call.in(0), call.in(1), call.in(2))));
        rules.put(UNSORTED_SEGMENT_MAX, Rule.real(call -> Arrays.segment(call.ops(), "max", call.in(0), call.in(1), call.in(2))));
        rules.put(UNSORTED_SEGMENT_MIN, Rule.real(call -> Arrays.segment(call.ops(), "min", call.in(0), call.in(1), call.in(2))));
        rules.put(MATRIX_DIAG, Rule.real(ArrayRules::diagonal));
        rules.put(MATRIX_SET_DIAG, Rule.real(ArrayRules::setDiagonal));
        rules.put(NON_MAX_SUPPRESSION_V4, new Rule(Rule.Numbers.REAL, call -> Suppression.hard(call)));
        rules.put(NON_MAX_SUPPRESSION_V5, new Rule(Rule.Numbers.REAL, call -> Suppression.soft(call)));
    }

    private static DType index(int type) {
        return type == TensorType.INT64 ? DType.INT64 : DType.INT32;
    }

    private static String cast(Call call) {
        return call.ops().cast(call.in(0), call.output(0).dtype());
    }

    /** A constant that the file keeps sparse, which it was made whole from when it was read. */
    private static String[] densify(Call call) {
        if (call.constant(0) == null) {
            throw call.ops().unsupported("has an input that is not constant");
        }
        call.graph().define(call.node().outputs()[0], call.constant(0));
        return new String[] {null};
    }

    private static String reshape(Call call) {
        Ops ops = call.ops();
        if (call.has(1) && call.info(1).dtype().isInteger()) {
            return Arrays.reshape(ops, call.in(0), call.raw(1));
        }
        ReshapeOptions options = call.options(new ReshapeOptions());
        long[] dims = new long[Fields.checked(options.newShapeLength(), Integer.BYTES, options)];
        for (int i = 0; i < dims.length; i++) {
            dims[i] = options.newShape(i);
        }
        // Old converters wrote no dimensions as the one dimension 0.
        return ops.reshape(call.in(0), dims.length == 1 && dims[0] == 0 ? new long[0] : dims);
    }

    private static String squeeze(Call call) {
        Ops ops = call.ops();
        SqueezeOptions options = call.options(new SqueezeOptions());
        long[] axes = new long[Fields.checked(options.squeezeDimsLength(), Integer.BYTES, options)];
        for (int i = 0; i < axes.length; i++) {
            axes[i] = ops.axis(options.squeezeDims(i), ops.rank(call.in(0)));
        }
        return axes.length == 0 ? ops.op("Squeeze", call.in(0)) : ops.squeeze(call.in(0), axes);
    }

    private static String concat(Call call) {
        Ops ops = call.ops();
        ConcatenationOptions options = call.options(new ConcatenationOptions());
        String whole = ops.concat(ops.axis(options.axis(), ops.rank(call.in(0))), call.all());
        return call.stored() && call.output(0).isQuantized() ? whole : call.activated(whole, options.fusedActivationFunction());
    }

    private static String stridedSlice(Call call) {
        Ops ops = call.ops();
        StridedSliceOptions options = call.options(new StridedSliceOptions());
        String begin = call.raw(1);
        String end = options.offset() ? ops.op("Add", begin, call.raw(2)) : call.raw(2);
        return new StridedSlice(options.beginMask(), options.endMask(), options.ellipsisMask(), options.newAxisMask(),
                options.shrinkAxisMask()).of(ops, call.in(0), begin, end, call.raw(3));
    }

    /** The shape that tensors of two shapes broadcast to. */
    private static String broadcastShapes(Call call) {
        Ops ops = call.ops();
        long a = ops.extent(call.in(0), 0);
        long b = ops.extent(call.in(1), 0);
        return ops.cast(broadcast(ops, longer(ops, call.in(0), b - a), longer(ops, call.in(1), a - b)), call.output(0).dtype());
    }

    private static String longer(Ops ops, String dims, long missing) {
        return missing <= 0 ? ops.longs(dims) : ops.concat(0, List.of(ops.constant(Tensor.longs(new int[] {(int) missing},
                ones(missing))), ops.longs(dims)));
    }

    private static long[] ones(long count) {
        long[] ones = new long[(int) count];
        java.util.Arrays.fill(ones, 1);
        return ones;
    }

    /** An extent of 1 gives way, to 0 as well. */
    private static String broadcast(Ops ops, String a, String b) {
        return ops.op("Where", ops.op("Equal", a, ops.vector(1)), b, a);
    }

    /** Input 0 with input 1 in place of a part that begins at input 2, moved so that it fits. */
    private static String update(Call call) {
        Ops ops = call.ops();
        String room = ops.op("Sub", ops.op("Shape", call.in(0)), ops.op("Shape", call.in(1)));
        String start = ops.op("Min", ops.op("Max", ops.longs(call.raw(2)), ops.vector(0)), room);
        return Arrays.update(ops, call.in(0), call.in(1), start);
    }

    /** Zeros, or input 2, between the elements of every axis. */
    private static String dilate(Call call) {
        Ops ops = call.ops();
        long[] steps = ops.longs(call.raw(1), "dilations");
        String result = call.in(0);
        for (int axis = 0; axis < steps.length; axis++) {
            if (steps[axis] > 1) {
                int rank = steps.length;
                long[] pads = new long[2 * (rank + 1)];
                pads[rank + 1 + axis + 1] = steps[axis] - 1;
                String wide = ops.op("Pad", ops.unsqueeze(result, axis + 1), ops.vector(pads), ops.reshape(call.in(2)));
                long[] dims = new long[rank];
                for (int i = 0; i < rank; i++) {
                    dims[i] = i == axis ? ops.extent(result, i) * steps[axis] : ops.extent(result, i);
                }
                result = ops.slice(ops.reshape(wide, dims), axis, 0, dims[axis] - steps[axis] + 1);
            }
        }
        return result;
    }

    /** Values at places, and a default elsewhere; places are one, a vector, or rows of coordinates. */
    private static String sparseToDense(Call call) {
        Ops ops = call.ops();
        int rank = (int) ops.extent(call.in(1), 0);
        String dense = Arrays.fill(ops, call.in(1), call.in(3));
        int given = ops.rank(call.in(0));
        String places = given == 2 ? ops.longs(call.in(0)) : ops.reshape(ops.longs(call.in(0)), -1, given == 0 ? rank : 1);
        String count = ops.slice(ops.op("Shape", places), 0, 0, 1);
        return ops.op("ScatterND", dense, places, ops.op("Expand", call.in(2), count));
    }

    /** How many boundaries are not above each element. */
    private static String bucketize(Call call) {
        Ops ops = call.ops();
        BucketizeOptions options = call.options(new BucketizeOptions());
        double[] bounds = new double[Fields.checked(options.boundariesLength(), Float.BYTES, options)];
        for (int i = 0; i < bounds.length; i++) {
            bounds[i] = options.boundaries(i);
        }
        String x = ops.cast(call.in(0), DType.FLOAT32);
        String reached = ops.op("GreaterOrEqual", ops.unsqueeze(x, ops.rank(x)),
                ops.constant(Tensor.ofDoubles(DType.FLOAT32, new int[] {bounds.length}, bounds)));
        return ops.op("ReduceSum", Attributes.of("keepdims", 0), ops.cast(reached, DType.INT32), ops.vector(-1));
    }

    /** Rows as the diagonals of squares. */
    private static String diagonal(Call call) {
        Ops ops = call.ops();
        int rank = ops.rank(call.in(0));
        String wide = ops.unsqueeze(call.in(0), rank);
        return ops.op("Where", onDiagonal(ops, ops.extent(call.in(0), rank - 1), ops.extent(call.in(0), rank - 1)), wide,
                ops.like(wide, 0));
    }

    private static String setDiagonal(Call call) {
        Ops ops = call.ops();
        int rank = ops.rank(call.in(0));
        long rows = ops.extent(call.in(0), rank - 2);
        long columns = ops.extent(call.in(0), rank - 1);
        String wide = ops.unsqueeze(call.in(1), rank - 1);
        if (rows > columns) {
            long[] pads = new long[2 * rank];
            pads[2 * rank - 2] = rows - columns;
            wide = ops.op("Pad", wide, ops.vector(pads));
        }
        return ops.op("Where", onDiagonal(ops, rows, columns), wide, call.in(0));
    }

    private static String onDiagonal(Ops ops, long rows, long columns) {
        byte[] diagonal = new byte[(int) (rows * columns)];
        for (int i = 0; i < Math.min(rows, columns); i++) {
            diagonal[(int) (i * columns + i)] = 1;
        }
        return ops.constant(Tensor.of(DType.BOOL, new int[] {(int) rows, (int) columns}, diagonal));
    }
}
