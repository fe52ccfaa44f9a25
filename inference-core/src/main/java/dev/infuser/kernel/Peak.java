package dev.infuser.kernel;

import dev.infuser.wasm.FunctionBuilder;
import dev.infuser.wasm.Op;
import java.util.List;

/**
 * Multiply-adds in registers and nothing else, by the instructions of the target that do most of them: the limit of what a
 * product can reach. Every thread does all of it.
 *
 * <p>Slots: {@code count} of rounds, at least 1; {@code out} address of one number, the sum of what they make: floats
 * {@code a} become {@code a / 2 + 1}, so that none is denormal, and integers {@code a} become {@code a} and the sum of their
 * parts.
 */
public final class Peak implements Kernel {
    private static final int ACCUMULATORS = 12;
    private static final int UNROLLED = 4;

    private final boolean integer;

    /** Multiply-adds of 8-bit integers, or of floats. */
    public Peak(boolean integer) {
        this.integer = integer;
    }

    @Override
    public String name() {
        return "peak";
    }

    @Override
    public List<String> slots() {
        return List.of("count", "out");
    }

    /** Multiplications and additions of a round. */
    public int operations(Target target) {
        return ACCUMULATORS * UNROLLED * (!integer ? 8 : target.dot() == Target.Dot.NONE ? 16 : 32);
    }

    @Override
    public void emit(FunctionBuilder f, Target target) {
        int count = Emit.slot(f, 0);
        Emit.pushSlot(f, 1);
        loop(f, target, count);
        f.lane(Op.I32X4_EXTRACT_LANE, 0).mem(Op.I32_STORE, 0);
    }

    /** Writes the loop, which counts a local down to 0 and leaves a v128. */
    public void loop(FunctionBuilder f, Target target, int count) {
        int x = f.constant(integer ? 0x01010101 : Float.floatToRawIntBits(0.5f));
        int y = f.constant(integer ? 0x00010001 : Float.floatToRawIntBits(1));
        int first = Emit.v128(f);
        f.get(x).set(first);
        for (int i = 1; i < ACCUMULATORS; i++) {
            f.get(x).set(Emit.v128(f));
        }
        int loop = f.loop();
        for (int i = 0; i < UNROLLED * ACCUMULATORS; i++) {
            int a = first + i % ACCUMULATORS;
            f.get(a).get(x);
            if (!integer) {
                if (target.relaxedMadd()) {
                    f.get(y).op(Op.F32X4_RELAXED_MADD);
                } else {
                    f.op(Op.F32X4_MUL).get(y).op(Op.F32X4_ADD);
                }
            } else if (target.dot().exact) {
                f.get(a).op(Op.I32X4_RELAXED_DOT_I8X16_I7X16_ADD_S);
            } else {
                if (target.dot() != Target.Dot.NONE) {
                    f.op(Op.I16X8_RELAXED_DOT_I8X16_I7X16_S).get(y);
                }
                f.op(Op.I32X4_DOT_I16X8_S).get(a).op(Op.I32X4_ADD);
            }
            f.set(a);
        }
        Emit.add(f, count, -1);
        f.get(count).brIf(loop).end().get(first);
        for (int i = 1; i < ACCUMULATORS; i++) {
            f.get(first + i).op(integer ? Op.I32X4_ADD : Op.F32X4_ADD);
        }
    }
}
