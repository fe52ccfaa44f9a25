package dev.infuser.op;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/** {@code ai.onnx.ml.ArrayFeatureExtractor}: the elements of the last axis at the indices given; of a vector as {@code [1, n]}. */
final class ArrayFeatureExtractor implements Operator {

    @Override
    public String name() {
        return "ArrayFeatureExtractor";
    }

    @Override
    public String domain() {
        return "ai.onnx.ml";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Types.require(c, 1, c.dtype(1) == DType.INT64);
        if (c.rank(0) < 1) {
            throw c.fail("a scalar has no features");
        }
        Dim count = Dim.ONE;
        for (Dim dim : c.shape(1).dims()) {
            count = count.times(dim);
        }
        return List.of(ValueType.tensor(c.dtype(0),
                c.rank(0) == 1 ? Shape.of(Dim.ONE, count) : Axes.with(c.shape(0), c.rank(0) - 1, count)));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor x = c.tensor(0);
        long[] wanted = c.tensor(1).toLongs();
        int width = x.dim(-1);
        int rows = Axes.count(x.dims(), 0, x.rank() - 1);
        int[] index = new int[Tensor.count(new int[] {rows, wanted.length})];
        for (int i = 0; i < index.length; i++) {
            long at = wanted[i % wanted.length];
            if (at < 0 || at >= width) {
                throw c.fail("feature " + at + " is outside of " + x);
            }
            index[i] = i / wanted.length * width + (int) at;
        }
        int[] dims = x.rank() == 1 ? new int[] {1, wanted.length} : Axes.with(x.dims(), x.rank() - 1, wanted.length);
        return List.of(x.pick(dims, index));
    }
}
