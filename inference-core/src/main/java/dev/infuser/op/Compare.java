package dev.infuser.op;

import dev.infuser.expr.Expr;
import dev.infuser.expr.Fn;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code Equal} (numbers, bools, strings), {@code Less}, {@code Greater}, {@code LessOrEqual} and {@code GreaterOrEqual}
 * (numbers): two tensors of one type, broadcast, to bools. Nothing but "unequal" holds of NaN.
 */
final class Compare implements Operator {

    private final String name;

    Compare(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        DType type = Types.same(c);
        Types.require(c, 0, Types.isNumber(type)
                || name.equals("Equal") && (type == DType.BOOL || type == DType.STRING));
        return List.of(ValueType.tensor(DType.BOOL, Broadcast.shape(c.shape(0), c.shape(1))));
    }

    @Override
    public List<Dim> content(InferContext c) {
        List<Dim> a = c.content(0);
        List<Dim> b = c.content(1);
        if (a == null || b == null) {
            return null;
        }
        List<Dim> out = new ArrayList<>();
        for (int i = 0; i < Math.max(a.size(), b.size()); i++) {
            Dim x = a.get(a.size() == 1 ? 0 : i);
            Dim y = b.get(b.size() == 1 ? 0 : i);
            if (x.equals(y)) {
                out.add(Dim.of(name.equals("Equal") || name.endsWith("OrEqual") ? 1 : 0));
            } else if (x.isConstant() && y.isConstant()) {
                out.add(Dim.of(holds(x.value() < y.value() ? -1 : 1) ? 1 : 0));
            } else if (isNegative(x) && isExtent(y) || isExtent(x) && isNegative(y)) {
                out.add(Dim.of(holds(isNegative(x) ? -1 : 1) ? 1 : 0));
            } else {
                return null;
            }
        }
        return out;
    }

    private static boolean isNegative(Dim dim) {
        return dim.isConstant() && dim.value() < 0;
    }

    /** Whether a symbol cannot be negative: an extent, or extents added and multiplied. */
    private static boolean isExtent(Dim dim) {
        return !dim.isConstant() && dim.symbol().indexOf('-') < 0;
    }

    @Override
    public Lowering lower(InferContext c) {
        Fn fn = name.equals("Equal") ? Fn.EQ : name.equals("Less") ? Fn.LT : name.equals("Greater") ? Fn.GT
                : name.equals("LessOrEqual") ? Fn.LE : Fn.GE;
        return Lowering.Elementwise.of(c.dtype(0), Expr.of(fn, Expr.input(0), Expr.input(1)));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor a = c.tensor(0);
        Tensor b = c.tensor(1);
        DType type = a.dtype();
        if (type == DType.STRING) {
            return List.of(equalStrings(a, b));
        }
        if (type.isFloat()) {
            return List.of(Elementwise.zip(a, b, DType.BOOL,
                    (x, y) -> x == x && y == y && holds(x < y ? -1 : x > y ? 1 : 0) ? 1 : 0));
        }
        return List.of(Elementwise.zipLongs(a, b, DType.BOOL,
                (x, y) -> holds(x == y ? 0 : Elementwise.less(type, x, y) ? -1 : 1) ? 1 : 0));
    }

    private static Tensor equalStrings(Tensor a, Tensor b) {
        int[] dims = Broadcast.dims(a.dims(), b.dims());
        int[] ia = Broadcast.index(a.dims(), dims);
        int[] ib = Broadcast.index(b.dims(), dims);
        byte[] out = new byte[ia.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = (byte) (a.strings()[ia[i]].equals(b.strings()[ib[i]]) ? 1 : 0);
        }
        return Tensor.of(DType.BOOL, dims, out);
    }

    /** Whether the relation holds of two elements of which the first is less (-1), equal (0) or greater (1). */
    private boolean holds(int order) {
        switch (name) {
            case "Equal":
                return order == 0;
            case "Less":
                return order < 0;
            case "Greater":
                return order > 0;
            case "LessOrEqual":
                return order <= 0;
            default:
                return order >= 0;
        }
    }
}
