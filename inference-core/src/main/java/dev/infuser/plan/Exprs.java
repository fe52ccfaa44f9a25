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

    /**
     * {@code e} with its constants replaced by numbers, whose values are added to {@code numbers}, so that layers which differ in
     * them alone share a kernel. Whole numbers, which belong to the functions that activations are, stay.
     */
    static Expr lift(Expr e, List<Float> numbers) {
        if (e instanceof Expr.Constant constant) {
            float value = constant.value();
            if (value != value || value == (int) value) {
                return e;
            }
            if (!numbers.contains(value)) {
                numbers.add(value);
            }
            return new Expr.Number(numbers.indexOf(value));
        }
        if (e instanceof Expr.Unary unary) {
            return new Expr.Unary(unary.fn(), lift(unary.x(), numbers));
        }
        if (e instanceof Expr.Binary binary) {
            Expr a = lift(binary.a(), numbers);
            return new Expr.Binary(binary.fn(), a, lift(binary.b(), numbers));
        }
        if (e instanceof Expr.Select select) {
            Expr a = lift(select.a(), numbers);
            Expr b = lift(select.b(), numbers);
            return new Expr.Select(lift(select.condition(), numbers), a, b);
        }
        return e;
    }

    /** Sets the slots of numbers. */
    static void fill(Slots slots, List<Float> numbers) {
        for (int i = 0; i < numbers.size(); i++) {
            slots.set("number_" + i, Float.floatToRawIntBits(numbers.get(i)));
        }
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
