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
 * {@code Add}, {@code Sub}, {@code Mul} and {@code Div}: two tensors of one numeric type, broadcast.
 *
 * <p>Floats are rounded once; integers wrap around; integer division truncates towards zero.
 */
final class Arithmetic implements Operator {

    private final String name;

    Arithmetic(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        if (c.dtype(0) != c.dtype(1)) {
            throw c.fail("inputs differ in type: " + c.type(0) + " and " + c.type(1));
        }
        return List.of(ValueType.tensor(c.dtype(0), Broadcast.shape(c.shape(0), c.shape(1))));
    }

    @Override
    public List<Dim> content(InferContext c) {
        List<Dim> a = c.content(0);
        List<Dim> b = c.content(1);
        if (a == null || b == null || c.dtype(0).isFloat()) {
            return null;
        }
        List<Dim> out = new ArrayList<>();
        for (int i = 0; i < Math.max(a.size(), b.size()); i++) {
            Dim x = a.get(a.size() == 1 ? 0 : i);
            Dim y = b.get(b.size() == 1 ? 0 : i);
            if (name.equals("Div") && y.is(0)) {
                return null;
            }
            out.add(name.equals("Add") ? x.plus(y) : name.equals("Sub") ? x.minus(y)
                    : name.equals("Mul") ? x.times(y) : x.floorDiv(y));
        }
        return out;
    }

    @Override
    public Lowering lower(InferContext c) {
        return c.dtype(0) != DType.FLOAT32 ? null : new Lowering.Elementwise(Expr.of(name.equals("Add") ? Fn.ADD
                : name.equals("Sub") ? Fn.SUB : name.equals("Mul") ? Fn.MUL : Fn.DIV, Expr.input(0), Expr.input(1)));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor a = c.tensor(0);
        Tensor b = c.tensor(1);
        int[] dims = Broadcast.dims(a.dims(), b.dims());
        int[] ia = Broadcast.index(a.dims(), dims);
        int[] ib = Broadcast.index(b.dims(), dims);
        DType dtype = a.dtype();
        if (dtype.isFloat()) {
            double[] out = new double[ia.length];
            for (int i = 0; i < out.length; i++) {
                out[i] = apply(a.getDouble(ia[i]), b.getDouble(ib[i]));
            }
            return List.of(Tensor.ofDoubles(dtype, dims, out));
        }
        long[] out = new long[ia.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = apply(c, dtype, a.getLong(ia[i]), b.getLong(ib[i]));
        }
        return List.of(Tensor.ofLongs(dtype, dims, out));
    }

    private double apply(double x, double y) {
        switch (name) {
            case "Add":
                return x + y;
            case "Sub":
                return x - y;
            case "Mul":
                return x * y;
            default:
                return x / y;
        }
    }

    private long apply(EvalContext c, DType dtype, long x, long y) {
        switch (name) {
            case "Add":
                return x + y;
            case "Sub":
                return x - y;
            case "Mul":
                return x * y;
            default:
                if (y == 0) {
                    throw c.fail("integer division by zero");
                }
                return dtype == DType.UINT64 ? Long.divideUnsigned(x, y) : y == -1 ? -x : x / y;
        }
    }
}
