package dev.infuser.op;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/** Tensors made from few numbers: {@code Range} and {@code Size}. */
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
        return List.of(name.equals("Size") ? ValueType.tensor(DType.INT64)
                : ValueType.tensor(c.dtype(0), Shape.of(count(c))));
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
        return List.of(name.equals("Size") ? Tensor.longs(new int[0], in.size()) : range(in, c.tensor(1), c.tensor(2)));
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
}
