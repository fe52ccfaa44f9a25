package dev.infuser.kernel;

import static dev.infuser.wasm.Op.F32X4_ADD;
import static dev.infuser.wasm.Op.F32X4_MUL;
import static dev.infuser.wasm.Op.F32X4_SUB;
import static dev.infuser.wasm.Op.I32_ADD;
import static dev.infuser.wasm.Op.I32_LT_U;
import static dev.infuser.wasm.Op.I32_MUL;
import static dev.infuser.wasm.Op.I32_SHL;
import static dev.infuser.wasm.Op.I32_SHR_U;
import static dev.infuser.wasm.Op.V128_LOAD;
import static dev.infuser.wasm.Op.V128_STORE;

import dev.infuser.tensor.Panels;
import dev.infuser.wasm.FunctionBuilder;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes of the weights {@code [3, 3, C, M]}, in panels, those that {@link WinogradCode} multiplies by:
 * {@code [ceil(M / 8), 16, C + 2, 8]}, in each channel and filter the 4x4 numbers G g G^T. C is a multiple of 4. The two rows
 * that are left out keep the 16 places that are written together off the same lines of a cache.
 *
 * <p>Slots: {@code w} address of the weights, {@code u} that of the result, {@code c} and {@code m}; {@code scales} of weights that
 * have 4 bits.
 *
 * @param weights how the weights are stored, in panels
 */
public record WinogradWeights(Gemm.Layout weights) implements Kernel {
    private static final int PANEL_ROW = 4 * Panels.WIDTH;
    private static final int TAPS = 9;
    private static final int POINTS = 16;
    /** Bytes between the numbers of one of the 16 places and those of the next. */
    static final int GAP = 2 * PANEL_ROW;

    /** Bytes of the result, and of narrow weights while they are unpacked behind it. */
    public int bytes(int channels, int filters) {
        int rows = POINTS * (channels + 2) + (weights.isNarrow() ? TAPS * channels : 0);
        return (filters + Panels.WIDTH - 1) / Panels.WIDTH * rows * PANEL_ROW;
    }

    @Override
    public String name() {
        return "winograd_weights" + weights.suffix();
    }

    @Override
    public List<String> slots() {
        List<String> slots = new ArrayList<>(List.of("w", "u", "c", "m"));
        if (weights == Gemm.Layout.PACKED_I4) {
            slots.add("scales");
        }
        return slots;
    }

    @Override
    public void emit(FunctionBuilder f, Target target) {
        int c = Emit.slot(f, 2);
        int panels = Emit.slot(f, 3);
        int unit = Emit.i32(f);
        int part = Emit.i32(f);
        int place = Emit.i32(f);
        int rows = Emit.i32(f);
        int to = Emit.i32(f);
        int from = Emit.i32(f);
        int end = Emit.i32(f);
        Narrow narrow = weights.isNarrow() ? new Narrow(f, weights, 4) : null;
        f.get(c).i32(PANEL_ROW).op(I32_MUL).tee(part).i32(GAP).op(I32_ADD).set(place);
        f.get(c).i32(TAPS).op(I32_MUL).set(rows);
        f.get(panels).i32(Panels.WIDTH - 1).op(I32_ADD).i32(3).op(I32_SHR_U).set(panels);
        Emit.units(f, unit, panels, () -> {
            Emit.pushSlot(f, 1);
            f.get(unit).get(place).op(I32_MUL).i32(4).op(I32_SHL).op(I32_ADD).set(to);
            Emit.pushSlot(f, narrow == null ? 0 : 1);
            if (narrow != null) {
                f.get(panels).get(place).op(I32_MUL).i32(4).op(I32_SHL).op(I32_ADD);
            }
            f.get(unit).get(part).op(I32_MUL).i32(TAPS).op(I32_MUL).op(I32_ADD).set(from);
            if (narrow != null) {
                narrow.locate(Emit.slot(f, 0), unit, rows);
                f.get(from).set(end);
                narrow.expand(end, rows);
            }
            f.get(from).get(part).op(I32_ADD).set(end);
            Emit.loopWhile(f, () -> f.get(from).get(end).op(I32_LT_U), () -> transform(f, from, to, part, place));
        });
    }

    /** Transforms the weights of four filters and one channel, and goes on behind them. */
    private static void transform(FunctionBuilder f, int from, int to, int part, int place) {
        int at = Emit.i32(f);
        int[][] g = WinogradCode.vectors(f, 4);
        f.get(from).set(at);
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 3 && i != 2; j++) {
                f.get(at).mem(V128_LOAD, 0).set(g[i][j]);
                Emit.addLocal(f, at, part);
            }
        }
        for (int j = 0; j < 3; j++) {
            spread(f, g[0][j], g[1][j], g[3][j], g[2][j]);
        }
        f.get(to).set(at);
        for (int[] row : g) {
            spread(f, row[0], row[1], row[2], row[3]);
            for (int point : new int[] {row[0], row[1], row[3], row[2]}) {
                f.get(at).get(point).mem(V128_STORE, 0);
                Emit.addLocal(f, at, place);
            }
        }
        Emit.add(f, from, 16);
        Emit.add(f, to, 16);
    }

    /** Sets {@code b} to half of {@code a + b + c}, and {@code difference} to half of {@code a - b + c}. */
    private static void spread(FunctionBuilder f, int a, int b, int c, int difference) {
        int half = f.constant(0x3f000000);
        f.get(a).get(c).op(F32X4_ADD).get(half).op(F32X4_MUL).set(difference);
        f.get(b).get(half).op(F32X4_MUL).set(b);
        f.get(difference).get(b).op(F32X4_SUB).get(difference).get(b).op(F32X4_ADD).set(b).set(difference);
    }
}
