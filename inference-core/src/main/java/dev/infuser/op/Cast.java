package dev.infuser.op;

import dev.infuser.expr.Expr;
import dev.infuser.expr.Fn;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.SmallFloat;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/**
 * {@code Cast} to the type numbered {@code to}, and {@code CastLike} to the type of the second input: any type to any other.
 *
 * <p>To floats: nearest, ties to even; 8-bit ones saturate unless {@code saturate} is 0, float8e8m0 rounds as
 * {@code round_mode} says. To integers: truncated, low bits kept; floats to int32: truncated, what does not fit as the nearest,
 * NaN as 0. To bool: whether not zero. {@link StringCast} does strings.
 */
final class Cast implements Operator {

    private final String name;

    Cast(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        DType to = name.equals("Cast") ? DType.ofNumber((int) c.attributes().integer("to")) : c.dtype(1);
        if (to == null) {
            throw c.fail("there is no type " + c.attributes().integer("to"));
        }
        return List.of(ValueType.tensor(to, c.shape(0)));
    }

    @Override
    public List<Dim> content(InferContext c) {
        DType to = name.equals("Cast") ? DType.ofNumber((int) c.attributes().integer("to")) : c.dtype(1);
        return to.isInteger() && c.dtype(0).isInteger() ? c.content(0) : null;
    }

    @Override
    public Lowering lower(InferContext c) {
        DType to = ((ValueType.OfTensor) infer(c).get(0)).dtype();
        DType from = c.dtype(0);
        if (to == from) {
            return new Lowering.Alias();
        }
        if (to == DType.FLOAT32 && (from == DType.BOOL || from.bits() == 8 && from.isInteger()
                || from == DType.FLOAT16 || from == DType.INT32
                || from == DType.INT64)) {
            return new Lowering.Elementwise(Expr.input(0));
        }
        if (to == DType.BOOL && (from == DType.FLOAT32 || from == DType.INT32)) {
            return Lowering.Elementwise.of(from, Expr.of(Fn.NE, Expr.input(0), Expr.constant(0)));
        }
        boolean small = from == DType.BOOL || from == DType.INT32 || from.bits() == 8 && from.isInteger();
        return to == DType.INT32 && (small || from == DType.INT64) || to == DType.INT64 && small
                ? new Lowering.Elementwise(Expr.input(0), true)
                : from == DType.FLOAT32 && to == DType.INT32 ? new Lowering.Elementwise(Expr.input(0)) : null;
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        DType to = to(c);
        Tensor x = c.tensor(0);
        if (x.dtype() == to) {
            return List.of(x);
        }
        if (to == DType.STRING || x.dtype() == DType.STRING) {
            throw Registry.missing(c.node());
        }
        if (!to.isFloat() && !x.dtype().isFloat()) {
            return List.of(Elementwise.mapLongs(x, to, v -> v));
        }
        if (to.isFloat() && to.bits() <= 8) {
            return List.of(narrow(x, to, c.attributes().flag("saturate", true),
                    c.attributes().string("round_mode", "up")));
        }
        return List.of(Elementwise.map(x, to, to == DType.INT32 ? v -> (int) v : v -> v));
    }

    DType to(EvalContext c) {
        return name.equals("Cast") ? DType.ofNumber((int) c.attributes().integer("to")) : c.dtype(1);
    }

    static Tensor narrow(Tensor x, DType to, boolean saturate, String mode) {
        byte[] out = new byte[x.size()];
        for (int i = 0; i < out.length; i++) {
            double value = x.getDouble(i);
            out[i] = (byte) SmallFloat.encode(to, to == DType.FLOAT8E8M0 ? powerOfTwo(value, mode) : value, saturate);
        }
        return Tensor.of(to, x.dims(), out);
    }

    private static double powerOfTwo(double value, String mode) {
        if (mode.equals("nearest") || !(value > 0x1p-1022) || value == Double.POSITIVE_INFINITY) {
            return value;
        }
        double below = Double.longBitsToDouble(Double.doubleToRawLongBits(value) & 0x7FF0000000000000L);
        return mode.equals("down") || value == below ? below : below * 2;
    }
}
