package dev.infuser.kernel;

import static dev.infuser.wasm.Op.I32_ADD;
import static dev.infuser.wasm.Op.I32_GE_S;
import static dev.infuser.wasm.Op.I32_GT_S;
import static dev.infuser.wasm.Op.I32_MUL;
import static dev.infuser.wasm.Op.I32_SHL;
import static dev.infuser.wasm.Op.I32_SHR_U;
import static dev.infuser.wasm.Op.I32_SUB;
import static dev.infuser.wasm.Op.V128_LOAD32_LANE;
import static dev.infuser.wasm.Op.V128_STORE;
import static dev.infuser.wasm.Op.V128_STORE32_LANE;

import dev.infuser.expr.Expr;
import dev.infuser.wasm.FunctionBuilder;
import java.util.List;

/**
 * The end of a product: what is done to up to 8 columns of a row before they are stored. In the expression input 0 is
 * the product and input {@code 1 + e} is extra e, which lies as the product does, or is one value per row when scalar.
 *
 * <p>Slots of extra e, {@code 2 + batchRank} of them: its address, its bytes from one row to the next (0 for a
 * per-column vector or a scalar), and its byte stride per batch dimension. Behind those of all extras are the numbers that the
 * expression is given.
 */
final class Epilogue {
    private final FunctionBuilder f;
    private final Lanes lanes;
    private final Expr expr;
    private final List<Operand> operands;
    private final int slotC;
    private final int firstSlot;
    private final int step;
    private final boolean whole;
    private final int ldc;
    private final int[] extraRow;
    private final int next;
    private final int[] extraNext;
    /** How results are stored, the bits that the expression gives where it is I32. */
    Element element = Element.F32;
    /** Address of the row to be stored next. */
    final int c;
    /** Addresses of the extras for that row. */
    final int[] extra;
    /** Bytes from the column to the end of a row. */
    final int remaining;

    /**
     * @param slotC     slot of the address of C; {@code slotLdc} of the bytes between its rows
     * @param firstSlot of the extras
     * @param spread    rows from one that is stored to the next
     * @param whole     whether there are always 8 columns
     */
    Epilogue(FunctionBuilder f, Lanes lanes, Expr expr, List<Operand> operands, int slotC, int slotLdc, int firstSlot,
            int batchRank, int spread, boolean whole) {
        this.f = f;
        this.lanes = lanes;
        this.expr = expr;
        this.operands = operands;
        this.slotC = slotC;
        this.firstSlot = firstSlot;
        this.step = 2 + batchRank;
        this.whole = whole;
        c = Emit.i32(f);
        ldc = Emit.slot(f, slotLdc);
        remaining = Emit.i32(f);
        extra = new int[operands.size()];
        extraRow = new int[operands.size()];
        next = spread(ldc, spread);
        extraNext = new int[operands.size()];
        for (int e = 0; e < extra.length; e++) {
            extra[e] = Emit.i32(f);
            extraRow[e] = Emit.slot(f, extraSlot(e) + 1);
            extraNext[e] = spread(extraRow[e], spread);
        }
        lanes.read(expr, extraSlot(extra.length));
    }

    private int spread(int stride, int factor) {
        if (factor == 1) {
            return stride;
        }
        int local = Emit.i32(f);
        f.get(stride).i32(factor).op(I32_MUL).set(local);
        return local;
    }

    /** Refuses what cannot be fused. */
    static void check(Expr expr, List<Operand> operands) {
        for (Operand operand : operands) {
            if (operand.element() != Element.F32) {
                throw new IllegalArgumentException("extra of " + operand.element() + ", expected F32");
            }
        }
        for (int input : Lanes.inputs(expr)) {
            if (input > operands.size()) {
                throw new IllegalArgumentException("input " + input + " of " + (1 + operands.size()));
            }
        }
    }

    /** Adds the names of the slots of the extras, and of the numbers behind them. */
    static void addSlots(List<String> slots, Expr expr, int extras, int batchRank) {
        for (int e = 0; e < extras; e++) {
            slots.add("extra_" + e);
            slots.add("extra_" + e + "_row");
            for (int d = 0; d < batchRank; d++) {
                slots.add("extra_" + e + "_" + d);
            }
        }
        Lanes.addSlots(slots, expr);
    }

    private int extraSlot(int e) {
        return firstSlot + e * step;
    }

    /** Starts at the first row and column of the first batch element. */
    void start() {
        base(c, slotC);
        for (int e = 0; e < extra.length; e++) {
            base(extra[e], extraSlot(e));
        }
    }

    private void base(int pointer, int slot) {
        Emit.pushSlot(f, slot);
        f.set(pointer);
    }

    /** Moves the extras along batch dimension {@code d}. */
    void batch(int d, int index) {
        for (int e = 0; e < extra.length; e++) {
            Emit.addStride(f, extra[e], index, extraSlot(e) + 2 + d);
        }
    }

    /** Moves on to row {@code row} and byte {@code column} of rows of {@code n} elements. */
    void locate(int row, int column, int n) {
        f.get(n).i32(2).op(I32_SHL).get(column).op(I32_SUB).set(remaining);
        advance(c, row, ldc, -1);
        f.get(c).get(column);
        if (element.size == 1) {
            f.i32(2).op(I32_SHR_U);
        }
        f.op(I32_ADD).set(c);
        for (int e = 0; e < extra.length; e++) {
            advance(extra[e], row, extraRow[e], operands.get(e).scalar() ? -1 : column);
        }
    }

    private void advance(int pointer, int row, int stride, int column) {
        f.get(pointer).get(row).get(stride).op(I32_MUL).op(I32_ADD);
        if (column >= 0) {
            f.get(column).op(I32_ADD);
        }
        f.set(pointer);
    }

    /** Finishes and stores the columns in two v128 locals, which are overwritten, and moves on to the next row. */
    void row(int v0, int v1) {
        if (whole || element.size == 1) {
            whole(v0, v1);
            return;
        }
        finish(v0, v1);
        f.get(remaining).i32(32).op(I32_GE_S).ifTrue();
        store(v0, v1);
        f.otherwise();
        tail(v0, v1);
        f.end();
        next();
    }

    /** Does what {@link #row} does where all 8 columns are before the end. */
    void whole(int v0, int v1) {
        finish(v0, v1);
        store(v0, v1);
        next();
    }

    /** Finishes and stores the only column of four rows, which a v128 local holds, and moves on behind them. */
    void column(int value) {
        int[] inputs = new int[1 + extra.length];
        inputs[0] = value;
        for (int e = 0; e < extra.length; e++) {
            inputs[1 + e] = Emit.v128(f);
            for (int lane = 0; lane < 4; lane++) {
                f.get(extra[e]).get(inputs[1 + e]).memLane(V128_LOAD32_LANE, 0, lane).set(inputs[1 + e]);
                Emit.addLocal(f, extra[e], extraNext[e]);
            }
        }
        lanes.push(expr, inputs);
        f.set(value);
        for (int lane = 0; lane < 4; lane++) {
            f.get(c).get(value).memLane(V128_STORE32_LANE, 0, lane);
            Emit.addLocal(f, c, next);
        }
    }

    private void finish(int v0, int v1) {
        if (!(expr instanceof Expr.Input input && input.index() == 0)) {
            half(v0, 0);
            if (v1 != v0) {
                half(v1, 16);
            }
        }
    }

    private void store(int v0, int v1) {
        if (element.size == 1) {
            bytes(v0, v1);
            return;
        }
        f.get(c).get(v0).mem(V128_STORE, 0);
        f.get(c).get(v1).mem(V128_STORE, 16);
    }

    private void next() {
        Emit.addLocal(f, c, next);
        for (int e = 0; e < extra.length; e++) {
            Emit.addLocal(f, extra[e], extraNext[e]);
        }
    }

    private void bytes(int v0, int v1) {
        int address = Emit.i32(f);
        int left = Emit.i32(f);
        f.get(c).set(address);
        Emit.store(f, element, v0, address, remaining);
        f.get(remaining).i32(16).op(I32_SUB).tee(left).i32(0).op(I32_GT_S).ifTrue();
        f.get(c).i32(4).op(I32_ADD).set(address);
        Emit.store(f, element, v1, address, left);
        f.end();
    }

    private void tail(int v0, int v1) {
        int address = Emit.i32(f);
        int left = Emit.i32(f);
        f.get(c).set(address);
        f.get(remaining).set(left);
        f.get(remaining).i32(16).op(I32_GE_S).ifTrue();
        f.get(c).get(v0).mem(V128_STORE, 0);
        Emit.add(f, address, 16);
        Emit.add(f, left, -16);
        f.get(v1).set(v0);
        f.end();
        Emit.store(f, Element.F32, v0, address, left);
    }

    private void half(int value, int offset) {
        int[] inputs = new int[1 + extra.length];
        inputs[0] = value;
        for (int e = 0; e < extra.length; e++) {
            Operand operand = operands.get(e);
            inputs[1 + e] = Emit.v128(f);
            if (operand.scalar()) {
                Emit.loadScalar(f, operand.element(), extra[e]);
            } else {
                Emit.loadVector(f, operand.element(), extra[e], offset);
            }
            f.set(inputs[1 + e]);
        }
        lanes.push(expr, inputs);
        f.set(value);
    }
}
