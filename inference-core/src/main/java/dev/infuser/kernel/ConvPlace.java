package dev.infuser.kernel;

import static dev.infuser.wasm.Op.I32_ADD;
import static dev.infuser.wasm.Op.I32_DIV_S;
import static dev.infuser.wasm.Op.I32_DIV_U;
import static dev.infuser.wasm.Op.I32_GE_S;
import static dev.infuser.wasm.Op.I32_LT_S;
import static dev.infuser.wasm.Op.I32_MUL;
import static dev.infuser.wasm.Op.I32_REM_S;
import static dev.infuser.wasm.Op.I32_SUB;
import static dev.infuser.wasm.Op.SELECT;

import dev.infuser.wasm.FunctionBuilder;

/** Where a tile of a {@link Conv} is: the output pixel that comes next, and the input below the first tap of its window. */
final class ConvPlace {
    final int[] in;
    final int[] out;
    /** Input bytes from one position along an axis to the next. */
    final int[] step;
    /** Output positions of this phase along each axis. */
    final int[] grid;
    /** The first tap that this phase meets. */
    final int[] first;
    /** The input position below that tap of the first output. */
    final int[] offset;
    /** Input positions from that tap to the least that the phase meets. */
    final int[] low;
    final int[] at;
    /** The input position below the first tap of a window. */
    final int[] start;
    final int image;
    /** Number of the output pixel. */
    final int index;

    private final Conv conv;
    private final FunctionBuilder f;
    private final int rank;
    private final int last;
    private final int rows;
    private final int[] pad;
    private final int[] phase;

    ConvPlace(Conv conv, FunctionBuilder f, int rows) {
        this.conv = conv;
        this.f = f;
        this.rows = rows;
        rank = conv.kernel().size();
        last = rank - 1;
        in = new int[rank];
        out = new int[rank];
        pad = new int[rank];
        for (int i = 0; i < rank; i++) {
            in[i] = Emit.slot(f, Conv.AXES + Conv.AXIS * i);
            out[i] = Emit.slot(f, Conv.AXES + Conv.AXIS * i + 1);
            pad[i] = Emit.slot(f, Conv.AXES + Conv.AXIS * i + 2);
        }
        step = Emit.locals(f, rank);
        phase = Emit.locals(f, rank);
        grid = Emit.locals(f, rank);
        first = Emit.locals(f, rank);
        offset = Emit.locals(f, rank);
        low = Emit.locals(f, rank);
        at = Emit.locals(f, rank);
        start = Emit.locals(f, rank);
        image = Emit.i32(f);
        index = Emit.i32(f);
    }

    void steps(int pixel) {
        f.get(pixel).set(step[last]);
        for (int i = last - 1; i >= 0; i--) {
            f.get(step[i + 1]).get(in[i + 1]).op(I32_MUL).set(step[i]);
        }
    }

    /** Sets what an axis has of its own in this phase; the operand below is left alone. */
    void phase(int rest, int i) {
        if (!conv.transposed()) {
            f.get(out[i]).set(grid[i]);
            f.i32(0).get(pad[i]).op(I32_SUB).set(offset[i]);
            return;
        }
        int extent = conv.kernel().get(i);
        int stride = conv.strides().get(i);
        Emit.divide(f, rest, Emit.dim(f, stride, 0), phase[i]);
        f.get(out[i]).get(phase[i]).op(I32_SUB).i32(stride - 1).op(I32_ADD).i32(stride).op(I32_DIV_U).set(grid[i]);
        f.get(phase[i]).get(pad[i]).op(I32_ADD).set(offset[i]);
        f.i32(0).set(first[i]);
        Emit.loopWhile(f, () -> f.get(offset[i]).i32(stride).op(I32_REM_S).i32(0).get(first[i]).i32(extent).op(I32_LT_S)
                .op(SELECT), () -> {
            Emit.add(f, first[i], 1);
            Emit.add(f, offset[i], -conv.dilations().get(i));
        });
        f.get(offset[i]).i32(stride).op(I32_DIV_S).set(offset[i]);
        f.i32(extent - 1).get(first[i]).op(I32_SUB).i32(conv.tapStep(i)).op(I32_DIV_S).i32(conv.move(i)).op(I32_MUL).set(low[i]);
    }

    /** Input positions from the first tap of a tile to the last of its first window, and on to that of its last window. */
    int reach(int i) {
        return (i == last ? (rows - 1) * conv.outStep(i) : 0)
                + (conv.transposed() ? 0 : (conv.kernel().get(i) - 1) * conv.dilations().get(i));
    }

    /** Sets the position of the first tap, and takes the output position into {@code index}. */
    void position(int i) {
        f.get(at[i]);
        if (conv.outStep(i) > 1) {
            f.i32(conv.outStep(i)).op(I32_MUL);
        }
        f.get(offset[i]).op(I32_ADD).set(start[i]);
        f.get(index).get(out[i]).op(I32_MUL).get(at[i]);
        if (conv.transposed()) {
            f.i32(conv.strides().get(i)).op(I32_MUL).get(phase[i]).op(I32_ADD);
        }
        f.op(I32_ADD).set(index);
    }

    /** Goes on to the next line, image or both where a line has ended. */
    void carry() {
        for (int i = last; i >= 0; i--) {
            f.get(at[i]).get(grid[i]).op(I32_GE_S).ifTrue();
            f.i32(0).set(at[i]);
            Emit.add(f, i == 0 ? image : at[i - 1], 1);
        }
        for (int i = 0; i < rank; i++) {
            f.end();
        }
    }
}
