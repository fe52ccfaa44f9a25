package dev.infuser.op;

import dev.infuser.expr.Expr;
import dev.infuser.expr.Fn;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.SmallFloat;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * Simple functions of each element without parameters. Real numbers only, except {@code Abs} and {@code Sign} (any number),
 * {@code Neg} and {@code Relu} (signed ones), {@code BitwiseNot} (integers), {@code Not} (bools), {@code IsNaN} and
 * {@code IsInf} (floats of any width, to bools). {@code Round} takes ties to the even neighbour.
 */
final class Unary implements Operator {

    private final String name;

    Unary(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        DType type = c.dtype(0);
        Types.require(c, 0, allows(type));
        return List.of(ValueType.tensor(name.startsWith("Is") ? DType.BOOL : type, c.shape(0)));
    }

    private boolean allows(DType type) {
        switch (name) {
            case "Abs": case "Sign":
                return Types.isNumber(type);
            case "Neg": case "Relu":
                return Types.isNumber(type) && type.isSigned();
            case "BitwiseNot":
                return Types.isInteger(type);
            case "Not":
                return type == DType.BOOL;
            case "IsNaN": case "IsInf":
                return type.isFloat();
            default:
                return Types.isReal(type);
        }
    }

    @Override
    public List<Dim> content(InferContext c) {
        if (!name.equals("Neg") || c.content(0) == null || c.dtype(0).isFloat()) {
            return null;
        }
        List<Dim> out = new ArrayList<>();
        for (Dim dim : c.content(0)) {
            out.add(Dim.of(0).minus(dim));
        }
        return out;
    }

    @Override
    public Lowering lower(InferContext c) {
        return Lowering.Elementwise.of(c.dtype(0), expression(Expr.input(0)));
    }

    private Expr expression(Expr x) {
        switch (name) {
            case "Abs":
                return Expr.of(Fn.ABS, x);
            case "Neg":
                return Expr.of(Fn.NEG, x);
            case "Relu":
                return Expr.of(Fn.MAX, x, Expr.constant(0));
            case "Sign":
                return new Expr.Select(Expr.of(Fn.GT, x, Expr.constant(0)), Expr.constant(1),
                        new Expr.Select(Expr.of(Fn.LT, x, Expr.constant(0)), Expr.constant(-1), x));
            case "Not":
                return Expr.of(Fn.NOT, x);
            case "IsNaN":
                return Expr.of(Fn.NE, x, x);
            case "Sqrt":
                return Expr.of(Fn.SQRT, x);
            case "Reciprocal":
                return Expr.of(Fn.RECIP, x);
            case "Floor":
                return Expr.of(Fn.FLOOR, x);
            case "Ceil":
                return Expr.of(Fn.CEIL, x);
            case "Round":
                return Expr.of(Fn.ROUND, x);
            default:
                return null;
        }
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor x = c.tensor(0);
        DType type = x.dtype();
        if (name.equals("IsInf")) {
            boolean negative = c.attributes().flag("detect_negative", true);
            boolean positive = c.attributes().flag("detect_positive", true);
            return List.of(Elementwise.map(x, DType.BOOL, v -> v == Double.POSITIVE_INFINITY && positive
                    || v == Double.NEGATIVE_INFINITY && negative ? 1 : 0));
        }
        if (!type.isFloat()) {
            return List.of(Elementwise.mapLongs(x, type, v -> apply(v, type == DType.UINT64)));
        }
        DoubleUnaryOperator f = this::apply;
        return List.of(Elementwise.map(x, name.equals("IsNaN") ? DType.BOOL : type, f));
    }

    private long apply(long x, boolean unsigned) {
        switch (name) {
            case "Abs":
                return unsigned || x >= 0 ? x : -x;
            case "Sign":
                return x == 0 ? 0 : unsigned || x > 0 ? 1 : -1;
            case "Neg":
                return -x;
            case "Relu":
                return Math.max(x, 0);
            case "BitwiseNot":
                return ~x;
            default:
                return x ^ 1;
        }
    }

    private double apply(double x) {
        switch (name) {
            case "Abs":
                return Math.abs(x);
            case "Neg":
                return -x;
            case "Sign":
                return x > 0 ? 1 : x < 0 ? -1 : x;
            case "Relu":
                return x < 0 ? 0 : x;
            case "IsNaN":
                return x != x ? 1 : 0;
            case "Sqrt":
                return Math.sqrt(x);
            case "Reciprocal":
                return 1 / x;
            case "Floor":
                return Math.floor(x);
            case "Ceil":
                return Math.ceil(x);
            default:
                return SmallFloat.roundEven(x);
        }
    }
}
