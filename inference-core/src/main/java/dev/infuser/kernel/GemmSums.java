package dev.infuser.kernel;

import static dev.infuser.wasm.Op.F32X4_ADD;
import static dev.infuser.wasm.Op.F32X4_MUL;
import static dev.infuser.wasm.Op.I32_ADD;
import static dev.infuser.wasm.Op.I32_AND;
import static dev.infuser.wasm.Op.I32_EQ;
import static dev.infuser.wasm.Op.I32_EQZ;
import static dev.infuser.wasm.Op.I32_GT_S;
import static dev.infuser.wasm.Op.I32_LOAD;
import static dev.infuser.wasm.Op.I32_LT_U;
import static dev.infuser.wasm.Op.I32_MUL;
import static dev.infuser.wasm.Op.I32_SHR_U;
import static dev.infuser.wasm.Op.I32_SUB;
import static dev.infuser.wasm.Op.V128_LOAD;
import static dev.infuser.wasm.Op.V128_LOAD32_SPLAT;

import dev.infuser.tensor.Panels;
import dev.infuser.wasm.FunctionBuilder;

/**
 * The sums of a tile of a {@link Gemm}: some rows of A by the 8 columns of a panel of B, which is of floats, or narrow and
 * then converted in registers.
 */
final class GemmSums {
    static final int UNROLL = 4;
    private static final int PANEL_ROW = 4 * Panels.WIDTH;

    private final FunctionBuilder f;
    private final Lanes lanes;
    private final Narrow narrow;
    private final boolean transposedA;
    private final int halves;
    private final int a;
    private final int row;
    private final int lda;
    private final int k;
    /** Where the panel begins, where its whole steps of {@link #UNROLL} rows end, and where it ends. */
    final int panel;
    final int mainEnd;
    final int end;
    /** Whether narrow B is in the panel; if not it is converted while it is read, for a single tile. */
    final int expanded;
    /** Where a word is read each such step, how far that then moves, and the sum of those words; -1 if none is. */
    final int ahead;
    final int aheadStep;
    final int seen;
    /** The sums, by row and half. */
    final int[][] acc;
    /** Addresses in rows of A and in the panel, columns of a row of B and an element of A. */
    final int[] rowA;
    final int q;
    final int[] columns;
    final int splat;

    GemmSums(Gemm gemm, FunctionBuilder f, Lanes lanes, Narrow narrow, int rows, int halves, int a, int row, int lda, int k) {
        this.f = f;
        this.lanes = lanes;
        this.narrow = narrow;
        this.transposedA = gemm.transposedA();
        this.halves = halves;
        this.a = a;
        this.row = row;
        this.lda = lda;
        this.k = k;
        panel = Emit.i32(f);
        q = Emit.i32(f);
        mainEnd = Emit.i32(f);
        end = Emit.i32(f);
        boolean packed = gemm.layoutB() == Gemm.Layout.PACKED;
        ahead = packed ? Emit.i32(f) : -1;
        aheadStep = Emit.i32(f);
        seen = Emit.i32(f);
        expanded = Emit.i32(f);
        rowA = Emit.locals(f, rows);
        columns = new int[] {Emit.v128(f), Emit.v128(f)};
        splat = Emit.v128(f);
        acc = sums(rows);
    }

    private int[][] sums(int rows) {
        int[][] sums = new int[rows][2];
        for (int[] sum : sums) {
            sum[0] = Emit.v128(f);
            sum[1] = Emit.v128(f);
        }
        return sums;
    }

    /** Sums {@code height} rows, of which those from {@code count} on, at least {@code sure}, repeat the last. */
    void tile(int height, int sure, int count) {
        for (int r = 0; r < height; r++) {
            if (r > 0 && r < sure) {
                f.get(rowA[r - 1]);
            } else {
                f.get(a).get(row);
                if (r > 0) {
                    f.get(count).i32(1).op(I32_SUB).set(rowA[r]);
                    Emit.min(f, rowA[r], Emit.dim(f, r, 0));
                    f.op(I32_ADD);
                }
            }
            if (transposedA) {
                f.i32(4);
            } else {
                f.get(lda);
            }
            if (r == 0 || r >= sure) {
                f.op(I32_MUL);
            }
            f.op(I32_ADD).set(rowA[r]);
        }
        if (narrow != null) {
            f.get(expanded).op(I32_EQZ).ifTrue();
            convert(height);
            f.otherwise();
        }
        int sets = transposedA || 2 * height > rowA.length ? 1 : height > 2 ? 2 : UNROLL / height;
        clear(height * sets);
        f.get(panel).set(q);
        if (!transposedA) {
            Emit.loopWhile(f, () -> f.get(q).get(mainEnd).op(I32_LT_U), () -> steps(height, UNROLL, sets));
        }
        Emit.loopWhile(f, () -> f.get(q).get(end).op(I32_LT_U), () -> steps(height, 1, 1));
        gather(height, sets);
        if (narrow != null) {
            f.end();
        }
    }

    /** Does so from where {@link Narrow} is. */
    private void convert(int height) {
        int sets = height > 2 ? 1 : 2;
        clear(height * sets);
        if (narrow.blocks()) {
            blocks(height, sets);
            return;
        }
        int at = narrow.at;
        f.get(at).get(k).i32(-UNROLL).op(I32_AND).i32(narrow.rowBytes()).op(I32_MUL).op(I32_ADD).set(mainEnd);
        f.get(at).get(k).i32(narrow.rowBytes()).op(I32_MUL).op(I32_ADD).set(end);
        Emit.loopWhile(f, () -> f.get(at).get(mainEnd).op(I32_LT_U), () -> narrow(height, UNROLL, sets));
        Emit.loopWhile(f, () -> f.get(at).get(end).op(I32_LT_U), () -> narrow(height, 1, sets));
        gather(height, sets);
        if (narrow.scaled()) {
            each(height, (r, h) -> f.get(acc[r][h]).get(narrow.scale[h]).op(F32X4_MUL).set(acc[r][h]));
        }
    }

    private interface Cell {
        void of(int row, int half);
    }

    private void each(int height, Cell body) {
        for (int r = 0; r < height; r++) {
            for (int h = 0; h < halves; h++) {
                body.of(r, h);
            }
        }
    }

    private void clear(int rows) {
        each(rows, (r, h) -> f.f32x4(0).set(acc[r][h]));
    }

    /** Adds all sets of sums to the first. */
    private void gather(int height, int sets) {
        for (int half = height * sets / 2; half >= height; half /= 2) {
            int other = half;
            each(half, (r, h) -> f.get(acc[r][h]).get(acc[r + other][h]).op(F32X4_ADD).set(acc[r][h]));
        }
    }

    /** Adds {@code unroll} steps, in as many sets of sums as there are, so that additions need not wait for each other. */
    private void steps(int height, int unroll, int sets) {
        if (ahead >= 0 && unroll > 1 && height == rowA.length) {
            f.get(ahead).mem(I32_LOAD, 0).get(seen).op(I32_ADD).set(seen);
            Emit.addLocal(f, ahead, aheadStep);
        }
        for (int u = 0; u < unroll; u++) {
            for (int h = 0; h < halves; h++) {
                f.get(q).mem(V128_LOAD, u * PANEL_ROW + 16 * h).set(columns[h]);
            }
            multiply(height, u, sets, columns);
        }
        Emit.add(f, q, unroll * PANEL_ROW);
        next(height, unroll);
    }

    private void narrow(int height, int unroll, int sets) {
        narrow.rows(unroll, (u, columns) -> multiply(height, u, sets, columns));
        narrow.skip(unroll);
        next(height, unroll);
    }

    /** Multiplies element {@code u} of the rows of A, of which the pointer moves on where those are columns. */
    private void multiply(int height, int u, int sets, int[] columns) {
        for (int r = 0; r < height; r++) {
            f.get(rowA[r]).mem(V128_LOAD32_SPLAT, transposedA ? 0 : 4 * u).set(splat);
            if (transposedA) {
                Emit.addLocal(f, rowA[r], lda);
            }
            int[] sum = acc[r + u % sets * height];
            for (int h = 0; h < halves; h++) {
                f.get(splat).get(columns[h]);
                lanes.mul();
                f.get(sum[h]);
                lanes.add();
                f.set(sum[h]);
            }
        }
    }

    private void next(int height, int steps) {
        for (int r = 0; r < height && !transposedA; r++) {
            Emit.add(f, rowA[r], 4 * steps);
        }
    }

    /** The sums of blocks that share their scales, each multiplied by them. */
    private void blocks(int height, int sets) {
        int[][] total = sums(height);
        int rest = Emit.i32(f);
        int stop = Emit.i32(f);
        int limit = Emit.i32(f);
        int at = narrow.at;
        each(height, (r, h) -> f.f32x4(0).set(total[r][h]));
        f.get(at).get(k).i32(2).op(I32_SHR_U).i32(16).op(I32_MUL).op(I32_ADD).set(mainEnd);
        f.get(k).i32(UNROLL - 1).op(I32_AND).set(rest);
        f.get(mainEnd).get(rest).op(I32_ADD).set(end);
        Emit.loopWhile(f, () -> f.get(at).get(end).op(I32_LT_U), () -> {
            narrow.nextBlock();
            f.get(at).i32(Panels.BLOCK / UNROLL * 16).op(I32_ADD).set(limit);
            Emit.min(f, limit, mainEnd);
            f.set(stop);
            Emit.loopWhile(f, () -> f.get(at).get(stop).op(I32_LT_U), () -> narrow(height, UNROLL, sets));
            f.get(at).get(mainEnd).op(I32_EQ).get(at).get(limit).op(I32_LT_U).op(I32_AND).ifTrue();
            narrow.rows(UNROLL, (u, columns) -> {
                f.get(rest).i32(u).op(I32_GT_S).ifTrue();
                multiply(height, u, sets, columns);
                f.end();
            });
            f.get(end).set(at);
            f.end();
            gather(height, sets);
            each(height, (r, h) -> {
                f.get(acc[r][h]).get(narrow.scale[h]);
                lanes.mul();
                f.get(total[r][h]);
                lanes.add();
                f.set(total[r][h]);
            });
            clear(height * sets);
        });
        each(height, (r, h) -> f.get(total[r][h]).set(acc[r][h]));
    }
}
