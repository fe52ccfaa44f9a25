package dev.infuser.op;

import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/** {@code Gather}: {@code data[..., indices, ...]}, the indices at {@code axis}; negative ones count from the end. */
final class Gather implements Operator {

    @Override
    public String name() {
        return "Gather";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        int axis = c.axis(c.attributes().integer("axis", 0), c.rank(0));
        return List.of(ValueType.tensor(c.dtype(0), Axes.splice(c.shape(0), axis, axis + 1, c.shape(1).dims())));
    }

    @Override
    public List<Dim> content(InferContext c) {
        List<Dim> data = c.rank(0) == 1 && c.rank(1) <= 1 ? c.content(0) : null;
        long[] indices = c.longs(1, null);
        if (data == null || indices == null) {
            return null;
        }
        List<Dim> out = new ArrayList<>();
        for (long index : indices) {
            out.add(data.get(Axes.index(index, data.size())));
        }
        return out;
    }

    @Override
    public Lowering lower(InferContext c) {
        return new Lowering.Gather(c.axis(c.attributes().integer("axis", 0), c.rank(0)));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor data = c.tensor(0);
        Tensor indices = c.tensor(1);
        int axis = c.axis(c.attributes().integer("axis", 0), data.rank());
        int[] at = new int[indices.size()];
        for (int i = 0; i < at.length; i++) {
            at[i] = Axes.index(indices.getLong(i), data.dim(axis));
        }
        int[][] positions = Axes.all(data);
        positions[axis] = at;
        int[] dims = Axes.splice(data.shape(), axis, axis + 1, indices.shape().dims()).toInts();
        return List.of(Axes.pick(data, positions).reshape(dims));
    }
}
