package dev.infuser.op;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/**
 * Tensors made from few numbers: {@code Range}, {@code Size}, {@code EyeLike} and {@code OneHot}, whose negative indices
 * count from the end of {@code depth} and whose indices beyond it give no hot element.
 */
final class Generate implements Operator {

    private final String name;

    Generate(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        switch (name) {
            case "Size":
                return List.of(ValueType.tensor(DType.INT64));
            case "Range":
                return List.of(ValueType.tensor(c.dtype(0), Shape.of(count(c))));
            case "EyeLike":
                return List.of(ValueType.tensor(dtype(c.attributes().integer("dtype", c.dtype(0).number())), c.shape(0)));
            default:
                List<Dim> depth = c.content(1);
                int axis = c.axis(c.attributes().integer("axis", -1), c.rank(0) + 1);
                Dim hot = depth == null || depth.size() != 1 ? c.unknown() : depth.get(0);
                return List.of(ValueType.tensor(c.dtype(2), Axes.splice(c.shape(0), axis, axis, List.of(hot))));
        }
    }

    private static DType dtype(long number) {
        DType dtype = DType.ofNumber((int) number);
        if (dtype == null) {
            throw Axes.bad("no element type " + number);
        }
        return dtype;
    }

    private static Dim count(InferContext c) {
        Tensor start = c.constant(0);
        Tensor limit = c.constant(1);
        Tensor delta = c.constant(2);
        if (start != null && limit != null && delta != null) {
            return Dim.of(count(start, limit, delta));
        }
        List<Dim> from = c.content(0);
        List<Dim> to = c.content(1);
        boolean steps = delta != null && delta.size() == 1 && !delta.dtype().isFloat() && delta.getLong(0) == 1;
        return steps && from != null && to != null && from.size() == 1 && to.size() == 1 ? to.get(0).minus(from.get(0)) : c.unknown();
    }

    private static long count(Tensor start, Tensor limit, Tensor delta) {
        double step = Axes.real(delta);
        if (step == 0) {
            throw Axes.bad("a step of 0");
        }
        return (long) Math.max(0, Math.ceil((Axes.real(limit) - Axes.real(start)) / step));
    }

    @Override
    public List<Dim> content(InferContext c) {
        return name.equals("Size") ? List.of(c.shape(0).elements()) : null;
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor in = c.tensor(0);
        switch (name) {
            case "Size":
                return List.of(Tensor.longs(new int[0], in.size()));
            case "Range":
                return List.of(range(in, c.tensor(1), c.tensor(2)));
            case "EyeLike":
                DType dtype = dtype(c.attributes().integer("dtype", in.dtype().number()));
                long k = c.attributes().integer("k", 0);
                if (in.rank() != 2) {
                    throw c.fail("input " + in + " is not a matrix");
                }
                long[] eye = new long[in.size()];
                for (int i = 0; i < eye.length; i++) {
                    eye[i] = i % in.dim(1) - i / in.dim(1) == k ? 1 : 0;
                }
                return List.of(Tensor.ofLongs(dtype, in.dims(), eye));
            default:
                return List.of(oneHot(c, in));
        }
    }

    private static Tensor range(Tensor start, Tensor limit, Tensor delta) {
        int[] dims = Axes.ints(new long[] {count(start, limit, delta)});
        if (start.dtype().isFloat()) {
            double[] out = new double[dims[0]];
            for (int i = 0; i < out.length; i++) {
                out[i] = start.getDouble(0) + i * delta.getDouble(0);
            }
            return Tensor.ofDoubles(start.dtype(), dims, out);
        }
        long[] out = new long[dims[0]];
        for (int i = 0; i < out.length; i++) {
            out[i] = start.getLong(0) + i * delta.getLong(0);
        }
        return Tensor.ofLongs(start.dtype(), dims, out);
    }

    private static Tensor oneHot(EvalContext c, Tensor indices) {
        int depth = Axes.ints(new long[] {Axes.integer(c.tensor(1))})[0];
        int axis = c.axis(c.attributes().integer("axis", -1), indices.rank() + 1);
        int[] dims = Axes.splice(indices.shape(), axis, axis, List.of(Dim.of(depth))).toInts();
        int inner = Axes.count(dims, axis + 1, dims.length);
        int[] hot = new int[Tensor.count(dims)];
        for (int i = 0; i < indices.size(); i++) {
            long at = indices.getLong(i);
            at = at < 0 ? at + depth : at;
            if (at >= 0 && at < depth) {
                hot[(i / inner * depth + (int) at) * inner + i % inner] = 1;
            }
        }
        if (c.tensor(2).size() != 2) {
            throw c.fail("values must be two");
        }
        return c.tensor(2).pick(dims, hot);
    }
}
