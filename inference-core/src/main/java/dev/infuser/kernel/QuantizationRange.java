package dev.infuser.kernel;

import dev.infuser.expr.Expr;
import dev.infuser.expr.Fn;
import dev.infuser.wasm.FunctionBuilder;
import dev.infuser.wasm.Op;
import java.util.List;

/**
 * The scale and zero point by which ONNX's {@code DynamicQuantizeLinear} maps the range of a dense f32 tensor, made to hold
 * 0, to uint8.
 *
 * <p>Slots: {@code in scale zero} addresses, {@code zero} being a byte; {@code count} elements.
 */
public record QuantizationRange() implements Kernel {
    private static final Expr MIN = Expr.input(0);
    private static final Expr MAX = Expr.input(1);
    private static final Expr SCALE = new Expr.Select(Expr.of(Fn.EQ, MIN, MAX), Expr.constant(1),
            Expr.of(Fn.DIV, Expr.of(Fn.SUB, MAX, MIN), Expr.constant(255)));
    private static final Expr ZERO = Expr.of(Fn.ROUND, Expr.of(Fn.DIV, Expr.of(Fn.NEG, MIN), SCALE));
    private static final int VECTORS = 4;

    @Override
    public String name() {
        return "quantization_range";
    }

    @Override
    public List<String> slots() {
        return List.of("in", "scale", "zero", "count");
    }

    @Override
    public void emit(FunctionBuilder f, Target target) {
        Lanes lanes = new Lanes(f, target);
        int unit = Emit.i32(f);
        int one = Emit.i32(f);
        int in = Emit.slot(f, 0);
        int left = Emit.slot(f, 3);
        int value = Emit.v128(f);
        int[] low = new int[VECTORS];
        int[] high = new int[VECTORS];
        for (int i = 0; i < VECTORS; i++) {
            low[i] = Emit.v128(f);
            high[i] = Emit.v128(f);
        }
        f.i32(1).set(one);
        Emit.units(f, unit, one, () -> {
            f.get(left).i32(2).op(Op.I32_SHL).set(left);
            Emit.loopWhile(f, () -> f.get(left).i32(16 * VECTORS).op(Op.I32_GE_S), () -> {
                for (int i = 0; i < VECTORS; i++) {
                    f.get(in).mem(Op.V128_LOAD, 16 * i).set(value);
                    widen(f, value, low[i], high[i]);
                }
                Emit.add(f, in, 16 * VECTORS);
                Emit.add(f, left, -16 * VECTORS);
            });
            Emit.loopWhile(f, () -> f.get(left).i32(0).op(Op.I32_GT_S), () -> {
                f.get(in).mem(Op.V128_LOAD, 0);
                Emit.tailMask(f, left);
                f.op(Op.V128_AND).set(value);
                widen(f, value, low[0], high[0]);
                Emit.add(f, in, 16);
                Emit.add(f, left, -16);
            });
            for (int i = 1; i < VECTORS; i++) {
                f.get(low[0]).get(low[i]).op(Op.F32X4_MIN).set(low[0]);
                f.get(high[0]).get(high[i]).op(Op.F32X4_MAX).set(high[0]);
            }
            Emit.across(f, low[0], Op.F32X4_MIN);
            Emit.across(f, high[0], Op.F32X4_MAX);
            int[] range = {low[0], high[0]};
            f.i32(4).set(left);
            store(f, lanes, SCALE, range, value, Element.F32, 1, left);
            store(f, lanes, ZERO, range, value, Element.U8, 2, left);
        });
    }

    private static void widen(FunctionBuilder f, int value, int low, int high) {
        f.get(low).get(value).op(Op.F32X4_PMIN).set(low);
        f.get(high).get(value).op(Op.F32X4_PMAX).set(high);
    }

    private static void store(FunctionBuilder f, Lanes lanes, Expr e, int[] range, int value, Element element, int slot,
            int left) {
        int address = Emit.slot(f, slot);
        lanes.push(e, range);
        f.set(value);
        Emit.store(f, element, value, address, left);
    }
}
