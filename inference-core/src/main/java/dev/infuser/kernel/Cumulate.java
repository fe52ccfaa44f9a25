package dev.infuser.kernel;

import dev.infuser.wasm.FunctionBuilder;
import dev.infuser.wasm.Op;
import java.util.List;

/**
 * Sums or products of all elements so far along the middle axis of a dense tensor {@code [outer, axis, inner]}, of f32 in
 * float64, of integers modulo their width.
 *
 * <p>Slots: {@code out in} addresses; {@code outer axis inner} dimensions.
 *
 * @param element   F32, I32 or I64
 * @param sum       whether to add, or to multiply
 * @param exclusive whether an element itself is left out
 * @param reverse   whether to begin at the end
 */
public record Cumulate(Element element, boolean sum, boolean exclusive, boolean reverse) implements Kernel {

    @Override
    public String name() {
        return "cum" + (sum ? "sum" : "prod") + "_" + element + (exclusive ? "_exclusive" : "") + (reverse ? "_reverse" : "");
    }

    @Override
    public List<String> slots() {
        return List.of("out", "in", "outer", "axis", "inner");
    }

    @Override
    public void emit(FunctionBuilder f, Target target) {
        int lanes = 16 / element.size;
        boolean real = element == Element.F32;
        Columns columns = new Columns(f, lanes);
        int[] state = new int[real ? 2 : 1];
        for (int i = 0; i < state.length; i++) {
            state[i] = Emit.v128(f);
        }
        int value = Emit.v128(f);
        int result = Emit.v128(f);
        int at = Emit.i32(f);
        int direction = Emit.dim(f, 1, 0);
        int back = Emit.i32(f);
        columns.units(element.size, element.size, false, () -> {
            if (reverse) {
                f.get(columns.axis).i32(1).op(Op.I32_SUB).set(back);
                columns.move(columns.in, element.size, back);
                columns.move(columns.out, element.size, back);
                f.i32(-1).set(direction);
            }
            for (int s : state) {
                neutral(f);
                f.set(s);
            }
            f.i32(0).set(at);
            Emit.range(f, at, columns.axis, 1, () -> {
                f.get(columns.in).mem(Op.V128_LOAD, 0).set(value);
                if (exclusive) {
                    push(f, state);
                    f.set(result);
                }
                for (int i = 0; i < state.length; i++) {
                    f.get(state[i]).get(value);
                    if (real) {
                        if (i == 1) {
                            f.get(value).shuffle32(2, 3, 2, 3);
                        }
                        f.op(Op.F64X2_PROMOTE_LOW_F32X4).op(sum ? Op.F64X2_ADD : Op.F64X2_MUL);
                    } else {
                        f.op(element == Element.I32 ? sum ? Op.I32X4_ADD : Op.I32X4_MUL : sum ? Op.I64X2_ADD : Op.I64X2_MUL);
                    }
                    f.set(state[i]);
                }
                if (!exclusive) {
                    push(f, state);
                    f.set(result);
                }
                columns.store(result, columns.out);
                columns.move(columns.in, element.size, direction);
                columns.move(columns.out, element.size, direction);
            });
        });
    }

    private void neutral(FunctionBuilder f) {
        int one = sum ? 0 : 1;
        switch (element) {
            case F32 -> f.f64x2(one);
            case I32 -> f.v128x4(one);
            default -> f.v128(one, one);
        }
    }

    /** Pushes the elements that a state stands for. */
    private void push(FunctionBuilder f, int[] state) {
        f.get(state[0]);
        if (state.length == 2) {
            f.op(Op.F32X4_DEMOTE_F64X2_ZERO).get(state[1]).op(Op.F32X4_DEMOTE_F64X2_ZERO).shuffle32(0, 1, 4, 5);
        }
    }
}
