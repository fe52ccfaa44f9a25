package dev.infuser.kernel;

import dev.infuser.wasm.FunctionBuilder;
import java.util.ArrayList;
import java.util.List;

/**
 * Integer arithmetic over planes of equal extents whose elements read neighbours, as a chain of stages that advance row by
 * row together: between stages only the rows that are still read lie in working memory.
 *
 * <p>Slots: for each plane that is not {@link Place#ROWS} its address, then {@code scratch}. A unit of work is a row; a share
 * computes the rows around it that it needs once more.
 *
 * @param height rows of a plane
 * @param width  elements of a row, at least {@link #MIN_WIDTH}
 * @param planes what stages read and write
 * @param stages in an order in which each plane is written before it is read
 */
public record Stencil(int height, int width, List<Plane> planes, List<Stage> stages) implements Kernel {

    /** Elements that are computed together. */
    public static final int MIN_WIDTH = 32;

    /** Where a plane is. */
    public enum Place {
        /** An input, read at its own position only. */
        INPUT,
        /** Written by one stage, and not read. */
        OUTPUT,
        /** In working memory, written by one stage. */
        ROWS
    }

    /**
     * A plane of 8-, 16- or 32-bit integers.
     *
     * @param signed whether elements read into wider lanes keep their sign
     * @param truth  whether elements are truth values: 1 or 0 in memory, all bits or none in {@link Place#ROWS}
     * @param edge   whether beyond the ends the nearest element is read, else {@code fill}
     */
    public record Plane(Place place, int bits, boolean signed, boolean truth, boolean edge, int fill) {
    }

    /** What a term is. */
    public enum Code {
        /** Plane {@code a}, {@code b} rows below and {@code c} elements to the right. */
        LOAD,
        /** The number {@code a}. */
        CONSTANT, ADD, SUB, MUL,
        /** The product of numbers that 15 bits hold, in 32-bit lanes. */
        MUL15, MIN, MAX, ABS, NEG, AND, OR, XOR, NOT,
        /** Term {@code a} moved left by {@code b} bits. */
        SHL,
        /** Term {@code a} moved right by {@code b} bits. */
        SHR, EQ, NE, LT, GT, LE, GE,
        /** Term {@code a} where term {@code c} is true, else term {@code b}. */
        SELECT,
        /** 1 where term {@code a} is true, else 0. */
        NUMBER;

        /** Whether the first operand is a term. */
        boolean isUnary() {
            return compareTo(ADD) >= 0;
        }

        /** Whether the second operand is a term, too. */
        boolean isBinary() {
            return isUnary() && this != ABS && this != NEG && this != NOT && this != SHL && this != SHR && this != NUMBER;
        }
    }

    /**
     * A value in the lanes of a stage. Truth values have all bits set or none.
     *
     * @param signed of the operands, where it matters
     */
    public record Term(Code code, boolean signed, int a, int b, int c) {
    }

    /**
     * What makes a plane: its last term, whose elements must fit the plane's.
     *
     * @param bits of a lane, not less than those of an element of the planes read or written
     */
    public record Stage(int bits, List<Term> terms, int plane) {
        /** Copies the list. */
        public Stage {
            terms = List.copyOf(terms);
        }
    }

    /** Copies the lists. */
    public Stencil {
        planes = List.copyOf(planes);
        stages = List.copyOf(stages);
        if (width < MIN_WIDTH) {
            throw new IllegalArgumentException("rows of " + width);
        }
    }

    /** Bytes of working memory for each thread. */
    public int scratchBytes() {
        return new StencilRows(this).bytes();
    }

    @Override
    public String name() {
        return "stencil_" + height + "x" + width + "_" + stages.size();
    }

    @Override
    public List<String> slots() {
        List<String> slots = new ArrayList<>();
        for (int i = 0; i < planes.size(); i++) {
            if (planes.get(i).place() != Place.ROWS) {
                slots.add("plane_" + i);
            }
        }
        slots.add("scratch");
        return slots;
    }

    @Override
    public void work(int[] words, int at, long[] work) {
        for (Stage stage : stages) {
            for (Term term : stage.terms) {
                work[0] += term.code.isUnary() ? (long) height * width : 0;
            }
        }
    }

    @Override
    public void emit(FunctionBuilder f, Target target) {
        new StencilCode(f, this).emit();
    }
}
