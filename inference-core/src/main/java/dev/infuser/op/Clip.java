package dev.infuser.op;

import dev.infuser.expr.Expr;
import dev.infuser.expr.Fn;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/** {@code Clip}: numbers held between two optional scalars; where they cross, the upper one wins. */
final class Clip implements Operator {

    @Override
    public String name() {
        return "Clip";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Types.same(c, 1);
        Types.same(c, 2);
        return List.of(ValueType.tensor(Types.number(c, 0), c.shape(0)));
    }

    @Override
    public Lowering lower(InferContext c) {
        Expr low = c.has(1) ? Expr.of(Fn.MAX, Expr.input(0), Expr.input(1)) : Expr.input(0);
        return Lowering.Elementwise.of(c.dtype(0), c.has(2) ? Expr.of(Fn.MIN, low, Expr.input(2)) : low);
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor x = c.tensor(0);
        Tensor min = c.scalarOrNull(1);
        Tensor max = c.scalarOrNull(2);
        DType type = x.dtype();
        if (type.isFloat()) {
            double low = min == null ? Double.NEGATIVE_INFINITY : min.getDouble(0);
            double high = max == null ? Double.POSITIVE_INFINITY : max.getDouble(0);
            return List.of(Elementwise.map(x, type, v -> Math.min(Math.max(v, low), high)));
        }
        return List.of(Elementwise.mapLongs(x, type, v -> {
            long raised = min != null && Elementwise.less(type, v, min.getLong(0)) ? min.getLong(0) : v;
            return max != null && Elementwise.less(type, max.getLong(0), raised) ? max.getLong(0) : raised;
        }));
    }
}
