package dev.infuser.op;

import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/**
 * {@code TensorScatter}: a cache {@code [N, ..., capacity, ...]} with {@code update [N, ..., steps, ...]} written along {@code axis}
 * from {@code write_indices [N]} on, or from the start; {@code circular} goes on at the start after the end.
 */
final class TensorScatter implements Operator {

    @Override
    public String name() {
        return "TensorScatter";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Types.same(c, 1);
        String mode = c.attributes().string("mode", "linear");
        if (c.rank(0) != c.rank(1) || !mode.equals("linear") && !mode.equals("circular")) {
            throw c.fail("cannot write " + c.type(1) + " into " + c.type(0) + ", mode " + mode);
        }
        if (c.axis(c.attributes().integer("axis", -2), c.rank(0)) == 0) {
            throw c.fail("the first axis is the batch");
        }
        return List.of(ValueType.tensor(c.dtype(0), c.shape(0)));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor cache = c.tensor(0);
        Tensor update = c.tensor(1);
        int axis = c.axis(c.attributes().integer("axis", -2), cache.rank());
        long[] first = c.longs(2, new long[cache.dim(0)]);
        boolean fit = update.rank() == cache.rank() && first.length == cache.dim(0) && update.dim(axis) <= cache.dim(axis);
        for (int i = 0; fit && i < cache.rank(); i++) {
            fit = i == axis || cache.dim(i) == update.dim(i);
        }
        if (!fit) {
            throw c.fail("an update of " + update + " with " + first.length + " positions does not fit " + cache);
        }
        boolean circular = c.attributes().string("mode", "linear").equals("circular");
        int capacity = cache.dim(axis);
        int steps = update.dim(axis);
        int block = Axes.count(cache.dims(), axis + 1, cache.rank());
        int rows = Axes.count(cache.dims(), 0, axis);
        Object out = Tensor.newArray(cache.dtype(), cache.size());
        System.arraycopy(cache.array(), 0, out, 0, cache.size());
        for (int i = 0; i < rows * steps; i++) {
            long at = first[i / steps / (rows / cache.dim(0))] + i % steps;
            at = circular ? Math.floorMod(at, (long) capacity) : at;
            if (at < 0 || at >= capacity) {
                throw c.fail("position " + at + " is outside a cache of " + capacity);
            }
            System.arraycopy(update.array(), i * block, out, (i / steps * capacity + (int) at) * block, block);
        }
        return List.of(Tensor.of(cache.dtype(), cache.dims(), out));
    }
}
