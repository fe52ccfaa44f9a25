package dev.infuser.converter.tfjs;

import dev.infuser.converter.tensorflow.Arrays;
import dev.infuser.converter.tensorflow.Ops;
import dev.infuser.graph.Attributes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Tensor;
import java.util.List;
import java.util.Map;

/** What operators become that few graphs have. Complex numbers are pairs along a last axis. */
final class RareRules {

    private RareRules() {
    }

    static void add(Map<String, Rule> rules) {
        rules.put("Bincount", Rule.one(call -> bincount(call, false)));
        rules.put("DenseBincount", Rule.one(call -> bincount(call, call.node().flag("binary_output"))));
        rules.put("BroadcastArgs", Rule.one(RareRules::broadcastArgs));
        rules.put("Cumprod", Rule.one(call -> call.ops().op("CumProd", Attributes.of("exclusive",
                call.node().flag("exclusive") ? 1 : 0, "reverse", call.node().flag("reverse") ? 1 : 0), call.in(0), call.in(1))));
        rules.put("LinSpace", Rule.one(RareRules::linSpace));
        rules.put("ListDiff", RareRules::listDiff);
        rules.put("LowerBound", Rule.one(call -> bound(call, "Less")));
        rules.put("UpperBound", Rule.one(call -> bound(call, "LessOrEqual")));
        rules.put("MatrixBandPart", Rule.one(RareRules::band));
        rules.put("Ones", Rule.one(call -> filled(call, 1)));
        rules.put("Zeros", Rule.one(call -> filled(call, 0)));
        rules.put("Reverse", Rule.one(RareRules::reverse));
        rules.put("TensorScatterUpdate", Rule.one(call -> call.ops().op("ScatterND", call.in(0), call.ops().longs(call.in(1)),
                call.in(2))));
        rules.put("UniqueV2", RareRules::unique);
        complex(rules);
    }

    private static String bincount(Call call, boolean binary) {
        Ops ops = call.ops();
        int rank = ops.rank(call.in(0));
        boolean weighted = ops.emitter().shape(call.in(2)) == null || !ops.shape(call.in(2)).dims().contains(Dim.of(0));
        DType dtype = ops.dtype(call.in(2));
        String size = ops.longs(ops.reshape(call.in(1), 1));
        String extents = ops.op("Shape", call.in(0));
        String one = ops.constant(Tensor.ofDoubles(dtype, new int[0], new double[] {1}));
        String weights = weighted && !binary ? call.in(2) : ops.op("Expand", one, extents);
        // What lies beyond the last bin is counted in one more, which is cut off.
        String values = ops.longs(call.in(0));
        String places = ops.op("Where", ops.op("Less", values, size), values, size);
        String zero = ops.constant(Tensor.zeros(dtype, new int[0]));
        String bins = ops.op("Add", size, ops.vector(1));
        String reduction = binary ? "max" : "add";
        if (rank == 1) {
            String all = ops.op("ScatterND", Attributes.of("reduction", reduction), ops.op("Expand", zero, bins),
                    ops.unsqueeze(places, 1), weights);
            return ops.op("Slice", all, ops.vector(0), size, ops.vector(0));
        }
        String rows = ops.slice(extents, 0, 0, 1);
        String all = ops.op("ScatterElements", Attributes.of("axis", 1, "reduction", reduction),
                ops.op("Expand", zero, ops.concat(0, List.of(rows, bins))), places, weights);
        return ops.op("Slice", all, ops.vector(0), size, ops.vector(1));
    }

    /** The extents to which two shapes broadcast. */
    private static String broadcastArgs(Call call) {
        Ops ops = call.ops();
        String zero = ops.constant(Tensor.ints(new int[0], 0));
        String both = ops.op("Add", ops.op("Expand", zero, ops.longs(call.in(0))), ops.op("Expand", zero, ops.longs(call.in(1))));
        return ops.cast(ops.op("Shape", both), DType.INT32);
    }

    private static String linSpace(Call call) {
        Ops ops = call.ops();
        long count = ops.longs(call.in(2), "number")[0];
        double[] steps = new double[(int) Math.max(0, count)];
        for (int i = 0; i < steps.length; i++) {
            steps[i] = i;
        }
        String numbers = ops.constant(Tensor.ofDoubles(DType.FLOAT32, new int[] {steps.length}, steps));
        if (count <= 1) {
            return ops.op("Add", numbers, call.in(0));
        }
        String step = ops.op("Div", ops.op("Sub", call.in(1), call.in(0)), ops.like(call.in(0), count - 1));
        return ops.op("Add", ops.op("Mul", numbers, step), call.in(0));
    }

    /** The elements of one vector that are not in another, and their places. */
    private static String[] listDiff(Call call) {
        Ops ops = call.ops();
        String same = ops.op("Equal", ops.unsqueeze(call.in(0), 1), ops.unsqueeze(call.in(1), 0));
        String any = ops.op("ReduceSum", Attributes.of("keepdims", 0), ops.cast(same, DType.INT32), ops.vector(1));
        String places = ops.reshape(ops.op("NonZero", ops.op("Equal", any, ops.like(any, 0))), -1);
        return new String[] {ops.op("Gather", call.in(0), places), ops.cast(places, DType.INT32)};
    }

    /** How many elements of each sorted row are below each value. */
    private static String bound(Call call, String comparison) {
        Ops ops = call.ops();
        String below = ops.op(comparison, ops.unsqueeze(call.in(0), 1), ops.unsqueeze(call.in(1), 2));
        return ops.op("ReduceSum", Attributes.of("keepdims", 0), ops.cast(below, DType.INT32), ops.vector(2));
    }

    /** Matrices with zeros outside of a band of diagonals. */
    private static String band(Call call) {
        Ops ops = call.ops();
        String result = call.in(0);
        long[] lower = ops.longs(call.in(1), "band");
        long[] upper = ops.longs(call.in(2), "band");
        if (lower[0] >= 0) {
            result = ops.op("Trilu", Attributes.of("upper", 1), result, ops.constant(Tensor.longs(new int[0], -lower[0])));
        }
        return upper[0] < 0 ? result
                : ops.op("Trilu", Attributes.of("upper", 0), result, ops.constant(Tensor.longs(new int[0], upper[0])));
    }

    private static String filled(Call call, double value) {
        DType dtype = call.node().has("T") ? call.dtype("T") : call.node().has("dtype") ? call.dtype("dtype") : DType.FLOAT32;
        return Arrays.fill(call.ops(), call.in(0), call.ops().constant(Tensor.ofDoubles(dtype, new int[0], new double[] {value})));
    }

    /** Back to front along the axes of which a vector of truth values says so. */
    private static String reverse(Call call) {
        Ops ops = call.ops();
        long[] chosen = ops.longs(call.in(1), "axes");
        String result = call.in(0);
        for (int axis = 0; axis < chosen.length; axis++) {
            if (chosen[axis] != 0) {
                result = ops.op("Slice", result, ops.vector(-1), ops.vector(Long.MIN_VALUE), ops.vector(axis), ops.vector(-1));
            }
        }
        return result;
    }

    private static String[] unique(Call call) {
        long[] axes = call.ops().longs(call.in(1), "axis");
        Attributes attributes = Attributes.of("sorted", 0);
        String[] found = call.ops().ops("Unique", axes.length == 0 ? attributes : attributes.with("axis", axes[0]), 4, call.in(0));
        return new String[] {found[0], call.ops().cast(found[2], DType.INT32)};
    }

    private static void complex(Map<String, Rule> rules) {
        rules.put("Complex", Rule.one(call -> Arrays.pack(call.ops(), List.of(call.in(0), call.in(1)), -1)));
        rules.put("Real", Rule.one(call -> part(call.ops(), call.in(0), 0)));
        rules.put("Imag", Rule.one(call -> part(call.ops(), call.in(0), 1)));
        rules.put("ComplexAbs", Rule.one(call -> call.ops().op("ReduceL2", Attributes.of("keepdims", 0), call.in(0),
                call.ops().vector(-1))));
        rules.put("FFT", Rule.one(call -> transform(call.ops(), call.in(0), -1, 1)));
        rules.put("IFFT", Rule.one(call -> inverse(call.ops(), call.in(0))));
        rules.put("RFFT", Rule.one(RareRules::realTransform));
        rules.put("IRFFT", Rule.one(RareRules::realInverse));
    }

    private static String part(Ops ops, String x, int which) {
        return ops.op("Gather", Attributes.of("axis", -1), x, ops.constant(Tensor.longs(new int[0], which)));
    }

    /** The discrete Fourier transform along the last axis, as a product with its matrix. */
    private static String transform(Ops ops, String x, int sign, double scale) {
        int n = (int) ops.extent(x, ops.rank(x) - 2);
        String real = part(ops, x, 0);
        String imaginary = part(ops, x, 1);
        String cos = waves(ops, n, n, scale, true);
        String sin = waves(ops, n, n, sign * scale, false);
        String first = ops.op("Sub", ops.op("MatMul", real, cos), ops.op("MatMul", imaginary, sin));
        String second = ops.op("Add", ops.op("MatMul", real, sin), ops.op("MatMul", imaginary, cos));
        return Arrays.pack(ops, List.of(first, second), -1);
    }

    private static String inverse(Ops ops, String x) {
        return transform(ops, x, 1, 1.0 / ops.extent(x, ops.rank(x) - 2));
    }

    private static String waves(Ops ops, int rows, int columns, double scale, boolean cos) {
        double[] values = new double[rows * columns];
        for (int i = 0; i < values.length; i++) {
            double angle = 2 * Math.PI * ((long) (i / columns) * (i % columns) % rows) / rows;
            values[i] = scale * (cos ? Math.cos(angle) : Math.sin(angle));
        }
        return ops.constant(Tensor.ofDoubles(DType.FLOAT32, new int[] {rows, columns}, values));
    }

    /** The first half of the transform of real numbers, which are cut or filled up with zeros. */
    private static String realTransform(Call call) {
        Ops ops = call.ops();
        int n = (int) ops.longs(call.in(1), "length")[0];
        String x = fitted(ops, call.in(0), ops.rank(call.in(0)) - 1, n);
        return Arrays.pack(ops, List.of(ops.op("MatMul", x, waves(ops, n, n / 2 + 1, 1, true)),
                ops.op("MatMul", x, waves(ops, n, n / 2 + 1, -1, false))), -1);
    }

    private static String fitted(Ops ops, String x, int axis, int n) {
        long extent = ops.extent(x, axis);
        return extent == n ? x : extent > n ? ops.slice(x, axis, 0, n)
                : ops.op("Pad", x, ops.vector(0, n - extent), "", ops.vector(axis));
    }

    /** Real numbers from the first half of their transform: its other half mirrors it. */
    private static String realInverse(Call call) {
        Ops ops = call.ops();
        int n = (int) ops.longs(call.in(1), "length")[0];
        int axis = ops.rank(call.in(0)) - 2;
        String half = fitted(ops, call.in(0), axis, n / 2 + 1);
        double[] cos = new double[(n / 2 + 1) * n];
        double[] sin = new double[cos.length];
        for (int i = 0; i < cos.length; i++) {
            int k = i / n;
            double weight = (k == 0 || 2 * k == n ? 1.0 : 2.0) / n;
            double angle = 2 * Math.PI * ((long) k * (i % n) % n) / n;
            cos[i] = weight * Math.cos(angle);
            sin[i] = -weight * Math.sin(angle);
        }
        int[] dims = {n / 2 + 1, n};
        return ops.op("Add", ops.op("MatMul", part(ops, half, 0), ops.constant(Tensor.ofDoubles(DType.FLOAT32, dims, cos))),
                ops.op("MatMul", part(ops, half, 1), ops.constant(Tensor.ofDoubles(DType.FLOAT32, dims, sin))));
    }
}
