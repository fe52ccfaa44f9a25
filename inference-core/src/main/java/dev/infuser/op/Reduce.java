package dev.infuser.op;

import dev.infuser.expr.Expr;
import dev.infuser.expr.Fn;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * {@code ReduceSum}, {@code ReduceMean}, {@code ReduceMax}, {@code ReduceMin}, {@code ReduceProd}, {@code ReduceL1},
 * {@code ReduceL2}, {@code ReduceLogSum}, {@code ReduceLogSumExp} and {@code ReduceSumSquare} over the axes of input 1:
 * all of them when it is absent or empty, or none where {@code noop_with_empty_axes} is set.
 *
 * <p>Real numbers and 32- and 64-bit integers; {@code ReduceMax} and {@code ReduceMin} also 8-bit integers and bools.
 * Floats are accumulated as doubles; integers wrap around, and results that are not whole are truncated.
 */
final class Reduce implements Operator {

    private final String name;

    Reduce(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        DType type = c.dtype(0);
        Types.require(c, 0, Types.isReal(type) || type.isInteger() && type.bits() >= 32
                || isExtreme() && (type.bits() == 8 && !type.isFloat()));
        Shape shape = c.shape(0);
        boolean keep = c.attributes().flag("keepdims", true);
        long[] axes = c.longs(1, new long[0]);
        if (axes == null) {
            Dim count = c.rank(1) == 1 ? c.shape(1).dim(0) : Dim.ONE;
            if (!keep && !count.isConstant()) {
                return List.of(ValueType.tensor(type, (Shape) null));
            }
            if (count.value() > shape.rank()) {
                throw c.fail(count + " axes for " + shape);
            }
            return List.of(c.unknown(type, keep ? shape.rank()
                    : count.is(0) ? isNoop(c.attributes().integer("noop_with_empty_axes", 0), 0) ? shape.rank() : 0
                    : shape.rank() - (int) count.value()));
        }
        boolean[] along = along(axes, shape.rank(), isNoop(c.attributes().integer("noop_with_empty_axes", 0), axes.length));
        for (long axis : axes) {
            along[c.axis(axis, shape.rank())] = true;
        }
        List<Dim> dims = new ArrayList<>();
        for (int i = 0; i < along.length; i++) {
            if (!along[i] || keep) {
                dims.add(along[i] ? Dim.ONE : shape.dim(i));
            }
        }
        return List.of(ValueType.tensor(type, new Shape(dims)));
    }

    private boolean isExtreme() {
        return name.equals("ReduceMax") || name.equals("ReduceMin");
    }

    private static boolean isNoop(long noopWithEmptyAxes, int axes) {
        return noopWithEmptyAxes != 0 && axes == 0;
    }

    private static boolean[] along(long[] axes, int rank, boolean noop) {
        boolean[] along = new boolean[rank];
        for (int i = 0; i < rank; i++) {
            along[i] = axes.length == 0 && !noop;
        }
        return along;
    }

    @Override
    public List<Dim> content(InferContext c) {
        List<Dim> in = c.content(0);
        if (in == null || !c.dtype(0).isInteger() || c.rank(0) != 1 || c.longs(1, new long[0]) == null
                || c.attributes().flag("noop_with_empty_axes", false)
                || !name.equals("ReduceProd") && !name.equals("ReduceSum")) {
            return null;
        }
        Dim out = Dim.of(name.equals("ReduceProd") ? 1 : 0);
        for (Dim dim : in) {
            out = name.equals("ReduceProd") ? out.times(dim) : out.plus(dim);
        }
        return List.of(out);
    }

    @Override
    public Lowering lower(InferContext c) {
        long[] axes = c.longs(1, new long[0]);
        if (c.dtype(0) != DType.FLOAT32 || axes == null || name.equals("ReduceLogSumExp")) {
            return null;
        }
        boolean[] along = along(axes, c.rank(0), isNoop(c.attributes().integer("noop_with_empty_axes", 0), axes.length));
        for (long axis : axes) {
            along[c.axis(axis, along.length)] = true;
        }
        int first = 0;
        while (first < along.length && !along[first]) {
            first++;
        }
        int end = first;
        while (end < along.length && along[end]) {
            end++;
        }
        for (int axis = end; axis < along.length; axis++) {
            if (along[axis]) {
                return null;
            }
        }
        return end == first ? null : lower(first, end - first);
    }

    private Lowering lower(int first, int axes) {
        Expr x = Expr.input(0);
        boolean absolute = name.equals("ReduceL1");
        boolean squared = name.equals("ReduceL2") || name.equals("ReduceSumSquare");
        Fn combine = name.equals("ReduceMax") ? Fn.MAX : name.equals("ReduceMin") ? Fn.MIN
                : name.equals("ReduceProd") ? Fn.MUL : Fn.ADD;
        Expr after = name.equals("ReduceMean") ? Expr.of(Fn.DIV, x, Expr.input(1))
                : name.equals("ReduceL2") ? Expr.of(Fn.SQRT, x) : name.equals("ReduceLogSum") ? Expr.of(Fn.LOG, x) : x;
        return new Lowering.Reduce(combine, absolute ? Expr.of(Fn.ABS, x) : squared ? Expr.of(Fn.MUL, x, x) : x, after,
                first, axes);
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor x = c.tensor(0);
        int[] dims = x.dims();
        long[] axes = c.longs(1, new long[0]);
        boolean[] along = along(axes, dims.length, isNoop(c.attributes().integer("noop_with_empty_axes", 0), axes.length));
        for (long axis : axes) {
            along[c.axis(axis, dims.length)] = true;
        }
        Lanes lanes = Lanes.of(dims, along);
        boolean keep = c.attributes().flag("keepdims", true);
        int[] out = new int[dims.length];
        int rank = 0;
        for (int i = 0; i < dims.length; i++) {
            if (!along[i] || keep) {
                out[rank++] = along[i] ? 1 : dims[i];
            }
        }
        return List.of(reduce(x, lanes, Arrays.copyOf(out, rank)));
    }

    private Tensor reduce(Tensor x, Lanes lanes, int[] dims) {
        DType type = x.dtype();
        int count = lanes.start().length;
        boolean whole = isExtreme() || name.equals("ReduceSum") || name.equals("ReduceProd") || name.equals("ReduceL1")
                || name.equals("ReduceSumSquare");
        if (!type.isFloat() && whole) {
            long[] out = new long[count];
            for (int i = 0; i < count; i++) {
                out[i] = reduceLongs(x, lanes.start()[i], lanes.step());
            }
            return Tensor.ofLongs(type, dims, out);
        }
        double[] out = new double[count];
        double[] lane = new double[lanes.step().length];
        for (int i = 0; i < count; i++) {
            lanes.read(x, i, lane);
            out[i] = reduce(lane);
        }
        return Tensor.ofDoubles(type, dims, out);
    }

    private long reduceLongs(Tensor x, int start, int[] step) {
        DType type = x.dtype();
        boolean max = name.equals("ReduceMax");
        int bits = type == DType.BOOL ? 1 : type.bits();
        long lowest = type.isSigned() ? -1L << bits - 1 : 0;
        long highest = type.isSigned() ? ~lowest : -1L >>> 64 - bits;
        long out = max ? lowest : name.equals("ReduceMin") ? highest : name.equals("ReduceProd") ? 1 : 0;
        for (int offset : step) {
            long v = x.getLong(start + offset);
            switch (name) {
                case "ReduceMax": case "ReduceMin":
                    out = Elementwise.less(type, max ? out : v, max ? v : out) ? v : out;
                    break;
                case "ReduceSum":
                    out += v;
                    break;
                case "ReduceProd":
                    out *= v;
                    break;
                case "ReduceL1":
                    out += v < 0 && type.isSigned() ? -v : v;
                    break;
                default:
                    out += v * v;
            }
        }
        return out;
    }

    private double reduce(double[] lane) {
        boolean max = name.equals("ReduceMax");
        double extreme = max ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        double sum = 0;
        double product = 1;
        double norm = 0;
        double squares = 0;
        for (double v : lane) {
            extreme = max ? Math.max(extreme, v) : Math.min(extreme, v);
            sum += v;
            product *= v;
            norm += Math.abs(v);
            squares += v * v;
        }
        switch (name) {
            case "ReduceMax": case "ReduceMin":
                return extreme;
            case "ReduceSum":
                return sum;
            case "ReduceMean":
                return sum / lane.length;
            case "ReduceProd":
                return product;
            case "ReduceL1":
                return norm;
            case "ReduceL2":
                return Math.sqrt(squares);
            case "ReduceLogSum":
                return Math.log(sum);
            case "ReduceLogSumExp":
                return logSumExp(lane);
            default:
                return squares;
        }
    }

    /** {@code log(sum(e^lane))}, without overflow. */
    static double logSumExp(double[] lane) {
        double max = Double.NEGATIVE_INFINITY;
        for (double v : lane) {
            max = Math.max(max, v);
        }
        double shift = Math.abs(max) == Double.POSITIVE_INFINITY ? 0 : max;
        double sum = 0;
        for (double v : lane) {
            sum += Math.exp(v - shift);
        }
        return shift + Math.log(sum);
    }
}
