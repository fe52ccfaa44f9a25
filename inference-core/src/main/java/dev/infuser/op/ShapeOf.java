package dev.infuser.op;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/** {@code Shape}: the extents of a tensor, from axis {@code start} up to {@code end}, as an int64 vector. */
final class ShapeOf implements Operator {

    @Override
    public String name() {
        return "Shape";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        return List.of(ValueType.tensor(DType.INT64, content(c).size()));
    }

    @Override
    public List<Dim> content(InferContext c) {
        int rank = c.rank(0);
        int start = clamp(c.attributes().integer("start", 0), rank);
        int end = clamp(c.attributes().integer("end", rank), rank);
        return c.shape(0).dims().subList(start, Math.max(start, end));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        int[] dims = c.tensor(0).dims();
        int start = clamp(c.attributes().integer("start", 0), dims.length);
        int end = clamp(c.attributes().integer("end", dims.length), dims.length);
        long[] out = new long[Math.max(0, end - start)];
        for (int i = 0; i < out.length; i++) {
            out[i] = dims[start + i];
        }
        return List.of(Tensor.vector(out));
    }

    private static int clamp(long axis, int rank) {
        return (int) Math.max(0, Math.min(rank, axis < 0 ? axis + rank : axis));
    }
}
