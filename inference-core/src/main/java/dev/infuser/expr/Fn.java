package dev.infuser.expr;

/**
 * Functions of {@link Expr}, on f32. Truth is 1 and falsehood 0; any value but zero counts as true. Error bounds are
 * for finite inputs against the exact value; NaN gives NaN unless stated, and infinities give the limits.
 */
public enum Fn {
    NEG,
    ABS,
    SQRT,
    FLOOR,
    CEIL,
    TRUNC,
    /** To the nearest integer, halves to even. */
    ROUND,
    /** One divided by x. */
    RECIP,
    /** Relative error below 3e-7 (one denormal where the result is denormal). */
    EXP,
    /** Natural logarithm; error below 3e-7 times max(1e-1, |log x|); negative gives NaN, zero gives -infinity. */
    LOG,
    /** Relative error below 6e-7, or an absolute one below 1e-42. */
    TANH,
    /** Absolute error below 6e-7. */
    ERF,
    /** 1 / (1 + exp(-x)); relative error below 6e-7 down to x = -87, then an absolute one below 1e-37. */
    SIGMOID,
    /** Absolute error below 3e-7 while |x| is below 1e8. */
    SIN,
    /** As {@link #SIN}. */
    COS,
    /** 1 where x is zero, else 0. */
    NOT,

    ADD,
    SUB,
    MUL,
    DIV,
    /** The smaller one; NaN when either is. */
    MIN,
    /** The larger one; NaN when either is. */
    MAX,
    /**
     * a to the power b, with the special cases of IEEE 754; relative error below 4e-7 (1 + |b log a|), so up to
     * 4e-5 next to overflow. A whole exponent known beforehand is better written as multiplications.
     */
    POW,

    EQ,
    NE,
    LT,
    GT,
    LE,
    GE,
    AND,
    OR,
    XOR;

    /** Whether it takes one argument. */
    public boolean unary() {
        return compareTo(ADD) < 0;
    }

    /** Whether it compares two numbers. */
    public boolean compares() {
        return compareTo(EQ) >= 0 && compareTo(AND) < 0;
    }

    /** Whether the result is a truth value. */
    public boolean logical() {
        return this == NOT || compareTo(EQ) >= 0;
    }
}
