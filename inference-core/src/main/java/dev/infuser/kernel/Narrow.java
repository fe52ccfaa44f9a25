package dev.infuser.kernel;

import static dev.infuser.wasm.Op.F32X4_CONVERT_I32X4_S;
import static dev.infuser.wasm.Op.F32X4_MUL;
import static dev.infuser.wasm.Op.I16X8_EXTEND_HIGH_I8X16_S;
import static dev.infuser.wasm.Op.I16X8_EXTEND_LOW_I8X16_S;
import static dev.infuser.wasm.Op.I16X8_SHL;
import static dev.infuser.wasm.Op.I32X4_EXTEND_HIGH_I16X8_S;
import static dev.infuser.wasm.Op.I32X4_EXTEND_LOW_I16X8_S;
import static dev.infuser.wasm.Op.I32X4_SHR_S;
import static dev.infuser.wasm.Op.I32_ADD;
import static dev.infuser.wasm.Op.I32_AND;
import static dev.infuser.wasm.Op.I32_LT_U;
import static dev.infuser.wasm.Op.I32_MUL;
import static dev.infuser.wasm.Op.I32_SHL;
import static dev.infuser.wasm.Op.I32_SHR_U;
import static dev.infuser.wasm.Op.V128_AND;
import static dev.infuser.wasm.Op.V128_LOAD;
import static dev.infuser.wasm.Op.V128_LOAD8X8_S;
import static dev.infuser.wasm.Op.V128_STORE;

import dev.infuser.tensor.Panels;
import dev.infuser.wasm.FunctionBuilder;

/** Panels of weights in fewer bits than kernels compute with, while they are read. */
final class Narrow {
    /** Rows that are unpacked together, and that share a scale. */
    static final int GROUP = 4;
    private static final int BLOCK = Panels.BLOCK;

    private static final int PANEL_ROW = 4 * Panels.WIDTH;
    private static final byte[] LOW_HALVES = {0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23};
    private static final byte[] HIGH_HALVES = {8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31};

    private final FunctionBuilder f;
    private final Gemm.Layout layout;
    private final int slotScales;
    /** Where the next row is, or the next group of rows. */
    final int at;
    /** Where the scales of the next block are. */
    final int scales;
    /** The scales of the block, a sixteenth of them for each number read is sixteen times what it stands for. */
    final int[] scale = new int[2];
    private final int[] wide = new int[2];

    Narrow(FunctionBuilder f, Gemm.Layout layout, int slotScales) {
        this.f = f;
        this.layout = layout;
        this.slotScales = slotScales;
        at = Emit.i32(f);
        scales = Emit.i32(f);
        for (int half = 0; half < 2; half++) {
            scale[half] = Emit.v128(f);
            wide[half] = Emit.v128(f);
        }
    }

    /** Bytes of a row, where a group of them is not one. */
    int rowBytes() {
        return layout == Gemm.Layout.PACKED_F16 ? 2 * Panels.WIDTH : Panels.WIDTH;
    }

    /** Goes to a panel of those at {@code base}; {@code k} is the local that has its rows. */
    void locate(int base, int index, int k) {
        f.get(base).get(index);
        if (layout != Gemm.Layout.PACKED_I4) {
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
        if (layout != Gemm.Layout.PACKED_I4) {
            f.get(to).get(k).i32(-GROUP).op(I32_AND).i32(PANEL_ROW).op(I32_MUL).op(I32_ADD).set(stop);
            for (int rows : new int[] {GROUP, 1}) {
                Emit.loopWhile(f, () -> f.get(to).get(rows == 1 ? end : stop).op(I32_LT_U), () -> {
                    for (int row = 0; row < rows; row++) {
                        row(row);
                        store(to, row * PANEL_ROW);
                    }
                    Emit.add(f, to, rows * PANEL_ROW);
                    Emit.add(f, at, rows * rowBytes());
                });
            }
            return;
        }
        Emit.loopWhile(f, () -> f.get(to).get(end).op(I32_LT_U), () -> {
            nextBlock();
            f.get(to).i32(BLOCK * PANEL_ROW).op(I32_ADD).set(stop);
            Emit.min(f, stop, end);
            f.set(stop);
            Emit.loopWhile(f, () -> f.get(to).get(stop).op(I32_LT_U), () -> {
                group((row, columns) -> {
                    for (int half = 0; half < 2; half++) {
                        f.get(columns[half]).get(scale[half]).op(F32X4_MUL).set(columns[half]);
                    }
                    store(to, row * PANEL_ROW);
                });
                Emit.add(f, to, GROUP * PANEL_ROW);
                Emit.add(f, at, 16);
            });
        });
        f.get(end).set(to);
    }

    private void store(int to, int offset) {
        for (int half = 0; half < 2; half++) {
            f.get(to).get(wide[half]).mem(V128_STORE, offset + 16 * half);
        }
    }

    /** Reads the scales of the next block. */
    void nextBlock() {
        halves(scales, 0, scale);
        for (int s : scale) {
            f.get(s).get(f.constant(0x3d800000)).op(F32X4_MUL).set(s);
        }
        Emit.add(f, scales, 16);
    }

    /** Reads row {@code index} from here on; returns where its columns are. */
    int[] row(int index) {
        if (layout == Gemm.Layout.PACKED_F16) {
            halves(at, index * rowBytes(), wide);
        } else {
            f.get(at).mem(V128_LOAD8X8_S, index * rowBytes()).set(wide[1]);
            words();
        }
        return wide;
    }

    /** Takes what is done with a row. */
    interface Row {
        void of(int row, int[] columns);
    }

    /** Reads four rows of 4-bit numbers, sixteen times what they stand for. */
    void group(Row body) {
        int[] pairs = {Emit.v128(f), Emit.v128(f)};
        int mask = f.constant(0xf0f0f0f0);
        f.get(at).mem(V128_LOAD, 0).tee(pairs[1]).i32(4).op(I16X8_SHL).get(mask).op(V128_AND).set(pairs[0]);
        f.get(pairs[1]).get(mask).op(V128_AND).set(pairs[1]);
        for (int row = 0; row < GROUP; row++) {
            f.get(pairs[row % 2]).op(row < 2 ? I16X8_EXTEND_LOW_I8X16_S : I16X8_EXTEND_HIGH_I8X16_S).set(wide[1]);
            words();
            body.of(row, wide);
        }
    }

    /** Makes floats of eight 16-bit integers. */
    private void words() {
        f.get(wide[1]).op(I32X4_EXTEND_LOW_I16X8_S).op(F32X4_CONVERT_I32X4_S).set(wide[0]);
        f.get(wide[1]).op(I32X4_EXTEND_HIGH_I16X8_S).op(F32X4_CONVERT_I32X4_S).set(wide[1]);
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
