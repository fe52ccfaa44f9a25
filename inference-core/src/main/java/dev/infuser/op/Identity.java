package dev.infuser.op;

import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.ValueType;
import java.util.List;

/** {@code Identity}: its input, of any kind. */
final class Identity implements Operator {

    @Override
    public String name() {
        return "Identity";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        return List.of(c.type(0));
    }

    @Override
    public List<Dim> content(InferContext c) {
        return c.type(0) instanceof ValueType.OfTensor ? c.content(0) : null;
    }

    @Override
    public Lowering lower(InferContext c) {
        return c.type(0) instanceof ValueType.OfTensor ? new Lowering.Alias() : null;
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        return List.of(c.datum(0));
    }
}
