package dev.infuser.kernel;

import dev.infuser.wasm.FunctionBuilder;
import dev.infuser.wasm.Op;

/**
 * Walks along the middle axis of dense tensors {@code [outer, axis, inner]}. A unit of work is as many adjacent columns as
 * fit a register; of the last ones of a row fewer are stored. Kernels have the slots {@code out in outer axis inner}.
 */
final class Columns {
    private static final int OUT = 0;
    private static final int IN = 1;
    private static final int OUTER = 2;
    private static final int AXIS = 3;
    private static final int INNER = 4;

    private final FunctionBuilder f;
    private final int lanes;
    private final int inner;
    /** Extent of the axis. */
    final int axis;
    /** Address of the first column in the input. */
    final int in;
    /** Address of the first column in the output. */
    final int out;
    /** How many columns there are, at least 1, maybe more than lanes. */
    final int left;

    Columns(FunctionBuilder f, int lanes) {
        this.f = f;
        this.lanes = lanes;
        inner = Emit.slot(f, INNER);
        axis = Emit.slot(f, AXIS);
        in = Emit.i32(f);
        out = Emit.i32(f);
        left = Emit.i32(f);
    }

    /**
     * Runs {@code body} for each unit.
     *
     * @param inSize  bytes per element of the input
     * @param outSize bytes per element of the output
     * @param reduced whether the output has one row only
     */
    void units(int inSize, int outSize, boolean reduced, Runnable body) {
        int groups = Emit.i32(f);
        int total = Emit.i32(f);
        int unit = Emit.i32(f);
        int outer = Emit.i32(f);
        int column = Emit.i32(f);
        f.get(inner).i32(lanes - 1).op(Op.I32_ADD).i32(lanes).op(Op.I32_DIV_U).set(groups);
        Emit.pushSlot(f, OUTER);
        f.get(groups).op(Op.I32_MUL).set(total);
        Emit.units(f, unit, total, () -> {
            f.get(unit).set(outer);
            Emit.divide(f, outer, groups, column);
            f.get(column).i32(lanes).op(Op.I32_MUL).set(column);
            f.get(inner).get(column).op(Op.I32_SUB).set(left);
            Emit.pushSlot(f, IN);
            f.get(outer).get(axis).op(Op.I32_MUL).get(inner).op(Op.I32_MUL).get(column).op(Op.I32_ADD).i32(inSize)
                    .op(Op.I32_MUL).op(Op.I32_ADD).set(in);
            Emit.pushSlot(f, OUT);
            f.get(outer);
            if (!reduced) {
                f.get(axis).op(Op.I32_MUL);
            }
            f.get(inner).op(Op.I32_MUL).get(column).op(Op.I32_ADD).i32(outSize).op(Op.I32_MUL).op(Op.I32_ADD).set(out);
            body.run();
        });
    }

    /** Moves a pointer by {@code rows} of elements of {@code size} bytes, a local. */
    void move(int pointer, int size, int rows) {
        f.get(pointer).get(inner).i32(size).op(Op.I32_MUL).get(rows).op(Op.I32_MUL).op(Op.I32_ADD).set(pointer);
    }

    /** Stores the lanes of 4 or 8 bytes that are columns. */
    void store(int value, int address) {
        int size = 16 / lanes;
        f.get(left).i32(lanes).op(Op.I32_GE_S).ifTrue();
        f.get(address).get(value).mem(Op.V128_STORE, 0).otherwise();
        for (int lane = 0; lane < lanes - 1; lane++) {
            f.get(left).i32(lane).op(Op.I32_GT_S).ifTrue();
            f.get(address).get(value).memLane(size == 8 ? Op.V128_STORE64_LANE : Op.V128_STORE32_LANE, lane * size, lane).end();
        }
        f.end();
    }
}
