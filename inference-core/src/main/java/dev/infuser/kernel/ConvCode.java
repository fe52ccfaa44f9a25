package dev.infuser.kernel;

import static dev.infuser.wasm.Op.I32_ADD;
import static dev.infuser.wasm.Op.I32_AND;
import static dev.infuser.wasm.Op.I32_DIV_S;
import static dev.infuser.wasm.Op.I32_DIV_U;
import static dev.infuser.wasm.Op.I32_GE_S;
import static dev.infuser.wasm.Op.I32_GT_S;
import static dev.infuser.wasm.Op.I32_LE_S;
import static dev.infuser.wasm.Op.I32_LOAD;
import static dev.infuser.wasm.Op.I32_LT_S;
import static dev.infuser.wasm.Op.I32_LT_U;
import static dev.infuser.wasm.Op.I32_MUL;
import static dev.infuser.wasm.Op.I32_STORE;
import static dev.infuser.wasm.Op.I32_SUB;
import static dev.infuser.wasm.Op.SELECT;
import static dev.infuser.wasm.Op.V128_LOAD;
import static dev.infuser.wasm.Op.V128_STORE;

import dev.infuser.tensor.Panels;
import dev.infuser.wasm.FunctionBuilder;
import java.util.function.IntConsumer;

/**
 * The code of one {@link Conv} as an implicit matrix product. A unit of work is one panel of 8 filters times one block of
 * output pixels, which pass in tiles of {@link Target#tileRows}, or of 8 where there are at most 4 filters. A tile inside one row whose windows lie within the input reads them behind one pointer, as runs of adjacent taps
 * and channels. Any other tile has a pointer per pixel and tap, to a row of zeros where a window hangs over an edge. Both
 * add in the same order.
 *
 * <p>A transposed convolution is one convolution per phase, the remainders of the output position by the strides: its
 * outputs are {@code stride} apart, and it meets every {@code stride}-th tap.
 *
 * <p>Of a single filter a lane is every fourth channel; its lanes are added up before the tile is stored.
 */
final class ConvCode {
    private static final int INDICES = 192;
    private static final int ZEROS = 224;
    private static final int PANEL_ROW = 4 * Panels.WIDTH;
    private static final int BLOCK_ELEMENTS = 1 << 16;
    private static final int MOST_ROWS = 504;

    private final Conv conv;
    private final FunctionBuilder f;
    private final Epilogue epilogue;
    private final int rank;
    private final int last;
    private final int rows;
    /** Bytes of a pixel of the input. */
    private final int pixel;
    /** Columns of all panels. */
    private final int columns;
    private final boolean whole;
    /** Bytes of the weights of a tap, of what one product needs of those, and of a panel. */
    private final int depth;
    private final int part;
    private final int panelBytes;
    /** Bytes of weights per tap along each axis, and of all taps along it. */
    private final int[] tap;
    private final int[] all;
    /** Where panels are made in the scratch. */
    private final int made;

    private final int x;
    private final int weights;
    private final int scratch;
    private final int batch;
    private final int panel;
    private final int column;
    private final int columnEnd;
    private final int channel;

    private final int row;
    private final int rowEnd;
    private final int q;
    private final int end;
    /** Input bytes from one row of a tile to the next. */
    private final int apart;
    private final ConvPlace place;
    private final ConvSums sums;
    /** Reads the weights if they are narrow, else null. */
    private final Narrow narrow;

    ConvCode(Conv conv, FunctionBuilder f, Target target) {
        this.conv = conv;
        this.f = f;
        Lanes lanes = new Lanes(f, target);
        rank = conv.kernel().size();
        last = rank - 1;
        sums = new ConvSums(conv, f, target, lanes);
        rows = sums.rows;
        place = new ConvPlace(conv, f, rows);
        narrow = conv.weights().isNarrow() ? new Narrow(f, conv.weights(), conv.scalesSlot()) : null;
        whole = Gemm.isWhole(conv.columns());
        pixel = Emit.i32(f);
        columns = Emit.dim(f, conv.columns(), Conv.M);
        depth = Emit.i32(f);
        part = Emit.i32(f);
        panelBytes = Emit.i32(f);
        tap = Emit.locals(f, rank);
        all = Emit.locals(f, rank);
        made = Emit.i32(f);
        x = Emit.slot(f, Conv.X);
        weights = Emit.slot(f, Conv.W);
        scratch = Emit.scratch(f, Conv.SCRATCH);
        batch = Emit.slot(f, Conv.N);
        epilogue = new Epilogue(f, lanes, conv.epilogue(), conv.extras(), Conv.Y, Conv.LDY, conv.extraSlot(), 0,
                conv.transposed() ? conv.strides().get(last) : 1, whole);
        panel = Emit.i32(f);
        column = Emit.i32(f);
        columnEnd = Emit.i32(f);
        channel = Emit.i32(f);
        row = Emit.i32(f);
        rowEnd = Emit.i32(f);
        q = sums.q;
        end = Emit.i32(f);
        apart = Emit.i32(f);
    }

    static int scratchBytes(Conv conv, int channels) {
        return ZEROS + 4 * channels + 16 + (conv.packed() && !conv.weights().isNarrow() ? 0
                : (conv.taps() * conv.depth(channels) + Narrow.GROUP) * PANEL_ROW);
    }

    /** Finds the sizes that follow from the number of channels. */
    private void sizes(int block) {
        int channels = Emit.dim(f, conv.channels(), Conv.C);
        f.get(channels).i32(4).op(I32_MUL).tee(pixel).i32(conv.outStep(last)).op(I32_MUL).set(apart);
        f.get(channels).i32(sums.weightBytes).op(I32_MUL).set(depth);
        f.get(depth).set(part);
        if (conv.group() > 1) {
            f.i32(conv.groupChannels() * sums.weightBytes).set(part);
            if (!conv.transposed()) {
                f.get(part).set(depth);
            }
        }
        int taps = 1;
        for (int i = last; i >= 0; i--) {
            f.get(depth).i32(taps).op(I32_MUL).set(tap[i]);
            taps *= conv.kernel().get(i);
            f.get(depth).i32(taps).op(I32_MUL).set(all[i]);
        }
        f.get(all[0]).set(panelBytes);
        f.get(pixel).i32(15).op(I32_ADD).i32(-16).op(I32_AND).tee(end).get(scratch).op(I32_ADD).i32(ZEROS).op(I32_ADD).set(made);
        f.get(scratch).i32(ZEROS).op(I32_ADD).i32(0).get(end).memoryFill();
        f.i32(BLOCK_ELEMENTS).get(channels).op(I32_DIV_U).set(block);
        Emit.min(f, block, Emit.dim(f, MOST_ROWS, 0));
        f.i32(rows).op(I32_DIV_U).i32(rows).op(I32_MUL).set(block);
        f.get(block).i32(4 * rows).get(block).i32(4 * rows).op(I32_GT_S).op(SELECT).set(block);
    }

    void emit() {
        int total = Emit.i32(f);
        int unit = Emit.i32(f);
        int panels = Emit.i32(f);
        int block = Emit.i32(f);
        sizes(block);
        place.steps(pixel);
        f.get(columns).i32(Panels.WIDTH - 1).op(I32_ADD).i32(Panels.WIDTH).op(I32_DIV_U).set(panels);
        int each = conv.transposed() ? conv.group() : 1;
        f.get(batch);
        for (int i = 0; i < rank; i++) {
            f.get(place.out[i]);
            if (conv.transposed()) {
                f.i32(conv.strides().get(i) - 1).op(I32_ADD).i32(conv.strides().get(i)).op(I32_DIV_U);
                each *= conv.strides().get(i);
            }
            f.op(I32_MUL);
        }
        f.get(block).op(I32_ADD).i32(1).op(I32_SUB).get(block).op(I32_DIV_U).i32(each).op(I32_MUL).get(panels).op(I32_MUL).set(total);
        Emit.units(f, unit, total, () -> unit(unit, panels, block));
    }

    private void unit(int unit, int panels, int block) {
        int rest = Emit.i32(f);
        int number = Emit.i32(f);
        int group = Emit.i32(f);
        f.get(unit).set(rest);
        Emit.divide(f, rest, panels, number);
        if (conv.transposed() && conv.group() > 1) {
            Emit.divide(f, rest, Emit.dim(f, conv.group(), 0), group);
        }
        f.get(batch);
        for (int i = 0; i < rank; i++) {
            place.phase(rest, i);
            f.get(place.grid[i]).op(I32_MUL);
        }
        f.set(rowEnd);
        f.get(rest).get(block).op(I32_MUL).tee(row).get(block).op(I32_ADD).set(end);
        Emit.min(f, rowEnd, end);
        f.set(rowEnd);
        f.get(row).get(rowEnd).op(I32_LT_S).ifTrue();
        panel(number, group);
        f.get(row).set(place.image);
        for (int i = last; i >= 0; i--) {
            Emit.divide(f, place.image, place.grid[i], place.at[i]);
        }
        Emit.loopWhile(f, () -> f.get(row).get(rowEnd).op(I32_LT_S), this::tiles);
        f.end();
    }

    /** Finds the panel, the columns of the output and the channels of the input that belong to it. */
    private void panel(int number, int group) {
        f.get(number).i32(PANEL_ROW).op(I32_MUL).set(column);
        if (sums.dot) {
            f.get(weights).set(panel);
        } else if (narrow != null) {
            f.get(made).tee(panel).set(q);
            int depth = Emit.i32(f);
            f.get(panelBytes).i32(PANEL_ROW).op(I32_DIV_U).set(depth);
            narrow.locate(weights, number, depth);
            narrow.expand(q, depth);
        } else if (conv.packed()) {
            f.get(weights).get(number).get(panelBytes).op(I32_MUL).op(I32_ADD).set(panel);
        } else {
            int from = Emit.i32(f);
            f.get(made).tee(panel).tee(q).get(panelBytes).op(I32_ADD).set(end);
            f.get(weights).get(column).op(I32_ADD).set(from);
            Emit.loopWhile(f, () -> f.get(q).get(end).op(I32_LT_U), () -> {
                f.get(q).get(from).mem(V128_LOAD, 0).mem(V128_STORE, 0);
                f.get(q).get(from).mem(V128_LOAD, 16).mem(V128_STORE, 16);
                Emit.add(f, q, PANEL_ROW);
                f.get(from).get(columns).i32(4).op(I32_MUL).op(I32_ADD).set(from);
            });
        }
        int channels = 4 * conv.groupChannels();
        f.get(x).set(channel);
        f.get(columns).set(columnEnd);
        if (conv.transposed() && conv.group() > 1) {
            f.get(panel).get(group).i32(8 * channels).op(I32_MUL).op(I32_ADD).set(panel);
            f.get(column).get(group).i32(4 * conv.groupFilters()).op(I32_MUL).op(I32_ADD).set(column);
            f.get(group).i32(1).op(I32_ADD).i32(conv.groupFilters()).op(I32_MUL).set(columnEnd);
            f.get(x).get(group).i32(channels).op(I32_MUL).op(I32_ADD).set(channel);
        } else if (sums.mixed) {
            for (int l = 0; l < 4 * sums.halves; l += sums.shared) {
                f.get(number).i32(Panels.WIDTH).op(I32_MUL).i32(l).op(I32_ADD).i32(conv.groupFilters()).op(I32_DIV_U)
                        .set(end);
                Emit.min(f, end, Emit.dim(f, conv.group() - 1, 0));
                f.i32(channels).op(I32_MUL).set(sums.lane[l] = Emit.i32(f));
            }
        } else if (conv.group() > 1) {
            f.get(x).get(number).i32(conv.groupFilters() / Panels.WIDTH).op(I32_DIV_U).i32(channels).op(I32_MUL)
                    .op(I32_ADD).set(channel);
        }
    }

    /** The tiles of a line that lie within the input, or else one tile. */
    private void tiles() {
        int end = Emit.i32(f);
        int base = Emit.i32(f);
        f.get(place.image).set(place.index);
        f.get(place.image).set(q);
        for (int i = 0; i < rank; i++) {
            place.position(i);
            f.get(q).get(place.in[i]).op(I32_MUL).get(place.start[i]).op(I32_ADD).set(q);
        }
        f.get(q).get(pixel).op(I32_MUL).get(channel).op(I32_ADD).set(base);
        f.get(place.at[last]).get(rowEnd).op(I32_ADD).get(row).op(I32_SUB).set(end);
        Emit.min(f, end, place.grid[last]);
        f.set(end);
        f.get(place.in[last]).get(place.offset[last])
                .i32(place.reach(last)).op(I32_ADD).op(I32_SUB).i32(conv.outStep(last) - 1).op(I32_ADD)
                .i32(conv.outStep(last)).op(I32_DIV_S).i32(rows - 1).op(I32_ADD).set(q);
        Emit.min(f, end, q);
        f.i32(rows).op(I32_SUB).tee(end).get(place.at[last]).op(I32_GE_S);
        for (int i = 0; i < rank; i++) {
            f.get(place.start[i]);
            if (conv.transposed()) {
                f.get(place.low[i]).op(I32_ADD);
            }
            f.i32(0).op(I32_GE_S).op(I32_AND);
            f.get(place.start[i]).i32(place.reach(i)).op(I32_ADD).get(place.in[i]).op(I32_LT_S).op(I32_AND);
        }
        f.ifTrue();
        epilogue.start();
        epilogue.locate(place.index, column, columnEnd);
        int again = f.loop();
        sums.clear();
        inside(0, base, panel);
        if (conv.columns() == 1) {
            sums.sumUp();
            for (int r = 0; r < rows; r += 4) {
                epilogue.column(sums.acc[r][0]);
            }
        } else if (whole) {
            for (int[] row : sums.acc) {
                epilogue.row(row[0], row[1]);
            }
        } else {
            sums.spill(scratch);
            stored(false, Emit.dim(f, rows, 0));
        }
        f.get(base).get(pixel).i32(rows * conv.outStep(last)).op(I32_MUL).op(I32_ADD).set(base);
        Emit.add(f, place.at[last], rows);
        Emit.add(f, row, rows);
        f.get(place.at[last]).get(end).op(I32_LE_S).brIf(again).end();
        place.carry();
        f.otherwise();
        sums.clear();
        edge();
        Emit.add(f, row, rows);
        f.end();
    }

    /** Finishes the first {@code count} rows of the spilled tile, each where {@code INDICES} say or one behind the other. */
    private void stored(boolean scattered, int count) {
        int tile = Emit.i32(f);
        int at = Emit.i32(f);
        int stop = Emit.i32(f);
        f.get(scratch).tee(tile).tee(at).get(count).i32(16 * sums.halves).op(I32_MUL).op(I32_ADD).set(stop);
        Emit.loopWhile(f, () -> f.get(tile).get(stop).op(I32_LT_U), () -> {
            if (scattered) {
                f.get(at).mem(I32_LOAD, INDICES).set(place.index);
                Emit.add(f, at, 4);
                epilogue.start();
                epilogue.locate(place.index, column, columnEnd);
            }
            f.get(tile).mem(V128_LOAD, 0).set(sums.b0);
            if (sums.halves == 2) {
                f.get(tile).mem(V128_LOAD, 16).set(sums.b1);
            }
            epilogue.row(sums.b0, sums.halves == 2 ? sums.b1 : sums.b0);
            Emit.add(f, tile, 16 * sums.halves);
        });
    }

    /** Adds the taps from axis {@code i} on, for windows within the input of which the first begins at {@code from}. */
    private void inside(int i, int from, int taps) {
        boolean run = i == last && !conv.transposed() && conv.group() == 1 && conv.dilations().get(i) == 1;
        if (run || i == rank) {
            sums.point(from, apart);
            f.get(taps).set(q);
            int taken = run ? conv.kernel().get(i) : 1;
            sums.run(conv.channels() < 0 ? -1 : taken * conv.groupChannels(), run ? all[i] : part, true);
            return;
        }
        int own = Emit.i32(f);
        f.get(from).set(own);
        taps(i, taps, next -> {
            inside(i + 1, own, next);
            f.get(own).get(place.step[i]).i32(conv.move(i)).op(I32_MUL).op(I32_ADD).set(own);
        });
    }

    /** Runs {@code body} for the taps of this phase along an axis; it gets the address of their weights. */
    private void taps(int i, int from, IntConsumer body) {
        if (conv.kernel().get(i) == 1 && !conv.transposed()) {
            body.accept(from);
            return;
        }
        int own = Emit.i32(f);
        int stop = Emit.i32(f);
        f.get(from).get(all[i]).op(I32_ADD).set(stop);
        f.get(from).get(place.first[i]).get(tap[i]).op(I32_MUL).op(I32_ADD).set(own);
        Emit.loopWhile(f, () -> f.get(own).get(stop).op(I32_LT_U), () -> {
            body.accept(own);
            f.get(own).get(tap[i]).i32(conv.tapStep(i)).op(I32_MUL).op(I32_ADD).set(own);
        });
    }

    /** A tile with a pointer per pixel, whose windows may hang over edges and which may end one row and begin the next. */
    private void edge() {
        int[][] origin = new int[rows][];
        int[] base = Emit.locals(f, rows);
        int[] live = Emit.locals(f, rows);
        int count = Emit.i32(f);
        f.get(rowEnd).get(row).op(I32_SUB).set(end);
        Emit.min(f, end, Emit.dim(f, rows, 0));
        f.set(count);
        for (int r = 0; r < rows; r++) {
            origin[r] = Emit.locals(f, rank);
            f.get(place.image).set(place.index);
            f.get(place.image).set(q);
            for (int i = 0; i < rank; i++) {
                place.position(i);
                f.get(place.start[i]).set(origin[r][i]);
                f.get(q).get(place.in[i]).op(I32_MUL).get(place.start[i]).op(I32_ADD).set(q);
            }
            f.get(q).get(pixel).op(I32_MUL).get(channel).op(I32_ADD).set(base[r]);
            f.get(scratch).get(place.index).mem(I32_STORE, INDICES + 4 * r);
            f.i32(r).get(count).op(I32_LT_S).set(live[r]);
            Emit.add(f, place.at[last], 1);
            place.carry();
        }
        int moved = Emit.i32(f);
        f.i32(0).set(moved);
        over(0, moved, panel, origin, base, live);
        sums.spill(scratch);
        stored(true, count);
    }

    private void over(int i, int from, int taps, int[][] origin, int[] base, int[] live) {
        if (i == rank) {
            for (int r = 0; r < rows; r++) {
                f.get(base[r]).get(from).op(I32_ADD).get(scratch).i32(ZEROS).op(I32_ADD).get(live[r]).op(SELECT)
                        .set(sums.pointer[r]);
            }
            f.get(taps).set(q);
            sums.run(conv.channels() < 0 ? -1 : conv.groupChannels(), part, false);
            return;
        }
        int own = Emit.i32(f);
        int along = Emit.i32(f);
        int[] within = Emit.locals(f, rows);
        f.get(from).set(own);
        f.i32(0).set(along);
        taps(i, taps, next -> {
            for (int r = 0; r < rows; r++) {
                f.get(origin[r][i]).get(along).op(I32_ADD).get(place.in[i]).op(I32_LT_U).get(live[r]).op(I32_AND).set(within[r]);
            }
            over(i + 1, own, next, origin, base, within);
            Emit.add(f, along, conv.move(i));
            f.get(own).get(place.step[i]).i32(conv.move(i)).op(I32_MUL).op(I32_ADD).set(own);
        });
    }
}
