package dev.infuser.expr;

import java.util.ArrayList;
import java.util.List;

/**
 * Integer arithmetic over planes of equal extents whose elements read neighbours, as a chain of stages, each of which makes a plane
 * from those before it.
 *
 * @param planes what stages read and write
 * @param stages in an order in which each plane is written before it is read
 */
public record StencilProgram(List<Plane> planes, List<Stage> stages) {

    /** Where a plane is. */
    public enum Place {
        /** An input, read at its own position only. */
        INPUT,
        /** Written by one stage, and read at its own position only. */
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
        public boolean isUnary() {
            return compareTo(ADD) >= 0;
        }

        /** Whether the second operand is a term, too. */
        public boolean isBinary() {
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
    public StencilProgram {
        planes = List.copyOf(planes);
        stages = List.copyOf(stages);
    }

    /** The planes of a place, by their numbers. */
    public List<Integer> planes(Place place) {
        List<Integer> found = new ArrayList<>();
        for (int i = 0; i < planes.size(); i++) {
            if (planes.get(i).place() == place) {
                found.add(i);
            }
        }
        return found;
    }

    /**
     * The input in whose memory the only output may lie, or -1: each element is replaced or left as it is, so that doing it twice
     * changes nothing.
     */
    public int replaced() {
        if (stages.size() != 1) {
            return -1;
        }
        List<Term> terms = stages.get(0).terms;
        Term root = terms.get(terms.size() - 1);
        if (root.code != Code.SELECT || terms.get(root.b).code != Code.LOAD) {
            return -1;
        }
        int input = terms.get(root.b).a;
        for (int i = 0; i < terms.size(); i++) {
            if (i != root.b && terms.get(i).code == Code.LOAD && terms.get(i).a == input) {
                return -1;
            }
        }
        boolean guarded = root.a != root.b && terms.get(root.c).code == Code.LOAD;
        return guarded && planes.get(input).bits == planes.get(stages.get(0).plane).bits ? input : -1;
    }

    /** Everything as numbers, for {@link #decode}. */
    public long[] encode() {
        List<Integer> out = new ArrayList<>();
        out.add(planes.size());
        for (Plane plane : planes) {
            out.addAll(List.of(plane.place.ordinal(), plane.bits, number(plane.signed), number(plane.truth), number(plane.edge), plane.fill));
        }
        for (Stage stage : stages) {
            out.addAll(List.of(stage.bits, stage.plane, stage.terms.size()));
            for (Term term : stage.terms) {
                out.addAll(List.of(term.code.ordinal(), number(term.signed), term.a, term.b, term.c));
            }
        }
        long[] numbers = new long[out.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = out.get(i);
        }
        return numbers;
    }

    private static int number(boolean flag) {
        return flag ? 1 : 0;
    }

    /** The program that became these numbers, or null where they are none. */
    public static StencilProgram decode(long[] numbers) {
        return new Decoder(numbers).program();
    }

    /** Reads numbers and checks them. */
    private static final class Decoder {
        private final long[] numbers;
        private int at;
        private boolean wrong;

        Decoder(long[] numbers) {
            this.numbers = numbers;
        }

        StencilProgram program() {
            List<Plane> planes = new ArrayList<>();
            for (int count = next(1, 1 << 10); count > 0 && !wrong; count--) {
                Place place = Place.values()[next(0, Place.values().length - 1)];
                planes.add(new Plane(place, bits(), next(0, 1) == 1, next(0, 1) == 1, next(0, 1) == 1,
                        next(Integer.MIN_VALUE, Integer.MAX_VALUE)));
            }
            boolean[] written = new boolean[planes.size()];
            for (int i = 0; i < written.length; i++) {
                written[i] = planes.get(i).place == Place.INPUT;
            }
            List<Stage> stages = new ArrayList<>();
            while (at < numbers.length && !wrong) {
                int bits = bits();
                int plane = next(0, planes.size() - 1);
                List<Term> terms = new ArrayList<>();
                for (int count = next(1, 1 << 16); count > 0 && !wrong; count--) {
                    terms.add(term(planes, written, terms.size()));
                }
                wrong |= written[plane] || planes.get(plane).bits > bits;
                written[plane] = true;
                stages.add(new Stage(bits, terms, plane));
            }
            for (boolean known : written) {
                wrong |= !known;
            }
            return wrong ? null : new StencilProgram(planes, stages);
        }

        private Term term(List<Plane> planes, boolean[] written, int own) {
            Code code = Code.values()[next(0, Code.values().length - 1)];
            boolean signed = next(0, 1) == 1;
            boolean load = code == Code.LOAD;
            int a = code.isUnary() ? next(0, own - 1) : next(load ? 0 : Integer.MIN_VALUE, load ? planes.size() - 1 : Integer.MAX_VALUE);
            boolean moves = load && !wrong && written[a] && planes.get(a).place == Place.ROWS;
            wrong |= load && !wrong && !written[a];
            int b = code.isBinary() ? next(0, own - 1) : code == Code.SHL || code == Code.SHR ? next(0, 31) : next(moves ? -15 : 0, moves ? 15 : 0);
            int c = code == Code.SELECT ? next(0, own - 1) : next(moves ? -15 : 0, moves ? 15 : 0);
            return new Term(code, signed, a, b, c);
        }

        private int bits() {
            int bits = next(8, 32);
            wrong |= bits != 8 && bits != 16 && bits != 32;
            return bits;
        }

        private int next(int least, int most) {
            if (at >= numbers.length || numbers[at] < least || numbers[at] > most) {
                wrong = true;
                return Math.max(0, least);
            }
            return (int) numbers[at++];
        }
    }
}
