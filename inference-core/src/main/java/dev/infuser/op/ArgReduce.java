package dev.infuser.op;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code ArgMax} and {@code ArgMin}: the int64 index along {@code axis} of the extreme number, the first one of equals, or
 * the last where {@code select_last_index} is set.
 */
final class ArgReduce implements Operator {

    private final String name;

    ArgReduce(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Types.number(c, 0);
        int axis = c.axis(c.attributes().integer("axis", 0), c.rank(0));
        List<Dim> dims = new ArrayList<>(c.shape(0).dims());
        if (c.attributes().flag("keepdims", true)) {
            dims.set(axis, Dim.ONE);
        } else {
            dims.remove(axis);
        }
        return List.of(ValueType.tensor(DType.INT64, new Shape(dims)));
    }

    @Override
    public Lowering lower(InferContext c) {
        return c.dtype(0) != DType.FLOAT32 ? null : new Lowering.ArgReduce(name.equals("ArgMax"),
                c.attributes().flag("select_last_index", false), c.axis(c.attributes().integer("axis", 0), c.rank(0)));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor x = c.tensor(0);
        int axis = c.axis(c.attributes().integer("axis", 0), x.rank());
        boolean last = c.attributes().flag("select_last_index", false);
        boolean keep = c.attributes().flag("keepdims", true);
        Lanes lanes = Lanes.of(x.dims(), axis);
        if (x.size() == 0 && lanes.start().length > 0) {
            throw c.fail("axis " + axis + " of " + x + " is empty");
        }
        int[] dims = new int[keep ? x.rank() : x.rank() - 1];
        for (int i = 0; i < dims.length; i++) {
            dims[i] = i == axis && keep ? 1 : x.dim(i < axis || keep ? i : i + 1);
        }
        long[] out = new long[lanes.start().length];
        for (int i = 0; i < out.length; i++) {
            int start = lanes.start()[i];
            for (int j = 1; j < lanes.step().length; j++) {
                int best = start + lanes.step()[(int) out[i]];
                int here = start + lanes.step()[j];
                if (beats(x, here, best) || last && !beats(x, best, here)) {
                    out[i] = j;
                }
            }
        }
        return List.of(Tensor.longs(dims, out));
    }

    private boolean beats(Tensor x, int i, int j) {
        boolean max = name.equals("ArgMax");
        return x.dtype().isFloat() ? max ? x.getDouble(i) > x.getDouble(j) : x.getDouble(i) < x.getDouble(j)
                : Elementwise.less(x.dtype(), x.getLong(max ? j : i), x.getLong(max ? i : j));
    }
}
