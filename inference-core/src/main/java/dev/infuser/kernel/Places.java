package dev.infuser.kernel;

import dev.infuser.expr.Fn;
import dev.infuser.wasm.FunctionBuilder;
import dev.infuser.wasm.Op;
import dev.infuser.wasm.ValueType;

/** What gathering and scattering share: indices that are checked, and updates that are written or combined. */
final class Places {
    private final FunctionBuilder f;
    private final Element index;
    private final int error;
    private final int wanted;

    /** @param error the slot with the address of a word that tells of an index out of range */
    Places(FunctionBuilder f, Element index, int error) {
        if (index != Element.I32 && index != Element.I64) {
            throw new IllegalArgumentException("indices of " + index);
        }
        this.f = f;
        this.index = index;
        this.error = error;
        this.wanted = f.local(ValueType.I64);
    }

    /**
     * Pushes the index at {@code address}, counted from the end where it is negative. Where it lies outside of {@code extent},
     * that is 0, {@code valid} becomes 0 and the error is told.
     */
    void push(int address, int extent, int valid) {
        f.get(address);
        if (index == Element.I64) {
            f.mem(Op.I64_LOAD, 0);
        } else {
            f.mem(Op.I32_LOAD, 0).op(Op.I64_EXTEND_I32_S);
        }
        f.set(wanted);
        f.get(wanted).i64(0).op(Op.I64_LT_S).ifTrue();
        f.get(wanted).get(extent).op(Op.I64_EXTEND_I32_U).op(Op.I64_ADD).set(wanted).end();
        f.get(wanted).get(extent).op(Op.I64_EXTEND_I32_U).op(Op.I64_LT_U).op(Op.I32_EQZ).ifTrue();
        Emit.pushSlot(f, error);
        f.get(0).mem(Op.I32_STORE, 0);
        f.i32(0).set(valid);
        f.i64(0).set(wanted).end();
        f.get(wanted).op(Op.I32_WRAP_I64);
    }

    /**
     * Writes one element, or combines f32 by ADD, MUL, MAX or MIN.
     *
     * @param size bytes per element
     */
    static void write(FunctionBuilder f, int to, int from, int size, Fn combine) {
        if (combine == null) {
            Emit.move(f, size, to, from);
            return;
        }
        int op = switch (combine) {
            case ADD -> Op.F32_ADD;
            case MUL -> Op.F32_MUL;
            case MAX -> Op.F32_MAX;
            default -> Op.F32_MIN;
        };
        f.get(to).get(to).mem(Op.F32_LOAD, 0).get(from).mem(Op.F32_LOAD, 0).op(op).mem(Op.F32_STORE, 0);
    }
}
