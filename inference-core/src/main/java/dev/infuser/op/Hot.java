package dev.infuser.op;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/**
 * Tensors with few elements that differ: {@code EyeLike} and {@code OneHot}, whose negative indices count from the end of
 * {@code depth} and whose indices beyond it give no hot element.
 */
final class Hot implements Operator {

    private final String name;

    Hot(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        if (name.equals("EyeLike")) {
            return List.of(ValueType.tensor(dtype(c.attributes().integer("dtype", c.dtype(0).number())), c.shape(0)));
        }
        List<Dim> depth = c.content(1);
        int axis = c.axis(c.attributes().integer("axis", -1), c.rank(0) + 1);
        Dim hot = depth == null || depth.size() != 1 ? c.unknown() : depth.get(0);
        return List.of(ValueType.tensor(c.dtype(2), Axes.splice(c.shape(0), axis, axis, List.of(hot))));
    }

    private static DType dtype(long number) {
        DType dtype = DType.ofNumber((int) number);
        if (dtype == null) {
            throw Axes.bad("no element type " + number);
        }
        return dtype;
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        return List.of(name.equals("EyeLike") ? eye(c, c.tensor(0)) : oneHot(c, c.tensor(0)));
    }

    private static Tensor eye(EvalContext c, Tensor in) {
        DType dtype = dtype(c.attributes().integer("dtype", in.dtype().number()));
        long k = c.attributes().integer("k", 0);
        if (in.rank() != 2) {
            throw c.fail("input " + in + " is not a matrix");
        }
        long[] eye = new long[in.size()];
        for (int i = 0; i < eye.length; i++) {
            eye[i] = i % in.dim(1) - i / in.dim(1) == k ? 1 : 0;
        }
        return Tensor.ofLongs(dtype, in.dims(), eye);
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
