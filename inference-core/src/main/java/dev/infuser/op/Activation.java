package dev.infuser.op;

import dev.infuser.expr.Expr;
import dev.infuser.expr.Fn;
import dev.infuser.graph.Attributes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/** Activation functions with attributes, of real numbers; {@code Shrink} takes integers too. */
final class Activation implements Operator {

    private static final double SQRT_HALF = 0.7071067811865476;
    private static final double SQRT_2_OVER_PI = 0.7978845608028654;

    private final String name;

    Activation(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        DType type = name.equals("Shrink") ? Types.number(c, 0) : Types.real(c, 0);
        String approximate = c.attributes().string("approximate", "none");
        if (!approximate.equals("none") && !approximate.equals("tanh")) {
            throw c.fail("approximate must be none or tanh, found " + approximate);
        }
        return List.of(ValueType.tensor(type, c.shape(0)));
    }

    @Override
    public Lowering lower(InferContext c) {
        return c.dtype(0) != DType.FLOAT32 ? null
                : Lowering.Elementwise.of(DType.FLOAT32, expression(Expr.input(0), c.attributes()));
    }

    private Expr expression(Expr x, Attributes a) {
        switch (name) {
            case "Gelu":
                return a.string("approximate", "none").equals("tanh") ? geluTanh(x) : gelu(x);
            case "HardSigmoid":
                return hardSigmoid(x, a.real("alpha", 0.2f), a.real("beta", 0.5f));
            case "LeakyRelu":
                return negative(x, Expr.of(Fn.MUL, x, Expr.constant(a.real("alpha", 0.01f))));
            case "Elu":
                return negative(x, expm1(x, a.real("alpha", 1)));
            case "Celu":
                float alpha = a.real("alpha", 1);
                return negative(x, expm1(Expr.of(Fn.DIV, x, Expr.constant(alpha)), alpha));
            case "Selu":
                return Expr.of(Fn.MUL, Expr.constant(a.real("gamma", 1.05070102214813232421875f)),
                        negative(x, expm1(x, a.real("alpha", 1.67326319217681884765625f))));
            case "ThresholdedRelu":
                return new Expr.Select(Expr.of(Fn.GT, x, Expr.constant(a.real("alpha", 1))), x, Expr.constant(0));
            case "Swish":
                return Expr.of(Fn.MUL, x,
                        Expr.of(Fn.SIGMOID, Expr.of(Fn.MUL, x, Expr.constant(a.real("alpha", 1)))));
            default:
                return null;
        }
    }

    /** {@code x}, or {@code other} where x is below zero. */
    private static Expr negative(Expr x, Expr other) {
        return new Expr.Select(Expr.of(Fn.LT, x, Expr.constant(0)), other, x);
    }

    private static Expr expm1(Expr x, float factor) {
        return Expr.of(Fn.MUL, Expr.constant(factor), Expr.of(Fn.SUB, Expr.of(Fn.EXP, x), Expr.constant(1)));
    }

    static Expr hardSigmoid(Expr x, float alpha, float beta) {
        Expr line = Expr.of(Fn.ADD, Expr.of(Fn.MUL, x, Expr.constant(alpha)), Expr.constant(beta));
        return Expr.of(Fn.MAX, Expr.constant(0), Expr.of(Fn.MIN, Expr.constant(1), line));
    }

    private static Expr gelu(Expr x) {
        Expr erf = Expr.of(Fn.ERF, Expr.of(Fn.MUL, x, Expr.constant((float) SQRT_HALF)));
        return half(x, erf);
    }

    private static Expr geluTanh(Expr x) {
        Expr cube = Expr.of(Fn.MUL, Expr.of(Fn.MUL, x, x), Expr.of(Fn.MUL, x, Expr.constant(0.044715f)));
        return half(x, Expr.of(Fn.TANH,
                Expr.of(Fn.MUL, Expr.constant((float) SQRT_2_OVER_PI), Expr.of(Fn.ADD, x, cube))));
    }

    /** {@code x / 2 * (1 + y)}. */
    private static Expr half(Expr x, Expr y) {
        return Expr.of(Fn.MUL, Expr.of(Fn.MUL, x, Expr.constant(0.5f)), Expr.of(Fn.ADD, y, Expr.constant(1)));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor x = c.tensor(0);
        return List.of(Elementwise.map(x, x.dtype(), function(c.attributes())));
    }

    private DoubleUnaryOperator function(Attributes a) {
        switch (name) {
            case "Gelu":
                return a.string("approximate", "none").equals("tanh")
                        ? x -> 0.5 * x * (1 + MathFunctions.tanh(SQRT_2_OVER_PI * (x + 0.044715 * x * x * x)))
                        : x -> 0.5 * x * (1 + MathFunctions.erf(x * SQRT_HALF));
            case "Selu":
                double selu = a.real("alpha", 1.67326319217681884765625f);
                double gamma = a.real("gamma", 1.05070102214813232421875f);
                return x -> gamma * (x > 0 ? x : selu * MathFunctions.expm1(x));
            case "HardSigmoid":
                double slope = a.real("alpha", 0.2f);
                double offset = a.real("beta", 0.5f);
                return x -> Math.max(0, Math.min(1, slope * x + offset));
            case "Shrink":
                double lambda = a.real("lambd", 0.5f);
                double bias = a.real("bias", 0);
                return x -> x < -lambda ? x + bias : x > lambda ? x - bias : 0;
            case "LeakyRelu":
                double leak = a.real("alpha", 0.01f);
                return x -> x < 0 ? leak * x : x;
            default:
                double alpha = a.real("alpha", 1);
                return x -> apply(x, alpha);
        }
    }

    private double apply(double x, double alpha) {
        switch (name) {
            case "Elu":
                return x < 0 ? alpha * MathFunctions.expm1(x) : x;
            case "Celu":
                return x < 0 ? alpha * MathFunctions.expm1(x / alpha) : x;
            case "Swish":
                return x * MathFunctions.sigmoid(alpha * x);
            default:
                return x > alpha ? x : 0;
        }
    }
}
