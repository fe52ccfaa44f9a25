package dev.infuser.kernel;

import dev.infuser.wasm.FunctionBuilder;
import dev.infuser.wasm.Op;
import java.util.ArrayList;
import java.util.List;

/**
 * Copies elements between strided layouts: transpose, slice, expand, concatenation, reversal.
 *
 * <p>Slots: {@code out in} addresses of the first element; {@code dim_d} dimensions, outermost first; then
 * {@code out_d} byte strides of the output and {@code in_d} of the input for every dimension (0 and negative are
 * allowed for the input). Dimensions that can be merged should be merged by the caller.
 *
 * @param size bytes per element: 1, 2, 4 or 8
 * @param rank number of dimensions, 1 to 6
 * @param inner what is known of the innermost dimensions
 */
public record StridedCopy(int size, int rank, Inner inner) implements Kernel {
    /** What is known of the innermost dimensions. */
    public enum Inner {
        /** Both innermost strides are the element size; their slots are not read. */
        CONTIGUOUS,
        /** Any strides. */
        STRIDED,
        /**
         * A matrix transpose of 4-byte elements over the last two dimensions: {@code out_} of the last and {@code in_}
         * of the last but one are 4 and their slots are not read.
         */
        TRANSPOSED
    }

    private static final int OUT = 0;
    private static final int IN = 1;
    private static final int DIM = 2;

    /** Refuses what the template cannot do. */
    public StridedCopy {
        Rows.check(rank, 0);
        if (size != 1 && size != 2 && size != 4 && size != 8) {
            throw new IllegalArgumentException("element size " + size);
        }
        if (inner == Inner.TRANSPOSED && (size != 4 || rank < 2)) {
            throw new IllegalArgumentException("transpose needs elements of 4 bytes and two dimensions");
        }
    }

    @Override
    public String name() {
        return "copy_" + 8 * size + "_r" + rank + "_" + inner;
    }

    @Override
    public List<String> slots() {
        List<String> slots = new ArrayList<>(List.of("out", "in"));
        for (String prefix : List.of("dim_", "out_", "in_")) {
            for (int d = 0; d < rank; d++) {
                slots.add(prefix + d);
            }
        }
        return slots;
    }

    private int outStride(int d) {
        return DIM + rank + d;
    }

    private int inStride(int d) {
        return DIM + 2 * rank + d;
    }

    @Override
    public void work(int[] words, int at, long[] work) {
        work[1] = 2 * size * Emit.product(words, at + DIM, 1, rank);
    }

    @Override
    public void emit(FunctionBuilder f, Target target) {
        int outer = inner == Inner.TRANSPOSED ? rank - 2 : rank - 1;
        int total = Emit.i32(f);
        int unit = Emit.i32(f);
        int rest = Emit.i32(f);
        int index = Emit.i32(f);
        int to = Emit.i32(f);
        int from = Emit.i32(f);
        int blocks = Emit.i32(f);
        int row = Emit.i32(f);
        f.i32(1);
        Emit.product(f, DIM, 1, outer);
        if (inner == Inner.TRANSPOSED) {
            Emit.pushSlot(f, DIM + outer);
            f.i32(3).op(Op.I32_ADD).i32(2).op(Op.I32_SHR_U).tee(blocks).op(Op.I32_MUL);
        }
        f.set(total);
        Emit.units(f, unit, total, () -> {
            Emit.pushSlot(f, OUT);
            f.set(to);
            Emit.pushSlot(f, IN);
            f.set(from).get(unit).set(rest);
            if (inner == Inner.TRANSPOSED) {
                Emit.divide(f, rest, blocks, row);
                f.get(row).i32(2).op(Op.I32_SHL).set(row);
            }
            Emit.indices(f, rest, index, DIM, 1, outer, d -> {
                Emit.addStride(f, to, index, outStride(d));
                Emit.addStride(f, from, index, inStride(d));
            });
            switch (inner) {
                case CONTIGUOUS -> {
                    Emit.pushSlot(f, DIM + outer);
                    f.i32(size).op(Op.I32_MUL).set(index);
                    Emit.copy(f, to, from, index);
                }
                case STRIDED -> run(f, to, from, Emit.slot(f, DIM + outer), Emit.slot(f, outStride(outer)),
                        Emit.slot(f, inStride(outer)));
                default -> transpose(f, to, from, row);
            }
        });
    }

    private void run(FunctionBuilder f, int to, int from, int count, int outStep, int inStep) {
        int i = Emit.i32(f);
        f.i32(0).set(i);
        Emit.range(f, i, count, 1, () -> {
            Emit.move(f, size, to, from);
            Emit.addLocal(f, to, outStep);
            Emit.addLocal(f, from, inStep);
        });
    }

    /**
     * Four rows from {@code r} on, or what there is: {@code to} has rows of adjacent elements, {@code from} has columns of
     * adjacent elements; 4 by 4 at a time.
     */
    private void transpose(FunctionBuilder f, int to, int from, int r) {
        int rows = Emit.slot(f, DIM + rank - 2);
        int columns = Emit.slot(f, DIM + rank - 1);
        int outStep = Emit.slot(f, outStride(rank - 2));
        int inStep = Emit.slot(f, inStride(rank - 1));
        int four = Emit.i32(f);
        int c = Emit.i32(f);
        int height = Emit.i32(f);
        int width = Emit.i32(f);
        int target = Emit.i32(f);
        int source = Emit.i32(f);
        f.i32(4).set(four).i32(0).set(c);
        f.get(rows).get(r).op(Op.I32_SUB).set(height);
        Emit.min(f, height, four);
        f.set(height);
        Emit.range(f, c, columns, 4, () -> {
            f.get(columns).get(c).op(Op.I32_SUB).set(width);
            Emit.min(f, width, four);
            f.set(width);
            f.get(to).get(r).get(outStep).op(Op.I32_MUL).op(Op.I32_ADD).get(c).i32(2).op(Op.I32_SHL).op(Op.I32_ADD)
                    .set(target);
            f.get(from).get(c).get(inStep).op(Op.I32_MUL).op(Op.I32_ADD).get(r).i32(2).op(Op.I32_SHL).op(Op.I32_ADD)
                    .set(source);
            f.get(height).get(width).op(Op.I32_AND).i32(4).op(Op.I32_AND).ifTrue();
            block(f, target, source, outStep, inStep);
            f.otherwise();
            edge(f, target, source, outStep, inStep, height, width);
            f.end();
        });
    }

    private static void block(FunctionBuilder f, int target, int source, int outStep, int inStep) {
        int[] v = new int[4];
        int[] w = new int[4];
        for (int i = 0; i < 4; i++) {
            v[i] = Emit.v128(f);
            w[i] = Emit.v128(f);
            f.get(source).mem(Op.V128_LOAD, 0).set(v[i]);
            Emit.addLocal(f, source, inStep);
        }
        for (int i = 0; i < 4; i++) {
            int x = 2 * (i / 2);
            f.get(v[2 * (i & 1)]).get(v[2 * (i & 1) + 1]).shuffle32(x, 4 + x, x + 1, 5 + x).set(w[i]);
        }
        for (int i = 0; i < 4; i++) {
            int x = 2 * (i & 1);
            f.get(target).get(w[i & 2]).get(w[(i & 2) + 1]).shuffle32(x, x + 1, 4 + x, 5 + x).mem(Op.V128_STORE, 0);
            Emit.addLocal(f, target, outStep);
        }
    }

    private void edge(FunctionBuilder f, int target, int source, int outStep, int inStep, int height, int width) {
        int four = Emit.i32(f);
        int i = Emit.i32(f);
        int to = Emit.i32(f);
        int from = Emit.i32(f);
        f.i32(4).set(four).i32(0).set(i);
        Emit.range(f, i, height, 1, () -> {
            f.get(target).set(to).get(source).set(from);
            run(f, to, from, width, four, inStep);
            Emit.addLocal(f, target, outStep);
            Emit.add(f, source, 4);
        });
    }
}
