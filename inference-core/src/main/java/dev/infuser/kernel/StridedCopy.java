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
         * A matrix transpose over the last two dimensions: {@code out_} of the last and {@code in_} of the last but one are
         * the element size and their slots are not read.
         */
        TRANSPOSED
    }

    private static final int OUT = 0;
    private static final int IN = 1;
    private static final int DIM = 2;
    /** Rows and columns of the output that one unit of a transpose writes, so that what it touches stays in the cache. */
    private static final int TILE_ROWS = 16;
    private static final int TILE_COLUMNS = 64;
    /** Lines of a cache whose addresses differ by a multiple of this share few places. */
    private static final int ALIASED = 2048;

    /** Refuses what the template cannot do. */
    public StridedCopy {
        Rows.check(rank, 0);
        if (size != 1 && size != 2 && size != 4 && size != 8) {
            throw new IllegalArgumentException("element size " + size);
        }
        if (inner == Inner.TRANSPOSED && rank < 2) {
            throw new IllegalArgumentException("transpose of one dimension");
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
        int row = Emit.i32(f);
        int column = Emit.i32(f);
        int[] tiles = {Emit.i32(f), Emit.i32(f)};
        f.i32(1);
        Emit.product(f, DIM, 1, outer);
        for (int d = outer; inner == Inner.TRANSPOSED && d < rank; d++) {
            int tile = d == outer ? TILE_ROWS : TILE_COLUMNS;
            Emit.pushSlot(f, DIM + d);
            f.i32(tile - 1).op(Op.I32_ADD).i32(tile).op(Op.I32_DIV_U).tee(tiles[d - outer]).op(Op.I32_MUL);
        }
        f.set(total);
        Emit.units(f, unit, total, () -> {
            Emit.pushSlot(f, OUT);
            f.set(to);
            Emit.pushSlot(f, IN);
            f.set(from).get(unit).set(rest);
            if (inner == Inner.TRANSPOSED) {
                Emit.divide(f, rest, tiles[1], column);
                Emit.divide(f, rest, tiles[0], row);
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
                default -> transpose(f, to, from, row, column);
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
     * The tile of a number, 4 by 4: {@code to} has rows of adjacent elements, {@code from} has columns of adjacent elements.
     * It goes along the rows, unless columns are so far apart that the cache would hold few of their lines.
     */
    private void transpose(FunctionBuilder f, int to, int from, int row, int column) {
        int outStep = Emit.slot(f, outStride(rank - 2));
        int inStep = Emit.slot(f, inStride(rank - 1));
        int r = Emit.i32(f);
        int c = Emit.i32(f);
        int down = Emit.i32(f);
        int height = Emit.i32(f);
        int width = Emit.i32(f);
        int target = Emit.i32(f);
        int source = Emit.i32(f);
        int bottom = within(f, row, TILE_ROWS, rank - 2);
        int right = within(f, column, TILE_COLUMNS, rank - 1);
        Runnable more = () -> f.get(r).get(bottom).op(Op.I32_LT_S).get(c).get(right).op(Op.I32_LT_S).op(Op.I32_AND);
        f.get(row).set(r).get(column).set(c);
        f.i32(4).i32(0).get(inStep).i32(ALIASED - 1).op(Op.I32_AND).op(Op.I32_EQZ).op(Op.SELECT).set(down);
        Emit.loopWhile(f, more, () -> {
            int again = f.loop();
            f.get(to).get(r).get(outStep).op(Op.I32_MUL).op(Op.I32_ADD).get(c).i32(size).op(Op.I32_MUL).op(Op.I32_ADD)
                    .set(target);
            f.get(from).get(c).get(inStep).op(Op.I32_MUL).op(Op.I32_ADD).get(r).i32(size).op(Op.I32_MUL).op(Op.I32_ADD)
                    .set(source);
            f.get(bottom).get(r).op(Op.I32_SUB).set(height).get(right).get(c).op(Op.I32_SUB).set(width);
            if (size == 4) {
                f.get(height).i32(4).op(Op.I32_GE_S).get(width).i32(4).op(Op.I32_GE_S).op(Op.I32_AND).ifTrue();
                block(f, target, source, outStep, inStep, null);
                f.otherwise();
                block(f, target, source, outStep, inStep, new int[] {height, width});
                f.end();
            } else {
                elements(f, target, source, outStep, inStep, height, width);
            }
            Emit.addLocal(f, r, down);
            f.get(c).i32(4).op(Op.I32_ADD).get(down).op(Op.I32_SUB).set(c);
            more.run();
            f.brIf(again).end();
            f.get(row).get(r).i32(4).op(Op.I32_ADD).get(down).op(Op.SELECT).set(r);
            f.get(c).i32(4).op(Op.I32_ADD).get(column).get(down).op(Op.SELECT).set(c);
        });
    }

    /** Makes the number of a tile its first position along a dimension; returns where it ends. */
    private int within(FunctionBuilder f, int start, int tile, int d) {
        int end = Emit.i32(f);
        int extent = Emit.slot(f, DIM + d);
        f.get(start).i32(tile).op(Op.I32_MUL).tee(start).i32(tile).op(Op.I32_ADD).set(end);
        Emit.min(f, end, extent);
        f.set(end);
        return end;
    }

    /** Four rows of four, or where there are {@code limits} at most so many rows and columns; it reads only columns there are. */
    private static void block(FunctionBuilder f, int target, int source, int outStep, int inStep, int[] limits) {
        int[] v = new int[4];
        int[] w = new int[4];
        int to = Emit.i32(f);
        int from = Emit.i32(f);
        f.get(target).set(to).get(source).set(from);
        for (int i = 0; i < 4; i++) {
            v[i] = Emit.v128(f);
            w[i] = Emit.v128(f);
            f.get(from).mem(Op.V128_LOAD, 0).set(v[i]).get(from).get(inStep);
            if (limits != null) {
                f.i32(0).get(limits[1]).i32(i + 1).op(Op.I32_GT_S).op(Op.SELECT);
            }
            f.op(Op.I32_ADD).set(from);
        }
        for (int i = 0; i < 4; i++) {
            int x = 2 * (i / 2);
            f.get(v[2 * (i & 1)]).get(v[2 * (i & 1) + 1]).shuffle32(x, 4 + x, x + 1, 5 + x).set(w[i]);
        }
        for (int i = 0; i < 4; i++) {
            int x = 2 * (i & 1);
            f.get(w[i & 2]).get(w[(i & 2) + 1]).shuffle32(x, x + 1, 4 + x, 5 + x).set(v[i]);
            if (limits != null) {
                f.get(limits[0]).i32(i).op(Op.I32_GT_S).ifTrue();
                f.get(limits[1]).i32(2).op(Op.I32_SHL).set(from);
                int at = Emit.i32(f);
                f.get(to).set(at);
                Emit.store(f, Element.F32, v[i], at, from);
                f.end();
            } else {
                f.get(to).get(v[i]).mem(Op.V128_STORE, 0);
            }
            Emit.addLocal(f, to, outStep);
        }
    }

    /** At most four rows of at most four elements of any size. */
    private void elements(FunctionBuilder f, int target, int source, int outStep, int inStep, int height, int width) {
        int[] step = {Emit.i32(f), Emit.i32(f), Emit.i32(f), Emit.i32(f), Emit.i32(f), Emit.i32(f), Emit.i32(f)};
        f.i32(4).set(step[0]);
        for (int i = 0; i < 2; i++) {
            Emit.min(f, i == 0 ? height : width, step[0]);
            f.set(step[1 + i]);
        }
        f.i32(size).set(step[0]).i32(0).set(step[3]).get(target).set(step[4]).get(source).set(step[5]);
        Emit.range(f, step[3], step[1], 1, () -> {
            f.get(step[4]).set(step[6]);
            int from = Emit.i32(f);
            f.get(step[5]).set(from);
            run(f, step[6], from, step[2], step[0], inStep);
            Emit.addLocal(f, step[4], outStep);
            Emit.add(f, step[5], size);
        });
    }
}
