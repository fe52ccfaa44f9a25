package dev.infuser.kernel;

import dev.infuser.expr.Expr;
import dev.infuser.wasm.FunctionBuilder;
import dev.infuser.wasm.Op;
import java.util.List;

/**
 * Layer normalisation along the innermost dimension: with {@code x = before(inputs...)},
 * {@code out = after(inputs..., (x - mean) / sqrt(variance + epsilon))}; uncentred, it is root mean square
 * normalisation, {@code x / sqrt(mean(x^2) + epsilon)}. Mean and variance are taken in two passes.
 *
 * <p>Slots are those of {@link Elementwise}, the output being dense F32. It may be the same buffer as an F32 input that
 * has its strides and is not read by {@code after}. Scale and bias are inputs with strides 0.
 *
 * @param rank number of dimensions, 1 to 6
 * @param inputs how each input is stored
 * @param before what is normalised, such as an input plus a residual; {@code Expr.input(i)} is input i
 * @param after what is stored; {@code Expr.input(inputs.size())} is the normalised value
 * @param epsilon added to the variance
 * @param centred whether the mean is subtracted
 */
public record LayerNorm(int rank, List<Operand> inputs, Expr before, Expr after, float epsilon, boolean centred)
        implements Kernel {
    /** Refuses ranks and input numbers out of range. */
    public LayerNorm {
        inputs = List.copyOf(inputs);
        Rows.check(rank, inputs.size(), before);
        Rows.check(rank, inputs.size() + 1, after);
    }

    @Override
    public String name() {
        return (centred ? "layer_norm" : "rms_norm") + Rows.describe(rank, inputs);
    }

    @Override
    public List<String> slots() {
        return Rows.slots(rank, inputs.size());
    }

    @Override
    public void work(int[] words, int at, long[] work) {
        work[0] = Emit.product(words, at + Rows.DIM, 1, rank)
                * (Expr.operations(before) + Rows.TWICE + Expr.operations(after));
    }

    @Override
    public void emit(FunctionBuilder f, Target target) {
        Rows rows = new Rows(f, new Lanes(f, target), rank, inputs, Element.F32);
        int value = Emit.v128(f);
        int mean = Emit.v128(f);
        int factor = Emit.v128(f);
        rows.forEach(false, () -> {
            f.f32x4(0).tee(mean).set(factor);
            rows.vectors(() -> {
                rows.push(before);
                f.tee(value);
                Emit.tailMask(f, rows.remaining);
                f.op(Op.V128_AND).get(mean).op(Op.F32X4_ADD).set(mean);
                rows.store(value);
            });
            if (centred) {
                Emit.across(f, mean, Op.F32X4_ADD);
                divideByLength(f, mean, rows.length);
            } else {
                f.f32x4(0).set(mean);
            }
            rows.vectors(() -> {
                rows.pushOutput();
                f.get(mean).op(Op.F32X4_SUB);
                Emit.tailMask(f, rows.remaining);
                f.op(Op.V128_AND).tee(value).get(value).op(Op.F32X4_MUL).get(factor).op(Op.F32X4_ADD).set(factor);
            });
            Emit.across(f, factor, Op.F32X4_ADD);
            divideByLength(f, factor, rows.length);
            f.f32x4(1).get(factor).f32x4(epsilon).op(Op.F32X4_ADD).op(Op.F32X4_SQRT).op(Op.F32X4_DIV).set(factor);
            rows.vectors(() -> {
                rows.pushOutput();
                f.get(mean).op(Op.F32X4_SUB).get(factor).op(Op.F32X4_MUL).set(value);
                rows.push(after, value);
                f.set(value);
                rows.store(value);
            });
        });
    }

    private static void divideByLength(FunctionBuilder f, int value, int length) {
        f.get(value).get(length).op(Op.F32_CONVERT_I32_S).op(Op.F32X4_SPLAT).op(Op.F32X4_DIV).set(value);
    }
}
