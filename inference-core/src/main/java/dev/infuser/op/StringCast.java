package dev.infuser.op;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Decimals;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/**
 * {@link Cast} that knows strings too: they hold plain or scientific decimals, INF, NaN; numbers become plain decimals.
 */
final class StringCast implements Operator {

    /** All but the last digit of 2^64 - 1. */
    private static final long MAX_HEAD = 1844674407370955161L;

    private final Cast cast;

    StringCast(String name) {
        this.cast = new Cast(name);
    }

    @Override
    public String name() {
        return cast.name();
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        return cast.infer(c);
    }

    @Override
    public List<Dim> content(InferContext c) {
        return cast.content(c);
    }

    @Override
    public Lowering lower(InferContext c) {
        return cast.lower(c);
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor x = c.tensor(0);
        DType to = cast.to(c);
        if (x.dtype() == to || x.dtype() != DType.STRING && to != DType.STRING) {
            return cast.evaluate(c);
        }
        return List.of(convert(c, x, to));
    }

    /** Strings as numbers, or numbers as strings. */
    static Tensor convert(EvalContext c, Tensor x, DType to) {
        return to == DType.STRING ? print(x) : to.isInteger() ? parseIntegers(c, x, to) : parse(c, x, to);
    }

    private static Tensor parse(EvalContext c, Tensor x, DType to) {
        double[] out = new double[x.size()];
        for (int i = 0; i < out.length; i++) {
            out[i] = parse(c, x.strings()[i].trim());
        }
        return to.bits() > 8 || !to.isFloat() ? Tensor.ofDoubles(to, x.dims(), out)
                : Cast.narrow(Tensor.of(DType.FLOAT64, x.dims(), out), to, c.attributes().flag("saturate", true),
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
