package dev.infuser.kernel;

import dev.infuser.expr.Expr;
import dev.infuser.wasm.FunctionBuilder;
import dev.infuser.wasm.Op;
import java.util.List;

/**
 * Softmax along the innermost dimension of {@code x = before(inputs...)}: {@code exp(x - max) / sum(exp(x - max))}, or
 * its logarithm. A row whose greatest element is infinite, or that holds NaN, becomes NaN wherever that arithmetic says
 * so; in particular a row of -infinity is all NaN.
 *
 * <p>Slots are those of {@link Elementwise}, the output being dense F32. It may be the same buffer as an F32 input that
 * has its strides.
 *
 * @param rank number of dimensions, 1 to 6
 * @param inputs how each input is stored
 * @param before what is normalised, such as scores times scale plus mask; {@code Expr.input(i)} is input i
 * @param log whether the result is the logarithm
 */
public record Softmax(int rank, List<Operand> inputs, Expr before, boolean log) implements Kernel {
    /** Refuses ranks and input numbers out of range. */
    public Softmax {
        inputs = List.copyOf(inputs);
        Rows.check(rank, inputs.size(), before);
    }

    @Override
    public String name() {
        return (log ? "log_softmax" : "softmax") + Rows.describe(rank, inputs);
    }

    @Override
    public List<String> slots() {
        return Rows.slots(rank, inputs.size());
    }

    @Override
    public void work(int[] words, int at, long[] work) {
        work[0] = Emit.product(words, at + Rows.DIM, 1, rank) * (Expr.operations(before) + Rows.TWICE);
    }

    @Override
    public void emit(FunctionBuilder f, Target target) {
        Lanes lanes = new Lanes(f, target);
        Rows rows = new Rows(f, lanes, rank, inputs, Element.F32);
        int value = Emit.v128(f);
        int max = Emit.v128(f);
        int sum = Emit.v128(f);
        rows.forEach(false, () -> {
            f.f32x4(Float.NEGATIVE_INFINITY).set(max);
            f.f32x4(0).set(sum);
            rows.vectors(tail -> {
                rows.push(before);
                f.tee(value);
                if (tail) {
                    f.f32x4(Float.NEGATIVE_INFINITY);
                    Emit.tailMask(f, rows.remaining);
                    f.op(Op.V128_BITSELECT);
                }
                f.get(max).op(Op.F32X4_PMAX).set(max);
                store(rows, value, tail);
            });
            Emit.across(f, max, Op.F32X4_MAX);
            rows.vectors(tail -> {
                rows.pushOutput();
                f.get(max).op(Op.F32X4_SUB);
                lanes.expOfNegative();
                if (tail) {
                    Emit.tailMask(f, rows.remaining);
                    f.op(Op.V128_AND);
                }
                f.tee(value).get(sum).op(Op.F32X4_ADD).set(sum);
                if (!log) {
                    store(rows, value, tail);
                }
            });
            Emit.across(f, sum, Op.F32X4_ADD);
            if (log) {
                f.get(sum);
                lanes.log();
            } else {
                f.f32x4(1).get(sum).op(Op.F32X4_DIV);
            }
            f.set(sum);
            rows.vectors(tail -> {
                rows.pushOutput();
                if (log) {
                    f.get(max).op(Op.F32X4_SUB).get(sum).op(Op.F32X4_SUB);
                } else {
                    f.get(sum).op(Op.F32X4_MUL);
                }
                f.set(value);
                store(rows, value, tail);
            });
        });
    }

    private static void store(Rows rows, int value, boolean tail) {
        if (tail) {
            rows.store(value);
        } else {
            rows.storeWhole(value);
        }
    }
}
