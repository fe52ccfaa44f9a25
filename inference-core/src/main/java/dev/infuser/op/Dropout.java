package dev.infuser.op;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.Arrays;
import java.util.List;

/** {@code Dropout} outside training: the input itself, and a mask of true bools. */
final class Dropout implements Operator {

    @Override
    public String name() {
        return "Dropout";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        return List.of(ValueType.tensor(Types.require(c, 0, c.dtype(0).isFloat()), c.shape(0)),
                ValueType.tensor(DType.BOOL, c.shape(0)));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor training = c.scalarOrNull(2);
        Tensor ratio = c.scalarOrNull(1);
        if (training != null && training.getLong(0) != 0 && (ratio == null || ratio.getDouble(0) != 0)) {
            throw c.unsupported("training mode is not available");
        }
        byte[] mask = new byte[c.wants(1) ? c.tensor(0).size() : 0];
        Arrays.fill(mask, (byte) 1);
        return c.wants(1) ? List.of(c.tensor(0), Tensor.of(DType.BOOL, c.tensor(0).dims(), mask)) : List.of(c.tensor(0));
    }
}
