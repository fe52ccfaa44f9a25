package dev.infuser.op;

import dev.infuser.expr.Expr;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/** {@code Where}: elements of {@code X} where the condition holds, of {@code Y} elsewhere, all three broadcast; any type. */
final class Where implements Operator {

    @Override
    public String name() {
        return "Where";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Types.require(c, 0, c.dtype(0) == DType.BOOL);
        if (c.dtype(1) != c.dtype(2)) {
            throw c.fail("branches differ in type: " + c.type(1) + " and " + c.type(2));
        }
        return List.of(ValueType.tensor(c.dtype(1),
                Broadcast.shape(c.shape(0), Broadcast.shape(c.shape(1), c.shape(2)))));
    }

    @Override
    public List<Dim> content(InferContext c) {
        List<Dim> condition = c.content(0);
        Tensor constant = c.constant(0);
        if (constant != null) {
            condition = new ArrayList<>();
            for (int i = 0; i < constant.size(); i++) {
                condition.add(Dim.of(constant.getLong(i)));
            }
        }
        List<Dim> x = c.content(1);
        List<Dim> y = c.content(2);
        if (condition == null || x == null || y == null) {
            return null;
        }
        List<Dim> out = new ArrayList<>();
        for (int i = 0; i < Math.max(condition.size(), Math.max(x.size(), y.size())); i++) {
            Dim holds = condition.get(condition.size() == 1 ? 0 : i);
            if (!holds.isConstant()) {
                return null;
            }
            List<Dim> from = holds.is(0) ? y : x;
            out.add(from.get(from.size() == 1 ? 0 : i));
        }
        return out;
    }

    @Override
    public Lowering lower(InferContext c) {
        return Lowering.Elementwise.of(c.dtype(1), new Expr.Select(Expr.input(0), Expr.input(1), Expr.input(2)));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor condition = c.tensor(0);
        Tensor x = c.tensor(1);
        Tensor y = c.tensor(2);
        int[] dims = Broadcast.dims(condition.dims(), Broadcast.dims(x.dims(), y.dims()));
        int[] ic = Broadcast.index(condition.dims(), dims);
        int[] ix = Broadcast.index(x.dims(), dims);
        int[] iy = Broadcast.index(y.dims(), dims);
        Object out = Tensor.newArray(x.dtype(), ic.length);
        for (int i = 0; i < ic.length; i++) {
            boolean holds = condition.bytes()[ic[i]] != 0;
            System.arraycopy(holds ? x.array() : y.array(), holds ? ix[i] : iy[i], out, i, 1);
        }
        return List.of(Tensor.of(x.dtype(), dims, out));
    }
}
