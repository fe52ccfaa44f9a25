package dev.infuser.op;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/** {@code StringConcat}: the strings of two tensors, broadcast together, one after the other. */
final class StringConcat implements Operator {

    @Override
    public String name() {
        return "StringConcat";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Types.require(c, 0, c.dtype(0) == DType.STRING);
        Types.same(c, 1);
        return List.of(ValueType.tensor(DType.STRING, Broadcast.shape(c.shape(0), c.shape(1))));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor a = c.tensor(0);
        Tensor b = c.tensor(1);
        int[] dims = Broadcast.dims(a.dims(), b.dims());
        int[] first = Broadcast.index(a.dims(), dims);
        int[] second = Broadcast.index(b.dims(), dims);
        String[] out = new String[Tensor.count(dims)];
        for (int i = 0; i < out.length; i++) {
            out[i] = a.strings()[first[i]].concat(b.strings()[second[i]]);
        }
        return List.of(Tensor.strings(dims, out));
    }
}
