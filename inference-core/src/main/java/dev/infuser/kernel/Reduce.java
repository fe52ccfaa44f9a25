package dev.infuser.kernel;

import dev.infuser.expr.Expr;
import dev.infuser.expr.Fn;
import dev.infuser.wasm.FunctionBuilder;
import dev.infuser.wasm.Op;
import java.util.List;

/**
 * Reduction of a dense f32 tensor [outer, reduced, inner] over its middle dimension to [outer, inner]:
 * {@code after(combine of before(x), reduced)}. Over nothing the combination is its neutral element (0, 1 or an
 * infinity).
 *
 * <p>Slots: {@code out in} addresses; {@code outer reduced inner} dimensions, {@code inner} being 1 and not read when
 * the reduced dimension is the innermost.
 *
 * @param combine ADD, MUL, MAX or MIN
 * @param before applied to every element, which is {@code Expr.input(0)}
 * @param after applied to the result, {@code Expr.input(0)}; {@code Expr.input(1)} is the number of elements reduced
 * @param innermost whether the reduced dimension is the innermost
 */
public record Reduce(Fn combine, Expr before, Expr after, boolean innermost) implements Kernel {
    private static final Expr X = Expr.input(0);
    private static final int OUT = 0;
    private static final int IN = 1;
    private static final int OUTER = 2;
    private static final int REDUCED = 3;
    private static final int INNER = 4;
    private static final int VECTORS = 4;

    /** Refuses combinations that are not associative and input numbers out of range. */
    public Reduce {
        neutral(combine);
        Rows.check(1, 1, before);
        Rows.check(1, 2, after);
    }

    /** Plain ADD (ReduceSum), MUL (ReduceProd), MAX or MIN. */
    public static Reduce of(Fn combine, boolean innermost) {
        return new Reduce(combine, X, X, innermost);
    }

    /** ReduceMean. */
    public static Reduce mean(boolean innermost) {
        return new Reduce(Fn.ADD, X, Expr.of(Fn.DIV, X, Expr.input(1)), innermost);
    }

    /** ReduceSumSquare. */
    public static Reduce sumSquare(boolean innermost) {
        return new Reduce(Fn.ADD, Expr.of(Fn.MUL, X, X), X, innermost);
    }

    /** ReduceL1. */
    public static Reduce l1(boolean innermost) {
        return new Reduce(Fn.ADD, Expr.of(Fn.ABS, X), X, innermost);
    }

    /** ReduceL2. */
    public static Reduce l2(boolean innermost) {
        return new Reduce(Fn.ADD, Expr.of(Fn.MUL, X, X), Expr.of(Fn.SQRT, X), innermost);
    }

    /** ReduceLogSum. */
    public static Reduce logSum(boolean innermost) {
        return new Reduce(Fn.ADD, X, Expr.of(Fn.LOG, X), innermost);
    }

    private static float neutral(Fn combine) {
        return switch (combine) {
            case ADD -> 0;
            case MUL -> 1;
            case MAX -> Float.NEGATIVE_INFINITY;
            case MIN -> Float.POSITIVE_INFINITY;
            default -> throw new IllegalArgumentException("cannot reduce with " + combine);
        };
    }

    @Override
    public String name() {
        return "reduce_" + combine + (innermost ? "_inner" : "_outer");
    }

    @Override
    public List<String> slots() {
        return List.of("out", "in", "outer", "reduced", "inner");
    }

    @Override
    public void work(int[] words, int at, long[] work) {
        work[0] = Emit.product(words, at + OUTER, 1, 3) * (1 + Expr.operations(before));
    }

    @Override
    public void emit(FunctionBuilder f, Target target) {
        Lanes lanes = new Lanes(f, target);
        int op = FnOps.op(combine);
        int unit = Emit.i32(f);
        int total = Emit.slot(f, OUTER);
        int reduced = Emit.slot(f, REDUCED);
        int count = Emit.v128(f);
        f.get(reduced).op(Op.F32_CONVERT_I32_S).op(Op.F32X4_SPLAT).set(count);
        int in = Emit.i32(f);
        int left = Emit.i32(f);
        int value = Emit.v128(f);
        if (innermost) {
            int sum = Emit.v128(f);
            Emit.units(f, unit, total, () -> {
                f.f32x4(neutral(combine)).set(sum);
                Emit.pushSlot(f, IN);
                f.get(unit).get(reduced).op(Op.I32_MUL).i32(2).op(Op.I32_SHL).op(Op.I32_ADD).set(in);
                f.get(reduced).i32(2).op(Op.I32_SHL).set(left);
                Emit.loopWhile(f, () -> f.get(left).i32(0).op(Op.I32_GT_S), () -> {
                    f.get(in).mem(Op.V128_LOAD, 0).set(value);
                    lanes.push(before, new int[] {value});
                    f.f32x4(neutral(combine));
                    Emit.tailMask(f, left);
                    f.op(Op.V128_BITSELECT).get(sum).op(op).set(sum);
                    Emit.add(f, in, 16);
                    Emit.add(f, left, -16);
                });
                Emit.across(f, sum, op);
                lanes.push(after, new int[] {sum, count});
                f.set(value);
                Emit.pushSlot(f, OUT);
                f.get(unit).i32(2).op(Op.I32_SHL).op(Op.I32_ADD).get(value).memLane(Op.V128_STORE32_LANE, 0, 0);
            });
            return;
        }
        int inner = Emit.slot(f, INNER);
        int groups = Emit.i32(f);
        int column = Emit.i32(f);
        int row = Emit.i32(f);
        int out = Emit.i32(f);
        int address = Emit.i32(f);
        int[] sums = new int[VECTORS];
        for (int v = 0; v < VECTORS; v++) {
            sums[v] = Emit.v128(f);
        }
        f.get(inner).i32(4 * VECTORS - 1).op(Op.I32_ADD).i32(4 * VECTORS).op(Op.I32_DIV_U).set(groups);
        f.get(total).get(groups).op(Op.I32_MUL).set(total);
        int outer = Emit.i32(f);
        Emit.units(f, unit, total, () -> {
            f.get(unit).set(outer);
            Emit.divide(f, outer, groups, column);
            f.get(column).i32(16 * VECTORS).op(Op.I32_MUL).set(column);
            for (int sum : sums) {
                f.f32x4(neutral(combine)).set(sum);
            }
            Emit.pushSlot(f, IN);
            f.get(outer).get(reduced).op(Op.I32_MUL).get(inner).op(Op.I32_MUL).i32(2).op(Op.I32_SHL).op(Op.I32_ADD)
                    .get(column).op(Op.I32_ADD).set(in);
            f.i32(0).set(row);
            Emit.range(f, row, reduced, 1, () -> {
                for (int v = 0; v < VECTORS; v++) {
                    f.get(in).mem(Op.V128_LOAD, 16 * v).set(value);
                    lanes.push(before, new int[] {value});
                    f.get(sums[v]).op(op).set(sums[v]);
                }
                f.get(in).get(inner).i32(2).op(Op.I32_SHL).op(Op.I32_ADD).set(in);
            });
            Emit.pushSlot(f, OUT);
            f.get(outer).get(inner).op(Op.I32_MUL).i32(2).op(Op.I32_SHL).op(Op.I32_ADD)
                    .get(column).op(Op.I32_ADD).set(out);
            f.get(inner).i32(2).op(Op.I32_SHL).get(column).op(Op.I32_SUB).set(left);
            for (int sum : sums) {
                f.get(left).i32(0).op(Op.I32_GT_S).ifTrue();
                lanes.push(after, new int[] {sum, count});
                f.set(value).get(out).set(address);
                Emit.store(f, Element.F32, value, address, left);
                Emit.add(f, out, 16);
                Emit.add(f, left, -16);
                f.end();
            }
        });
    }
}
