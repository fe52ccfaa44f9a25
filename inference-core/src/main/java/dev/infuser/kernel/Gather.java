package dev.infuser.kernel;

import dev.infuser.wasm.FunctionBuilder;
import dev.infuser.wasm.Op;
import dev.infuser.wasm.ValueType;
import java.util.List;

/**
 * Gather of dense blocks: from data [outer, axis, inner bytes] and indices [count], out [outer, count, inner bytes]
 * takes block {@code indices[j]} of each outer element. Negative indices count from the end. An index out of range
 * gives zeros and stores the address of the parameter block at {@code error}.
 *
 * <p>Slots: {@code out data indices} addresses; {@code error} address of an i32 that is written only on errors;
 * {@code outer axis count} dimensions; {@code inner} bytes of a block.
 *
 * @param index I32 or I64
 */
public record Gather(Element index) implements Kernel {
    private static final int OUT = 0;
    private static final int DATA = 1;
    private static final int INDICES = 2;
    private static final int ERROR = 3;
    private static final int OUTER = 4;
    private static final int AXIS = 5;
    private static final int COUNT = 6;
    private static final int INNER = 7;

    /** Refuses indices that are not integers. */
    public Gather {
        if (index != Element.I32 && index != Element.I64) {
            throw new IllegalArgumentException("indices of " + index);
        }
    }

    @Override
    public String name() {
        return "gather_" + index;
    }

    @Override
    public List<String> slots() {
        return List.of("out", "data", "indices", "error", "outer", "axis", "count", "inner");
    }

    @Override
    public void work(int[] words, int at, long[] work) {
        long count = words[at + COUNT];
        work[1] = 2 * count * words[at + OUTER] * words[at + INNER] + count * index.size;
    }

    @Override
    public void emit(FunctionBuilder f, Target target) {
        int axis = Emit.slot(f, AXIS);
        int count = Emit.slot(f, COUNT);
        int inner = Emit.slot(f, INNER);
        int total = Emit.i32(f);
        int unit = Emit.i32(f);
        int outer = Emit.i32(f);
        int j = Emit.i32(f);
        int to = Emit.i32(f);
        int from = Emit.i32(f);
        int bytes = Emit.i32(f);
        int wanted = f.local(ValueType.I64);
        Emit.pushSlot(f, OUTER);
        f.get(count).op(Op.I32_MUL).set(total);
        Emit.units(f, unit, total, () -> {
            f.get(unit).set(outer);
            Emit.divide(f, outer, count, j);
            Emit.pushSlot(f, INDICES);
            f.get(j).i32(index.size).op(Op.I32_MUL).op(Op.I32_ADD);
            if (index == Element.I64) {
                f.mem(Op.I64_LOAD, 0);
            } else {
                f.mem(Op.I32_LOAD, 0).op(Op.I64_EXTEND_I32_S);
            }
            f.set(wanted);
            f.get(wanted).i64(0).op(Op.I64_LT_S).ifTrue();
            f.get(wanted).get(axis).op(Op.I64_EXTEND_I32_U).op(Op.I64_ADD).set(wanted);
            f.end();
            Emit.pushSlot(f, OUT);
            f.get(unit).get(inner).op(Op.I32_MUL).op(Op.I32_ADD).set(to);
            f.get(inner).set(bytes);
            f.get(wanted).get(axis).op(Op.I64_EXTEND_I32_U).op(Op.I64_LT_U).ifTrue();
            Emit.pushSlot(f, DATA);
            f.get(outer).get(axis).op(Op.I32_MUL).get(wanted).op(Op.I32_WRAP_I64).op(Op.I32_ADD)
                    .get(inner).op(Op.I32_MUL).op(Op.I32_ADD).set(from);
            Emit.copy(f, to, from, bytes);
            f.otherwise();
            f.get(to).i32(0).get(bytes).memoryFill();
            Emit.pushSlot(f, ERROR);
            f.get(0).mem(Op.I32_STORE, 0);
            f.end();
        });
    }
}
