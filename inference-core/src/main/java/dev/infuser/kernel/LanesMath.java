package dev.infuser.kernel;

import dev.infuser.expr.Fn;
import dev.infuser.wasm.FunctionBuilder;
import dev.infuser.wasm.Op;

/**
 * Elementary functions on f32 lanes; {@link Fn} states their errors. Exponential, logarithm, sine and cosine follow
 * Cephes (Moshier) single precision; tanh and erf are the rational approximations of Eigen. The operand is on the
 * stack. Bounds are applied by {@code pmin} and {@code pmax}, which are one instruction and keep a first operand that is NaN.
 */
final class LanesMath {
    private static final float ROUNDER = 12582912f;

    private final FunctionBuilder f;
    private final Lanes lanes;

    LanesMath(FunctionBuilder f, Lanes lanes) {
        this.f = f;
        this.lanes = lanes;
    }

    void unary(Fn fn) {
        switch (fn) {
            case RECIP -> recip();
            case EXP -> exp();
            case LOG -> log();
            case TANH -> rational(9f,
                    new float[] {-2.76076847742355e-16f, 2.00018790482477e-13f, -8.60467152213735e-11f,
                            5.12229709037114e-08f, 1.48572235717979e-05f, 6.37261928875436e-04f, 4.89352455891786e-03f},
                    new float[] {1.19825839466702e-06f, 1.18534705686654e-04f, 2.26843463243900e-03f,
                            4.89352518554385e-03f});
            case ERF -> rational(4f,
                    new float[] {-2.72614225801306e-10f, 2.77068142495902e-08f, -2.10102402082508e-06f,
                            -5.69250639462346e-05f, -7.34990630326855e-04f, -2.95459980854025e-03f,
                            -1.60960333262415e-02f},
                    new float[] {-1.45660718464996e-05f, -2.13374055278905e-04f, -1.68282697438203e-03f,
                            -7.37332916720468e-03f, -1.42647390514189e-02f});
            case SIGMOID -> {
                f.op(Op.F32X4_NEG);
                exp();
                f.get(f32(1)).op(Op.F32X4_ADD);
                recip();
            }
            case SIN -> sine(0);
            case COS -> sine(1);
            default -> throw new IllegalArgumentException(fn.name());
        }
    }

    private int keep() {
        int local = Emit.v128(f);
        f.set(local);
        return local;
    }

    /** A local that holds a number in all lanes. */
    private int f32(float value) {
        return f.constant(Float.floatToRawIntBits(value));
    }

    private void recip() {
        int x = keep();
        f.get(f32(1)).get(x).op(Op.F32X4_DIV);
    }

    /** Pushes a polynomial in the local {@code x}, highest power first. */
    private void polynomial(int x, float... coefficients) {
        f.get(f32(coefficients[0]));
        for (int i = 1; i < coefficients.length; i++) {
            f.get(x);
            lanes.mul();
            f.get(f32(coefficients[i]));
            lanes.add();
        }
    }

    /** x p(x^2) / q(x^2) with x clamped to the range of the approximation. */
    private void rational(float limit, float[] p, float[] q) {
        f.get(f32(-limit)).op(Op.F32X4_PMAX).get(f32(limit)).op(Op.F32X4_PMIN);
        int x = keep();
        f.get(x).get(x).op(Op.F32X4_MUL);
        int square = keep();
        polynomial(square, p);
        f.get(x).op(Op.F32X4_MUL);
        polynomial(square, q);
        f.op(Op.F32X4_DIV);
    }

    private void exp() {
        f.get(f32(-104)).op(Op.F32X4_PMAX).get(f32(89)).op(Op.F32X4_PMIN);
        int whole = mantissa();
        f.get(whole).i32(1).op(Op.I32X4_SHR_S);
        int half = keep();
        f.get(half);
        powerOfTwo();
        f.op(Op.F32X4_MUL);
        f.get(whole).get(half).op(Op.I32X4_SUB);
        powerOfTwo();
        f.op(Op.F32X4_MUL);
    }

    /** The exponential of an operand that is not positive; results below 1e-38 become 0. */
    void expOfNegative() {
        f.get(f32(-88)).op(Op.F32X4_PMAX);
        int whole = mantissa();
        f.get(whole);
        powerOfTwo();
        f.op(Op.F32X4_MUL);
    }

    /**
     * Replaces x by m where exp(x) is m times two to the power of the returned i32x4 local. Adding {@link #ROUNDER}
     * rounds to a whole number and leaves it in the low bits.
     */
    private int mantissa() {
        int x = keep();
        f.get(x).get(f32(1.44269504f));
        lanes.mul();
        f.get(f32(ROUNDER));
        lanes.add();
        int shifted = keep();
        f.get(shifted).get(f32(ROUNDER)).op(Op.F32X4_SUB);
        int n = keep();
        f.get(n).get(f32(-0.693359375f));
        lanes.mul();
        f.get(x);
        lanes.add();
        int high = keep();
        f.get(n).get(f32(2.12194440e-4f));
        lanes.mul();
        f.get(high);
        lanes.add();
        int r = keep();
        polynomial(r, 1.9875691500e-4f, 1.3981999507e-3f, 8.3334519073e-3f, 4.1665795894e-2f, 1.6666665459e-1f,
                5.0000001201e-1f);
        f.get(r).get(r).op(Op.F32X4_MUL);
        lanes.mul();
        f.get(r);
        lanes.add();
        f.get(f32(1)).op(Op.F32X4_ADD);
        f.get(shifted).get(f32(ROUNDER)).op(Op.I32X4_SUB);
        return keep();
    }

    private void powerOfTwo() {
        f.get(f.constant(127)).op(Op.I32X4_ADD).i32(23).op(Op.I32X4_SHL);
    }

    private void log() {
        int x = keep();
        f.get(x).get(f32(Float.MIN_NORMAL)).op(Op.F32X4_LT);
        int small = keep();
        f.get(x).get(f32(8388608f)).op(Op.F32X4_MUL).get(x).get(small).op(Op.V128_BITSELECT)
                .get(f.constant(0x3f3504f3)).op(Op.I32X4_SUB);
        int bits = keep();
        f.get(bits).i32(23).op(Op.I32X4_SHR_S).get(small).get(f.constant(-23)).op(Op.V128_AND).op(Op.I32X4_ADD)
                .op(Op.F32X4_CONVERT_I32X4_S);
        int exponent = keep();
        f.get(bits).get(f.constant(0x7fffff)).op(Op.V128_AND).get(f.constant(0x3f3504f3)).op(Op.I32X4_ADD).get(f32(1))
                .op(Op.F32X4_SUB);
        int m = keep();
        f.get(m).get(m).op(Op.F32X4_MUL);
        int square = keep();
        polynomial(m, 7.0376836292e-2f, -1.1514610310e-1f, 1.1676998740e-1f, -1.2420140846e-1f, 1.4249322787e-1f,
                -1.6668057665e-1f, 2.0000714765e-1f, -2.4999993993e-1f, 3.3333331174e-1f);
        f.get(m).get(square).op(Op.F32X4_MUL).op(Op.F32X4_MUL);
        int tail = keep();
        f.get(exponent).get(f32(-2.12194440e-4f));
        lanes.mul();
        f.get(tail);
        lanes.add();
        f.get(square).get(f32(0.5f)).op(Op.F32X4_MUL).op(Op.F32X4_SUB).get(m).op(Op.F32X4_ADD);
        int fraction = keep();
        f.get(exponent).get(f32(0.693359375f));
        lanes.mul();
        f.get(fraction);
        lanes.add();
        int result = keep();
        f.get(f32(Float.NEGATIVE_INFINITY)).get(result).get(x).get(f32(0)).op(Op.F32X4_EQ).op(Op.V128_BITSELECT);
        f.get(x).get(x).get(f32(Float.POSITIVE_INFINITY)).op(Op.F32X4_LT).op(Op.V128_BITSELECT);
        f.get(x).get(f32(0)).op(Op.F32X4_LT).op(Op.V128_OR);
    }

    private void sine(int quadrants) {
        int x = keep();
        f.get(x).op(Op.F64X2_PROMOTE_LOW_F32X4);
        int lowTurns = Emit.v128(f);
        int low = reduce(lowTurns);
        f.get(x).get(x).shuffle32(2, 3, 2, 3).op(Op.F64X2_PROMOTE_LOW_F32X4);
        int highTurns = Emit.v128(f);
        int high = reduce(highTurns);
        f.get(low).op(Op.F32X4_DEMOTE_F64X2_ZERO).get(high).op(Op.F32X4_DEMOTE_F64X2_ZERO).shuffle32(0, 1, 4, 5);
        int r = keep();
        f.get(lowTurns).op(Op.I32X4_TRUNC_SAT_F64X2_S_ZERO).get(highTurns).op(Op.I32X4_TRUNC_SAT_F64X2_S_ZERO)
                .shuffle32(0, 1, 4, 5).get(f.constant(quadrants)).op(Op.I32X4_ADD);
        int quadrant = keep();
        f.get(r).get(r).op(Op.F32X4_MUL);
        int square = keep();
        polynomial(square, 2.443315711809948e-5f, -1.388731625493765e-3f, 4.166664568298827e-2f, -0.5f, 1f);
        polynomial(square, -1.9515295891e-4f, 8.3321608736e-3f, -1.6666654611e-1f);
        f.get(square).op(Op.F32X4_MUL).get(r);
        lanes.mul();
        f.get(r);
        lanes.add();
        f.get(quadrant).i32(31).op(Op.I32X4_SHL).i32(31).op(Op.I32X4_SHR_S).op(Op.V128_BITSELECT);
        f.get(quadrant).get(f.constant(2)).op(Op.V128_AND).i32(30).op(Op.I32X4_SHL).op(Op.V128_XOR);
    }

    /** Takes f64 lanes to the nearest multiple of half pi, whose number goes to {@code turns}; returns the rest. */
    private int reduce(int turns) {
        int x = keep();
        f.get(x).f64x2(2 / Math.PI).op(Op.F64X2_MUL).op(Op.F64X2_NEAREST).set(turns);
        f.get(x).get(turns).f64x2(Math.PI / 2).op(Op.F64X2_MUL).op(Op.F64X2_SUB)
                .get(turns).f64x2(6.123233995736766e-17).op(Op.F64X2_MUL).op(Op.F64X2_SUB);
        return keep();
    }

    /** Base below, exponent on top. */
    void pow() {
        int b = keep();
        int a = keep();
        f.get(a).op(Op.F32X4_ABS);
        int size = keep();
        f.get(f32(1));
        f.get(size);
        log();
        f.get(b).op(Op.F32X4_MUL);
        exp();
        f.get(size).get(f32(1)).op(Op.F32X4_EQ).get(b).get(f32(0)).op(Op.F32X4_EQ).op(Op.V128_OR).op(Op.V128_BITSELECT);
        f.get(b).get(f32(0.5f)).op(Op.F32X4_MUL).op(Op.F32X4_TRUNC).get(f32(2)).op(Op.F32X4_MUL).get(b).op(Op.F32X4_NE)
                .get(b).op(Op.F32X4_TRUNC).get(b).op(Op.F32X4_EQ).op(Op.V128_AND);
        f.get(a).op(Op.V128_AND).get(f.constant(0x80000000)).op(Op.V128_AND).op(Op.V128_XOR);
        int result = keep();
        f.get(f32(Float.NaN)).get(result);
        f.get(a).get(f32(0)).op(Op.F32X4_LT).get(size).get(f32(Float.POSITIVE_INFINITY)).op(Op.F32X4_LT).op(Op.V128_AND)
                .get(b).op(Op.F32X4_TRUNC).get(b).op(Op.F32X4_NE).op(Op.V128_AND);
        f.op(Op.V128_BITSELECT);
        int checked = keep();
        f.get(f32(1)).get(checked);
        f.get(b).get(f32(0)).op(Op.F32X4_EQ).get(a).get(f32(1)).op(Op.F32X4_EQ).op(Op.V128_OR).op(Op.V128_BITSELECT);
    }
}
