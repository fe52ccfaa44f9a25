package dev.infuser.op;

import dev.infuser.expr.Expr;
import dev.infuser.expr.Fn;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code Max} and {@code Min} of any numbers, {@code Sum} and {@code Mean} of real ones: one or more tensors of one type,
 * broadcast. A NaN anywhere gives NaN.
 */
final class Variadic implements Operator {

    private static final int MAX_LOWERED = 8;

    private final String name;

    Variadic(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        DType type = Types.same(c);
        Types.require(c, 0, name.startsWith("M") && !name.equals("Mean") ? Types.isNumber(type) : Types.isReal(type));
        Shape shape = c.shape(0);
        for (int i = 1; i < c.inputs(); i++) {
            shape = Broadcast.shape(shape, c.shape(i));
        }
        return List.of(ValueType.tensor(type, shape));
    }

    @Override
    public List<Dim> content(InferContext c) {
        List<Dim> out = c.content(0);
        for (int i = 1; i < c.inputs() && out != null; i++) {
            out = content(out, c.content(i));
        }
        return out;
    }

    private List<Dim> content(List<Dim> a, List<Dim> b) {
        if (b == null) {
            return null;
        }
        List<Dim> out = new ArrayList<>();
        for (int i = 0; i < Math.max(a.size(), b.size()); i++) {
            Dim x = a.get(a.size() == 1 ? 0 : i);
            Dim y = b.get(b.size() == 1 ? 0 : i);
            if (x.equals(y)) {
                out.add(x);
            } else if (x.isConstant() && y.isConstant()) {
                out.add(x.value() < y.value() == name.equals("Min") ? x : y);
            } else {
                return null;
            }
        }
        return out;
    }

    @Override
    public Lowering lower(InferContext c) {
        if (c.inputs() > MAX_LOWERED) {
            return null;
        }
        Fn fn = name.equals("Max") ? Fn.MAX : name.equals("Min") ? Fn.MIN : Fn.ADD;
        Expr body = Expr.input(0);
        for (int i = 1; i < c.inputs(); i++) {
            body = Expr.of(fn, body, Expr.input(i));
        }
        return Lowering.Elementwise.of(c.dtype(0),
                name.equals("Mean") ? Expr.of(Fn.DIV, body, Expr.constant(c.inputs())) : body);
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor out = c.tensor(0);
        DType type = out.dtype();
        if (!type.isFloat()) {
            for (int i = 1; i < c.inputs(); i++) {
                out = Elementwise.zipLongs(out, c.tensor(i), type,
                        (x, y) -> Elementwise.less(type, x, y) == name.equals("Min") ? x : y);
            }
            return List.of(out);
        }
        DType wide = name.startsWith("M") && !name.equals("Mean") ? type : DType.FLOAT64;
        for (int i = 1; i < c.inputs(); i++) {
            out = Elementwise.zip(out, c.tensor(i), wide, this::apply);
        }
        int count = name.equals("Mean") ? c.inputs() : 1;
        return List.of(out.dtype() == type && count == 1 ? out : Elementwise.map(out, type, x -> x / count));
    }

    private double apply(double x, double y) {
        switch (name) {
            case "Max":
                return Math.max(x, y);
            case "Min":
                return Math.min(x, y);
            default:
                return x + y;
        }
    }
}
