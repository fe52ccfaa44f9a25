package dev.infuser.kernel;

import dev.infuser.wasm.FunctionBuilder;
import dev.infuser.wasm.Op;
import java.util.List;

/**
 * Morphological reconstruction by dilation (L. Vincent, IEEE Transactions on Image Processing 2(2), 1993) of truth values: what of a
 * mask is joined to a marker, over sides and corners. The pixels of the marker that have others of the mask beside them are found
 * 16 at a time; from these on the mask is flooded.
 *
 * <p>Slots: {@code out marker mask} addresses, {@code scratch}. There is a single unit of work.
 *
 * @param height rows
 * @param width  pixels of a row; there are at least 16 in all
 */
public record Reconstruct(int height, int width) implements Kernel {

    private static final int VECTOR = 16;
    private static final int ENTRY = 8;

    @Override
    public String name() {
        return "reconstruct_" + height + "x" + width;
    }

    @Override
    public List<String> slots() {
        return List.of("out", "marker", "mask", "scratch");
    }

    /** Bytes of working memory. */
    public int scratchBytes() {
        return ENTRY * (height * width + VECTOR);
    }

    @Override
    public void emit(FunctionBuilder f, Target target) {
        int unit = Emit.i32(f);
        int units = Emit.dim(f, 1, 0);
        Emit.units(f, unit, units, () -> {
            int out = Emit.slot(f, 0);
            int marker = Emit.slot(f, 1);
            int mask = Emit.slot(f, 2);
            int stack = Emit.scratch(f, 3);
            int top = Emit.i32(f);
            f.get(stack).set(top);
            seeds(f, out, marker, mask, top);
            flood(f, out, mask, stack, top);
        });
    }

    private void seeds(FunctionBuilder f, int out, int marker, int mask, int top) {
        // Beside the first and the last row other bytes may be read: they make pixels of the marker begin in vain, and no more.
        int size = height * width;
        int i = Emit.i32(f);
        int end = Emit.dim(f, size, 0);
        int from = Emit.i32(f);
        int row = Emit.i32(f);
        int bits = Emit.i32(f);
        int index = Emit.i32(f);
        int marked = Emit.v128(f);
        int beside = Emit.v128(f);
        f.i32(0).set(i);
        Emit.range(f, i, end, VECTOR, () -> {
            f.i32(size - VECTOR).get(i).get(i).i32(size - VECTOR).op(Op.I32_GT_S).op(Op.SELECT).set(from);
            load(f, marker, from, 0);
            load(f, mask, from, 0);
            f.op(Op.V128_AND).set(marked);
            f.get(out).get(from).op(Op.I32_ADD).get(marked).mem(Op.V128_STORE, 0);
            f.get(marked).op(Op.V128_ANY_TRUE).ifTrue();
            f.v128(0, 0).set(beside);
            for (int dy = -1; dy <= 1; dy++) {
                f.get(from).set(row);
                if (dy != 0) {
                    f.get(from).i32(dy * width).op(Op.I32_ADD).get(from);
                    f.get(from).i32(dy < 0 ? width - VECTOR : size - width).op(dy < 0 ? Op.I32_GT_S : Op.I32_LT_S).op(Op.SELECT).set(row);
                }
                for (int dx = -1; dx <= 1; dx++) {
                    f.get(beside);
                    load(f, mask, row, dx);
                    load(f, marker, row, dx);
                    f.op(Op.V128_ANDNOT).op(Op.V128_OR).set(beside);
                }
            }
            f.get(marked).get(beside).op(Op.V128_AND).op(Op.I8X16_NEG).op(Op.I8X16_BITMASK).set(bits);
            Emit.loopWhile(f, () -> f.get(bits), () -> {
                f.get(bits).op(Op.I32_CTZ).get(from).op(Op.I32_ADD).set(index);
                f.get(top).get(index).mem(Op.I32_STORE, 0);
                f.get(top).get(index).i32(width).op(Op.I32_REM_U).mem(Op.I32_STORE, 4);
                Emit.add(f, top, ENTRY);
                f.get(bits).get(bits).i32(1).op(Op.I32_SUB).op(Op.I32_AND).set(bits);
            });
            f.end();
        });
    }

    private static void load(FunctionBuilder f, int plane, int at, int dx) {
        f.get(plane).get(at).op(Op.I32_ADD).i32(dx).op(Op.I32_ADD).mem(Op.V128_LOAD, 0);
    }

    private void flood(FunctionBuilder f, int out, int mask, int stack, int top) {
        int index = Emit.i32(f);
        int x = Emit.i32(f);
        int next = Emit.i32(f);
        Emit.loopWhile(f, () -> f.get(top).get(stack).op(Op.I32_GT_U), () -> {
            Emit.add(f, top, -ENTRY);
            f.get(top).mem(Op.I32_LOAD, 0).set(index);
            f.get(top).mem(Op.I32_LOAD, 4).set(x);
            for (int dy = -1; dy <= 1; dy++) {
                if (dy != 0) {
                    f.get(index).i32(dy < 0 ? width : (height - 1) * width).op(dy < 0 ? Op.I32_GE_U : Op.I32_LT_U).ifTrue();
                }
                for (int dx = -1; dx <= 1; dx++) {
                    if (dy != 0 || dx != 0) {
                        visit(f, out, mask, top, index, x, next, dy, dx);
                    }
                }
                if (dy != 0) {
                    f.end();
                }
            }
        });
    }

    private void visit(FunctionBuilder f, int out, int mask, int top, int index, int x, int next, int dy, int dx) {
        f.get(index).i32(dy * width + dx).op(Op.I32_ADD).set(next);
        if (dx != 0) {
            f.get(x).i32(dx < 0 ? 0 : width - 1).op(Op.I32_NE).ifTrue();
        }
        f.get(mask).get(next).op(Op.I32_ADD).mem(Op.I32_LOAD8_U, 0);
        f.get(out).get(next).op(Op.I32_ADD).mem(Op.I32_LOAD8_U, 0).op(Op.I32_GT_U).ifTrue();
        f.get(out).get(next).op(Op.I32_ADD).i32(1).mem(Op.I32_STORE8, 0);
        f.get(top).get(next).mem(Op.I32_STORE, 0);
        f.get(top).get(x).i32(dx).op(Op.I32_ADD).mem(Op.I32_STORE, 4);
        Emit.add(f, top, ENTRY);
        f.end();
        if (dx != 0) {
            f.end();
        }
    }
}
