package dev.infuser.kernel;

import dev.infuser.expr.Expr;
import dev.infuser.expr.Fn;

/** Evaluates expressions in double arithmetic; the definition that generated code is compared with. */
public final class ExprOracle {
    private ExprOracle() {}

    /** The value of an expression over the given inputs. */
    public static double evaluate(Expr e, double... inputs) {
        if (e instanceof Expr.Input input) {
            return inputs[input.index()];
        }
        if (e instanceof Expr.Constant constant) {
            return constant.value();
        }
        if (e instanceof Expr.Unary unary) {
            return unary(unary.fn(), evaluate(unary.x(), inputs));
        }
        if (e instanceof Expr.Binary binary) {
            return binary(binary.fn(), evaluate(binary.a(), inputs), evaluate(binary.b(), inputs));
        }
        Expr.Select select = (Expr.Select) e;
        return evaluate(select.condition(), inputs) != 0 ? evaluate(select.a(), inputs) : evaluate(select.b(), inputs);
    }

    static double unary(Fn fn, double x) {
        return switch (fn) {
            case NEG -> -x;
            case ABS -> Math.abs(x);
            case SQRT -> Math.sqrt(x);
            case FLOOR -> Math.floor(x);
            case CEIL -> Math.ceil(x);
            case TRUNC -> x < 0 ? Math.ceil(x) : Math.floor(x);
            case ROUND -> Math.rint(x);
            case RECIP -> 1 / x;
            case EXP -> Math.exp(x);
            case LOG -> Math.log(x);
            case TANH -> Math.tanh(x);
            case ERF -> erf(x);
            case SIGMOID -> 1 / (1 + Math.exp(-x));
            case SIN -> Math.sin(x);
            case COS -> Math.cos(x);
            case NOT -> truth(x == 0);
            default -> throw new IllegalArgumentException(fn.name());
        };
    }

    static double binary(Fn fn, double a, double b) {
        return switch (fn) {
            case ADD -> a + b;
            case SUB -> a - b;
            case MUL -> a * b;
            case DIV -> a / b;
            case MIN -> Math.min(a, b);
            case MAX -> Math.max(a, b);
            case POW -> a == 1 || Math.abs(a) == 1 && Double.isInfinite(b) ? 1 : Math.pow(a, b);
            case EQ -> truth(a == b);
            case NE -> truth(a != b);
            case LT -> truth(a < b);
            case GT -> truth(a > b);
            case LE -> truth(a <= b);
            case GE -> truth(a >= b);
            case AND -> truth(a != 0 && b != 0);
            case OR -> truth(a != 0 || b != 0);
            case XOR -> truth(a != 0 ^ b != 0);
            default -> throw new IllegalArgumentException(fn.name());
        };
    }

    private static double truth(boolean value) {
        return value ? 1 : 0;
    }

    /** Abramowitz and Stegun 7.1.5 below 3, the continued fraction 7.1.14 above. */
    static double erf(double x) {
        double size = Math.abs(x);
        if (Double.isNaN(x) || size > 6) {
            return Double.isNaN(x) ? x : Math.signum(x);
        }
        if (size < 3) {
            double term = x;
            double sum = x;
            for (int n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
                term *= -x * x / n;
                sum += term / (2 * n + 1);
            }
            return 2 / Math.sqrt(Math.PI) * sum;
        }
        double fraction = size;
        for (int n = 60; n > 0; n--) {
            fraction = size + n / 2.0 / fraction;
        }
        return Math.signum(x) * (1 - Math.exp(-x * x) / Math.sqrt(Math.PI) / fraction);
    }
}
