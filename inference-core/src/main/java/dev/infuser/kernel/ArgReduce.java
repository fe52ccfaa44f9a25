package dev.infuser.kernel;

import dev.infuser.wasm.FunctionBuilder;
import dev.infuser.wasm.Op;
import java.util.List;

/**
 * The index, as int64, of the greatest or least f32 along the middle axis, which must not be empty, of a dense tensor
 * {@code [outer, axis, inner]}: the first of equals or the last. Each number is compared with the best one before it, in
 * order.
 *
 * <p>Slots: {@code out in} addresses; {@code outer axis inner} dimensions.
 */
public record ArgReduce(boolean max, boolean last) implements Kernel {

    @Override
    public String name() {
        return "arg" + (max ? "max" : "min") + (last ? "_last" : "");
    }

    @Override
    public List<String> slots() {
        return List.of("out", "in", "outer", "axis", "inner");
    }

    @Override
    public void emit(FunctionBuilder f, Target target) {
        Columns columns = new Columns(f, 4);
        int value = Emit.v128(f);
        int best = Emit.v128(f);
        int found = Emit.v128(f);
        int beats = Emit.v128(f);
        int at = Emit.i32(f);
        int one = Emit.dim(f, 1, 0);
        columns.units(Float.BYTES, Long.BYTES, true, () -> {
            f.get(columns.in).mem(Op.V128_LOAD, 0).set(best);
            f.f32x4(0).set(found);
            f.i32(0).set(at);
            Emit.range(f, at, columns.axis, 1, () -> {
                f.get(columns.in).mem(Op.V128_LOAD, 0).set(value);
                f.get(last ? best : value).get(last ? value : best).op(max ? Op.F32X4_GT : Op.F32X4_LT);
                if (last) {
                    f.op(Op.V128_NOT);
                }
                f.set(beats);
                f.get(value).get(best).get(beats).op(Op.V128_BITSELECT).set(best);
                f.get(at).op(Op.I32X4_SPLAT).get(found).get(beats).op(Op.V128_BITSELECT).set(found);
                columns.move(columns.in, Float.BYTES, one);
            });
            for (int lane = 0; lane < 4; lane++) {
                f.get(columns.left).i32(lane).op(Op.I32_GT_S).ifTrue();
                f.get(columns.out).get(found).lane(Op.I32X4_EXTRACT_LANE, lane).op(Op.I64_EXTEND_I32_S)
                        .mem(Op.I64_STORE, Long.BYTES * lane).end();
            }
        });
    }
}
