package dev.infuser.kernel;

import dev.infuser.wasm.FunctionBuilder;
import dev.infuser.wasm.Op;
import dev.infuser.wasm.ValueType;
import java.util.List;

/**
 * The {@code k} greatest or least elements along the middle axis of a dense tensor {@code [outer, axis, inner]}, best first,
 * and their int64 indices; of equals the first come first, NaN is greater than all else and zeros are equal.
 *
 * <p>An element and its index make one int64 key, so that the order is total. The best keys are kept in a binary heap whose
 * root is the worst of them, which in the end is sorted.
 *
 * <p>Slots: {@code values indices in} addresses; {@code scratch} 16-aligned address of {@code 8 * k} free bytes;
 * {@code outer axis inner k} dimensions, {@code k} being at most {@code axis}.
 *
 * @param element F32 or I32
 */
public record TopK(Element element, boolean largest) implements Kernel {
    private static final int VALUES = 0;
    private static final int INDICES = 1;
    private static final int IN = 2;
    private static final int SCRATCH = 3;
    private static final int OUTER = 4;
    private static final int AXIS = 5;
    private static final int INNER = 6;
    private static final int K = 7;

    @Override
    public String name() {
        return "topk_" + (largest ? "largest_" : "smallest_") + element;
    }

    @Override
    public List<String> slots() {
        return List.of("values", "indices", "in", "scratch", "outer", "axis", "inner", "k");
    }

    @Override
    public void emit(FunctionBuilder f, Target target) {
        new Code(f).emit();
    }

    private final class Code {
        private final FunctionBuilder f;
        private final int heap;
        private final int axis;
        private final int inner;
        private final int k;
        private final int in;
        private final int at;
        private final int size;
        private final int root;
        private final int child;
        private final int bits;
        private final int limit;
        private final int key;
        private final int other;

        Code(FunctionBuilder f) {
            this.f = f;
            heap = Emit.scratch(f, SCRATCH);
            axis = Emit.slot(f, AXIS);
            inner = Emit.slot(f, INNER);
            k = Emit.slot(f, K);
            in = Emit.i32(f);
            at = Emit.i32(f);
            size = Emit.i32(f);
            root = Emit.i32(f);
            child = Emit.i32(f);
            bits = Emit.i32(f);
            limit = Emit.v128(f);
            key = f.local(ValueType.I64);
            other = f.local(ValueType.I64);
        }

        void emit() {
            int total = Emit.i32(f);
            int unit = Emit.i32(f);
            int outer = Emit.i32(f);
            int column = Emit.i32(f);
            f.get(k).ifTrue();
            Emit.pushSlot(f, OUTER);
            f.get(inner).op(Op.I32_MUL).set(total);
            Emit.units(f, unit, total, () -> {
                f.get(unit).set(outer);
                Emit.divide(f, outer, inner, column);
                Emit.pushSlot(f, IN);
                f.get(outer).get(axis).op(Op.I32_MUL).get(inner).op(Op.I32_MUL).get(column).op(Op.I32_ADD).i32(2)
                        .op(Op.I32_SHL).op(Op.I32_ADD).set(in);
                fill();
                rest();
                sort();
                store(outer, column);
            });
            f.end();
        }

        /** Pushes the address of a key, or of the one behind it. */
        private FunctionBuilder slot(int index) {
            return f.get(heap).get(index).i32(3).op(Op.I32_SHL).op(Op.I32_ADD);
        }

        /** Pushes the address of the element numbered {@code index}. */
        private FunctionBuilder element(int index) {
            return f.get(in).get(index).get(inner).op(Op.I32_MUL).i32(2).op(Op.I32_SHL).op(Op.I32_ADD);
        }

        /** Sets the key of the element numbered {@link #at}: the order of its bits first, then the order of indices. */
        private void key() {
            if (element == Element.F32) {
                int value = f.local(ValueType.F32);
                element(at).mem(Op.F32_LOAD, 0).f32(0).op(Op.F32_ADD).tee(value).op(Op.I32_REINTERPRET_F32).tee(bits)
                        .get(bits).i32(31).op(Op.I32_SHR_S).i32(Integer.MAX_VALUE).op(Op.I32_AND).op(Op.I32_XOR)
                        .i32(Integer.MAX_VALUE).get(value).get(value).op(Op.F32_EQ).op(Op.SELECT);
            } else {
                element(at).mem(Op.I32_LOAD, 0);
            }
            if (!largest) {
                f.i32(-1).op(Op.I32_XOR);
            }
            f.op(Op.I64_EXTEND_I32_S).i64(1L << 32).op(Op.I64_MUL).get(at).i32(-1).op(Op.I32_XOR).op(Op.I64_EXTEND_I32_U)
                    .op(Op.I64_ADD).set(key);
        }

        /** Makes a heap of the first elements. */
        private void fill() {
            f.i32(0).set(at);
            Emit.range(f, at, k, 1, () -> {
                key();
                slot(at).get(key).mem(Op.I64_STORE, 0);
            });
            f.get(k).i32(1).op(Op.I32_SHR_U).set(at);
            f.get(k).set(size);
            Emit.loopWhile(f, () -> f.get(at).i32(0).op(Op.I32_GT_S), () -> {
                Emit.add(f, at, -1);
                f.get(at).tee(root).set(child);
                slot(child).mem(Op.I64_LOAD, 0).set(key);
                sink();
            });
            f.get(k).set(at);
        }

        /** Puts the key where it belongs below {@link #root} in the first {@link #size} keys. */
        private void sink() {
            int done = f.block();
            int again = f.loop();
            f.get(root).i32(1).op(Op.I32_SHL).i32(1).op(Op.I32_ADD).tee(child).get(size).op(Op.I32_GE_S).brIf(done);
            f.get(child).i32(1).op(Op.I32_ADD).get(size).op(Op.I32_LT_S).ifTrue();
            slot(child).mem(Op.I64_LOAD, 8);
            slot(child).mem(Op.I64_LOAD, 0).op(Op.I64_LT_S).get(child).op(Op.I32_ADD).set(child).end();
            slot(child).mem(Op.I64_LOAD, 0).tee(other).get(key).op(Op.I64_GE_S).brIf(done);
            slot(root).get(other).mem(Op.I64_STORE, 0);
            f.get(child).set(root);
            f.br(again).end().end();
            slot(root).get(key).mem(Op.I64_STORE, 0);
        }

        /** Takes in all other elements; adjacent floats, of which most are no better than the worst kept, by fours. */
        private void rest() {
            limit();
            Emit.loopWhile(f, () -> f.get(at).get(axis).op(Op.I32_LT_S), () -> {
                if (element == Element.F32) {
                    f.get(inner).i32(1).op(Op.I32_EQ).get(at).i32(3).op(Op.I32_ADD).get(axis).op(Op.I32_LT_S).op(Op.I32_AND);
                    element(at).mem(Op.V128_LOAD, 0).get(limit).op(largest ? Op.F32X4_LE : Op.F32X4_GE).op(Op.I32X4_ALL_TRUE)
                            .op(Op.I32_AND).ifTrue();
                    Emit.add(f, at, 4);
                    f.otherwise();
                }
                key();
                f.get(heap).mem(Op.I64_LOAD, 0).get(key).op(Op.I64_LT_S).ifTrue();
                f.i32(0).set(root);
                sink();
                limit();
                f.end();
                Emit.add(f, at, 1);
                if (element == Element.F32) {
                    f.end();
                }
            });
        }

        private void limit() {
            if (element == Element.F32) {
                index(root);
                element(root).mem(Op.V128_LOAD32_SPLAT, 0).set(limit);
            }
        }

        /** Sets {@code index} to the number of the element whose key is the root. */
        private void index(int index) {
            f.get(heap).mem(Op.I64_LOAD, 0).op(Op.I32_WRAP_I64).i32(-1).op(Op.I32_XOR).set(index);
        }

        private void sort() {
            f.get(k).set(size);
            Emit.loopWhile(f, () -> f.get(size).i32(1).op(Op.I32_GT_S), () -> {
                Emit.add(f, size, -1);
                slot(size).mem(Op.I64_LOAD, 0).set(key);
                slot(size).get(heap).mem(Op.I64_LOAD, 0).mem(Op.I64_STORE, 0);
                f.i32(0).set(root);
                sink();
            });
        }

        private void store(int outer, int column) {
            int to = Emit.i32(f);
            f.i32(0).set(at);
            f.get(outer).get(k).op(Op.I32_MUL).get(inner).op(Op.I32_MUL).get(column).op(Op.I32_ADD).set(to);
            Emit.range(f, at, k, 1, () -> {
                slot(at).mem(Op.I64_LOAD, 0).op(Op.I32_WRAP_I64).i32(-1).op(Op.I32_XOR).set(root);
                Emit.pushSlot(f, VALUES);
                f.get(to).i32(2).op(Op.I32_SHL).op(Op.I32_ADD);
                element(root).mem(Op.I32_LOAD, 0).mem(Op.I32_STORE, 0);
                Emit.pushSlot(f, INDICES);
                f.get(to).i32(3).op(Op.I32_SHL).op(Op.I32_ADD).get(root).op(Op.I64_EXTEND_I32_U).mem(Op.I64_STORE, 0);
                Emit.addLocal(f, to, inner);
            });
        }
    }
}
