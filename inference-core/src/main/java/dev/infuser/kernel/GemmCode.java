package dev.infuser.kernel;

import static dev.infuser.wasm.Op.I32_ADD;
import static dev.infuser.wasm.Op.I32_AND;
import static dev.infuser.wasm.Op.I32_DIV_U;
import static dev.infuser.wasm.Op.I32_EQ;
import static dev.infuser.wasm.Op.I32_GE_S;
import static dev.infuser.wasm.Op.I32_GT_S;
import static dev.infuser.wasm.Op.I32_LE_S;
import static dev.infuser.wasm.Op.I32_LOAD;
import static dev.infuser.wasm.Op.I32_LT_S;
import static dev.infuser.wasm.Op.I32_LT_U;
import static dev.infuser.wasm.Op.I32_MUL;
import static dev.infuser.wasm.Op.I32_SHL;
import static dev.infuser.wasm.Op.I32_SHR_U;
import static dev.infuser.wasm.Op.I32_STORE;
import static dev.infuser.wasm.Op.I32_SUB;
import static dev.infuser.wasm.Op.SELECT;
import static dev.infuser.wasm.Op.V128_LOAD;
import static dev.infuser.wasm.Op.V128_STORE;

import dev.infuser.tensor.Panels;
import dev.infuser.wasm.FunctionBuilder;

/**
 * The code of one {@link Gemm}. A unit of work is one panel of 8 columns times one block of rows: the panel stays in
 * the nearest cache while the rows of the block, sized for the next one, pass in tiles. Of few rows each tile is a block, so
 * that panels stream past it as they lie in memory, which is faster where they come from far. B that is not packed is
 * packed panel by panel into the scratch, and narrow B is made floats there, unless a single tile reads it. A finished tile
 * goes through the scratch to the epilogue, unless that is short: it is thus written once for all tile heights. Tiles have
 * as many rows as registers hold, see {@link Target#tileRows}; of products with at most 4 columns 8 rows.
 */
final class GemmCode {
    /** Bytes at the start of the scratch that hold one tile. */
    static final int TILE_BYTES = 256;

    private static final int PANEL_ROW = 4 * Panels.WIDTH;
    private static final int BLOCK_ELEMENTS = 1 << 16;
    private static final int BLOCK_ROWS = 504;
    /** The tiles up to which rows are few, and the depth up to which a tile of them leaves room in the nearest cache. */
    private static final int FEW_TILES = 8;
    private static final int SHALLOW = 768;
    /** The tiles up to which a panel is read before they are. */
    private static final int FETCHED = 3;
    private static final int CACHE_LINE = 64;
    /** The size of an epilogue that may be written once for every row of a tile. */
    private static final int SMALL = 8;
    /** The most rows at the end that have a tile of their own height. */
    private static final int LONGEST_TAIL = 4;

    private final Gemm gemm;
    private final FunctionBuilder f;
    private final Lanes lanes;
    private final Epilogue epilogue;
    /** Reads B if that is narrow, else null. */
    private final Narrow narrow;
    private final int rows;
    private final int halves;
    private final boolean whole;

    private final int a;
    private final int b;
    private final int m;
    private final int n;
    private final int k;
    private final int lda;
    private final int ldb;
    private final int scratch;
    private final int column;
    private final int row;
    private final int rowEnd;
    private final int q;
    private final GemmSums sums;
    private final int[][] acc;
    private final int b0;
    private final int b1;

    GemmCode(Gemm gemm, FunctionBuilder f, Target target) {
        this.gemm = gemm;
        this.f = f;
        this.lanes = new Lanes(f, target);
        halves = gemm.n() >= 0 && gemm.n() <= Panels.WIDTH / 2 ? 1 : 2;
        rows = halves == 1 ? 8 : target.tileRows();
        a = Emit.i32(f);
        b = Emit.i32(f);
        m = Emit.slot(f, Gemm.M);
        n = Emit.dim(f, gemm.n(), Gemm.N);
        k = Emit.dim(f, gemm.k(), Gemm.K);
        lda = Emit.slot(f, Gemm.LDA);
        ldb = Emit.slot(f, Gemm.LDB);
        scratch = Emit.scratch(f, Gemm.SCRATCH);
        whole = Gemm.isWhole(gemm.n());
        epilogue = new Epilogue(f, lanes, gemm.epilogue(), gemm.extras(), Gemm.C, Gemm.LDC,
                Gemm.BATCH + Gemm.BATCH_STEP * gemm.batchRank(), gemm.batchRank(), 1, whole);
        narrow = gemm.layoutB().isNarrow() ? new Narrow(f, gemm.layoutB(), gemm.scalesSlot()) : null;
        column = Emit.i32(f);
        row = Emit.i32(f);
        rowEnd = Emit.i32(f);
        sums = new GemmSums(gemm, f, lanes, narrow, rows, halves, a, row, lda, k);
        q = sums.q;
        acc = sums.acc;
        b0 = sums.columns[0];
        b1 = sums.columns[1];
    }

    void emit() {
        int panels = Emit.i32(f);
        int blockRows = Emit.i32(f);
        int blocks = Emit.i32(f);
        int total = Emit.i32(f);
        int unit = Emit.i32(f);
        f.get(n).i32(7).op(I32_ADD).i32(3).op(I32_SHR_U).set(panels);
        f.i32(BLOCK_ELEMENTS).get(k).i32(1).get(k).op(SELECT).op(I32_DIV_U).set(blockRows);
        Emit.min(f, blockRows, Emit.dim(f, BLOCK_ROWS, 0));
        f.i32(rows).op(I32_DIV_U).i32(rows).op(I32_MUL).set(blockRows);
        f.get(blockRows).i32(4 * rows).get(blockRows).i32(4 * rows).op(I32_GT_S).op(SELECT).set(blockRows);
        if (gemm.layoutB() == Gemm.Layout.PACKED && gemm.k() <= SHALLOW) {
            f.i32(rows).get(blockRows).get(m).i32(FEW_TILES * rows).op(I32_LE_S).get(k).i32(SHALLOW).op(I32_LE_S)
                    .op(I32_AND).op(SELECT).set(blockRows);
        }
        f.get(m).get(blockRows).op(I32_ADD).i32(1).op(I32_SUB).get(blockRows).op(I32_DIV_U).set(blocks);
        f.get(panels).get(blocks).op(I32_MUL);
        Emit.product(f, Gemm.BATCH, Gemm.BATCH_STEP, gemm.batchRank());
        f.set(total);
        Emit.units(f, unit, total, () -> unit(unit, panels, blocks, blockRows));
    }

    private void unit(int unit, int panels, int blocks, int blockRows) {
        int rest = Emit.i32(f);
        int index = Emit.i32(f);
        f.get(unit).set(rest);
        Emit.divide(f, rest, panels, index);
        f.get(index).i32(5).op(I32_SHL).set(column);
        int first = Emit.i32(f);
        Emit.divide(f, rest, blocks, first);
        f.get(first).get(blockRows).op(I32_MUL).set(row);
        f.get(row).get(blockRows).op(I32_ADD).set(rowEnd);
        Emit.min(f, rowEnd, m);
        f.set(rowEnd);
        Emit.pushSlot(f, Gemm.A);
        f.set(a);
        Emit.pushSlot(f, Gemm.B);
        f.set(b);
        epilogue.start();
        batch(rest);
        epilogue.locate(row, column, n);
        if (narrow != null) {
            narrow.locate(b, index, k);
            f.get(rowEnd).get(row).op(I32_SUB).i32(rows).op(I32_GT_S).tee(sums.expanded).ifTrue();
        }
        panel(index, panels);
        f.get(sums.panel).get(k).i32(PANEL_ROW).op(I32_MUL).op(I32_ADD).set(sums.end);
        f.get(sums.panel).get(k).i32(-GemmSums.UNROLL).op(I32_AND).i32(PANEL_ROW).op(I32_MUL).op(I32_ADD).set(sums.mainEnd);
        if (narrow != null) {
            f.end();
        }
        Emit.loopWhile(f, () -> f.get(row).get(rowEnd).op(I32_LT_S), this::tiles);
        if (sums.ahead >= 0) {
            f.get(scratch).get(sums.seen).mem(I32_STORE, 0);
        }
    }

    /** Moves the pointers to the batch element numbered {@code rest}. */
    private void batch(int rest) {
        int index = Emit.i32(f);
        Emit.indices(f, rest, index, Gemm.BATCH, Gemm.BATCH_STEP, gemm.batchRank(), d -> {
            int slot = Gemm.BATCH + Gemm.BATCH_STEP * d;
            Emit.addStride(f, a, index, slot + 1);
            Emit.addStride(f, b, index, slot + 2);
            Emit.addStride(f, epilogue.c, index, slot + 3);
            epilogue.batch(d, index);
        });
    }

    private void panel(int index, int panels) {
        int panel = sums.panel;
        switch (gemm.layoutB()) {
            case PACKED -> {
                f.get(b).get(index).get(k).op(I32_MUL).i32(PANEL_ROW).op(I32_MUL).op(I32_ADD).set(panel);
                fetch(index, panels);
            }
            case PACKED_F16, PACKED_I8, PACKED_I4 -> {
                f.get(scratch).i32(TILE_BYTES).op(I32_ADD).tee(panel).set(q);
                narrow.expand(q, k);
            }
            case ROW_MAJOR -> {
                f.get(scratch).i32(TILE_BYTES).op(I32_ADD).tee(panel).set(q);
                f.get(b).get(column).op(I32_ADD).set(b);
                int rows = Emit.i32(f);
                f.i32(0).set(rows);
                Emit.range(f, rows, k, 1, () -> {
                    f.get(q).get(b).mem(V128_LOAD, 0).mem(V128_STORE, 0);
                    f.get(q).get(b).mem(V128_LOAD, 16).mem(V128_STORE, 16);
                    Emit.add(f, q, PANEL_ROW);
                    Emit.addLocal(f, b, ldb);
                });
            }
            default -> {
                f.get(scratch).i32(TILE_BYTES).op(I32_ADD).set(panel);
                packTransposed(index, 0);
                packTransposed(index, 4);
            }
        }
    }

    /**
     * Makes tiles read a word here and there of the next panel, so that it is in a near cache when they come to it. Where they
     * are few, one of each cache line of this panel is read, all at once and before they wait for one after the other. The
     * sum of it all goes where it is written over, since engines leave out reads of which nothing comes.
     */
    private void fetch(int index, int panels) {
        int tiles = Emit.i32(f);
        f.get(sums.panel).set(sums.ahead);
        f.i32(0).set(sums.aheadStep);
        f.get(rowEnd).get(row).op(I32_SUB).i32(rows).op(I32_GT_S).ifTrue();
        f.get(rowEnd).get(row).op(I32_SUB).i32(rows - 1).op(I32_ADD).i32(rows).op(I32_DIV_U).tee(tiles).i32(FETCHED).op(I32_LE_S).ifTrue();
        f.get(sums.panel).tee(q).get(k).i32(PANEL_ROW).op(I32_MUL).op(I32_ADD).i32(8 * CACHE_LINE - 1).op(I32_SUB).set(sums.end);
        Emit.loopWhile(f, () -> f.get(q).get(sums.end).op(I32_LT_U), () -> {
            for (int i = 0; i < 8; i++) {
                f.get(q).mem(I32_LOAD, i * CACHE_LINE).get(sums.seen).op(I32_ADD).set(sums.seen);
            }
            Emit.add(f, q, 8 * CACHE_LINE);
        });
        f.otherwise();
        f.get(index).i32(1).op(I32_ADD).get(panels).op(I32_LT_S).ifTrue();
        f.get(sums.panel).get(k).i32(PANEL_ROW).op(I32_MUL).op(I32_ADD).set(sums.ahead);
        f.i32(GemmSums.UNROLL * PANEL_ROW).get(tiles).op(I32_DIV_U).set(sums.aheadStep);
        f.end().end().end();
    }

    /**
     * Packs four columns, stored as rows of B, in steps of four; columns past the end repeat the last one. The last
     * step may write up to three rows past the panel.
     */
    private void packTransposed(int index, int firstColumn) {
        int last = Emit.i32(f);
        int[] v = {b0, b1, sums.splat, acc[0][0]};
        f.get(n).i32(1).op(I32_SUB).set(last);
        for (int r = 0; r < 4; r++) {
            f.get(index).i32(3).op(I32_SHL).i32(firstColumn + r).op(I32_ADD).set(q);
            f.get(b);
            Emit.min(f, q, last);
            f.get(ldb).op(I32_MUL).op(I32_ADD).set(sums.rowA[r]);
        }
        f.get(sums.panel).i32(4 * firstColumn).op(I32_ADD).set(q);
        int depth = Emit.i32(f);
        f.i32(0).set(depth);
        Emit.range(f, depth, k, 4, () -> {
            for (int r = 0; r < 4; r++) {
                f.get(sums.rowA[r]).mem(V128_LOAD, 0).set(v[r]);
                Emit.add(f, sums.rowA[r], 16);
            }
            for (int half = 0; half < 2; half++) {
                int x = 2 * half;
                f.get(v[0]).get(v[1]).shuffle32(x, 4 + x, x + 1, 5 + x).set(acc[1][half]);
                f.get(v[2]).get(v[3]).shuffle32(x, 4 + x, x + 1, 5 + x).set(acc[2][half]);
            }
            for (int i = 0; i < 4; i++) {
                int x = 2 * (i & 1);
                f.get(q).get(acc[1][i / 2]).get(acc[2][i / 2]).shuffle32(x, x + 1, 4 + x, 5 + x)
                        .mem(V128_STORE, i * PANEL_ROW);
            }
            Emit.add(f, q, 4 * PANEL_ROW);
        });
    }

    private void tiles() {
        int count = Emit.i32(f);
        int left = Emit.i32(f);
        int least = Math.min(rows, LONGEST_TAIL + 1);
        f.get(rowEnd).get(row).op(I32_SUB).set(count);
        Emit.min(f, count, Emit.dim(f, rows, 0));
        f.tee(count).tee(left).i32(least).op(I32_GE_S).ifTrue();
        sums.tile(rows, least, count);
        boolean direct = Lanes.size(gemm.epilogue()) <= SMALL && halves == 2;
        if (direct) {
            f.get(count).i32(rows).op(I32_EQ);
            if (!whole) {
                f.get(epilogue.remaining).i32(PANEL_ROW).op(I32_GE_S).op(I32_AND);
            }
            f.ifTrue();
            for (int[] sum : acc) {
                epilogue.whole(sum[0], sum[1]);
            }
            f.i32(0).set(left).otherwise();
        }
        spill(rows);
        if (direct) {
            f.end();
        }
        f.otherwise();
        tail(1, least, count);
        f.end();
        finish(left);
        f.get(row).get(count).op(I32_ADD).set(row);
    }

    /** Computes the last {@code count} rows, at least {@code height} and fewer than {@code end}. */
    private void tail(int height, int end, int count) {
        if (height + 1 < end) {
            f.get(count).i32(height).op(I32_EQ).ifTrue();
        }
        sums.tile(height, height, count);
        spill(height);
        if (height + 1 < end) {
            f.otherwise();
            tail(height + 1, end, count);
            f.end();
        }
    }

    private void spill(int height) {
        for (int r = 0; r < height; r++) {
            for (int h = 0; h < halves; h++) {
                f.get(scratch).get(acc[r][h]).mem(V128_STORE, r * PANEL_ROW + 16 * h);
            }
        }
    }

    /** Finishes the first {@code count} rows of the tile in the scratch. */
    private void finish(int count) {
        int tile = Emit.i32(f);
        int tileEnd = Emit.i32(f);
        f.get(scratch).tee(tile).get(count).i32(PANEL_ROW).op(I32_MUL).op(I32_ADD).set(tileEnd);
        Emit.loopWhile(f, () -> f.get(tile).get(tileEnd).op(I32_LT_U), () -> {
            f.get(tile).mem(V128_LOAD, 0).set(b0);
            f.get(tile).mem(V128_LOAD, 16).set(b1);
            epilogue.row(b0, b1);
            Emit.add(f, tile, PANEL_ROW);
        });
    }
}
