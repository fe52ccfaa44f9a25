package dev.infuser.kernel;

import static dev.infuser.wasm.Op.*;

import dev.infuser.tensor.Panels;
import dev.infuser.wasm.FunctionBuilder;

/**
 * The code of one {@link QuantizedGemm}. A unit of work is one block of rows times up to 12 panels of 8 columns. The rows
 * are prepared once for all panels: as int16 less the zero point for {@code i32x4.dot_i16x8_s}, or as the 8 bits that the
 * relaxed dot product wants, whose zero point is then taken away by the column sums that lie before each panel.
 */
final class QuantizedGemmCode {
    private static final int HEIGHT = 4;
    private static final int UNROLL = 4;
    private static final int GROUP = 12;
    private static final int STEP = QuantizedGemm.PANEL_STEP;
    private static final int FLIP = 0x80808080;
    private static final int ONES = 0x00010001;
    /** The size of an epilogue that may be written once for every row of a tile. */
    private static final int SMALL = 12;

    private final QuantizedGemm gemm;
    private final FunctionBuilder f;
    private final Target target;
    private final Epilogue epilogue;
    /** Whether 8-bit dot products are used, and whether A's signs are flipped for them. */
    private final boolean dot;
    private final boolean flip;
    private final boolean zeroB;

    private final int a;
    private final int b;
    private final int m;
    private final int n;
    private final int k;
    private final int lda;
    private final int scratch;
    private final int prepared;
    private final int stride;
    private final int zero;
    private final int row;
    private final int rowEnd;
    private final int index;
    private final int panel;
    private final int q;
    private final int mainEnd;
    private final int end;
    private final int[] rowA = new int[HEIGHT];
    private final int[][] acc = new int[HEIGHT][2];
    private final int[] v = new int[4];
    private final int splat;
    /** What the sums of a column start from, and the zero points of the columns. */
    private final int[] start = new int[2];
    private final int[] zeros = new int[2];

    QuantizedGemmCode(QuantizedGemm gemm, FunctionBuilder f, Target target) {
        this.gemm = gemm;
        this.f = f;
        this.target = target;
        dot = target.dot().exact || target.dot() != Target.Dot.NONE && gemm.right() == QuantizedGemm.Right.NARROW;
        flip = dot && gemm.unsignedA() == target.dot().signed;
        zeroB = gemm.zeroB() || gemm.right() == QuantizedGemm.Right.UNSIGNED;
        a = Emit.i32(f);
        b = Emit.i32(f);
        m = Emit.slot(f, Gemm.M);
        n = Emit.dim(f, gemm.n(), Gemm.N);
        k = Emit.dim(f, gemm.k(), Gemm.K);
        lda = Emit.slot(f, Gemm.LDA);
        scratch = Emit.scratch(f, Gemm.SCRATCH);
        epilogue = new Epilogue(f, new Lanes(f, target), gemm.epilogue(), gemm.extras(), Gemm.C, Gemm.LDC,
                QuantizedGemm.BATCH + Gemm.BATCH_STEP * gemm.batchRank(), gemm.batchRank(), 1,
                Gemm.isWhole(gemm.n()));
        epilogue.element = gemm.output();
        prepared = Emit.i32(f);
        stride = Emit.i32(f);
        zero = Emit.i32(f);
        row = Emit.i32(f);
        rowEnd = Emit.i32(f);
        index = Emit.i32(f);
        panel = Emit.i32(f);
        q = Emit.i32(f);
        mainEnd = Emit.i32(f);
        end = Emit.i32(f);
        for (int r = 0; r < HEIGHT; r++) {
            rowA[r] = Emit.i32(f);
        }
        splat = Emit.v128(f);
        for (int i = 0; i < 4; i++) {
            v[i] = Emit.v128(f);
        }
        for (int r = 0; r < HEIGHT; r++) {
            acc[r][0] = Emit.v128(f);
            acc[r][1] = Emit.v128(f);
        }
        for (int h = 0; h < 2; h++) {
            start[h] = Emit.v128(f);
            zeros[h] = Emit.v128(f);
        }
    }

    void emit() {
        int groups = Emit.i32(f);
        int blocks = Emit.i32(f);
        int total = Emit.i32(f);
        int unit = Emit.i32(f);
        int rows = Emit.slot(f, QuantizedGemm.ROWS);
        int align = dot ? 16 : 8;
        f.get(k).i32(align - 1).op(I32_ADD).i32(-align).op(I32_AND).i32(dot ? 0 : 1).op(I32_SHL).set(stride);
        f.get(scratch).get(k).i32(3).op(I32_ADD).i32(2).op(I32_SHR_U).i32(gemm.right().packed() ? 0 : STEP).op(I32_MUL)
                .op(I32_ADD).i32(gemm.preparedOffset(0)).op(I32_ADD).set(prepared);
        if (gemm.zeroA()) {
            Emit.pushSlot(f, QuantizedGemm.ZERO_A);
            f.mem(gemm.unsignedA() ? I32_LOAD8_U : I32_LOAD8_S, 0).set(zero);
        }
        f.get(n).i32(8 * GROUP - 1).op(I32_ADD).i32(8 * GROUP).op(I32_DIV_U).set(groups);
        f.get(m).get(rows).op(I32_ADD).i32(1).op(I32_SUB).get(rows).op(I32_DIV_U).set(blocks);
        f.get(groups).get(blocks).op(I32_MUL);
        Emit.product(f, QuantizedGemm.BATCH, Gemm.BATCH_STEP, gemm.batchRank());
        f.set(total);
        Emit.units(f, unit, total, () -> unit(unit, groups, blocks, rows));
    }

    private void unit(int unit, int groups, int blocks, int rows) {
        int batch = Emit.i32(f);
        int rest = Emit.i32(f);
        int at = Emit.i32(f);
        int last = Emit.i32(f);
        int first = Emit.i32(f);
        f.get(unit).set(batch);
        Emit.divide(f, batch, groups, index);
        f.get(index).i32(GROUP).op(I32_MUL).tee(index).i32(GROUP).op(I32_ADD).set(last);
        f.get(n).i32(7).op(I32_ADD).i32(3).op(I32_SHR_U).set(at);
        Emit.min(f, last, at);
        f.set(last);
        Emit.divide(f, batch, blocks, first);
        f.get(first).get(rows).op(I32_MUL).tee(first).get(rows).op(I32_ADD).set(rowEnd);
        Emit.min(f, rowEnd, m);
        f.set(rowEnd);
        Emit.pushSlot(f, Gemm.A);
        f.set(a);
        Emit.pushSlot(f, Gemm.B);
        f.set(b);
        f.get(batch).set(rest);
        Emit.indices(f, rest, at, QuantizedGemm.BATCH, Gemm.BATCH_STEP, gemm.batchRank(), d -> {
            Emit.addStride(f, a, at, QuantizedGemm.BATCH + Gemm.BATCH_STEP * d + 1);
            Emit.addStride(f, b, at, QuantizedGemm.BATCH + Gemm.BATCH_STEP * d + 2);
        });
        prepare(first);
        Emit.range(f, index, last, 1, () -> {
            panel();
            epilogue.start();
            f.get(batch).set(rest);
            Emit.indices(f, rest, at, QuantizedGemm.BATCH, Gemm.BATCH_STEP, gemm.batchRank(), d -> {
                Emit.addStride(f, epilogue.c, at, QuantizedGemm.BATCH + Gemm.BATCH_STEP * d + 3);
                epilogue.batch(d, at);
            });
            f.get(index).i32(5).op(I32_SHL).set(at);
            epilogue.locate(first, at, n);
            f.get(first).set(row);
            Emit.loopWhile(f, () -> f.get(row).get(rowEnd).op(I32_LT_S), () -> tiles(first));
        });
    }

    /** Prepares the rows of the unit, and their sums if B has zero points. */
    private void prepare(int first) {
        int from = Emit.i32(f);
        int to = Emit.i32(f);
        int stop = Emit.i32(f);
        QuantizedGemm.Gather gather = gemm.rows().gather(f, gemm.rowsSlot(), a, zero);
        int gathered = Emit.i32(f);
        if (gather != null) {
            f.get(prepared).get(stride);
            Emit.pushSlot(f, QuantizedGemm.ROWS);
            f.op(I32_MUL).op(I32_ADD).i32(16).op(I32_ADD).set(gathered);
        }
        f.get(prepared).set(to);
        f.get(first).set(row);
        Emit.range(f, row, rowEnd, 1, () -> {
            if (gather != null) {
                gather.row(row, gathered);
                f.get(gathered).set(from);
            } else {
                f.get(a).get(row).get(lda).op(I32_MUL).op(I32_ADD).set(from);
            }
            if (zeroB) {
                sum(from, first);
            }
            f.get(to).get(stride).op(I32_ADD).set(stop);
            Emit.loopWhile(f, () -> f.get(to).get(stop).op(I32_LT_U), () -> {
                f.get(to).get(from);
                if (dot) {
                    f.mem(V128_LOAD, 0);
                    if (flip) {
                        f.get(f.constant(FLIP)).op(V128_XOR);
                    }
                } else {
                    f.mem(gemm.unsignedA() ? V128_LOAD8X8_U : V128_LOAD8X8_S, 0);
                    if (gemm.zeroA()) {
                        f.get(zero).op(I16X8_SPLAT).op(I16X8_SUB);
                    }
                    f.tee(splat).get(splat).shuffle(new byte[] {0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15});
                }
                f.mem(V128_STORE, 0);
                Emit.add(f, from, dot ? 16 : 8);
                Emit.add(f, to, 16);
            });
        });
    }

    /** Stores the sum of a row of A, less its zero point. */
    private void sum(int from, int first) {
        int left = Emit.i32(f);
        int address = Emit.i32(f);
        f.v128x4(0).set(splat);
        f.get(from).set(address);
        f.get(k).set(left);
        Emit.loopWhile(f, () -> f.get(left).i32(0).op(I32_GT_S), () -> {
            f.get(splat).get(address).mem(gemm.unsignedA() ? V128_LOAD8X8_U : V128_LOAD8X8_S, 0)
                    .get(left).op(I16X8_SPLAT).v128(0x0003000200010000L, 0x0007000600050004L).op(I16X8_GT_S).op(V128_AND)
                    .get(f.constant(ONES)).op(I32X4_DOT_I16X8_S).op(I32X4_ADD).set(splat);
            Emit.add(f, address, 8);
            Emit.add(f, left, -8);
        });
        Emit.across(f, splat, I32X4_ADD);
        f.get(scratch).get(row).get(first).op(I32_SUB).i32(2).op(I32_SHL).op(I32_ADD)
                .get(splat).lane(I32X4_EXTRACT_LANE, 0).get(k).get(zero).op(I32_MUL).op(I32_SUB)
                .mem(I32_STORE, QuantizedGemm.TILE_BYTES);
    }

    /** Finds or packs the panel numbered {@code index}, and tells what its sums start from. */
    private void panel() {
        int steps = Emit.i32(f);
        f.get(k).i32(3).op(I32_ADD).i32(2).op(I32_SHR_U).set(steps);
        if (gemm.right().packed()) {
            f.get(b).get(steps).i32(1).op(I32_ADD).i32(STEP).op(I32_MUL).get(index).op(I32_MUL).op(I32_ADD).set(panel);
        } else {
            f.get(scratch).i32(QuantizedGemm.PANEL).op(I32_ADD).set(panel);
            pack();
        }
        for (int h = 0; h < 2; h++) {
            if (dot) {
                f.get(panel).mem(V128_LOAD, 16 * h).i32(flip ? gemm.unsignedA() ? 128 : -128 : 0).get(zero).op(I32_SUB)
                        .op(I32X4_SPLAT).op(I32X4_MUL).set(start[h]);
            }
            if (zeroB) {
                zeros(h);
            }
        }
        f.get(panel).i32(STEP).op(I32_ADD).tee(panel).get(steps).i32(STEP).op(I32_MUL).op(I32_ADD).set(end);
        f.get(panel).get(steps).i32(-UNROLL).op(I32_AND).i32(STEP).op(I32_MUL).op(I32_ADD).set(mainEnd);
    }

    /** Loads the zero points of four columns, those of uint8 less 128 as B itself. */
    private void zeros(int half) {
        boolean unsigned = gemm.right() == QuantizedGemm.Right.UNSIGNED;
        f.v128x4(0);
        if (gemm.zeroB()) {
            Emit.pushSlot(f, QuantizedGemm.ZERO_B);
            f.get(index).i32(8).op(I32_MUL).i32(4 * half).op(I32_ADD);
            Emit.pushSlot(f, QuantizedGemm.ZERO_B_STEP);
            f.op(I32_MUL).op(I32_ADD).set(q);
            f.get(q).mem(V128_LOAD32_ZERO, 0).get(q).mem(V128_LOAD8_SPLAT, 0);
            Emit.pushSlot(f, QuantizedGemm.ZERO_B_STEP);
            f.op(SELECT);
            f.op(unsigned ? I16X8_EXTEND_LOW_I8X16_U : I16X8_EXTEND_LOW_I8X16_S)
                    .op(unsigned ? I32X4_EXTEND_LOW_I16X8_U : I32X4_EXTEND_LOW_I16X8_S).op(I32X4_ADD);
        }
        if (unsigned) {
            f.get(f.constant(128)).op(I32X4_SUB);
        }
        f.set(zeros[half]);
    }

    /** Packs eight columns of B as {@link dev.infuser.tensor.Layout#DOT8} has them; past K it is 0. */
    private void pack() {
        boolean unsigned = gemm.right() == QuantizedGemm.Right.UNSIGNED;
        int from = Emit.i32(f);
        int left = Emit.i32(f);
        int ldb = Emit.slot(f, Gemm.LDB);
        f.get(b).get(index).i32(8).op(I32_MUL).op(I32_ADD).set(from);
        f.get(k).set(left);
        f.get(panel).set(q);
        f.v128x4(0).tee(v[2]).set(v[3]);
        Emit.loopWhile(f, () -> f.get(left).i32(0).op(I32_GT_S), () -> {
            f.v128x4(unsigned ? FLIP : 0).tee(v[0]).set(v[1]);
            for (int r = 0; r < 4; r++) {
                if (r > 0) {
                    f.get(left).i32(r).op(I32_GT_S).ifTrue();
                }
                f.get(from).get(v[r / 2]).memLane(V128_LOAD64_LANE, 0, r % 2).set(v[r / 2]);
                Emit.addLocal(f, from, ldb);
                if (r > 0) {
                    f.end();
                }
            }
            for (int h = 0; h < 2; h++) {
                byte[] lanes = new byte[16];
                for (int i = 0; i < 16; i++) {
                    lanes[i] = (byte) (i / 4 + 8 * (i % 4) + 4 * h);
                }
                f.get(v[0]).get(v[1]).shuffle(lanes);
                if (unsigned) {
                    f.get(f.constant(FLIP)).op(V128_XOR);
                }
                f.set(splat).get(q).get(splat).mem(V128_STORE, STEP + 16 * h);
                f.get(splat).op(I16X8_EXTADD_PAIRWISE_I8X16_S).op(I32X4_EXTADD_PAIRWISE_I16X8_S).get(v[2 + h])
                        .op(I32X4_ADD).set(v[2 + h]);
            }
            Emit.add(f, q, STEP);
            Emit.add(f, left, -4);
        });
        f.get(panel).get(v[2]).mem(V128_STORE, 0);
        f.get(panel).get(v[3]).mem(V128_STORE, 16);
    }

    private void tiles(int first) {
        int rows = Emit.i32(f);
        int full = Emit.i32(f);
        f.i32(HEIGHT).set(full);
        f.get(rowEnd).get(row).op(I32_SUB).set(rows);
        Emit.min(f, rows, full);
        f.tee(rows).tee(full).i32(1).op(I32_EQ).ifTrue();
        tile(1, first);
        spill(1);
        f.otherwise();
        tile(HEIGHT, first);
        boolean direct = gemm.output().size == 4 && Lanes.size(gemm.epilogue()) <= SMALL;
        if (direct) {
            f.get(rows).i32(HEIGHT).op(I32_EQ).get(epilogue.remaining).i32(4 * Panels.WIDTH).op(I32_GE_S).op(I32_AND).ifTrue();
            for (int[] sum : acc) {
                convert(sum);
                epilogue.whole(sum[0], sum[1]);
            }
            f.i32(0).set(full).otherwise();
        }
        spill(HEIGHT);
        if (direct) {
            f.end();
        }
        f.end();
        int tile = Emit.i32(f);
        int tileEnd = Emit.i32(f);
        f.get(scratch).tee(tile).get(full).i32(4 * Panels.WIDTH).op(I32_MUL).op(I32_ADD).set(tileEnd);
        Emit.loopWhile(f, () -> f.get(tile).get(tileEnd).op(I32_LT_U), () -> {
            f.get(tile).mem(V128_LOAD, 0).set(v[0]);
            f.get(tile).mem(V128_LOAD, 16).set(v[1]);
            convert(v);
            epilogue.row(v[0], v[1]);
            Emit.add(f, tile, 4 * Panels.WIDTH);
        });
        f.get(row).get(rows).op(I32_ADD).set(row);
    }

    private void convert(int[] sums) {
        for (int h = 0; h < 2 && gemm.output() != Element.I32; h++) {
            f.get(sums[h]).op(F32X4_CONVERT_I32X4_S).set(sums[h]);
        }
    }

    private void spill(int height) {
        for (int r = 0; r < height; r++) {
            f.get(scratch).get(acc[r][0]).mem(V128_STORE, r * 4 * Panels.WIDTH);
            f.get(scratch).get(acc[r][1]).mem(V128_STORE, r * 4 * Panels.WIDTH + 16);
        }
    }

    /** Sums {@code height} rows of a panel; rows past the end of the unit are any bytes. */
    private void tile(int height, int first) {
        for (int r = 0; r < height; r++) {
            f.get(prepared).get(row).get(first).op(I32_SUB).i32(r).op(I32_ADD).get(stride).op(I32_MUL).op(I32_ADD)
                    .set(rowA[r]);
            for (int h = 0; h < 2; h++) {
                if (dot) {
                    f.get(start[h]);
                } else {
                    f.v128x4(0);
                }
                if (zeroB) {
                    f.get(scratch).get(row).get(first).op(I32_SUB).i32(2).op(I32_SHL).op(I32_ADD)
                            .mem(V128_LOAD32_SPLAT, QuantizedGemm.TILE_BYTES + 4 * r).get(zeros[h]).op(I32X4_MUL)
                            .op(I32X4_SUB);
                }
                f.set(acc[r][h]);
            }
        }
        f.get(panel).set(q);
        steps(height, UNROLL, mainEnd);
        steps(height, 1, end);
    }

    private void steps(int height, int unroll, int stop) {
        Emit.loopWhile(f, () -> f.get(q).get(stop).op(I32_LT_U), () -> {
            for (int u = 0; u < unroll; u++) {
                f.get(q).mem(V128_LOAD, u * STEP).set(v[0]);
                f.get(q).mem(V128_LOAD, u * STEP + 16).set(v[1]);
                if (dot) {
                    dots(height, u);
                } else {
                    products(height, u);
                }
            }
            Emit.add(f, q, unroll * STEP);
            for (int r = 0; r < height; r++) {
                Emit.add(f, rowA[r], (dot ? 4 : 8) * unroll);
            }
        });
    }

    private void dots(int height, int u) {
        for (int r = 0; r < height; r++) {
            f.get(rowA[r]).mem(V128_LOAD32_SPLAT, 4 * u).set(splat);
            for (int h = 0; h < 2; h++) {
                f.get(v[h]).get(splat);
                if (target.dot().exact) {
                    f.get(acc[r][h]).op(I32X4_RELAXED_DOT_I8X16_I7X16_ADD_S);
                } else {
                    f.op(I16X8_RELAXED_DOT_I8X16_I7X16_S).get(f.constant(ONES)).op(I32X4_DOT_I16X8_S).get(acc[r][h])
                            .op(I32X4_ADD);
                }
                f.set(acc[r][h]);
            }
        }
    }

    /** Steps 0 and 2 of K are the even bytes of a vector of B, 1 and 3 the odd ones. */
    private void products(int height, int u) {
        for (int h = 0; h < 2; h++) {
            f.get(v[h]).i32(8).op(I16X8_SHR_S).set(v[2 + h]);
            f.get(v[h]).i32(8).op(I16X8_SHL).i32(8).op(I16X8_SHR_S).set(v[h]);
        }
        for (int r = 0; r < height; r++) {
            for (int odd = 0; odd < 2; odd++) {
                f.get(rowA[r]).mem(V128_LOAD32_SPLAT, 8 * u + 4 * odd).set(splat);
                for (int h = 0; h < 2; h++) {
                    f.get(splat).get(v[2 * odd + h]).op(I32X4_DOT_I16X8_S).get(acc[r][h]).op(I32X4_ADD).set(acc[r][h]);
                }
            }
        }
    }
}
