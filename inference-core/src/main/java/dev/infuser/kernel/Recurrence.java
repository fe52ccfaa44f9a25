package dev.infuser.kernel;

import dev.infuser.expr.Expr;
import dev.infuser.expr.UnitPass;
import dev.infuser.wasm.FunctionBuilder;
import dev.infuser.wasm.Op;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A recurrent layer over all steps of time. A unit of work is one sequence in one direction. Hidden units go in blocks of 8,
 * the last one filled up: {@code x} holds for each step the row {@code [blocks, gates, 8]} that the layer's input adds to the
 * gates, {@code r} the recurrent weights {@code [directions, blocks, hidden, gates, 8]}, {@code extra} the constants of units
 * {@code [directions, extras, blocks * 8]}.
 *
 * <p>Slots: {@code x}, and its bytes per step, sequence and direction {@code x_time x_row x_dir}; {@code r}; {@code extra};
 * counts {@code steps rows directions}; {@code backward} is 1 where the first direction goes backward, as the second always
 * does; {@code lengths} i32 of each sequence; initial {@code h c} and final {@code yh yc} vectors with bytes per direction
 * and sequence {@code s_dir s_row}; {@code y} all states with bytes per step, direction and sequence
 * {@code y_time y_dir y_row}; {@code scratch}. The addresses of lengths, h, c, y, yh and yc may be 0 for none: sequences go
 * on for all steps, and initial vectors are 0.
 *
 * @param hidden units of the layer
 * @param gates  gates of a unit
 * @param passes what is done in a step
 * @param extras constants of a unit
 */
public record Recurrence(int hidden, int gates, List<UnitPass> passes, int extras) implements Kernel {

    private static final List<String> SLOTS = List.of("x", "x_time", "x_row", "x_dir", "r", "extra", "steps", "rows",
            "directions", "backward", "lengths", "h", "c", "s_dir", "s_row", "y", "y_time", "y_dir", "y_row", "yh", "yc",
            "scratch");
    private static final int STEPS = 6;
    private static final int VECTORS = 4;
    private static final int BLOCK = 32;
    private static final int UNROLL = 4;

    public Recurrence {
        passes = List.copyOf(passes);
    }

    @Override
    public String name() {
        return "recurrence_g" + gates + "_h" + hidden;
    }

    @Override
    public List<String> slots() {
        return SLOTS;
    }

    private int vectorBytes() {
        return (hidden + 7) / 8 * BLOCK;
    }

    /** Bytes that {@code scratch} must have. */
    public int scratchBytes() {
        return VECTORS * vectorBytes();
    }

    @Override
    public void work(int[] words, int at, long[] work) {
        work[0] = 2 * Emit.product(words, at + STEPS, 1, 3) * gates * hidden * hidden;
    }

    @Override
    public void emit(FunctionBuilder f, Target target) {
        new Code(f, target).emit();
    }

    private final class Code {
        private final FunctionBuilder f;
        private final Lanes lanes;
        private final int[] vectors = new int[VECTORS];
        private final int row;
        private final int direction;
        private final int to;
        private final int from;
        private final int bytes;
        private final int x;
        private final int weights;
        private final int offset;

        Code(FunctionBuilder f, Target target) {
            this.f = f;
            lanes = new Lanes(f, target);
            row = Emit.i32(f);
            direction = Emit.i32(f);
            to = Emit.i32(f);
            from = Emit.i32(f);
            bytes = Emit.i32(f);
            x = Emit.i32(f);
            weights = Emit.i32(f);
            offset = Emit.i32(f);
            for (int v = 0; v < VECTORS; v++) {
                vectors[v] = Emit.i32(f);
            }
        }

        private void slot(String name) {
            Emit.pushSlot(f, SLOTS.indexOf(name));
        }

        void emit() {
            int scratch = Emit.scratch(f, SLOTS.indexOf("scratch"));
            int rows = Emit.slot(f, SLOTS.indexOf("rows"));
            int steps = Emit.slot(f, SLOTS.indexOf("steps"));
            int total = Emit.i32(f);
            int unit = Emit.i32(f);
            int length = Emit.i32(f);
            int step = Emit.i32(f);
            int time = Emit.i32(f);
            f.get(rows);
            slot("directions");
            f.op(Op.I32_MUL).set(total);
            Emit.units(f, unit, total, () -> {
                f.get(unit).set(direction);
                Emit.divide(f, direction, rows, row);
                f.get(scratch).i32(0).i32(scratchBytes()).memoryFill();
                for (int v = 0; v < VECTORS; v++) {
                    f.get(scratch).i32(v * vectorBytes()).op(Op.I32_ADD).set(vectors[v]);
                }
                copyState("h", 0, true);
                copyState("c", 2, true);
                f.get(steps).set(length);
                slot("lengths");
                f.ifTrue();
                slot("lengths");
                f.get(row).i32(2).op(Op.I32_SHL).op(Op.I32_ADD).mem(Op.I32_LOAD, 0).set(length);
                Emit.min(f, length, steps);
                f.tee(length).i32(0).get(length).i32(0).op(Op.I32_GT_S).op(Op.SELECT).set(length);
                f.end();
                f.i32(0).set(step);
                Emit.range(f, step, length, 1, () -> {
                    f.get(length).get(step).op(Op.I32_SUB).i32(1).op(Op.I32_SUB).get(step).get(direction);
                    slot("backward");
                    f.op(Op.I32_OR).op(Op.SELECT).set(time);
                    at(time, "x");
                    f.set(x);
                    for (UnitPass pass : passes) {
                        pass(pass);
                    }
                    all(time, () -> {
                        f.get(vectors[1]).set(from);
                        f.i32(4 * hidden).set(bytes);
                        Emit.copy(f, to, from, bytes);
                    });
                    f.get(vectors[0]).get(vectors[1]).set(vectors[0]).set(vectors[1]);
                });
                Emit.range(f, length, steps, 1, () -> all(length, () -> f.get(to).i32(0).i32(4 * hidden).memoryFill()));
                copyState("yh", 0, false);
                copyState("yc", 2, false);
            });
        }

        /** Pushes the address of this unit's part of {@code x} or {@code y} at a step. */
        private void at(int time, String name) {
            slot(name);
            f.get(time);
            slot(name + "_time");
            f.op(Op.I32_MUL).op(Op.I32_ADD).get(row);
            slot(name + "_row");
            f.op(Op.I32_MUL).op(Op.I32_ADD).get(direction);
            slot(name + "_dir");
            f.op(Op.I32_MUL).op(Op.I32_ADD);
        }

        /** Does {@code body} with {@code to} at the place of all states for a step, if they are wanted. */
        private void all(int time, Runnable body) {
            slot("y");
            f.ifTrue();
            at(time, "y");
            f.set(to);
            body.run();
            f.end();
        }

        private void copyState(String name, int vector, boolean in) {
            slot(name);
            f.ifTrue();
            slot(name);
            f.get(row);
            slot("s_row");
            f.op(Op.I32_MUL).op(Op.I32_ADD).get(direction);
            slot("s_dir");
            f.op(Op.I32_MUL).op(Op.I32_ADD).set(in ? from : to);
            f.get(vectors[vector]).set(in ? to : from);
            f.i32(4 * hidden).set(bytes);
            Emit.copy(f, to, from, bytes);
            f.end();
        }

        private void pass(UnitPass pass) {
            int count = 2 * (pass.to() - pass.from());
            int[] sums = new int[count];
            for (int i = 0; i < count; i++) {
                sums[i] = Emit.v128(f);
            }
            int splat = Emit.v128(f);
            int source = Emit.i32(f);
            int end = Emit.i32(f);
            slot("r");
            f.get(direction).i32(vectorBytes() * hidden * gates).op(Op.I32_MUL).op(Op.I32_ADD)
                    .i32(pass.from() * BLOCK).op(Op.I32_ADD).set(weights);
            f.i32(0).set(offset);
            Emit.loopWhile(f, () -> f.get(offset).i32(vectorBytes()).op(Op.I32_LT_U), () -> {
                for (int sum : sums) {
                    f.f32x4(0).set(sum);
                }
                f.get(vectors[pass.source()]).tee(source).i32(hidden / UNROLL * UNROLL * 4).op(Op.I32_ADD).set(end);
                Emit.loopWhile(f, () -> f.get(source).get(end).op(Op.I32_LT_U), () -> products(UNROLL, source, splat, sums));
                products(hidden % UNROLL, source, splat, sums);
                for (int half = 0; half < 2; half++) {
                    finish(pass, sums, half);
                }
                Emit.add(f, offset, BLOCK);
            });
        }

        private void products(int depth, int source, int splat, int[] sums) {
            for (int k = 0; k < depth; k++) {
                f.get(source).mem(Op.V128_LOAD32_SPLAT, 4 * k).set(splat);
                for (int i = 0; i < sums.length; i++) {
                    f.get(splat).get(weights).mem(Op.V128_LOAD, k * gates * BLOCK + 16 * i);
                    lanes.mul();
                    f.get(sums[i]);
                    lanes.add();
                    f.set(sums[i]);
                }
            }
            Emit.add(f, source, 4 * depth);
            Emit.add(f, weights, depth * gates * BLOCK);
        }

        private void finish(UnitPass pass, int[] sums, int half) {
            Set<Integer> read = new HashSet<>();
            for (Expr result : pass.results()) {
                read.addAll(Lanes.inputs(result));
            }
            int[] inputs = new int[2 * gates + VECTORS + extras];
            for (int i = 0; i < inputs.length; i++) {
                if (i >= gates && i < 2 * gates) {
                    int gate = i - gates - pass.from();
                    inputs[i] = gate >= 0 && 2 * gate < sums.length ? sums[2 * gate + half] : 0;
                    continue;
                }
                inputs[i] = Emit.v128(f);
                if (!read.contains(i)) {
                    continue;
                }
                int vector = i - 2 * gates;
                if (i < gates) {
                    f.get(x).get(offset).i32(gates).op(Op.I32_MUL).op(Op.I32_ADD).mem(Op.V128_LOAD, i * BLOCK + 16 * half);
                } else if (vector < VECTORS) {
                    f.get(vectors[vector]).get(offset).op(Op.I32_ADD).mem(Op.V128_LOAD, 16 * half);
                } else {
                    slot("extra");
                    f.get(direction).i32(extras).op(Op.I32_MUL).i32(vector - VECTORS).op(Op.I32_ADD).i32(vectorBytes())
                            .op(Op.I32_MUL).op(Op.I32_ADD).get(offset).op(Op.I32_ADD).mem(Op.V128_LOAD, 16 * half);
                }
                f.set(inputs[i]);
            }
            for (int i = 0; i < pass.results().size(); i++) {
                int target = pass.targets().get(i);
                int value = Emit.v128(f);
                lanes.push(pass.results().get(i), inputs);
                f.set(value);
                inputs[2 * gates + target] = value;
                f.get(vectors[target]).get(offset).op(Op.I32_ADD).get(value).mem(Op.V128_STORE, 16 * half);
            }
        }
    }
}
