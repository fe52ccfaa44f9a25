package dev.infuser.kernel;

import dev.infuser.wasm.FunctionBuilder;
import dev.infuser.wasm.Op;
import dev.infuser.wasm.ValueType;
import java.util.function.IntConsumer;

/** Instruction sequences that kernels share. */
final class Emit {
    private static final int SHARE = 1;
    private static final int SHARES = 2;
    private static final int THREAD = 3;

    private Emit() {}

    static int i32(FunctionBuilder f) {
        return f.local(ValueType.I32);
    }

    static int[] locals(FunctionBuilder f, int count) {
        int[] locals = new int[count];
        for (int i = 0; i < count; i++) {
            locals[i] = i32(f);
        }
        return locals;
    }

    static int v128(FunctionBuilder f) {
        return f.local(ValueType.V128);
    }

    /** Tests before every round; {@code condition} pushes an i32 and is written twice. */
    static void loopWhile(FunctionBuilder f, Runnable condition, Runnable body) {
        condition.run();
        f.ifTrue();
        int again = f.loop();
        body.run();
        condition.run();
        f.brIf(again).end().end();
    }

    /** Runs {@code body} while {@code counter < end}, adding {@code step} after each round. */
    static void range(FunctionBuilder f, int counter, int end, int step, Runnable body) {
        loopWhile(f, () -> f.get(counter).get(end).op(Op.I32_LT_S), () -> {
            body.run();
            add(f, counter, step);
        });
    }

    /**
     * Runs {@code body} for this call's share of the independent units of work, which are numbered 0 to {@code total - 1}:
     * a contiguous range, as long as other shares or one longer. {@code total} is not changed.
     */
    static void units(FunctionBuilder f, int unit, int total, Runnable body) {
        int end = i32(f);
        share(f, total, 0);
        f.set(unit);
        share(f, total, 1);
        f.set(end);
        range(f, unit, end, 1, body);
    }

    /** Pushes the first unit of the share that is {@code ahead} of this one. */
    private static void share(FunctionBuilder f, int total, int ahead) {
        f.get(total).op(Op.I64_EXTEND_I32_U).get(SHARE).i32(ahead).op(Op.I32_ADD).op(Op.I64_EXTEND_I32_U).op(Op.I64_MUL)
                .get(SHARES).op(Op.I64_EXTEND_I32_U).op(Op.I64_DIV_U).op(Op.I32_WRAP_I64);
    }

    /** A new local holding the address of this thread's own working memory, given the slot of the first thread's. */
    static int scratch(FunctionBuilder f, int slot) {
        int local = i32(f);
        pushSlot(f, slot);
        f.get(0).i32(4).op(Op.I32_SUB).mem(Op.I32_LOAD, 0).get(THREAD).op(Op.I32_MUL).op(Op.I32_ADD).set(local);
        return local;
    }

    /** The product of {@code count} words that are {@code step} apart. */
    static long product(int[] words, int at, int step, int count) {
        long product = 1;
        for (int i = 0; i < count; i++) {
            product *= words[at + i * step];
        }
        return product;
    }

    /** Multiplies the operand by {@code count} dimensions, whose slots are {@code step} apart. */
    static void product(FunctionBuilder f, int slot, int step, int count) {
        for (int d = 0; d < count; d++) {
            pushSlot(f, slot + d * step);
            f.op(Op.I32_MUL);
        }
    }

    /**
     * Splits the number in {@code rest} into indices of {@code count} dimensions, whose slots are {@code step} apart:
     * the innermost first, each is put into {@code index} before the code for its dimension.
     */
    static void indices(FunctionBuilder f, int rest, int index, int slot, int step, int count, IntConsumer code) {
        for (int d = count - 1; d >= 0; d--) {
            if (d == 0) {
                f.get(rest).set(index);
            } else {
                divide(f, rest, slot(f, slot + d * step), index);
            }
            code.accept(d);
        }
    }

    /** {@code pointer += index * slot}. */
    static void addStride(FunctionBuilder f, int pointer, int index, int slot) {
        f.get(pointer).get(index);
        pushSlot(f, slot);
        f.op(Op.I32_MUL).op(Op.I32_ADD).set(pointer);
    }

    /** Copies bytes between buffers that do not overlap; all three locals are overwritten. */
    static void copy(FunctionBuilder f, int to, int from, int bytes) {
        f.get(bytes).i32(1024).op(Op.I32_GE_U).ifTrue();
        f.get(to).get(from).get(bytes).memoryCopy();
        f.otherwise();
        loopWhile(f, () -> f.get(bytes).i32(16).op(Op.I32_GE_U), () -> {
            f.get(to).get(from).mem(Op.V128_LOAD, 0).mem(Op.V128_STORE, 0);
            add(f, to, 16);
            add(f, from, 16);
            add(f, bytes, -16);
        });
        for (int size = 8; size > 0; size /= 2) {
            f.get(bytes).i32(size).op(Op.I32_AND).ifTrue();
            move(f, size, to, from);
            add(f, to, size);
            add(f, from, size);
            f.end();
        }
        f.end();
    }

    /** Copies one element of 1, 2, 4 or 8 bytes. */
    static void move(FunctionBuilder f, int size, int to, int from) {
        int load = size == 8 ? Op.I64_LOAD : size == 4 ? Op.I32_LOAD : size == 2 ? Op.I32_LOAD16_U : Op.I32_LOAD8_U;
        int store = size == 8 ? Op.I64_STORE : size == 4 ? Op.I32_STORE : size == 2 ? Op.I32_STORE16 : Op.I32_STORE8;
        f.get(to).get(from).mem(load, 0).mem(store, 0);
    }

    static void add(FunctionBuilder f, int local, int value) {
        f.get(local).i32(value).op(Op.I32_ADD).set(local);
    }

    /** {@code local += other}. */
    static void addLocal(FunctionBuilder f, int local, int other) {
        f.get(local).get(other).op(Op.I32_ADD).set(local);
    }

    /** Pushes a slot of the parameter block. */
    static void pushSlot(FunctionBuilder f, int slot) {
        f.get(0).mem(Op.I32_LOAD, 4 * slot);
    }

    /** A new local holding a slot of the parameter block. */
    static int slot(FunctionBuilder f, int slot) {
        int local = i32(f);
        pushSlot(f, slot);
        f.set(local);
        return local;
    }

    /** A new local holding a constant dimension, or the slot when it is dynamic. */
    static int dim(FunctionBuilder f, int constant, int slot) {
        if (constant < 0) {
            return slot(f, slot);
        }
        int local = i32(f);
        f.i32(constant).set(local);
        return local;
    }

    /** Pushes the smaller (signed) of two locals. */
    static void min(FunctionBuilder f, int a, int b) {
        f.get(a).get(b).get(a).get(b).op(Op.I32_LT_S).op(Op.SELECT);
    }

    /** Unsigned division: {@code value} becomes the quotient, {@code remainder} the remainder. */
    static void divide(FunctionBuilder f, int value, int divisor, int remainder) {
        f.get(value).get(value).get(divisor).op(Op.I32_DIV_U).tee(value)
                .get(divisor).op(Op.I32_MUL).op(Op.I32_SUB).set(remainder);
    }

    /** Combines the four lanes of a local with a commutative f32x4 instruction, leaving the result in all lanes. */
    static void across(FunctionBuilder f, int vector, int op) {
        f.get(vector).get(vector).get(vector).shuffle32(2, 3, 0, 1).op(op).set(vector);
        f.get(vector).get(vector).get(vector).shuffle32(1, 0, 3, 2).op(op).set(vector);
    }

    /** Pushes a mask of the lanes that lie before the end, given the bytes of f32 that remain. */
    static void tailMask(FunctionBuilder f, int remaining) {
        f.get(remaining).op(Op.I32X4_SPLAT).v128(4L << 32, 12L << 32 | 8).op(Op.I32X4_GT_S);
    }

    /** Pushes four f32 lanes converted from adjacent elements at {@code address + offset}. */
    static void loadVector(FunctionBuilder f, Element element, int address, int offset) {
        switch (element) {
            case F32 -> f.get(address).mem(Op.V128_LOAD, offset);
            case I64 -> {
                f.get(address).mem(Op.I64_LOAD, offset).op(Op.F32_CONVERT_I64_S).op(Op.F32X4_SPLAT);
                for (int lane = 1; lane < 4; lane++) {
                    f.get(address).mem(Op.I64_LOAD, offset + 8 * lane).op(Op.F32_CONVERT_I64_S)
                            .lane(Op.F32X4_REPLACE_LANE, lane);
                }
            }
            case F16 -> {
                f.get(address).mem(Op.V128_LOAD16X4_U, offset);
                halfToFloat(f);
            }
            default -> {
                loadIntegers(f, element, address, offset);
                f.op(Op.F32X4_CONVERT_I32X4_S);
            }
        }
    }

    /** Pushes four i32 lanes of adjacent integers at {@code address + offset}, the low halves of longer ones. */
    static void loadIntegers(FunctionBuilder f, Element element, int address, int offset) {
        f.get(address);
        switch (element) {
            case I32 -> f.mem(Op.V128_LOAD, offset);
            case I64 -> f.mem(Op.V128_LOAD, offset).get(address).mem(Op.V128_LOAD, offset + 16).shuffle32(0, 2, 4, 6);
            case I8 -> f.mem(Op.V128_LOAD32_ZERO, offset).op(Op.I16X8_EXTEND_LOW_I8X16_S).op(Op.I32X4_EXTEND_LOW_I16X8_S);
            default -> f.mem(Op.V128_LOAD32_ZERO, offset).op(Op.I16X8_EXTEND_LOW_I8X16_U).op(Op.I32X4_EXTEND_LOW_I16X8_U);
        }
    }

    /** Pushes one element in four f32 lanes. */
    static void loadScalar(FunctionBuilder f, Element element, int address) {
        switch (element) {
            case F32 -> f.get(address).mem(Op.V128_LOAD32_SPLAT, 0);
            case I64 -> f.get(address).mem(Op.I64_LOAD, 0).op(Op.F32_CONVERT_I64_S).op(Op.F32X4_SPLAT);
            case F16 -> {
                f.get(address).mem(Op.I32_LOAD16_U, 0).op(Op.I32X4_SPLAT);
                halfToFloat(f);
            }
            default -> {
                loadInteger(f, element, address);
                f.op(Op.F32X4_CONVERT_I32X4_S);
            }
        }
    }

    /** Pushes one integer, the low half of a longer one, in four i32 lanes. */
    static void loadInteger(FunctionBuilder f, Element element, int address) {
        f.get(address);
        if (element.size == 1) {
            f.mem(element == Element.I8 ? Op.I32_LOAD8_S : Op.I32_LOAD8_U, 0).op(Op.I32X4_SPLAT);
        } else {
            f.mem(Op.V128_LOAD32_SPLAT, 0);
        }
    }

    /**
     * Converts four 16-bit floats, each in the low half of a lane, exactly: moved left with the sign kept they are floats 2^112
     * times smaller; infinities and NaN then need the greatest exponent.
     */
    static void halfToFloat(FunctionBuilder f) {
        int bits = v128(f);
        int greatest = f.constant(0x0f800000);
        f.i32(16).op(Op.I32X4_SHL).i32(3).op(Op.I32X4_SHR_S).get(f.constant(0x8fffe000)).op(Op.V128_AND).tee(bits)
                .get(f.constant(0x77800000)).op(Op.F32X4_MUL).get(bits).get(greatest).op(Op.V128_AND).get(greatest)
                .op(Op.I32X4_EQ).get(f.constant(0x7f800000)).op(Op.V128_AND).op(Op.V128_OR);
    }

    /**
     * Stores the lanes of {@code value} that lie before the end, given the bytes of f32 that remain (more than 0).
     * {@code value} is overwritten.
     */
    static void store(FunctionBuilder f, Element element, int value, int address, int remaining) {
        switch (element) {
            case F32 -> { }
            case BOOL -> f.get(value).f32x4(0).op(Op.F32X4_NE).v128x4(1).op(Op.V128_AND).set(value);
            default -> f.get(value).op(Op.I32X4_TRUNC_SAT_F32X4_S).set(value);
        }
        storeIntegers(f, element, value, address, remaining);
    }

    /** {@link #store} of i32 lanes, or of lanes of whatever 32 bits the element has; 0 or 1 for BOOL. */
    static void storeIntegers(FunctionBuilder f, Element element, int value, int address, int remaining) {
        if (element.size == 1) {
            f.get(value).get(value).op(Op.I16X8_NARROW_I32X4_S).tee(value).get(value)
                    .op(element == Element.I8 ? Op.I8X16_NARROW_I16X8_S : Op.I8X16_NARROW_I16X8_U).set(value);
        }
        f.get(remaining).i32(16).op(Op.I32_GE_S).ifTrue();
        f.get(address);
        switch (element.size) {
            case 4 -> f.get(value).mem(Op.V128_STORE, 0);
            case 1 -> f.get(value).memLane(Op.V128_STORE32_LANE, 0, 0);
            default -> f.get(value).op(Op.I64X2_EXTEND_LOW_I32X4_S).mem(Op.V128_STORE, 0)
                    .get(address).get(value).op(Op.I64X2_EXTEND_HIGH_I32X4_S).mem(Op.V128_STORE, 16);
        }
        f.otherwise();
        f.get(remaining).i32(8).op(Op.I32_AND).ifTrue();
        f.get(address);
        switch (element.size) {
            case 4 -> f.get(value).memLane(Op.V128_STORE64_LANE, 0, 0).get(value).get(value).shuffle32(2, 3, 2, 3)
                    .set(value);
            case 1 -> f.get(value).memLane(Op.V128_STORE16_LANE, 0, 0)
                    .get(value).i32(16).op(Op.I32X4_SHR_U).set(value);
            default -> f.get(value).op(Op.I64X2_EXTEND_LOW_I32X4_S).mem(Op.V128_STORE, 0)
                    .get(value).get(value).shuffle32(2, 3, 2, 3).set(value);
        }
        add(f, address, 2 * element.size);
        f.end();
        f.get(remaining).i32(4).op(Op.I32_AND).ifTrue();
        f.get(address);
        switch (element.size) {
            case 4 -> f.get(value).memLane(Op.V128_STORE32_LANE, 0, 0);
            case 1 -> f.get(value).memLane(Op.V128_STORE8_LANE, 0, 0);
            default -> f.get(value).op(Op.I64X2_EXTEND_LOW_I32X4_S).memLane(Op.V128_STORE64_LANE, 0, 0);
        }
        f.end().end();
    }
}
