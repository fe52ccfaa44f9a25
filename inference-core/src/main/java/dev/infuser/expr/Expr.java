package dev.infuser.expr;

/**
 * Scalar arithmetic fused into a kernel, evaluated four f32 lanes at a time. Immutable data; equal expressions are
 * computed once. What {@link Input} numbers mean is said by the kernel that takes the expression.
 */
public sealed interface Expr {
    /** The value of a kernel input. */
    record Input(int index) implements Expr {}

    /** The same number in all lanes. */
    record Constant(float value) implements Expr {}

    /** A number, not NaN, that a kernel is given when it is called, the same in all lanes. */
    record Number(int index) implements Expr {}

    /** A function of one argument. */
    record Unary(Fn fn, Expr x) implements Expr {
        /** Refuses functions of two arguments. */
        public Unary {
            if (!fn.unary()) {
                throw new IllegalArgumentException(fn + " takes two arguments");
            }
        }
    }

    /** A function of two arguments. */
    record Binary(Fn fn, Expr a, Expr b) implements Expr {
        /** Refuses functions of one argument. */
        public Binary {
            if (fn.unary()) {
                throw new IllegalArgumentException(fn + " takes one argument");
            }
        }
    }

    /** {@code a} where {@code condition} is true, else {@code b}. */
    record Select(Expr condition, Expr a, Expr b) implements Expr {}

    /** {@link Input}. */
    static Expr input(int index) {
        return new Input(index);
    }

    /** {@link Constant}. */
    static Expr constant(float value) {
        return new Constant(value);
    }

    /** {@link Unary}. */
    static Expr of(Fn fn, Expr x) {
        return new Unary(fn, x);
    }

    /** {@link Binary}. */
    static Expr of(Fn fn, Expr a, Expr b) {
        return new Binary(fn, a, b);
    }

    /** How many {@link Number}s an expression may have: one more than the greatest index. */
    static int numbers(Expr e) {
        if (e instanceof Unary unary) {
            return numbers(unary.x);
        }
        if (e instanceof Binary binary) {
            return Math.max(numbers(binary.a), numbers(binary.b));
        }
        if (e instanceof Select select) {
            return Math.max(numbers(select.condition), Math.max(numbers(select.a), numbers(select.b)));
        }
        return e instanceof Number number ? 1 + number.index : 0;
    }

    /** The number of functions in an expression. */
    static int operations(Expr e) {
        if (e instanceof Unary unary) {
            return 1 + operations(unary.x);
        }
        if (e instanceof Binary binary) {
            return 1 + operations(binary.a) + operations(binary.b);
        }
        return e instanceof Select select ? 1 + operations(select.condition) + operations(select.a) + operations(select.b) : 0;
    }
}
