package dev.infuser.kernel;

import dev.infuser.expr.Expr;
import dev.infuser.wasm.FunctionBuilder;
import java.util.List;

/**
 * A chain of scalar arithmetic over broadcast inputs, in one pass: {@code out[...] = expr(inputs...)}.
 *
 * <p>Slots: {@code out} address of the dense output; {@code dim_d} its dimensions, outermost first (adjacent dimensions
 * that broadcast alike should be merged by the caller); per input i, {@code in_i} its address and {@code in_i_d} its
 * byte stride along each dimension but the innermost (0 broadcasts, negative is allowed). Along the innermost dimension
 * the {@link Operand} decides. Last come {@code number_i}, the bits of the numbers that the arithmetic is given. The output may be the same buffer as an input that has the output's element size and
 * strides.
 *
 * @param rank number of dimensions, 1 to 6
 * @param inputs how each input is stored
 * @param output how results are stored
 * @param expr the arithmetic; {@code Expr.input(i)} is input i
 * @param integers whether it is that of 32-bit integers, on the low halves of longer ones, and all elements are integers;
 *                 then a BOOL output must be a truth value
 */
public record Elementwise(int rank, List<Operand> inputs, Element output, Expr expr, boolean integers) implements Kernel {
    /** Refuses ranks and input numbers out of range, and F16 as output. */
    public Elementwise {
        if (output == Element.F16 || integers && output == Element.F32) {
            throw new IllegalArgumentException("cannot write " + output);
        }
        inputs = List.copyOf(inputs);
        Rows.check(rank, inputs.size(), expr);
    }

    /** Arithmetic of f32. */
    public Elementwise(int rank, List<Operand> inputs, Element output, Expr expr) {
        this(rank, inputs, output, expr, false);
    }

    @Override
    public String name() {
        return (integers ? "integers" : "elementwise") + Rows.describe(rank, inputs) + "_to_" + output;
    }

    @Override
    public List<String> slots() {
        List<String> slots = Rows.slots(rank, inputs.size());
        Lanes.addSlots(slots, expr);
        return slots;
    }

    @Override
    public void work(int[] words, int at, long[] work) {
        work[0] = Emit.product(words, at + Rows.DIM, 1, rank) * Expr.operations(expr);
    }

    @Override
    public void emit(FunctionBuilder f, Target target) {
        Lanes lanes = new Lanes(f, target, integers);
        lanes.read(expr, Rows.DIM + rank * (1 + inputs.size()));
        Rows rows = new Rows(f, lanes, rank, inputs, output, integers);
        int value = Emit.v128(f);
        rows.forEach(true, () -> rows.vectors(() -> {
            rows.push(expr);
            f.set(value);
            rows.store(value);
        }));
    }
}
