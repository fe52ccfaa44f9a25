package dev.infuser.kernel;

import static dev.infuser.wasm.Op.F32X4_ADD;
import static dev.infuser.wasm.Op.I32_ADD;
import static dev.infuser.wasm.Op.I32_AND;
import static dev.infuser.wasm.Op.I32_LT_U;
import static dev.infuser.wasm.Op.V128_LOAD;
import static dev.infuser.wasm.Op.V128_LOAD32_LANE;
import static dev.infuser.wasm.Op.V128_LOAD32_SPLAT;
import static dev.infuser.wasm.Op.V128_STORE;
import static dev.infuser.wasm.Op.V128_STORE32_LANE;
import dev.infuser.tensor.Panels;
import dev.infuser.wasm.FunctionBuilder;

/**
 * The sums of one tile of a {@link Conv} while they are made, in registers: rows of output pixels by a panel of filters, or,
 * of a single filter, by every fourth channel.
 */
final class ConvSums {
    private static final int PANEL_ROW = 4 * Panels.WIDTH;
    private static final int UNROLL = 8;

    final int rows;
    final int halves;
    /** Whether filters of one panel may belong to different groups. */
    final boolean mixed;
    /** Adjacent lanes of a mixed panel that belong to one group. */
    final int shared;
    /** Whether lanes are channels of the only filter, whose weights are adjacent, and not filters. */
    final boolean dot;
    /** Bytes of weights per channel of the input. */
    final int weightBytes;
    /** Where the weights are that come next. */
    final int q;
    /** Where the inputs of each row are, or of all rows behind the first. */
    final int[] pointer;
    final int[][] acc;
    final int b0;
    final int b1;
    /** Bytes to the first channel that a lane of a mixed panel reads. */
    final int[] lane = new int[Panels.WIDTH];

    private final Conv conv;
    private final FunctionBuilder f;
    private final Lanes lanes;
    private final int end;
    private final int stop;
    private final int splat;
    /** Whether all rows of a run are behind one pointer, {@link #apart} bytes from each other. */
    private final boolean single;
    private final int apart;

    ConvSums(Conv conv, FunctionBuilder f, Target target, Lanes lanes) {
        this.conv = conv;
        this.f = f;
        this.lanes = lanes;
        boolean few = conv.columns() >= 0 && conv.columns() <= Panels.WIDTH / 2;
        rows = few ? 8 : target.tileRows();
        halves = few ? 1 : 2;
        mixed = !conv.transposed() && conv.group() > 1 && conv.groupFilters() % Panels.WIDTH != 0;
        shared = conv.groupFilters() % 4 == 0 ? 4 : 1;
        dot = conv.columns() == 1 && conv.group() == 1 && conv.channels() % 4 == 0 && !conv.packed();
        weightBytes = dot ? 4 : PANEL_ROW;
        single = conv.channels() >= 0;
        apart = conv.outStep(conv.kernel().size() - 1) * 4 * conv.channels();
        q = Emit.i32(f);
        end = Emit.i32(f);
        stop = Emit.i32(f);
        pointer = Emit.locals(f, rows);
        acc = new int[rows][halves];
        for (int[] tile : acc) {
            for (int h = 0; h < halves; h++) {
                tile[h] = Emit.v128(f);
            }
        }
        b0 = Emit.v128(f);
        b1 = Emit.v128(f);
        splat = Emit.v128(f);
    }

    /** Makes all sums 0. */
    void clear() {
        for (int[] sums : acc) {
            for (int sum : sums) {
                f.f32x4(0).set(sum);
            }
        }
    }

    /** Leaves the only column of each four rows in the first of their sums. */
    void sumUp() {
        for (int r = 0; r < rows; r += 4) {
            int sum = acc[r][0];
            if (dot) {
                for (int pair = r; pair < r + 4; pair += 2) {
                    f.get(acc[pair][0]).get(acc[pair + 1][0]).shuffle32(0, 4, 1, 5).get(acc[pair][0]).get(acc[pair + 1][0])
                            .shuffle32(2, 6, 3, 7).op(F32X4_ADD).set(acc[pair][0]);
                }
                f.get(sum).get(acc[r + 2][0]).shuffle32(0, 1, 4, 5).get(sum).get(acc[r + 2][0]).shuffle32(2, 3, 6, 7)
                        .op(F32X4_ADD).set(sum);
            } else {
                f.get(sum).get(acc[r + 1][0]).shuffle32(0, 4, 0, 4).get(acc[r + 2][0]).get(acc[r + 3][0])
                        .shuffle32(0, 4, 0, 4).shuffle32(0, 1, 4, 5).set(sum);
            }
        }
    }

    /** Stores the tile at {@code to}, row behind row. */
    void spill(int to) {
        if (conv.columns() == 1) {
            sumUp();
            for (int r = 0; r < rows; r++) {
                f.get(to).get(acc[r / 4 * 4][0]).memLane(V128_STORE32_LANE, 16 * r, r % 4);
            }
            return;
        }
        for (int r = 0; r < rows; r++) {
            for (int h = 0; h < halves; h++) {
                f.get(to).get(acc[r][h]).mem(V128_STORE, 16 * (r * halves + h));
            }
        }
    }

    /** Sets the pointers for a run of rows that are {@code step} bytes, a local, from each other. */
    void point(int from, int step) {
        f.get(from).set(pointer[0]);
        for (int r = 1; r < rows && !single; r++) {
            f.get(pointer[r - 1]).get(step).op(I32_ADD).set(pointer[r]);
        }
    }

    /**
     * Adds products to each sum: of the weights from {@code q} and of what the pointers show.
     *
     * @param length how many, or -1 where {@code bytes} says
     * @param bytes  a local that has the bytes of their weights
     * @param run    whether the pointers have been set for a run of rows
     */
    void run(int length, int bytes, boolean run) {
        boolean together = run && single;
        int most = together ? UNROLL : 4;
        if (length < 0) {
            f.get(q).get(bytes).op(I32_ADD).set(end);
            f.get(q).get(bytes).i32(-4 * PANEL_ROW).op(I32_AND).op(I32_ADD).set(stop);
            for (int unroll = 4; unroll > 0; unroll -= 3) {
                int count = unroll;
                Emit.loopWhile(f, () -> f.get(q).get(count == 1 ? end : stop).op(I32_LT_U), () -> round(count, false));
            }
            return;
        }
        int unroll = length <= 2 * most ? length : most;
        if (length > unroll) {
            f.get(q).i32(length / unroll * unroll * weightBytes).op(I32_ADD).set(end);
            int again = f.loop();
            round(unroll, together);
            f.get(q).get(end).op(I32_LT_U).brIf(again).end();
            steps(length % unroll, together);
        } else {
            steps(length, together);
        }
    }

    /**
     * Adds products to each sum: of the weights from {@code q}, as many bytes of them as a local has, and of what the first
     * pointer shows, four channels of one row behind those of another, and the next four {@code step} bytes on.
     */
    void chunks(int bytes, int step) {
        f.get(q).get(bytes).op(I32_ADD).set(end);
        Emit.loopWhile(f, () -> f.get(q).get(end).op(I32_LT_U), () -> {
            steps(4, true);
            Emit.add(f, q, 4 * PANEL_ROW);
            Emit.add(f, pointer[0], step);
        });
    }

    private void round(int count, boolean together) {
        steps(count, together);
        Emit.add(f, q, count * weightBytes);
        for (int r = 0; r < (together ? 1 : rows); r++) {
            Emit.add(f, pointer[r], 4 * count);
        }
    }

    private void steps(int count, boolean together) {
        for (int u = 0; dot && u < count; u += 4) {
            f.get(q).mem(V128_LOAD, 4 * u).set(b0);
            for (int r = 0; r < rows; r++) {
                f.get(pointer[together ? 0 : r]).mem(V128_LOAD, 4 * u + (together ? r * apart : 0)).get(b0);
                lanes.mul();
                f.get(acc[r][0]);
                lanes.add();
                f.set(acc[r][0]);
            }
        }
        for (int u = 0; !dot && u < count; u++) {
            f.get(q).mem(V128_LOAD, u * PANEL_ROW).set(b0);
            if (halves == 2) {
                f.get(q).mem(V128_LOAD, u * PANEL_ROW + 16).set(b1);
            }
            for (int r = 0; r < rows; r++) {
                int from = pointer[together ? 0 : r];
                int shift = 4 * u + (together ? r * apart : 0);
                if (!mixed) {
                    f.get(from).mem(V128_LOAD32_SPLAT, shift).set(splat);
                }
                for (int h = 0; h < halves; h++) {
                    for (int l = 0; mixed && l < 4; l += shared) {
                        f.get(from).get(lane[4 * h + l]).op(I32_ADD);
                        if (l == 0) {
                            f.mem(V128_LOAD32_SPLAT, shift).set(splat);
                        } else {
                            f.get(splat).memLane(V128_LOAD32_LANE, shift, l).set(splat);
                        }
                    }
                    f.get(splat).get(h == 0 ? b0 : b1);
                    lanes.mul();
                    f.get(acc[r][h]);
                    lanes.add();
                    f.set(acc[r][h]);
                }
            }
        }
    }
}
