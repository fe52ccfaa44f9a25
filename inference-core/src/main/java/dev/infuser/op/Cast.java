package dev.infuser.op;

import dev.infuser.expr.Expr;
import dev.infuser.expr.Fn;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Decimals;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.SmallFloat;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/**
 * {@code Cast} to the type numbered {@code to}, and {@code CastLike} to the type of the second input: any type to any other.
 *
 * <p>To floats: nearest, ties to even; 8-bit ones saturate unless {@code saturate} is 0, float8e8m0 rounds as
 * {@code round_mode} says. To integers: truncated, low bits kept. To bool: whether not zero. Strings hold plain or
 * scientific decimals, INF, NaN; numbers become plain decimals.
 */
final class Cast implements Operator {

    /** All but the last digit of 2^64 - 1. */
    private static final long MAX_HEAD = 1844674407370955161L;

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
        return from == DType.FLOAT32 && to == DType.BOOL
                ? new Lowering.Elementwise(Expr.of(Fn.NE, Expr.input(0), Expr.constant(0))) : null;
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        DType to = name.equals("Cast") ? DType.ofNumber((int) c.attributes().integer("to")) : c.dtype(1);
        Tensor x = c.tensor(0);
        if (x.dtype() == to) {
            return List.of(x);
        }
        if (to == DType.STRING) {
            return List.of(print(x));
        }
        if (x.dtype() == DType.STRING) {
            return List.of(to.isInteger() ? parseIntegers(c, x, to) : parse(c, x, to));
        }
        if (!to.isFloat() && !x.dtype().isFloat()) {
            return List.of(Elementwise.mapLongs(x, to, v -> v));
        }
        if (to.isFloat() && to.bits() <= 8) {
            return List.of(narrow(x, to, c.attributes().flag("saturate", true),
                    c.attributes().string("round_mode", "up")));
        }
        return List.of(Elementwise.map(x, to, v -> v));
    }

    private static Tensor narrow(Tensor x, DType to, boolean saturate, String mode) {
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

    private static Tensor parse(EvalContext c, Tensor x, DType to) {
        double[] out = new double[x.size()];
        for (int i = 0; i < out.length; i++) {
            out[i] = parse(c, x.strings()[i].trim());
        }
        return to.bits() > 8 || !to.isFloat() ? Tensor.ofDoubles(to, x.dims(), out)
                : narrow(Tensor.of(DType.FLOAT64, x.dims(), out), to, c.attributes().flag("saturate", true),
                        c.attributes().string("round_mode", "up"));
    }

    private static double parse(EvalContext c, String text) {
        String lower = text.toLowerCase();
        switch (lower) {
            case "nan":
                return Double.NaN;
            case "inf": case "+inf":
                return Double.POSITIVE_INFINITY;
            case "-inf":
                return Double.NEGATIVE_INFINITY;
            default:
        }
        try {
            return Decimals.parse(lower);
        } catch (NumberFormatException e) {
            throw c.fail("\"" + text + "\" is not a number");
        }
    }

    private static Tensor parseIntegers(EvalContext c, Tensor x, DType to) {
        long[] out = new long[x.size()];
        for (int i = 0; i < out.length; i++) {
            String text = x.strings()[i].trim();
            try {
                out[i] = to == DType.UINT64 && !text.startsWith("-") ? parseUnsigned(text) : Long.parseLong(text);
            } catch (NumberFormatException e) {
                out[i] = (long) parse(c, text);
            }
        }
        return Tensor.ofLongs(to, x.dims(), out);
    }

    private static long parseUnsigned(String text) {
        int last = text.length() - 1;
        if (last < 18) {
            return Long.parseLong(text);
        }
        long head = Long.parseLong(text.substring(0, last));
        int digit = Character.digit(text.charAt(last), 10);
        if (digit < 0 || head > MAX_HEAD || head == MAX_HEAD && digit > 5) {
            throw new NumberFormatException(text);
        }
        return head * 10 + digit;
    }

    private static Tensor print(Tensor x) {
        String[] out = new String[x.size()];
        DType from = x.dtype();
        for (int i = 0; i < out.length; i++) {
            out[i] = from == DType.BOOL ? x.getLong(i) != 0 ? "True" : "False"
                    : from == DType.UINT64 ? Long.toUnsignedString(x.getLong(i))
                    : !from.isFloat() ? Long.toString(x.getLong(i))
                    : print(x.getDouble(i), from);
        }
        return Tensor.strings(x.dims(), out);
    }

    private static String print(double value, DType from) {
        if (Math.abs(value) == Double.POSITIVE_INFINITY) {
            return value < 0 ? "-INF" : "INF";
        }
        return from == DType.FLOAT64 ? Decimals.print(value) : Decimals.print((float) value);
    }
}
