package dev.infuser.kernel;

import static dev.infuser.wasm.Op.I32_ADD;
import static dev.infuser.wasm.Op.I32_AND;
import static dev.infuser.wasm.Op.I32_LT_S;
import static dev.infuser.wasm.Op.I32_LT_U;
import static dev.infuser.wasm.Op.I32_MUL;
import static dev.infuser.wasm.Op.I32_SUB;
import static dev.infuser.wasm.Op.I8X16_SPLAT;
import static dev.infuser.wasm.Op.V128_LOAD;
import static dev.infuser.wasm.Op.V128_STORE;

import dev.infuser.wasm.FunctionBuilder;

/** Gathers one of {@link Windows} as a row of bytes, the zero point of A where it hangs over an edge. */
final class WindowsCode implements QuantizedGemm.Gather {
    private final Windows window;
    private final FunctionBuilder f;
    private final int a;
    private final int to;
    private final int from;
    private final int fill;
    private final int[] in;
    private final int[] out;
    private final int[] pad;
    private final int[] low;
    private final int[] at;
    private final int[] left;
    /** Pixels before the tap, those of images before it too, and whether it is inside of all axes so far. */
    private final int[] pixel;
    private final int[] inside;

    WindowsCode(Windows window, FunctionBuilder f, int slot, int a, int zero) {
        this.window = window;
        this.f = f;
        this.a = a;
        to = Emit.i32(f);
        from = Emit.i32(f);
        fill = Emit.v128(f);
        int rank = window.kernel().size();
        in = new int[rank];
        out = new int[rank];
        pad = new int[rank];
        low = new int[rank];
        at = new int[rank];
        left = new int[rank];
        pixel = new int[rank + 1];
        inside = new int[rank + 1];
        for (int i = 0; i < rank; i++) {
            in[i] = Emit.slot(f, slot + 3 * i);
            out[i] = Emit.slot(f, slot + 3 * i + 1);
            pad[i] = Emit.slot(f, slot + 3 * i + 2);
            low[i] = Emit.i32(f);
            at[i] = Emit.i32(f);
            left[i] = Emit.i32(f);
        }
        for (int i = 0; i <= rank; i++) {
            pixel[i] = Emit.i32(f);
            inside[i] = Emit.i32(f);
        }
        f.get(zero).op(I8X16_SPLAT).set(fill);
    }

    @Override
    public void row(int row, int buffer) {
        f.get(row).set(pixel[0]);
        f.i32(1).set(inside[0]);
        f.get(buffer).set(to);
        for (int i = in.length - 1; i >= 0; i--) {
            Emit.divide(f, pixel[0], out[i], low[i]);
            f.get(low[i]).i32(window.strides().get(i)).op(I32_MUL).get(pad[i]).op(I32_SUB).set(low[i]);
        }
        taps(0);
    }

    private void taps(int axis) {
        if (axis == in.length) {
            tap();
            return;
        }
        f.get(low[axis]).set(at[axis]);
        f.i32(window.kernel().get(axis)).set(left[axis]);
        int again = f.loop();
        f.get(pixel[axis]).get(in[axis]).op(I32_MUL).get(at[axis]).op(I32_ADD).set(pixel[axis + 1]);
        f.get(at[axis]).get(in[axis]).op(I32_LT_U).get(inside[axis]).op(I32_AND).set(inside[axis + 1]);
        taps(axis + 1);
        Emit.add(f, at[axis], window.dilations().get(axis));
        f.get(left[axis]).i32(1).op(I32_SUB).tee(left[axis]).brIf(again).end();
    }

    private void tap() {
        int channels = window.channels();
        f.get(a).get(pixel[in.length]).i32(window.pixel()).op(I32_MUL).op(I32_ADD).set(from);
        f.get(inside[in.length]).ifTrue();
        copy(channels, true);
        f.otherwise();
        copy(channels, false);
        f.end();
    }

    private void copy(int channels, boolean input) {
        int moved = Math.min(channels, 64);
        int end = Emit.i32(f);
        f.get(to).i32(channels).op(I32_ADD).set(end);
        Runnable block = () -> {
            for (int offset = 0; offset < moved; offset += 16) {
                f.get(to);
                if (input) {
                    f.get(from).mem(V128_LOAD, offset);
                } else {
                    f.get(fill);
                }
                f.mem(V128_STORE, offset);
            }
        };
        if (channels <= 64) {
            block.run();
        } else {
            Emit.loopWhile(f, () -> f.get(to).get(end).op(I32_LT_S), () -> {
                block.run();
                Emit.add(f, to, 64);
                Emit.add(f, from, 64);
            });
        }
        f.get(end).set(to);
    }
}
