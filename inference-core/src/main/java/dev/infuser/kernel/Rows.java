package dev.infuser.kernel;

import dev.infuser.expr.Expr;
import dev.infuser.wasm.FunctionBuilder;
import dev.infuser.wasm.Op;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The common shape of kernels that walk rows: up to five outer dimensions, along which every input has its own stride,
 * and an innermost run, along which inputs are adjacent or constant. The output is dense.
 */
final class Rows {
    /** Greatest number of dimensions, the innermost included. */
    static final int MAX_RANK = 6;

    private static final int CHUNK = 4096;
    private static final int OUT = 0;
    static final int DIM = 1;
    /** Operations on an element of a row that is walked for two sums, or a greatest and a sum, and then for its result. */
    static final int TWICE = 5;

    /** Elements in the current run. */
    final int length;
    /** Four times the index of the first of the current four lanes. */
    final int offset;
    /** Four times the number of elements left, the current lanes included. */
    final int remaining;

    private final FunctionBuilder f;
    private final Lanes lanes;
    private final int rank;
    private final List<Operand> inputs;
    private final Element element;
    private final boolean integers;
    private final int out;
    private final int address;
    private final int[] pointers;
    private final int[] values;

    Rows(FunctionBuilder f, Lanes lanes, int rank, List<Operand> inputs, Element element) {
        this(f, lanes, rank, inputs, element, false);
    }

    /** Rows whose elements are integers in i32 lanes, if {@code integers}, as {@code lanes} must have them. */
    Rows(FunctionBuilder f, Lanes lanes, int rank, List<Operand> inputs, Element element, boolean integers) {
        this.f = f;
        this.integers = integers;
        this.lanes = lanes;
        this.rank = rank;
        this.inputs = inputs;
        this.element = element;
        length = Emit.i32(f);
        offset = Emit.i32(f);
        remaining = Emit.i32(f);
        out = Emit.i32(f);
        address = Emit.i32(f);
        pointers = new int[inputs.size()];
        values = new int[inputs.size()];
        for (int i = 0; i < pointers.length; i++) {
            pointers[i] = Emit.i32(f);
            values[i] = Emit.v128(f);
        }
    }

    static List<String> slots(int rank, int inputs) {
        List<String> slots = new ArrayList<>();
        slots.add("out");
        for (int d = 0; d < rank; d++) {
            slots.add("dim_" + d);
        }
        for (int i = 0; i < inputs; i++) {
            slots.add("in_" + i);
            for (int d = 0; d < rank - 1; d++) {
                slots.add("in_" + i + "_" + d);
            }
        }
        return slots;
    }

    /** Refuses ranks and input numbers out of range. */
    static void check(int rank, int inputs, Expr... exprs) {
        if (rank < 1 || rank > MAX_RANK) {
            throw new IllegalArgumentException("rank " + rank + " is not in 1.." + MAX_RANK);
        }
        for (Expr e : exprs) {
            for (int input : Lanes.inputs(e)) {
                if (input >= inputs) {
                    throw new IllegalArgumentException("input " + input + " of " + inputs);
                }
            }
        }
    }

    static String describe(int rank, List<Operand> inputs) {
        StringBuilder name = new StringBuilder("_r" + rank);
        for (Operand input : inputs) {
            name.append('_').append(input.code());
        }
        return name.toString();
    }

    private int inputSlot(int i) {
        return DIM + rank + i * rank;
    }

    /** Writes {@code code} for every row; a single row is cut into chunks when {@code divisible}. */
    void forEach(boolean divisible, Runnable code) {
        int total = Emit.i32(f);
        int unit = Emit.i32(f);
        int inner = Emit.slot(f, DIM + rank - 1);
        boolean chunks = divisible && rank == 1;
        if (chunks) {
            f.get(inner).i32(CHUNK - 1).op(Op.I32_ADD).i32(CHUNK).op(Op.I32_DIV_U).set(total);
        } else {
            f.get(inner).set(length);
            f.i32(1);
            Emit.product(f, DIM, 1, rank - 1);
            f.set(total);
        }
        Emit.units(f, unit, total, () -> {
            int start = Emit.i32(f);
            if (chunks) {
                f.get(unit).i32(CHUNK).op(Op.I32_MUL).set(start);
                f.get(inner).get(start).op(Op.I32_SUB).set(length);
                int chunk = Emit.i32(f);
                f.i32(CHUNK).set(chunk);
                Emit.min(f, length, chunk);
                f.set(length);
            } else {
                f.get(unit).get(inner).op(Op.I32_MUL).set(start);
            }
            Emit.pushSlot(f, OUT);
            f.get(start).i32(element.size).op(Op.I32_MUL).op(Op.I32_ADD).set(out);
            for (int i = 0; i < pointers.length; i++) {
                Emit.pushSlot(f, inputSlot(i));
                if (chunks && !inputs.get(i).scalar()) {
                    f.get(start).i32(inputs.get(i).element().size).op(Op.I32_MUL).op(Op.I32_ADD);
                }
                f.set(pointers[i]);
            }
            int rest = Emit.i32(f);
            int index = Emit.i32(f);
            f.get(unit).set(rest);
            Emit.indices(f, rest, index, DIM, 1, rank - 1, d -> {
                for (int i = 0; i < pointers.length; i++) {
                    Emit.addStride(f, pointers[i], index, inputSlot(i) + 1 + d);
                }
            });
            for (int i = 0; i < pointers.length; i++) {
                if (inputs.get(i).scalar()) {
                    if (integers) {
                        Emit.loadInteger(f, inputs.get(i).element(), pointers[i]);
                    } else {
                        Emit.loadScalar(f, inputs.get(i).element(), pointers[i]);
                    }
                    f.set(values[i]);
                }
            }
            code.run();
        });
    }

    /** Writes {@code code} for every four lanes of the current row. */
    void vectors(Runnable code) {
        begin();
        Emit.loopWhile(f, () -> f.get(remaining).i32(0).op(Op.I32_GT_S), () -> step(code));
    }

    /** Writes {@code code} twice: for every four lanes of the current row, told false, and for fewer at its end, told true. */
    void vectors(Consumer<Boolean> code) {
        begin();
        Emit.loopWhile(f, () -> f.get(remaining).i32(16).op(Op.I32_GE_S), () -> step(() -> code.accept(false)));
        f.get(remaining).ifTrue();
        code.accept(true);
        f.end();
    }

    private void begin() {
        f.i32(0).set(offset);
        f.get(length).i32(2).op(Op.I32_SHL).set(remaining);
    }

    private void step(Runnable code) {
        code.run();
        Emit.add(f, offset, 16);
        Emit.add(f, remaining, -16);
    }

    /** Pushes an expression over the inputs, followed by {@code more} v128 locals. */
    void push(Expr e, int... more) {
        int[] all = new int[values.length + more.length];
        System.arraycopy(values, 0, all, 0, values.length);
        System.arraycopy(more, 0, all, values.length, more.length);
        for (int i : Lanes.inputs(e)) {
            if (i < values.length && !inputs.get(i).scalar()) {
                advance(pointers[i], inputs.get(i).element());
                if (integers) {
                    Emit.loadIntegers(f, inputs.get(i).element(), address, 0);
                } else {
                    Emit.loadVector(f, inputs.get(i).element(), address, 0);
                }
                f.set(values[i]);
            }
        }
        lanes.push(e, all);
    }

    /** Pushes what was stored at the current lanes of an F32 output. */
    void pushOutput() {
        f.get(out).get(offset).op(Op.I32_ADD).mem(Op.V128_LOAD, 0);
    }

    /** Stores a v128 local, which is overwritten, at the current lanes of the output. */
    void store(int value) {
        advance(out, element);
        if (integers) {
            Emit.storeIntegers(f, element, value, address, remaining);
        } else {
            Emit.store(f, element, value, address, remaining);
        }
    }

    /** Stores a v128 local at the current four lanes of an F32 output. */
    void storeWhole(int value) {
        f.get(out).get(offset).op(Op.I32_ADD).get(value).mem(Op.V128_STORE, 0);
    }

    private void advance(int pointer, Element type) {
        f.get(pointer).get(offset);
        if (type.size == 8) {
            f.i32(1).op(Op.I32_SHL);
        } else if (type.size < 4) {
            f.i32(type.size == 1 ? 2 : 1).op(Op.I32_SHR_U);
        }
        f.op(Op.I32_ADD).set(address);
    }
}
