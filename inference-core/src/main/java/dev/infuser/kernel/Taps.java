package dev.infuser.kernel;

import dev.infuser.wasm.FunctionBuilder;
import dev.infuser.wasm.Op;
import java.util.ArrayList;
import java.util.List;

/**
 * Pooling, resampling and padding: along some adjacent axes, each position of the output takes elements of the input at
 * positions that a table tells, its taps. The tensors are {@code [outer, axes..., inner]}, dense.
 *
 * <p>Slots: {@code out in} addresses; {@code outer} extent and {@code outer_in} bytes of the input per position along it;
 * {@code inner} bytes of the innermost run; {@code fill} address of the element that stands for what lies outside, or 0 for
 * zero; {@code scratch}, not needed by {@link Combine#COPY}; {@code zero_0 zero_1}, which must be 0; and for each axis
 * {@code extent_i} of the output. The block is followed by two words for each axis, its taps per position (at least 1) and
 * where they begin, in bytes from the end of the block. A tap is two words: the offset in bytes into the input, or -1
 * outside; and a weight.
 *
 * @param combine what becomes of the taps
 * @param size bytes per element, 4 unless copied
 * @param axes number of axes with taps, at least 1
 */
public record Taps(Combine combine, int size, int axes) implements Kernel {
    /** What becomes of the taps. */
    public enum Combine {
        /** The only tap of each axis, whatever its weight. */
        COPY,
        /** The sum of f32 elements times the product of their weights; nothing lies outside. */
        SUM,
        /** The greatest of f32 elements; nothing lies outside. */
        MAX
    }

    private static final int OUT = 0;
    private static final int IN = 1;
    private static final int OUTER = 2;
    private static final int OUTER_IN = 3;
    private static final int INNER = 4;
    private static final int FILL = 5;
    private static final int SCRATCH = 6;
    private static final int ZERO = 7;
    private static final int AXES = 9;
    private static final int VECTORS = 4;
    private static final int TAP = 8;

    @Override
    public String name() {
        return "taps_" + combine + "_" + axes + (combine == Combine.COPY ? "_" + 8 * size : "");
    }

    @Override
    public List<String> slots() {
        List<String> slots = new ArrayList<>(
                List.of("out", "in", "outer", "outer_in", "inner", "fill", "scratch", "zero_0", "zero_1"));
        for (int i = 0; i < axes; i++) {
            slots.add("extent_" + i);
        }
        return slots;
    }

    @Override
    public void work(int[] words, int at, long[] work) {
        int each = combine == Combine.COPY ? 0 : combine == Combine.MAX ? 1 : 2;
        work[0] = (long) words[at + OUTER] * words[at + INNER] / size * Emit.product(words, at + AXES, 1, axes)
                * Emit.product(words, at + AXES + axes, 2, axes) * each;
    }

    @Override
    public void emit(FunctionBuilder f, Target target) {
        int total = Emit.slot(f, OUTER);
        f.get(total);
        Emit.product(f, AXES, 1, axes - 1);
        f.set(total);
        int unit = Emit.i32(f);
        int rest = Emit.i32(f);
        int index = Emit.i32(f);
        int inner = Emit.slot(f, INNER);
        int count = Emit.slot(f, AXES + axes - 1);
        int to = Emit.i32(f);
        int[] at = new int[axes];
        for (int i = 0; i < axes; i++) {
            at[i] = Emit.i32(f);
        }
        Code code = combine == Combine.COPY ? new Copy(f, inner) : new Sum(f, target, inner);
        Emit.units(f, unit, total, () -> {
            f.get(unit).set(rest);
            for (int i = axes - 2; i >= 0; i--) {
                Emit.divide(f, rest, Emit.slot(f, AXES + i), index);
                row(f, i, index);
                f.set(at[i]);
            }
            Emit.pushSlot(f, IN);
            f.get(rest);
            Emit.pushSlot(f, OUTER_IN);
            f.op(Op.I32_MUL).op(Op.I32_ADD);
            code.start();
            for (int i = 0; i < axes - 1; i++) {
                code.axis(at[i], i);
            }
            Emit.pushSlot(f, OUT);
            f.get(unit).get(count).op(Op.I32_MUL).get(inner).op(Op.I32_MUL).op(Op.I32_ADD).set(to);
            f.i32(0).set(index);
            row(f, axes - 1, index);
            f.set(at[axes - 1]);
            code.line(at[axes - 1], count, to);
        });
    }

    /** Pushes the address of the taps of a position. */
    private void row(FunctionBuilder f, int axis, int index) {
        f.get(0);
        Emit.pushSlot(f, AXES + axes + 2 * axis + 1);
        f.op(Op.I32_ADD).i32(4 * (AXES + axes)).op(Op.I32_ADD).get(index);
        Emit.pushSlot(f, AXES + axes + 2 * axis);
        f.op(Op.I32_MUL).i32(TAP).op(Op.I32_MUL).op(Op.I32_ADD);
    }

    /** What differs between copies and sums. */
    private interface Code {
        /** Begins with the address on the stack. */
        void start();

        /** Takes in the taps of an axis at the address {@code taps}, which may be changed. */
        void axis(int taps, int axis);

        /** Writes a line of {@code count} positions to {@code to}; their taps follow each other at {@code taps}. */
        void line(int taps, int count, int to);
    }

    private final class Copy implements Code {
        private final FunctionBuilder f;
        private final int inner;
        private final int from;
        private final int outside;

        Copy(FunctionBuilder f, int inner) {
            this.f = f;
            this.inner = inner;
            from = Emit.i32(f);
            outside = Emit.i32(f);
        }

        @Override
        public void start() {
            f.set(from).i32(0).set(outside);
        }

        @Override
        public void axis(int taps, int axis) {
            f.get(taps).mem(Op.I32_LOAD, 0).tee(taps).get(outside).op(Op.I32_OR).set(outside);
            Emit.addLocal(f, from, taps);
        }

        @Override
        public void line(int taps, int count, int to) {
            int end = Emit.i32(f);
            int offset = Emit.i32(f);
            int next = Emit.i32(f);
            int source = Emit.i32(f);
            int bytes = Emit.i32(f);
            int target = Emit.i32(f);
            f.get(taps).get(count).i32(TAP).op(Op.I32_MUL).op(Op.I32_ADD).set(end);
            Emit.loopWhile(f, () -> f.get(taps).get(end).op(Op.I32_LT_U), () -> {
                f.get(taps).mem(Op.I32_LOAD, 0).get(outside).op(Op.I32_OR).i32(0).op(Op.I32_LT_S).ifTrue();
                Emit.pushSlot(f, FILL);
                f.get(0).i32(4 * ZERO).op(Op.I32_ADD);
                Emit.pushSlot(f, FILL);
                f.op(Op.SELECT).set(source).get(to).get(inner).op(Op.I32_ADD).set(target);
                Emit.loopWhile(f, () -> f.get(to).get(target).op(Op.I32_LT_U), () -> {
                    Emit.move(f, size, to, source);
                    Emit.add(f, to, size);
                });
                Emit.add(f, taps, TAP);
                f.otherwise();
                f.get(taps).mem(Op.I32_LOAD, 0).tee(offset).get(from).op(Op.I32_ADD).set(source);
                f.get(offset).get(inner).op(Op.I32_ADD).set(next);
                Emit.add(f, taps, TAP);
                Emit.loopWhile(f, () -> f.get(taps).get(end).op(Op.I32_LT_U).get(taps).mem(Op.I32_LOAD, 0).get(next)
                        .op(Op.I32_EQ).op(Op.I32_AND), () -> {
                            Emit.add(f, taps, TAP);
                            Emit.addLocal(f, next, inner);
                        });
                f.get(next).get(offset).op(Op.I32_SUB).tee(bytes).get(to).op(Op.I32_ADD).set(next);
                Emit.copy(f, to, source, bytes);
                f.get(next).set(to);
                f.end();
            });
        }
    }

    /** Lists of taps, address and weight, grow axis by axis in the scratch; what lies outside is not in them. */
    private final class Sum implements Code {
        private final FunctionBuilder f;
        private final Lanes lanes;
        private final int inner;
        private final int scratch;
        private final int begin;
        private final int end;

        Sum(FunctionBuilder f, Target target, int inner) {
            this.f = f;
            this.lanes = new Lanes(f, target);
            this.inner = inner;
            scratch = Emit.scratch(f, SCRATCH);
            begin = Emit.i32(f);
            end = Emit.i32(f);
        }

        @Override
        public void start() {
            int address = Emit.i32(f);
            f.set(address).get(scratch).tee(begin).get(address).mem(Op.I32_STORE, 0);
            f.get(begin).i32(Float.floatToRawIntBits(1)).mem(Op.I32_STORE, 4);
            f.get(begin).i32(TAP).op(Op.I32_ADD).set(end);
        }

        @Override
        public void axis(int taps, int axis) {
            int last = Emit.i32(f);
            taps(taps, axis, last);
            f.get(end).set(begin).get(last).set(end);
        }

        /** Lists every tap so far with every tap of the axis behind {@code end}, and sets {@code last} to the end of that. */
        private void taps(int taps, int axis, int last) {
            int entry = Emit.i32(f);
            int tap = Emit.i32(f);
            int stop = Emit.i32(f);
            f.get(taps);
            Emit.pushSlot(f, AXES + axes + 2 * axis);
            f.i32(TAP).op(Op.I32_MUL).op(Op.I32_ADD).set(stop);
            f.get(end).set(last).get(begin).set(entry);
            Emit.range(f, entry, end, TAP, () -> {
                f.get(taps).set(tap);
                Emit.range(f, tap, stop, TAP, () -> {
                    f.get(tap).mem(Op.I32_LOAD, 0).i32(0).op(Op.I32_GE_S).ifTrue();
                    f.get(last).get(entry).mem(Op.I32_LOAD, 0).get(tap).mem(Op.I32_LOAD, 0).op(Op.I32_ADD)
                            .mem(Op.I32_STORE, 0);
                    f.get(last).get(entry).mem(Op.F32_LOAD, 4).get(tap).mem(Op.F32_LOAD, 4).op(Op.F32_MUL)
                            .mem(Op.F32_STORE, 4);
                    Emit.add(f, last, TAP);
                    f.end();
                });
            });
            f.get(stop).set(taps);
        }

        @Override
        public void line(int taps, int count, int to) {
            boolean max = combine == Combine.MAX;
            int left = Emit.i32(f);
            int last = Emit.i32(f);
            int entry = Emit.i32(f);
            int column = Emit.i32(f);
            int address = Emit.i32(f);
            int remaining = Emit.i32(f);
            int weight = Emit.v128(f);
            int[] sums = new int[VECTORS];
            for (int v = 0; v < VECTORS; v++) {
                sums[v] = Emit.v128(f);
            }
            f.get(count).set(left);
            Emit.loopWhile(f, () -> f.get(left), () -> {
                taps(taps, axes - 1, last);
                f.i32(0).set(column);
                Emit.range(f, column, inner, 16 * VECTORS, () -> {
                    for (int sum : sums) {
                        f.f32x4(max ? Float.NEGATIVE_INFINITY : 0).set(sum);
                    }
                    f.get(end).set(entry);
                    Emit.range(f, entry, last, TAP, () -> {
                        f.get(entry).mem(Op.I32_LOAD, 0).get(column).op(Op.I32_ADD).set(address);
                        if (!max) {
                            f.get(entry).mem(Op.V128_LOAD32_SPLAT, 4).set(weight);
                        }
                        for (int v = 0; v < VECTORS; v++) {
                            f.get(address).mem(Op.V128_LOAD, 16 * v);
                            if (max) {
                                f.get(sums[v]).op(Op.F32X4_MAX);
                            } else {
                                f.get(weight);
                                lanes.mul();
                                f.get(sums[v]);
                                lanes.add();
                            }
                            f.set(sums[v]);
                        }
                    });
                    f.get(inner).get(column).op(Op.I32_SUB).set(remaining);
                    for (int sum : sums) {
                        f.get(remaining).i32(0).op(Op.I32_GT_S).ifTrue();
                        f.get(to).get(column).op(Op.I32_ADD).set(address);
                        Emit.store(f, Element.F32, sum, address, remaining);
                        Emit.add(f, remaining, -16);
                        f.end();
                        Emit.add(f, to, 16);
                    }
                    Emit.add(f, to, -16 * VECTORS);
                });
                Emit.addLocal(f, to, inner);
                Emit.add(f, left, -1);
            });
        }
    }
}
