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
 * Two tensors of one type, broadcast, to a third of the same type: {@code Add}, {@code Sub}, {@code Mul}, {@code Div},
 * {@code Mod} and {@code PRelu} of numbers, {@code BitwiseAnd}, {@code BitwiseOr}, {@code BitwiseXor} and {@code BitShift}
 * of integers, {@code And}, {@code Or} and {@code Xor} of bools.
 *
 * <p>Floats are rounded once; integers wrap around; integer division truncates towards zero; {@code Mod} has the sign of
 * the divisor, or of the dividend where {@code fmod} is set, as it must be for floats. {@code PRelu}'s slope broadcasts to
 * its input, never the other way.
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
        DType type = Types.same(c);
        boolean allowed = Types.isNumber(type);
        switch (name) {
            case "And": case "Or": case "Xor":
                allowed = type == DType.BOOL;
                break;
            case "BitwiseAnd": case "BitwiseOr": case "BitwiseXor":
                allowed = Types.isInteger(type);
                break;
            case "BitShift":
                allowed = Types.isInteger(type) && !type.isSigned();
                break;
            case "Mod":
                if (type.isFloat() && !c.attributes().flag("fmod", false)) {
                    throw c.fail("floats need fmod=1");
                }
                break;
            default:
        }
        Types.require(c, 0, allowed);
        return List.of(ValueType.tensor(type,
                name.equals("PRelu") ? c.shape(0) : Broadcast.shape(c.shape(0), c.shape(1))));
    }

    @Override
    public List<Dim> content(InferContext c) {
        List<Dim> a = c.content(0);
        List<Dim> b = c.content(1);
        if (a == null || b == null || c.dtype(0).isFloat() || name.length() != 3) {
            return null;
        }
        List<Dim> out = new ArrayList<>();
        for (int i = 0; i < Math.max(a.size(), b.size()); i++) {
            Dim x = a.get(a.size() == 1 ? 0 : i);
            Dim y = b.get(b.size() == 1 ? 0 : i);
            Dim z = content(x, y);
            if (z == null) {
                return null;
            }
            out.add(z);
        }
        return out;
    }

    private Dim content(Dim x, Dim y) {
        switch (name) {
            case "Add":
                return x.plus(y);
            case "Sub":
                return x.minus(y);
            case "Mul":
                return x.times(y);
            case "Div":
                return y.is(0) ? null : x.floorDiv(y);
            case "Mod":
                return y.is(0) ? null : x.isConstant() && y.isConstant() ? Dim.of(Math.floorMod(x.value(), y.value())) : null;
            default:
                return null;
        }
    }

    @Override
    public Lowering lower(InferContext c) {
        boolean integers = c.dtype(0) == DType.INT32;
        if (integers && (name.equals("Div") || name.equals("Mod")) && !hasNoZero(c.constant(1))) {
            return null;
        }
        return Lowering.Elementwise.of(c.dtype(0), name.equals("Mod")
                ? integers ? remainder(Expr.input(0), Expr.input(1), c.attributes().flag("fmod", false)) : null
                : expression(Expr.input(0), Expr.input(1)));
    }

    private static boolean hasNoZero(Tensor divisor) {
        for (int i = 0; divisor != null && i < divisor.size(); i++) {
            if (divisor.getLong(i) == 0) {
                return false;
            }
        }
        return divisor != null;
    }

    /** The remainder of integers, with the sign of {@code a} where {@code truncated}, else with that of {@code b}. */
    private static Expr remainder(Expr a, Expr b, boolean truncated) {
        Expr rest = Expr.of(Fn.SUB, a, Expr.of(Fn.MUL, Expr.of(Fn.DIV, a, b), b));
        Expr zero = Expr.constant(0);
        Expr apart = Expr.of(Fn.XOR, Expr.of(Fn.LT, rest, zero), Expr.of(Fn.LT, b, zero));
        return truncated ? rest : new Expr.Select(Expr.of(Fn.AND, Expr.of(Fn.NE, rest, zero), apart), Expr.of(Fn.ADD, rest, b), rest);
    }

    private Expr expression(Expr a, Expr b) {
        switch (name) {
            case "Add":
                return Expr.of(Fn.ADD, a, b);
            case "Sub":
                return Expr.of(Fn.SUB, a, b);
            case "Mul":
                return Expr.of(Fn.MUL, a, b);
            case "Div":
                return Expr.of(Fn.DIV, a, b);
            case "And":
                return Expr.of(Fn.AND, a, b);
            case "Or":
                return Expr.of(Fn.OR, a, b);
            case "Xor":
                return Expr.of(Fn.XOR, a, b);
            case "PRelu":
                return new Expr.Select(Expr.of(Fn.LT, a, Expr.constant(0)), Expr.of(Fn.MUL, a, b), a);
            default:
                return null;
        }
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor a = c.tensor(0);
        Tensor b = c.tensor(1);
        DType type = a.dtype();
        if (name.equals("PRelu")) {
            Broadcast.index(b.dims(), a.dims());
        }
        if (type.isFloat()) {
            return List.of(Elementwise.zip(a, b, type, this::apply));
        }
        boolean unsigned = type == DType.UINT64;
        boolean flag = name.equals("Mod") ? c.attributes().flag("fmod", false)
                : c.attributes().string("direction", "").equals("LEFT");
        return List.of(Elementwise.zipLongs(a, b, type, (x, y) -> {
            if (y == 0 && (name.equals("Div") || name.equals("Mod"))) {
                throw c.fail("integer division by zero");
            }
            return apply(x, y, unsigned, flag);
        }));
    }

    private double apply(double x, double y) {
        switch (name) {
            case "Add":
                return x + y;
            case "Sub":
                return x - y;
            case "Mul":
                return x * y;
            case "Div":
                return x / y;
            case "Mod":
                return x % y;
            default:
                return x < 0 ? x * y : x;
        }
    }

    /** {@code flag} is fmod for {@code Mod}, left for {@code BitShift}. */
    private long apply(long x, long y, boolean unsigned, boolean flag) {
        switch (name) {
            case "Add":
                return x + y;
            case "Sub":
                return x - y;
            case "Mul":
                return x * y;
            case "Div":
                return unsigned ? Long.divideUnsigned(x, y) : y == -1 ? -x : x / y;
            case "Mod":
                return y == -1 && !unsigned ? 0 : unsigned ? Long.remainderUnsigned(x, y)
                        : flag || x % y == 0 || (x < 0) == (y < 0) ? x % y : x % y + y;
            case "And": case "BitwiseAnd":
                return x & y;
            case "Or": case "BitwiseOr":
                return x | y;
            case "Xor": case "BitwiseXor":
                return x ^ y;
            case "BitShift":
                return y < 0 || y > 63 ? 0 : flag ? x << y : x >>> y;
            default:
                return !unsigned && x < 0 ? x * y : x;
        }
    }
}
