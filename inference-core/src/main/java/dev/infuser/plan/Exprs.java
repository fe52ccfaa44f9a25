package dev.infuser.plan;

import dev.infuser.expr.Expr;
import java.util.List;

/** Composes expressions. */
final class Exprs {

    private Exprs() {
    }

    /** {@code e} with input {@code i} replaced by {@code inputs.get(i)}. */
    static Expr substitute(Expr e, List<Expr> inputs) {
        if (e instanceof Expr.Input input) {
            return inputs.get(input.index());
        }
        if (e instanceof Expr.Unary unary) {
            return new Expr.Unary(unary.fn(), substitute(unary.x(), inputs));
        }
        if (e instanceof Expr.Binary binary) {
            return new Expr.Binary(binary.fn(), substitute(binary.a(), inputs), substitute(binary.b(), inputs));
        }
        if (e instanceof Expr.Select select) {
            return new Expr.Select(substitute(select.condition(), inputs), substitute(select.a(), inputs),
                    substitute(select.b(), inputs));
        }
        return e;
    }

    /** Whether {@code e} is 0 or 1. */
    static boolean isTruth(Expr e) {
        return e instanceof Expr.Unary unary && unary.fn().logical() || e instanceof Expr.Binary binary && binary.fn().logical();
    }

    /** Whether {@code e} depends on input {@code i}. */
    static boolean reads(Expr e, int i) {
        if (e instanceof Expr.Input input) {
            return input.index() == i;
        }
        if (e instanceof Expr.Unary unary) {
            return reads(unary.x(), i);
        }
        if (e instanceof Expr.Binary binary) {
            return reads(binary.a(), i) || reads(binary.b(), i);
        }
        return e instanceof Expr.Select select
                && (reads(select.condition(), i) || reads(select.a(), i) || reads(select.b(), i));
    }
}
