package dev.infuser.op;

import dev.infuser.expr.Expr;
import dev.infuser.expr.Fn;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.ValueType;
import java.util.List;

/** Exponential, trigonometric and hyperbolic functions of each real number, and activations made of them without parameters. */
final class Transcendental implements Operator {

    private final String name;

    Transcendental(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Types.require(c, 0, Types.isReal(c.dtype(0)));
        return List.of(ValueType.tensor(c.dtype(0), c.shape(0)));
    }

    @Override
    public Lowering lower(InferContext c) {
        return Lowering.Elementwise.of(c.dtype(0), expression(Expr.input(0)));
    }

    private Expr expression(Expr x) {
        switch (name) {
            case "Exp":
                return Expr.of(Fn.EXP, x);
            case "Log":
                return Expr.of(Fn.LOG, x);
            case "Erf":
                return Expr.of(Fn.ERF, x);
            case "Sin":
                return Expr.of(Fn.SIN, x);
            case "Cos":
                return Expr.of(Fn.COS, x);
            case "Tanh":
                return Expr.of(Fn.TANH, x);
            case "Sigmoid":
                return Expr.of(Fn.SIGMOID, x);
            case "Softplus":
                return softplus(x);
            case "Mish":
                return Expr.of(Fn.MUL, x, Expr.of(Fn.TANH, softplus(x)));
            case "Softsign":
                return Expr.of(Fn.DIV, x, Expr.of(Fn.ADD, Expr.of(Fn.ABS, x), Expr.constant(1)));
            case "HardSwish":
                return Expr.of(Fn.MUL, x, Activation.hardSigmoid(x, 1f / 6, 0.5f));
            default:
                return null;
        }
    }

    /** {@code log(1 + exp(x))}, whose exponential does not overflow. */
    private static Expr softplus(Expr x) {
        Expr exp = Expr.of(Fn.EXP, Expr.of(Fn.NEG, Expr.of(Fn.ABS, x)));
        return Expr.of(Fn.ADD, Expr.of(Fn.MAX, x, Expr.constant(0)),
                Expr.of(Fn.LOG, Expr.of(Fn.ADD, exp, Expr.constant(1))));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        return List.of(Elementwise.map(c.tensor(0), c.tensor(0).dtype(), this::apply));
    }

    private double apply(double x) {
        switch (name) {
            case "Exp":
                return Math.exp(x);
            case "Log":
                return Math.log(x);
            case "Erf":
                return MathFunctions.erf(x);
            case "Sigmoid":
                return MathFunctions.sigmoid(x);
            case "Softplus":
                return MathFunctions.softplus(x);
            case "Softsign":
                return x / (1 + Math.abs(x));
            case "HardSwish":
                return x * Math.max(0, Math.min(1, x / 6 + 0.5));
            case "Mish":
                return x * MathFunctions.tanh(MathFunctions.softplus(x));
            default:
                return trigonometric(x);
        }
    }

    private double trigonometric(double x) {
        switch (name) {
            case "Sin":
                return Math.sin(x);
            case "Cos":
                return Math.cos(x);
            case "Tan":
                return Math.tan(x);
            case "Asin":
                return Math.asin(x);
            case "Acos":
                return Math.acos(x);
            case "Atan":
                return Math.atan(x);
            case "Sinh":
                return MathFunctions.sinh(x);
            case "Cosh":
                return MathFunctions.cosh(x);
            case "Tanh":
                return MathFunctions.tanh(x);
            case "Asinh":
                return MathFunctions.asinh(x);
            case "Acosh":
                return MathFunctions.acosh(x);
            default:
                return MathFunctions.atanh(x);
        }
    }
}
