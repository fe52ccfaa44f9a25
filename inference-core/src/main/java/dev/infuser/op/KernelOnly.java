package dev.infuser.op;

import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.ValueType;
import java.util.List;

/** An operator without its definition: it runs as a kernel or not at all. */
final class KernelOnly implements Operator {

    private final Operator operator;

    KernelOnly(Operator operator) {
        this.operator = operator;
    }

    @Override
    public String name() {
        return operator.name();
    }

    @Override
    public String domain() {
        return operator.domain();
    }

    @Override
    public List<ValueType> infer(InferContext context) {
        return operator.infer(context);
    }

    @Override
    public List<Dim> content(InferContext context) {
        return operator.content(context);
    }

    @Override
    public Lowering lower(InferContext context) {
        return operator.lower(context);
    }

    @Override
    public List<Datum> evaluate(EvalContext context) {
        throw Registry.missing(context.node());
    }
}
