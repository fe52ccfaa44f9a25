package dev.infuser.kernel;

import static dev.infuser.wasm.Op.F32X4_ADD;
import static dev.infuser.wasm.Op.I32_ADD;
import static dev.infuser.wasm.Op.I32_AND;
import static dev.infuser.wasm.Op.I32_DIV_S;
import static dev.infuser.wasm.Op.I32_DIV_U;
import static dev.infuser.wasm.Op.I32_GE_S;
import static dev.infuser.wasm.Op.I32_LE_S;
import static dev.infuser.wasm.Op.I32_LOAD;
import static dev.infuser.wasm.Op.I32_LT_S;
import static dev.infuser.wasm.Op.I32_LT_U;
import static dev.infuser.wasm.Op.I32_MUL;
import static dev.infuser.wasm.Op.I32_REM_S;
import static dev.infuser.wasm.Op.I32_STORE;
import static dev.infuser.wasm.Op.I32_SUB;
import static dev.infuser.wasm.Op.SELECT;
import static dev.infuser.wasm.Op.V128_LOAD;
import static dev.infuser.wasm.Op.V128_LOAD32_LANE;
import static dev.infuser.wasm.Op.V128_LOAD32_SPLAT;
import static dev.infuser.wasm.Op.V128_STORE;
import static dev.infuser.wasm.Op.V128_STORE32_LANE;

import dev.infuser.tensor.Panels;
import dev.infuser.wasm.FunctionBuilder;
import java.util.function.IntConsumer;

/**
 * The code of one {@link Conv} as an implicit matrix product. A unit of work is one panel of 8 filters times one block of
 * output pixels, which pass in tiles of 6 (of 4 where a multiply-add is two instructions, of 8 where there are at most 4 filters). A tile inside one row whose windows lie
 * within the input reads them behind one pointer, as runs of adjacent taps and channels. Any other tile has a pointer per
 * pixel and tap, to a row of zeros where a window hangs over an edge. Both add in the same order.
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
    private static final int UNROLL = 8;

    private final Conv conv;
    private final FunctionBuilder f;
    private final Lanes lanes;
    private final Epilogue epilogue;
    private final int rank;
    private final int last;
    private final int rows;
    private final int halves;
    private final boolean mixed;
    /** Whether lanes are channels of the only filter, whose weights are adjacent, and not filters. */
    private final boolean dot;
    /** Bytes of weights per channel of the input. */
    private final int weightBytes;
    private final int depth;
    private final int pixel;

    private final int x;
    private final int weights;
    private final int scratch;
    private final int batch;
    private final int[] in;
    private final int[] out;
    private final int[] pad;
    /** Input bytes from one position along an axis to the next. */
    private final int[] step;

    private final int[] phase;
    private final int[] grid;
    private final int[] first;
    private final int[] offset;
    private final int[] low;
    private final int panel;
    private final int column;
    private final int columnEnd;
    private final int channel;
    private final int[] lane = new int[Panels.WIDTH];

    private final int row;
    private final int rowEnd;
    private final int image;
    private final int[] at;
    private final int[] start;
    private final int q;
    private final int end;
    private final int index;
    private final int[] pointer;
    private final int[][] acc;
    private final int b0;
    private final int b1;
    private final int splat;

    ConvCode(Conv conv, FunctionBuilder f, Target target) {
        this.conv = conv;
        this.f = f;
        this.lanes = new Lanes(f, target);
        rank = conv.kernel().size();
        last = rank - 1;
        rows = columns(conv) <= 4 ? 8 : target.relaxedMadd() ? 6 : 4;
        halves = columns(conv) <= 4 ? 1 : 2;
        mixed = !conv.transposed() && conv.group() > 1 && conv.groupFilters() % Panels.WIDTH != 0;
        dot = columns(conv) == 1 && conv.group() == 1 && conv.channels() % 4 == 0 && !conv.packed();
        weightBytes = dot ? 4 : PANEL_ROW;
        depth = conv.transposed() ? conv.channels() : conv.groupChannels();
        pixel = 4 * conv.channels();
        x = Emit.slot(f, Conv.X);
        weights = Emit.slot(f, Conv.W);
        scratch = Emit.scratch(f, Conv.SCRATCH);
        batch = Emit.slot(f, Conv.N);
        epilogue = new Epilogue(f, lanes, conv.epilogue(), conv.extras(), Conv.Y, Conv.LDY, conv.extraSlot(), 0,
                conv.transposed() ? stride(last) : 1, columns(conv) % Panels.WIDTH == 0);
        in = new int[rank];
        out = new int[rank];
        pad = new int[rank];
        for (int i = 0; i < rank; i++) {
            in[i] = Emit.slot(f, Conv.AXES + Conv.AXIS * i);
            out[i] = Emit.slot(f, Conv.AXES + Conv.AXIS * i + 1);
            pad[i] = Emit.slot(f, Conv.AXES + Conv.AXIS * i + 2);
        }
        step = locals(rank);
        phase = locals(rank);
        grid = locals(rank);
        first = locals(rank);
        offset = locals(rank);
        low = locals(rank);
        at = locals(rank);
        start = locals(rank);
        panel = Emit.i32(f);
        column = Emit.i32(f);
        columnEnd = Emit.i32(f);
        channel = Emit.i32(f);
        row = Emit.i32(f);
        rowEnd = Emit.i32(f);
        image = Emit.i32(f);
        q = Emit.i32(f);
        end = Emit.i32(f);
        index = Emit.i32(f);
        pointer = locals(rows);
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

    private int[] locals(int count) {
        int[] locals = new int[count];
        for (int i = 0; i < count; i++) {
            locals[i] = Emit.i32(f);
        }
        return locals;
    }

    private static int columns(Conv conv) {
        return conv.transposed() ? conv.groupFilters() : conv.filters();
    }

    private static int zeroBytes(Conv conv) {
        return (4 * conv.channels() + 15) & -16;
    }

    private static int panelRows(Conv conv) {
        return conv.taps() * (conv.transposed() ? conv.channels() : conv.groupChannels());
    }

    static int scratchBytes(Conv conv) {
        return ZEROS + zeroBytes(conv) + (conv.packed() ? 0 : panelRows(conv) * PANEL_ROW);
    }

    private int stride(int i) {
        return conv.strides().get(i);
    }

    /** Distance between the taps that one phase meets. */
    private int tapStep(int i) {
        int common = conv.dilations().get(i);
        for (int rest = stride(i); rest != 0;) {
            int next = common % rest;
            common = rest;
            rest = next;
        }
        return conv.transposed() ? stride(i) / common : 1;
    }

    /** Input positions from one of those taps to the next. */
    private int move(int i) {
        return conv.transposed() ? -conv.dilations().get(i) * tapStep(i) / stride(i) : conv.dilations().get(i);
    }

    /** Input positions from one output of a phase to the next. */
    private int outStep(int i) {
        return conv.transposed() ? 1 : stride(i);
    }

    /** Bytes of a panel per tap along an axis. */
    private int tapBytes(int i) {
        int bytes = depth * weightBytes;
        for (int inner = i + 1; inner < rank; inner++) {
            bytes *= conv.kernel().get(inner);
        }
        return bytes;
    }

    void emit() {
        int total = Emit.i32(f);
        int unit = Emit.i32(f);
        f.i32(pixel).set(step[last]);
        for (int i = last - 1; i >= 0; i--) {
            f.get(step[i + 1]).get(in[i + 1]).op(I32_MUL).set(step[i]);
        }
        f.get(scratch).i32(ZEROS).op(I32_ADD).i32(0).i32(zeroBytes(conv)).memoryFill();
        int panels = (columns(conv) + Panels.WIDTH - 1) / Panels.WIDTH;
        int block = Math.min(MOST_ROWS, Math.max(4 * rows, BLOCK_ELEMENTS / conv.channels() / rows * rows));
        int each = panels * (conv.transposed() ? conv.group() : 1);
        f.get(batch);
        for (int i = 0; i < rank; i++) {
            f.get(out[i]);
            if (conv.transposed()) {
                f.i32(stride(i) - 1).op(I32_ADD).i32(stride(i)).op(I32_DIV_U);
                each *= stride(i);
            }
            f.op(I32_MUL);
        }
        f.i32(block - 1).op(I32_ADD).i32(block).op(I32_DIV_U).i32(each).op(I32_MUL).set(total);
        Emit.units(f, unit, total, () -> unit(unit, panels, block));
    }

    private void unit(int unit, int panels, int block) {
        int rest = Emit.i32(f);
        int number = Emit.i32(f);
        int group = Emit.i32(f);
        f.get(unit).set(rest);
        Emit.divide(f, rest, Emit.dim(f, panels, 0), number);
        if (conv.transposed() && conv.group() > 1) {
            Emit.divide(f, rest, Emit.dim(f, conv.group(), 0), group);
        }
        f.get(batch);
        for (int i = 0; i < rank; i++) {
            phase(rest, i);
            f.get(grid[i]).op(I32_MUL);
        }
        f.set(rowEnd);
        f.get(rest).i32(block).op(I32_MUL).tee(row).i32(block).op(I32_ADD).set(end);
        Emit.min(f, rowEnd, end);
        f.set(rowEnd);
        f.get(row).get(rowEnd).op(I32_LT_S).ifTrue();
        panel(number, group);
        f.get(row).set(image);
        for (int i = last; i >= 0; i--) {
            Emit.divide(f, image, grid[i], at[i]);
        }
        Emit.loopWhile(f, () -> f.get(row).get(rowEnd).op(I32_LT_S), this::tiles);
        f.end();
    }

    /** Sets what an axis has of its own in this phase; the operand below is left alone. */
    private void phase(int rest, int i) {
        if (!conv.transposed()) {
            f.get(out[i]).set(grid[i]);
            f.i32(0).get(pad[i]).op(I32_SUB).set(offset[i]);
            return;
        }
        int extent = conv.kernel().get(i);
        Emit.divide(f, rest, Emit.dim(f, stride(i), 0), phase[i]);
        f.get(out[i]).get(phase[i]).op(I32_SUB).i32(stride(i) - 1).op(I32_ADD).i32(stride(i)).op(I32_DIV_U).set(grid[i]);
        f.get(phase[i]).get(pad[i]).op(I32_ADD).set(offset[i]);
        f.i32(0).set(first[i]);
        Emit.loopWhile(f, () -> f.get(offset[i]).i32(stride(i)).op(I32_REM_S).i32(0).get(first[i]).i32(extent).op(I32_LT_S)
                .op(SELECT), () -> {
            Emit.add(f, first[i], 1);
            Emit.add(f, offset[i], -conv.dilations().get(i));
        });
        f.get(offset[i]).i32(stride(i)).op(I32_DIV_S).set(offset[i]);
        f.i32(extent - 1).get(first[i]).op(I32_SUB).i32(tapStep(i)).op(I32_DIV_S).i32(move(i)).op(I32_MUL).set(low[i]);
    }

    /** Finds the panel, the columns of the output and the channels of the input that belong to it. */
    private void panel(int number, int group) {
        int panelBytes = panelRows(conv) * PANEL_ROW;
        f.get(number).i32(PANEL_ROW).op(I32_MUL).set(column);
        if (dot) {
            f.get(weights).set(panel);
        } else if (conv.packed()) {
            f.get(weights).get(number).i32(panelBytes).op(I32_MUL).op(I32_ADD).set(panel);
        } else {
            int from = Emit.i32(f);
            f.get(scratch).i32(ZEROS + zeroBytes(conv)).op(I32_ADD).tee(panel).tee(q).i32(panelBytes).op(I32_ADD).set(end);
            f.get(weights).get(column).op(I32_ADD).set(from);
            Emit.loopWhile(f, () -> f.get(q).get(end).op(I32_LT_U), () -> {
                f.get(q).get(from).mem(V128_LOAD, 0).mem(V128_STORE, 0);
                f.get(q).get(from).mem(V128_LOAD, 16).mem(V128_STORE, 16);
                Emit.add(f, q, PANEL_ROW);
                Emit.add(f, from, 4 * columns(conv));
            });
        }
        int channels = 4 * conv.groupChannels();
        f.get(x).set(channel);
        f.i32(conv.filters()).set(columnEnd);
        if (conv.transposed() && conv.group() > 1) {
            f.get(panel).get(group).i32(8 * channels).op(I32_MUL).op(I32_ADD).set(panel);
            f.get(column).get(group).i32(4 * conv.groupFilters()).op(I32_MUL).op(I32_ADD).set(column);
            f.get(group).i32(1).op(I32_ADD).i32(conv.groupFilters()).op(I32_MUL).set(columnEnd);
            f.get(x).get(group).i32(channels).op(I32_MUL).op(I32_ADD).set(channel);
        } else if (mixed) {
            for (int l = 0; l < 4 * halves; l++) {
                f.get(number).i32(Panels.WIDTH).op(I32_MUL).i32(l).op(I32_ADD).i32(conv.groupFilters()).op(I32_DIV_U)
                        .set(end);
                Emit.min(f, end, Emit.dim(f, conv.group() - 1, 0));
                f.i32(channels).op(I32_MUL).set(lane[l] = Emit.i32(f));
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
        f.get(image).set(index);
        f.get(image).set(q);
        for (int i = 0; i < rank; i++) {
            position(i);
            f.get(q).get(in[i]).op(I32_MUL).get(start[i]).op(I32_ADD).set(q);
        }
        f.get(q).i32(pixel).op(I32_MUL).get(channel).op(I32_ADD).set(base);
        f.get(at[last]).get(rowEnd).op(I32_ADD).get(row).op(I32_SUB).set(end);
        Emit.min(f, end, grid[last]);
        f.set(end);
        f.get(in[last]).get(offset[last]).i32(reach(last)).op(I32_ADD).op(I32_SUB).i32(outStep(last) - 1).op(I32_ADD)
                .i32(outStep(last)).op(I32_DIV_S).i32(rows - 1).op(I32_ADD).set(q);
        Emit.min(f, end, q);
        f.i32(rows).op(I32_SUB).tee(end).get(at[last]).op(I32_GE_S);
        for (int i = 0; i < rank; i++) {
            f.get(start[i]);
            if (conv.transposed()) {
                f.get(low[i]).op(I32_ADD);
            }
            f.i32(0).op(I32_GE_S).op(I32_AND);
            f.get(start[i]).i32(reach(i)).op(I32_ADD).get(in[i]).op(I32_LT_S).op(I32_AND);
        }
        f.ifTrue();
        epilogue.start();
        epilogue.locate(index, column, columnEnd);
        int again = f.loop();
        clear();
        inside(0, base, panel);
        if (columns(conv) == 1) {
            sumUp();
            for (int r = 0; r < rows; r += 4) {
                epilogue.column(acc[r][0]);
            }
        } else if (columns(conv) % Panels.WIDTH == 0) {
            for (int[] sums : acc) {
                epilogue.row(sums[0], sums[1]);
            }
        } else {
            spill();
            stored(false, Emit.dim(f, rows, 0));
        }
        Emit.add(f, base, rows * outStep(last) * pixel);
        Emit.add(f, at[last], rows);
        Emit.add(f, row, rows);
        f.get(at[last]).get(end).op(I32_LE_S).brIf(again).end();
        carry();
        f.otherwise();
        clear();
        edge();
        Emit.add(f, row, rows);
        f.end();
    }

    private void clear() {
        for (int[] sums : acc) {
            for (int sum : sums) {
                f.f32x4(0).set(sum);
            }
        }
    }

    /** Input positions from the first tap of a tile to the last of its first window, and on to that of its last window. */
    private int reach(int i) {
        return (i == last ? (rows - 1) * outStep(i) : 0)
                + (conv.transposed() ? 0 : (conv.kernel().get(i) - 1) * conv.dilations().get(i));
    }

    /** Sets the position of the first tap, and takes the output position into {@code index}. */
    private void position(int i) {
        f.get(at[i]);
        if (outStep(i) > 1) {
            f.i32(outStep(i)).op(I32_MUL);
        }
        f.get(offset[i]).op(I32_ADD).set(start[i]);
        f.get(index).get(out[i]).op(I32_MUL).get(at[i]);
        if (conv.transposed()) {
            f.i32(stride(i)).op(I32_MUL).get(phase[i]).op(I32_ADD);
        }
        f.op(I32_ADD).set(index);
    }

    private void carry() {
        for (int i = last; i >= 0; i--) {
            f.get(at[i]).get(grid[i]).op(I32_GE_S).ifTrue();
            f.i32(0).set(at[i]);
            Emit.add(f, i == 0 ? image : at[i - 1], 1);
        }
        for (int i = 0; i < rank; i++) {
            f.end();
        }
    }

    /** Leaves the only column of each four rows in the first of their sums. */
    private void sumUp() {
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

    private void spill() {
        if (columns(conv) == 1) {
            sumUp();
            for (int r = 0; r < rows; r++) {
                f.get(scratch).get(acc[r / 4 * 4][0]).memLane(V128_STORE32_LANE, 16 * r, r % 4);
            }
            return;
        }
        for (int r = 0; r < rows; r++) {
            for (int h = 0; h < halves; h++) {
                f.get(scratch).get(acc[r][h]).mem(V128_STORE, 16 * (r * halves + h));
            }
        }
    }

    /** Finishes the first {@code count} rows of the spilled tile, each where {@code INDICES} say or one behind the other. */
    private void stored(boolean scattered, int count) {
        int tile = Emit.i32(f);
        int at = Emit.i32(f);
        int stop = Emit.i32(f);
        f.get(scratch).tee(tile).tee(at).get(count).i32(16 * halves).op(I32_MUL).op(I32_ADD).set(stop);
        Emit.loopWhile(f, () -> f.get(tile).get(stop).op(I32_LT_U), () -> {
            if (scattered) {
                f.get(at).mem(I32_LOAD, INDICES).set(index);
                Emit.add(f, at, 4);
                epilogue.start();
                epilogue.locate(index, column, columnEnd);
            }
            f.get(tile).mem(V128_LOAD, 0).set(b0);
            if (halves == 2) {
                f.get(tile).mem(V128_LOAD, 16).set(b1);
            }
            epilogue.row(b0, halves == 2 ? b1 : b0);
            Emit.add(f, tile, 16 * halves);
        });
    }

    /** Adds the taps from axis {@code i} on, for windows within the input of which the first begins at {@code from}. */
    private void inside(int i, int from, int taps) {
        boolean run = i == last && !conv.transposed() && conv.group() == 1 && conv.dilations().get(i) == 1;
        if (run || i == rank) {
            f.get(from).set(pointer[0]);
            f.get(taps).set(q);
            run(run ? conv.kernel().get(i) * depth : conv.groupChannels(), true);
            return;
        }
        int own = Emit.i32(f);
        f.get(from).set(own);
        taps(i, taps, next -> {
            inside(i + 1, own, next);
            f.get(own).get(step[i]).i32(move(i)).op(I32_MUL).op(I32_ADD).set(own);
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
        f.get(from).i32(conv.kernel().get(i) * tapBytes(i)).op(I32_ADD).set(stop);
        f.get(from).get(first[i]).i32(tapBytes(i)).op(I32_MUL).op(I32_ADD).set(own);
        Emit.loopWhile(f, () -> f.get(own).get(stop).op(I32_LT_U), () -> {
            body.accept(own);
            Emit.add(f, own, tapStep(i) * tapBytes(i));
        });
    }

    /** A tile with a pointer per pixel, whose windows may hang over edges and which may end one row and begin the next. */
    private void edge() {
        int[][] origin = new int[rows][];
        int[] base = locals(rows);
        int[] live = locals(rows);
        int count = Emit.i32(f);
        f.get(rowEnd).get(row).op(I32_SUB).set(end);
        Emit.min(f, end, Emit.dim(f, rows, 0));
        f.set(count);
        for (int r = 0; r < rows; r++) {
            origin[r] = locals(rank);
            f.get(image).set(index);
            f.get(image).set(q);
            for (int i = 0; i < rank; i++) {
                position(i);
                f.get(start[i]).set(origin[r][i]);
                f.get(q).get(in[i]).op(I32_MUL).get(start[i]).op(I32_ADD).set(q);
            }
            f.get(q).i32(pixel).op(I32_MUL).get(channel).op(I32_ADD).set(base[r]);
            f.get(scratch).get(index).mem(I32_STORE, INDICES + 4 * r);
            f.i32(r).get(count).op(I32_LT_S).set(live[r]);
            Emit.add(f, at[last], 1);
            carry();
        }
        int moved = Emit.i32(f);
        f.i32(0).set(moved);
        over(0, moved, panel, origin, base, live);
        spill();
        stored(true, count);
    }

    private void over(int i, int from, int taps, int[][] origin, int[] base, int[] live) {
        if (i == rank) {
            for (int r = 0; r < rows; r++) {
                f.get(base[r]).get(from).op(I32_ADD).get(scratch).i32(ZEROS).op(I32_ADD).get(live[r]).op(SELECT)
                        .set(pointer[r]);
            }
            f.get(taps).set(q);
            run(conv.groupChannels(), false);
            return;
        }
        int own = Emit.i32(f);
        int along = Emit.i32(f);
        int[] within = locals(rows);
        f.get(from).set(own);
        f.i32(0).set(along);
        taps(i, taps, next -> {
            for (int r = 0; r < rows; r++) {
                f.get(origin[r][i]).get(along).op(I32_ADD).get(in[i]).op(I32_LT_U).get(live[r]).op(I32_AND).set(within[r]);
            }
            over(i + 1, own, next, origin, base, within);
            Emit.add(f, along, move(i));
            f.get(own).get(step[i]).i32(move(i)).op(I32_MUL).op(I32_ADD).set(own);
        });
    }

    /** Adds {@code length} products to each sum: of the weights from {@code q} and of what the pointers show. */
    private void run(int length, boolean together) {
        int most = together ? UNROLL : 4;
        int unroll = length <= 2 * most ? length : most;
        if (length > unroll) {
            f.get(q).i32(length / unroll * unroll * weightBytes).op(I32_ADD).set(end);
            int again = f.loop();
            steps(unroll, together);
            Emit.add(f, q, unroll * weightBytes);
            for (int r = 0; r < (together ? 1 : rows); r++) {
                Emit.add(f, pointer[r], 4 * unroll);
            }
            f.get(q).get(end).op(I32_LT_U).brIf(again).end();
            steps(length % unroll, together);
        } else {
            steps(length, together);
        }
    }

    private void steps(int count, boolean together) {
        for (int u = 0; dot && u < count; u += 4) {
            f.get(q).mem(V128_LOAD, 4 * u).set(b0);
            for (int r = 0; r < rows; r++) {
                f.get(pointer[together ? 0 : r]).mem(V128_LOAD, 4 * u + (together ? r * outStep(last) * pixel : 0)).get(b0);
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
                int shift = 4 * u + (together ? r * outStep(last) * pixel : 0);
                if (!mixed) {
                    f.get(from).mem(V128_LOAD32_SPLAT, shift).set(splat);
                }
                for (int h = 0; h < halves; h++) {
                    for (int l = 0; mixed && l < 4; l++) {
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
