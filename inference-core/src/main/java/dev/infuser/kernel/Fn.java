package dev.infuser.kernel;

import dev.infuser.wasm.Op;

/**
 * Functions of {@link Expr}, on f32. Truth is 1 and falsehood 0; any value but zero counts as true. Error bounds are for
 * finite inputs against the exact value; NaN gives NaN unless stated, and infinities give the limits.
 */
public enum Fn {
  NEG(Op.F32X4_NEG),
  ABS(Op.F32X4_ABS),
  SQRT(Op.F32X4_SQRT),
  FLOOR(Op.F32X4_FLOOR),
  CEIL(Op.F32X4_CEIL),
  TRUNC(Op.F32X4_TRUNC),
  /** To the nearest integer, halves to even. */
  ROUND(Op.F32X4_NEAREST),
  /** One divided by x. */
  RECIP(0),
  /** Relative error below 3e-7 (one denormal where the result is denormal). */
  EXP(0),
  /** Natural logarithm; error below 3e-7 times max(1e-1, |log x|); negative gives NaN, zero gives -infinity. */
  LOG(0),
  /** Relative error below 6e-7. */
  TANH(0),
  /** Absolute error below 6e-7. */
  ERF(0),
  /** 1 / (1 + exp(-x)); relative error below 6e-7 down to x = -87, then an absolute one below 1e-37. */
  SIGMOID(0),
  /** Absolute error below 3e-7 while |x| is below 1e8. */
  SIN(0),
  /** As {@link #SIN}. */
  COS(0),
  /** 1 where x is zero, else 0. */
  NOT(0),

  ADD(Op.F32X4_ADD),
  SUB(Op.F32X4_SUB),
  MUL(Op.F32X4_MUL),
  DIV(Op.F32X4_DIV),
  /** The smaller one; NaN when either is. */
  MIN(Op.F32X4_MIN),
  /** The larger one; NaN when either is. */
  MAX(Op.F32X4_MAX),
  /** a to the power b, with the special cases of IEEE 754; relative error below 4e-7 (1 + |b log a|). */
  POW(0),

  EQ(Op.F32X4_EQ),
  NE(Op.F32X4_NE),
  LT(Op.F32X4_LT),
  GT(Op.F32X4_GT),
  LE(Op.F32X4_LE),
  GE(Op.F32X4_GE),
  AND(Op.V128_AND),
  OR(Op.V128_OR),
  XOR(Op.V128_XOR);

  /** The instruction that is this function, or 0. */
  final int op;

  Fn(int op) {
    this.op = op;
  }

  boolean unary() {
    return compareTo(ADD) < 0;
  }

  boolean compares() {
    return compareTo(EQ) >= 0 && compareTo(AND) < 0;
  }

  /** Whether the result is a truth value. */
  boolean logical() {
    return this == NOT || compareTo(EQ) >= 0;
  }
}
