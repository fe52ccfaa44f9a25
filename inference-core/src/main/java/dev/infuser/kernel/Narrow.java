package dev.infuser.kernel;

import static dev.infuser.wasm.Op.F32X4_CONVERT_I32X4_S;
import static dev.infuser.wasm.Op.F32X4_MUL;
import static dev.infuser.wasm.Op.I16X8_SHL;
import static dev.infuser.wasm.Op.I32X4_SHR_S;
import static dev.infuser.wasm.Op.I32_ADD;
import static dev.infuser.wasm.Op.I32_AND;
import static dev.infuser.wasm.Op.I32_LT_U;
import static dev.infuser.wasm.Op.I32_MUL;
import static dev.infuser.wasm.Op.I32_SHL;
import static dev.infuser.wasm.Op.I32_SHR_U;
import static dev.infuser.wasm.Op.V128_AND;
import static dev.infuser.wasm.Op.I8X16_SWIZZLE;
import static dev.infuser.wasm.Op.V128_LOAD;
import static dev.infuser.wasm.Op.V128_LOAD64_ZERO;
import static dev.infuser.wasm.Op.V128_STORE;

import dev.infuser.tensor.Panels;
import dev.infuser.wasm.FunctionBuilder;

/** Panels of weights in fewer bits than kernels compute with, while they are read. */
final class Narrow {
    /** Rows that are unpacked together, and that share a scale. */
    static final int GROUP = 4;
    private static final int BLOCK = Panels.BLOCK;

    private static final int PANEL_ROW = 4 * Panels.WIDTH;
    /** The power of two that makes numbers of 8 bits of what {@link #rows} gives, as f32 bits; and of 4 bits. */
    private static final int BYTE_SCALE = 0x33800000;
    private static final int NIBBLE_SCALE = 0x31800000;
    private static final byte[] LOW_HALVES = {0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23};
    private static final byte[] HIGH_HALVES = {8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31};

    private final FunctionBuilder f;
    private final Gemm.Layout layout;
    private final int slotScales;
    /** Where the next row is, or the next group of rows. */
    final int at;
    /** Where the scales of the next block are. */
    final int scales;
    /** What rows of integers are to be multiplied by, column by column: in blocks of {@link Panels#BLOCK} rows, or for all. */
    final int[] scale = new int[2];
    private final int[] wide = new int[2];
    private final int[] bytes = new int[2];
    /** Where the bytes of four columns of either row of a pair go: to the top of each lane. */
    private final int[][] spread = new int[2][2];

    Narrow(FunctionBuilder f, Gemm.Layout layout, int slotScales) {
        this.f = f;
        this.layout = layout;
        this.slotScales = slotScales;
        at = Emit.i32(f);
        scales = Emit.i32(f);
        for (int half = 0; half < 2; half++) {
            scale[half] = Emit.v128(f);
            wide[half] = Emit.v128(f);
            bytes[half] = Emit.v128(f);
        }
        if (layout != Gemm.Layout.PACKED_F16) {
            for (int i = 0; i < 4; i++) {
                long pair = 0x00808080_00808080L + (4L * i << 24) + (4L * i + 1 << 56);
                spread[i / 2][i % 2] = Emit.v128(f);
                f.v128(pair, pair + 0x02000000_02000000L).set(spread[i / 2][i % 2]);
            }
            f.v128x4(BYTE_SCALE).tee(scale[0]).set(scale[1]);
        }
    }

    /** Whether scales change with the block of rows. */
    boolean blocks() {
        return layout == Gemm.Layout.PACKED_I4;
    }

    /** Whether rows are to be multiplied by scales. */
    boolean scaled() {
        return layout != Gemm.Layout.PACKED_F16;
    }

    /** Bytes of a row, where a group of them is not one. */
    int rowBytes() {
        return layout == Gemm.Layout.PACKED_F16 ? 2 * Panels.WIDTH : Panels.WIDTH;
    }

    /** Goes to a panel of those at {@code base}; {@code k} is the local that has its rows. */
    void locate(int base, int index, int k) {
        f.get(base).get(index);
        if (!blocks()) {
            f.get(k).op(I32_MUL).i32(rowBytes()).op(I32_MUL).op(I32_ADD).set(at);
            return;
        }
        f.get(k).i32(GROUP - 1).op(I32_ADD).i32(2).op(I32_SHR_U).i32(4).op(I32_SHL).op(I32_MUL).op(I32_ADD).set(at);
        Emit.pushSlot(f, slotScales);
        f.get(index).get(k).i32(BLOCK - 1).op(I32_ADD).i32(5).op(I32_SHR_U).i32(4).op(I32_SHL).op(I32_MUL).op(I32_ADD).set(scales);
    }

    /** Writes the rows of a panel as floats to {@code to}, which moves along, and perhaps 3 more. */
    void expand(int to, int k) {
        int end = Emit.i32(f);
        f.get(to).get(k).i32(PANEL_ROW).op(I32_MUL).op(I32_ADD).set(end);
        int stop = Emit.i32(f);
        if (!blocks()) {
            f.get(to).get(k).i32(-GROUP).op(I32_AND).i32(PANEL_ROW).op(I32_MUL).op(I32_ADD).set(stop);
            Emit.loopWhile(f, () -> f.get(to).get(stop).op(I32_LT_U), () -> widen(to, GROUP));
            Emit.loopWhile(f, () -> f.get(to).get(end).op(I32_LT_U), () -> widen(to, 1));
            return;
        }
        Emit.loopWhile(f, () -> f.get(to).get(end).op(I32_LT_U), () -> {
            nextBlock();
            f.get(to).i32(BLOCK * PANEL_ROW).op(I32_ADD).set(stop);
            Emit.min(f, stop, end);
            f.set(stop);
            Emit.loopWhile(f, () -> f.get(to).get(stop).op(I32_LT_U), () -> widen(to, GROUP));
        });
        f.get(end).set(to);
    }

    private void widen(int to, int rows) {
        rows(rows, (row, columns) -> {
            for (int half = 0; half < 2; half++) {
                f.get(to).get(columns[half]);
                if (scaled()) {
                    f.get(scale[half]).op(F32X4_MUL);
                }
                f.mem(V128_STORE, row * PANEL_ROW + 16 * half);
            }
        });
        Emit.add(f, to, rows * PANEL_ROW);
        skip(rows);
    }

    /** Moves on behind rows that have been read. */
    void skip(int rows) {
        Emit.add(f, at, blocks() ? 4 * rows : rows * rowBytes());
    }

    /** Reads the scales of the next block. */
    void nextBlock() {
        halves(scales, 0, scale);
        for (int s : scale) {
            f.get(s).get(f.constant(NIBBLE_SCALE)).op(F32X4_MUL).set(s);
        }
        Emit.add(f, scales, 16);
    }

    /** Takes what is done with a row. */
    interface Row {
        void of(int row, int[] columns);
    }

    /** Reads 1 or {@link #GROUP} rows, of 4 bits always so many, which are still to be multiplied by {@link #scale}. */
    void rows(int rows, Row body) {
        if (blocks()) {
            int mask = f.constant(0xf0f0f0f0);
            f.get(at).mem(V128_LOAD, 0).tee(bytes[1]).i32(4).op(I16X8_SHL).get(mask).op(V128_AND).set(bytes[0]);
            f.get(bytes[1]).get(mask).op(V128_AND).set(bytes[1]);
        }
        for (int row = 0; row < rows; row++) {
            if (layout == Gemm.Layout.PACKED_F16) {
                halves(at, row * rowBytes(), wide);
            } else if (blocks()) {
                integers(bytes[row % 2], spread[row / 2]);
            } else {
                if (row % 2 == 0) {
                    f.get(at).mem(rows == 1 ? V128_LOAD64_ZERO : V128_LOAD, row * rowBytes()).set(bytes[0]);
                }
                integers(bytes[0], spread[row % 2]);
            }
            body.of(row, wide);
        }
    }

    /** Makes floats of the bytes of a row, 2^24 times what they are. */
    private void integers(int from, int[] lanes) {
        for (int half = 0; half < 2; half++) {
            f.get(from).get(lanes[half]).op(I8X16_SWIZZLE).op(F32X4_CONVERT_I32X4_S).set(wide[half]);
        }
    }

    /** Makes floats of eight finite 16-bit ones, as {@link Emit#halfToFloat} does. */
    private void halves(int address, int offset, int[] to) {
        f.get(address).mem(V128_LOAD, offset).set(to[1]);
        for (int half = 0; half < 2; half++) {
            f.get(f.constant(0)).get(to[1]).shuffle(half == 0 ? LOW_HALVES : HIGH_HALVES).i32(3).op(I32X4_SHR_S)
                    .get(f.constant(0x8fffe000)).op(V128_AND).get(f.constant(0x77800000)).op(F32X4_MUL).set(to[half]);
        }
    }
}
