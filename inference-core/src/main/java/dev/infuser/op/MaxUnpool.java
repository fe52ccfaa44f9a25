package dev.infuser.op;

import dev.infuser.graph.Attributes;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/** {@code MaxUnpool}: maxima put back to the flat positions that {@code MaxPool} found them at, zeros elsewhere. */
final class MaxUnpool implements Operator {

    @Override
    public String name() {
        return "MaxUnpool";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        List<Dim> given = c.content(2);
        return List.of(c.has(2) ? given == null ? c.unknown(c.dtype(0), c.rank(0)) : ValueType.tensor(c.dtype(0),
                new Shape(given)) : ValueType.tensor(c.dtype(0), pooled(c.shape(0), c.attributes())));
    }

    /** The shape that pooling would have had to begin with. */
    private static Shape pooled(Shape x, Attributes a) {
        int n = Math.max(0, x.rank() - 2);
        int[] kernel = Window.ints(a, "kernel_shape", n, 1, 1);
        int[] strides = Window.ints(a, "strides", n, 1, 1);
        int[] pads = Window.ints(a, "pads", 2 * n, 0, 0);
        List<Dim> dims = new ArrayList<>(x.dims().subList(0, x.rank() - n));
        for (int i = 0; i < n; i++) {
            dims.add(Window.shift(x.dim(2 + i).times(Dim.of(strides[i])), kernel[i] - strides[i] - pads[i] - pads[n + i]));
        }
        return new Shape(dims);
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor x = c.tensor(0);
        Tensor positions = c.tensor(1);
        int[] dims = c.has(2) ? Axes.ints(c.tensor(2).toLongs()) : pooled(x.shape(), c.attributes()).toInts();
        Tensor out = Tensor.zeros(x.dtype(), dims);
        if (positions.size() != x.size()) {
            throw c.fail("positions " + positions.shape() + " for " + x.shape());
        }
        for (int i = 0; i < x.size(); i++) {
            System.arraycopy(x.array(), i, out.array(), Axes.index(positions.getLong(i), out.size()), 1);
        }
        return List.of(out);
    }
}
