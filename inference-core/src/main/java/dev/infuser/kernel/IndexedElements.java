package dev.infuser.kernel;

import dev.infuser.expr.Fn;
import dev.infuser.wasm.FunctionBuilder;
import dev.infuser.wasm.Op;
import java.util.List;

/**
 * Gathers from, or scatters to, dense data {@code [outer, axis, inner]}: the element {@code [o, c, i]} of a dense tensor
 * {@code [outer, count, inner]} belongs to the element {@code [o, indices[o, c, i], i]} of the data. An index out of range
 * gives zero, or writes nothing, and stores the address of the parameter block at {@code error}.
 *
 * <p>Slots: {@code data indices other} addresses, the last of the gathered or of the updates; {@code error} address of an i32
 * that is written only on errors; {@code outer axis count inner} dimensions.
 *
 * @param size    bytes per element
 * @param index   I32 or I64
 * @param scatter whether to write to the data, one update after the other
 * @param combine how f32 updates are combined with what is there, or null to replace it
 */
public record IndexedElements(int size, Element index, boolean scatter, Fn combine) implements Kernel {
    private static final int DATA = 0;
    private static final int INDICES = 1;
    private static final int OTHER = 2;
    private static final int ERROR = 3;
    private static final int OUTER = 4;
    private static final int AXIS = 5;
    private static final int COUNT = 6;
    private static final int INNER = 7;

    @Override
    public String name() {
        return (scatter ? "scatter" : "gather") + "_elements_" + 8 * size + "_" + index + (combine == null ? "" : "_" + combine);
    }

    @Override
    public List<String> slots() {
        return List.of("data", "indices", "other", "error", "outer", "axis", "count", "inner");
    }

    @Override
    public void emit(FunctionBuilder f, Target target) {
        Places places = new Places(f, index, ERROR);
        int total = Emit.slot(f, OUTER);
        int axis = Emit.slot(f, AXIS);
        int count = Emit.slot(f, COUNT);
        int inner = Emit.slot(f, INNER);
        int unit = Emit.i32(f);
        int base = Emit.i32(f);
        int at = Emit.i32(f);
        int end = Emit.i32(f);
        int column = Emit.i32(f);
        int from = Emit.i32(f);
        int valid = Emit.i32(f);
        int address = Emit.i32(f);
        int other = Emit.i32(f);
        Emit.units(f, unit, total, () -> {
            f.get(unit).get(axis).op(Op.I32_MUL).get(inner).op(Op.I32_MUL).set(base);
            f.get(unit).get(count).op(Op.I32_MUL).get(inner).op(Op.I32_MUL).tee(at).get(count).get(inner).op(Op.I32_MUL)
                    .op(Op.I32_ADD).set(end);
            f.i32(0).set(column);
            Emit.range(f, at, end, 1, () -> {
                Emit.pushSlot(f, INDICES);
                f.get(at).i32(index.size).op(Op.I32_MUL).op(Op.I32_ADD).set(from);
                f.i32(1).set(valid);
                Emit.pushSlot(f, DATA);
                places.push(from, axis, valid);
                f.get(inner).op(Op.I32_MUL).get(base).op(Op.I32_ADD).get(column).op(Op.I32_ADD).i32(size).op(Op.I32_MUL)
                        .op(Op.I32_ADD).set(address);
                Emit.pushSlot(f, OTHER);
                f.get(at).i32(size).op(Op.I32_MUL).op(Op.I32_ADD).set(other);
                f.get(valid).ifTrue();
                Places.write(f, scatter ? address : other, scatter ? other : address, size, combine);
                if (!scatter) {
                    f.otherwise().get(other).i32(0).i32(size).memoryFill();
                }
                f.end();
                f.get(column).i32(1).op(Op.I32_ADD).tee(column).get(inner).op(Op.I32_EQ).ifTrue();
                f.i32(0).set(column).end();
            });
        });
    }
}
