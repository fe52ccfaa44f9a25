package dev.infuser.kernel;

import static dev.infuser.wasm.Op.F32X4_ADD;
import static dev.infuser.wasm.Op.F32X4_SUB;
import static dev.infuser.wasm.Op.I32_ADD;
import static dev.infuser.wasm.Op.I32_DIV_U;
import static dev.infuser.wasm.Op.I32_GE_U;
import static dev.infuser.wasm.Op.I32_LT_U;
import static dev.infuser.wasm.Op.I32_MUL;
import static dev.infuser.wasm.Op.I32_SHL;
import static dev.infuser.wasm.Op.I32_SHR_U;
import static dev.infuser.wasm.Op.I32_SUB;
import static dev.infuser.wasm.Op.SELECT;
import static dev.infuser.wasm.Op.V128_LOAD;
import static dev.infuser.wasm.Op.V128_STORE;

import dev.infuser.expr.Expr;
import dev.infuser.tensor.Panels;
import dev.infuser.wasm.FunctionBuilder;
import java.util.List;

/**
 * The code of a {@link Conv} of 3x3 windows by {@link WinogradWeights}: Winograd's F(2x2, 3x3), as Lavin and Gray (2016) give
 * it. A tile is 2x2 outputs, made of 4x4 inputs; it takes 16 products per channel and filter where the sum written out takes
 * 36. A unit of work is {@link #TILES} adjacent tiles, perhaps of several lines: their inputs are transformed once into
 * {@code [C / 4, 16, TILES, 4]}, and multiplied by one panel of filters after the other.
 */
final class WinogradCode {
    /** Tiles of a unit: whole register tiles of any height, whose inputs stay near. */
    static final int TILES = 24;

    private static final int POINTS = 16;
    private static final int PANEL_ROW = 4 * Panels.WIDTH;
    /** Bytes from four channels to the next; more than is needed, so that they do not all fall on the same lines of a cache. */
    private static final int CHUNK = POINTS * TILES * 16 + 64;
    /** Where the scratch has the outputs of a unit, two rows of them, zeros, and, behind as many bytes as a pixel has, the inputs. */
    private static final int OUTPUTS = POINTS * TILES * PANEL_ROW;
    private static final int ZEROS = OUTPUTS + 4 * TILES * PANEL_ROW;

    private final FunctionBuilder f;
    private final Epilogue epilogue;
    private final ConvSums sums;
    private final int x;
    private final int scratch;
    private final int filters;
    private final int height;
    private final int width;
    private final int top;
    private final int left;
    private final int outHeight;
    private final int outWidth;
    private final int pixel;
    private final int inputs;
    private final int lines;
    private final int lineTiles;
    /** Bytes of the weights of a panel at one of the points. */
    private final int part;

    /** The tiles of a unit in one line: the number of the first, its place in the unit, how many, and where they are. */
    private final int tile;
    private final int slot;
    private final int count;
    private final int image;
    /** The first output of the first tile. */
    private final int row;
    private final int column;
    private final int end;
    private final int at;
    private final int to;

    WinogradCode(Conv conv, FunctionBuilder f, Target target) {
        this.f = f;
        Lanes lanes = new Lanes(f, target);
        sums = new ConvSums(new Conv(List.of(1), List.of(1), List.of(1), 4, Gemm.WHOLE, 1, false, Gemm.Layout.PACKED, List.of(),
                Expr.input(0)), f, target, lanes);
        x = Emit.slot(f, Conv.X);
        scratch = Emit.scratch(f, Conv.SCRATCH);
        filters = Emit.slot(f, Conv.M);
        height = Emit.slot(f, Conv.AXES);
        outHeight = Emit.slot(f, Conv.AXES + 1);
        top = Emit.slot(f, Conv.AXES + 2);
        width = Emit.slot(f, Conv.AXES + Conv.AXIS);
        outWidth = Emit.slot(f, Conv.AXES + Conv.AXIS + 1);
        left = Emit.slot(f, Conv.AXES + Conv.AXIS + 2);
        pixel = Emit.slot(f, Conv.C);
        f.get(pixel).i32(2).op(I32_SHL).set(pixel);
        epilogue = new Epilogue(f, lanes, conv.epilogue(), conv.extras(), Conv.Y, Conv.LDY, conv.extraSlot(), 0, 1,
                Gemm.isWhole(conv.filters()));
        inputs = Emit.i32(f);
        lines = Emit.i32(f);
        lineTiles = Emit.i32(f);
        part = Emit.i32(f);
        tile = Emit.i32(f);
        slot = Emit.i32(f);
        count = Emit.i32(f);
        image = Emit.i32(f);
        row = Emit.i32(f);
        column = Emit.i32(f);
        end = Emit.i32(f);
        at = Emit.i32(f);
        to = Emit.i32(f);
    }

    static int scratchBytes(int channels) {
        return ZEROS + 4 * channels + channels / 4 * CHUNK;
    }

    void emit() {
        int total = Emit.i32(f);
        int units = Emit.i32(f);
        int unit = Emit.i32(f);
        f.get(scratch).i32(ZEROS).op(I32_ADD).i32(0).get(pixel).memoryFill();
        f.get(scratch).get(pixel).op(I32_ADD).i32(ZEROS).op(I32_ADD).set(inputs);
        f.get(pixel).i32(3).op(I32_SHL).set(part);
        f.get(outHeight).i32(1).op(I32_ADD).i32(1).op(I32_SHR_U).set(lines);
        f.get(outWidth).i32(1).op(I32_ADD).i32(1).op(I32_SHR_U).set(lineTiles);
        Emit.pushSlot(f, Conv.N);
        f.get(lines).op(I32_MUL).get(lineTiles).op(I32_MUL).tee(total).i32(TILES - 1).op(I32_ADD).i32(TILES).op(I32_DIV_U).set(units);
        Emit.units(f, unit, units, () -> {
            segments(unit, total, this::transform);
            int panel = Emit.i32(f);
            int weights = Emit.slot(f, Conv.W);
            f.i32(0).set(panel);
            Emit.range(f, panel, filters, Panels.WIDTH, () -> {
                multiply(weights);
                segments(unit, total, () -> outputs(panel));
            });
        });
    }

    /** Runs {@code body} for each line of the tiles of a unit. */
    private void segments(int unit, int total, Runnable body) {
        f.get(unit).i32(TILES).op(I32_MUL).tee(tile).i32(TILES).op(I32_ADD).set(end);
        Emit.min(f, end, total);
        f.set(end);
        f.i32(0).set(slot);
        Emit.loopWhile(f, () -> f.get(tile).get(end).op(I32_LT_U), () -> {
            f.get(tile).set(image);
            Emit.divide(f, image, lineTiles, column);
            Emit.divide(f, image, lines, row);
            f.get(end).get(tile).op(I32_SUB).set(count);
            f.get(lineTiles).get(column).op(I32_SUB).set(at);
            Emit.min(f, count, at);
            f.set(count);
            Emit.addLocal(f, column, column);
            Emit.addLocal(f, row, row);
            body.run();
            Emit.addLocal(f, tile, count);
            Emit.addLocal(f, slot, count);
        });
    }

    /** Transforms the inputs of a line of tiles, column by column, each of which two tiles read. */
    private void transform() {
        int[] base = Emit.locals(f, 4);
        int[] step = Emit.locals(f, 4);
        int[] from = Emit.locals(f, 4);
        int channel = Emit.i32(f);
        int chunk = Emit.i32(f);
        int zeros = Emit.i32(f);
        int start = Emit.i32(f);
        int position = Emit.i32(f);
        int within = Emit.i32(f);
        int[][] columns = vectors(f, 4);
        f.get(scratch).i32(ZEROS).op(I32_ADD).set(zeros);
        f.get(column).get(left).op(I32_SUB).set(start);
        f.get(row).get(top).op(I32_SUB).set(position);
        for (int r = 0; r < 4; r++) {
            f.get(position).get(height).op(I32_LT_U).set(within);
            f.get(image).get(height).op(I32_MUL).get(position).op(I32_ADD).get(width).op(I32_MUL).get(start).op(I32_ADD)
                    .get(pixel).op(I32_MUL).get(x).op(I32_ADD).get(zeros).get(within).op(SELECT).set(base[r]);
            f.get(pixel).get(within).op(I32_MUL).set(step[r]);
            Emit.add(f, position, 1);
        }
        f.get(inputs).get(slot).i32(4).op(I32_SHL).op(I32_ADD).set(chunk);
        f.i32(0).set(channel);
        Emit.range(f, channel, pixel, 16, () -> {
            for (int r = 0; r < 4; r++) {
                f.get(base[r]).set(from[r]);
                Emit.add(f, base[r], 16);
            }
            f.get(start).set(position);
            f.get(chunk).i32(16).op(I32_SUB).set(to);
            f.get(chunk).get(count).i32(4).op(I32_SHL).op(I32_ADD).set(at);
            int again = f.loop();
            for (int e = 2; e < 4; e++) {
                int[] c = columns[e];
                f.get(position).get(width).op(I32_LT_U).set(within);
                for (int r = 0; r < 4; r++) {
                    f.get(from[r]).get(zeros).get(within).op(SELECT).mem(V128_LOAD, 0).set(c[r]);
                    Emit.addLocal(f, from[r], step[r]);
                }
                Emit.add(f, position, 1);
                f.get(c[0]).get(c[2]).op(F32X4_SUB).set(c[0]);
                f.get(c[1]).get(c[3]).op(F32X4_SUB).set(c[3]);
                f.get(c[1]).get(c[2]).op(F32X4_ADD).get(c[2]).get(c[1]).op(F32X4_SUB).set(c[2]).set(c[1]);
            }
            f.get(to).get(chunk).op(I32_GE_U).ifTrue();
            for (int i = 0; i < 4; i++) {
                point(4 * i, columns[0][i], columns[2][i], F32X4_SUB);
                point(4 * i + 1, columns[1][i], columns[2][i], F32X4_ADD);
                point(4 * i + 2, columns[2][i], columns[1][i], F32X4_SUB);
                point(4 * i + 3, columns[1][i], columns[3][i], F32X4_SUB);
            }
            f.end();
            for (int i = 0; i < 8; i++) {
                f.get(columns[2 + i / 4][i % 4]).set(columns[i / 4][i % 4]);
            }
            Emit.add(f, to, 16);
            f.get(to).get(at).op(I32_LT_U).brIf(again).end();
            Emit.add(f, chunk, CHUNK);
            Emit.add(f, zeros, 16);
        });
    }

    /** Four new locals in each of {@code count} rows. */
    static int[][] vectors(FunctionBuilder f, int count) {
        int[][] vectors = new int[count][4];
        for (int[] row : vectors) {
            for (int i = 0; i < 4; i++) {
                row[i] = Emit.v128(f);
            }
        }
        return vectors;
    }

    private void point(int point, int a, int b, int op) {
        f.get(to).get(a).get(b).op(op).mem(V128_STORE, point * TILES * 16);
    }

    /** Multiplies the inputs by a panel of weights, which {@code weights} goes through, into the start of the scratch. */
    private void multiply(int weights) {
        int point = Emit.i32(f);
        int first = Emit.i32(f);
        int stop = Emit.i32(f);
        f.get(inputs).set(first);
        f.get(scratch).set(to);
        f.get(scratch).i32(OUTPUTS).op(I32_ADD).set(stop);
        Emit.loopWhile(f, () -> f.get(to).get(stop).op(I32_LT_U), () -> {
            f.get(to).get(slot).i32(PANEL_ROW).op(I32_MUL).op(I32_ADD).set(end);
            f.get(to).i32(TILES * PANEL_ROW).op(I32_ADD).set(point);
            f.get(first).set(at);
            Emit.loopWhile(f, () -> f.get(to).get(end).op(I32_LT_U), () -> {
                sums.clear();
                f.get(weights).set(sums.q);
                f.get(at).set(sums.pointer[0]);
                sums.chunks(part, CHUNK);
                sums.spill(to);
                Emit.add(f, to, sums.rows * PANEL_ROW);
                Emit.add(f, at, sums.rows * 16);
            });
            f.get(point).set(to);
            Emit.add(f, first, TILES * 16);
            f.get(weights).get(part).op(I32_ADD).i32(WinogradWeights.GAP).op(I32_ADD).set(weights);
        });
    }

    /** Makes the outputs of a line of tiles in one panel, and stores them. */
    private void outputs(int panel) {
        int stop = Emit.i32(f);
        int last = Emit.i32(f);
        int bytes = Emit.i32(f);
        int outputs = Emit.i32(f);
        int[] m = vectors(f, 1)[0];
        int[][] half = vectors(f, 2);
        f.get(scratch).tee(to).get(slot).i32(5).op(I32_SHL).op(I32_ADD).tee(at).get(count).i32(5).op(I32_SHL).op(I32_ADD).set(stop);
        Emit.loopWhile(f, () -> f.get(at).get(stop).op(I32_LT_U), () -> {
            for (int h = 0; h < 32; h += 16) {
                for (int j = 0; j < 4; j++) {
                    for (int i = 0; i < 4; i++) {
                        f.get(at).mem(V128_LOAD, (4 * i + j) * TILES * PANEL_ROW + h).set(m[i]);
                    }
                    pair(m, half[0][j], half[1][j]);
                }
                for (int r = 0; r < 2; r++) {
                    pair(half[r], half[r][0], half[r][1]);
                    for (int e = 0; e < 2; e++) {
                        f.get(to).get(half[r][e]).mem(V128_STORE, OUTPUTS + (r * 2 * TILES + e) * PANEL_ROW + h);
                    }
                }
            }
            Emit.add(f, at, PANEL_ROW);
            Emit.add(f, to, 2 * PANEL_ROW);
        });
        f.get(panel).i32(2).op(I32_SHL).set(bytes);
        f.get(row).i32(2).op(I32_ADD).set(last);
        Emit.min(f, last, outHeight);
        f.set(last);
        f.get(count).get(count).op(I32_ADD).set(outputs);
        f.get(outWidth).get(column).op(I32_SUB).set(stop);
        Emit.min(f, outputs, stop);
        f.i32(5).op(I32_SHL).set(outputs);
        f.get(scratch).i32(OUTPUTS).op(I32_ADD).set(to);
        Emit.range(f, row, last, 1, () -> {
            f.get(image).get(outHeight).op(I32_MUL).get(row).op(I32_ADD).get(outWidth).op(I32_MUL).get(column).op(I32_ADD).set(at);
            epilogue.start();
            epilogue.locate(at, bytes, filters);
            f.get(to).tee(at).get(outputs).op(I32_ADD).set(stop);
            Emit.loopWhile(f, () -> f.get(at).get(stop).op(I32_LT_U), () -> {
                f.get(at).mem(V128_LOAD, 0).set(sums.b0);
                f.get(at).mem(V128_LOAD, 16).set(sums.b1);
                epilogue.row(sums.b0, sums.b1);
                Emit.add(f, at, PANEL_ROW);
            });
            Emit.add(f, to, 2 * TILES * PANEL_ROW);
        });
    }

    /** Sets {@code even = m0 + m1 + m2} and {@code odd = m1 - m2 - m3}, which may be the first two of {@code m}. */
    private void pair(int[] m, int even, int odd) {
        f.get(m[1]).get(m[2]).op(F32X4_SUB).get(m[3]).op(F32X4_SUB)
                .get(m[0]).get(m[1]).op(F32X4_ADD).get(m[2]).op(F32X4_ADD).set(even).set(odd);
    }
}
