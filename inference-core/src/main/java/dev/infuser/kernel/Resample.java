package dev.infuser.kernel;

import dev.infuser.wasm.FunctionBuilder;
import dev.infuser.wasm.Op;
import java.util.List;

/**
 * Weighted sums of pixels {@code [H, W, C]} along the first axis, then of these along the second: {@code [h, w, C]} in f32. Each product
 * and each sum is rounded, from the first tap to the last, so that the result is the same on every engine.
 *
 * <p>Slots: {@code out in} addresses; {@code elements} of a row of the input; {@code rows columns} of the output; {@code scratch}, see
 * {@link #scratchBytes}. The block is followed by two words, the taps of each row and of each column (at least 1), and then by the taps of
 * all rows and of all columns. A tap is two words: the offset in bytes, of a row from {@code in} or of a column in a row of f32; and a weight.
 * A unit of work is a row of the output.
 *
 * @param element  of the input, F32 or U8
 * @param channels C, from 1 to {@link #MAX_CHANNELS}
 */
public record Resample(Element element, int channels) implements Kernel {
    /** More are not unrolled. */
    public static final int MAX_CHANNELS = 16;

    /** Words between the slots and the first tap. */
    public static final int COUNTS = 2;

    /** Words of a tap. */
    public static final int TAP = 2;

    private static final int ELEMENTS = 2;
    private static final int ROWS = 3;
    private static final int COLUMNS = 4;
    private static final int SCRATCH = 5;
    private static final int SLOTS = 6;
    private static final int VECTORS = 4;
    private static final int LANES = 4;

    /** Bytes of working memory of a thread for rows of {@code elements}. */
    public static int scratchBytes(int elements) {
        return (elements + 2 * VECTORS * LANES) * Float.BYTES;
    }

    @Override
    public String name() {
        return "resample_" + Kernel.label(element) + "_" + channels;
    }

    @Override
    public List<String> slots() {
        return List.of("out", "in", "elements", "rows", "columns", "scratch");
    }

    @Override
    public void work(int[] words, int at, long[] work) {
        long down = (long) words[at + ELEMENTS] * words[at + SLOTS];
        long along = (long) words[at + COLUMNS] * channels * words[at + SLOTS + 1];
        work[0] = 2 * words[at + ROWS] * (down + along);
    }

    @Override
    public void emit(FunctionBuilder f, Target target) {
        int rows = Emit.slot(f, ROWS);
        int line = Emit.scratch(f, SCRATCH);
        int to = Emit.slot(f, 0);
        int row = Emit.i32(f);
        int down = bytes(f, SLOTS);
        int along = bytes(f, SLOTS + 1);
        int taps = Emit.i32(f);
        Emit.units(f, row, rows, () -> {
            f.get(0).i32(Integer.BYTES * (SLOTS + COUNTS)).op(Op.I32_ADD).get(row).get(down).op(Op.I32_MUL).op(Op.I32_ADD).set(taps);
            down(f, line, taps, down);
            f.get(0).i32(Integer.BYTES * (SLOTS + COUNTS)).op(Op.I32_ADD).get(rows).get(down).op(Op.I32_MUL).op(Op.I32_ADD).set(taps);
            along(f, line, taps, along, to, row);
        });
    }

    /** A new local holding the bytes of as many taps as a slot says. */
    private static int bytes(FunctionBuilder f, int slot) {
        int local = Emit.slot(f, slot);
        f.get(local).i32(TAP * Integer.BYTES).op(Op.I32_MUL).set(local);
        return local;
    }

    private void down(FunctionBuilder f, int line, int taps, int bytes) {
        int in = Emit.slot(f, 1);
        int elements = Emit.slot(f, ELEMENTS);
        int x = Emit.i32(f);
        int tap = Emit.i32(f);
        int end = Emit.i32(f);
        int address = Emit.i32(f);
        int weight = Emit.v128(f);
        int[] sums = sums(f, VECTORS);
        f.get(taps).get(bytes).op(Op.I32_ADD).set(end).i32(0).set(x);
        Emit.range(f, x, elements, VECTORS * LANES, () -> {
            clear(f, sums);
            f.get(taps).set(tap);
            Emit.range(f, tap, end, TAP * Integer.BYTES, () -> {
                f.get(in).get(tap).mem(Op.I32_LOAD, 0).op(Op.I32_ADD).get(x).i32(element.size).op(Op.I32_MUL).op(Op.I32_ADD).set(address);
                f.get(tap).mem(Op.V128_LOAD32_SPLAT, Integer.BYTES).set(weight);
                for (int v = 0; v < VECTORS; v++) {
                    f.get(sums[v]);
                    Emit.loadVector(f, element, address, v * LANES * element.size);
                    f.get(weight).op(Op.F32X4_MUL).op(Op.F32X4_ADD).set(sums[v]);
                }
            });
            f.get(line).get(x).i32(Float.BYTES).op(Op.I32_MUL).op(Op.I32_ADD).set(address);
            for (int v = 0; v < VECTORS; v++) {
                f.get(address).get(sums[v]).mem(Op.V128_STORE, v * LANES * Float.BYTES);
            }
        });
    }

    private void along(FunctionBuilder f, int line, int taps, int bytes, int out, int row) {
        int columns = Emit.slot(f, COLUMNS);
        int pixel = channels * Float.BYTES;
        int to = Emit.i32(f);
        int last = Emit.i32(f);
        int end = Emit.i32(f);
        int address = Emit.i32(f);
        int weight = Emit.v128(f);
        int[] sums = sums(f, (channels + LANES - 1) / LANES);
        f.get(columns).i32(pixel).op(Op.I32_MUL).set(last);
        f.get(out).get(row).get(last).op(Op.I32_MUL).op(Op.I32_ADD).tee(to).get(last).op(Op.I32_ADD).set(last);
        Emit.range(f, to, last, pixel, () -> {
            clear(f, sums);
            f.get(taps).get(bytes).op(Op.I32_ADD).set(end);
            Emit.range(f, taps, end, TAP * Integer.BYTES, () -> {
                f.get(line).get(taps).mem(Op.I32_LOAD, 0).op(Op.I32_ADD).set(address);
                f.get(taps).mem(Op.V128_LOAD32_SPLAT, Integer.BYTES).set(weight);
                for (int v = 0; v < sums.length; v++) {
                    f.get(sums[v]).get(address).mem(Op.V128_LOAD, v * LANES * Float.BYTES).get(weight).op(Op.F32X4_MUL)
                            .op(Op.F32X4_ADD).set(sums[v]);
                }
            });
            for (int v = 0; v < sums.length; v++) {
                store(f, to, sums[v], v * LANES * Float.BYTES, Math.min(LANES, channels - v * LANES));
            }
        });
    }

    private static int[] sums(FunctionBuilder f, int count) {
        int[] sums = new int[count];
        for (int v = 0; v < count; v++) {
            sums[v] = Emit.v128(f);
        }
        return sums;
    }

    private static void clear(FunctionBuilder f, int[] sums) {
        for (int sum : sums) {
            f.f32x4(0).set(sum);
        }
    }

    private static void store(FunctionBuilder f, int to, int value, int offset, int lanes) {
        f.get(to).get(value);
        if (lanes == LANES) {
            f.mem(Op.V128_STORE, offset);
            return;
        }
        if (lanes == 1) {
            f.memLane(Op.V128_STORE32_LANE, offset, 0);
            return;
        }
        f.memLane(Op.V128_STORE64_LANE, offset, 0);
        if (lanes == 3) {
            f.get(to).get(value).memLane(Op.V128_STORE32_LANE, offset + 2 * Float.BYTES, 2);
        }
    }
}
