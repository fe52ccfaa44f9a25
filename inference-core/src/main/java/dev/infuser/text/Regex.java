package dev.infuser.text;

import dev.infuser.tensor.InvalidInputException;
import dev.infuser.tensor.UnsupportedModelException;
import java.util.ArrayList;
import java.util.List;

/**
 * A regular expression over code points, matched by backtracking as Oniguruma does, with an own stack and a limit to the
 * work. The same for the same pattern on the JVM and in the browser, whose class library knows other properties.
 */
final class Regex {
    static final int BEGIN = 0;
    static final int END = 1;
    static final int LINE_BEGIN = 2;
    static final int LINE_END = 3;
    static final int WORD_BOUNDARY = 4;
    static final int NO_WORD_BOUNDARY = 5;
    private static final int ONE = 6;
    private static final int LOOP = 7;
    private static final int LOOP_FOR_GOOD = 8;
    private static final int SPLIT = 9;
    private static final int JUMP = 10;
    private static final int LOOK = 11;
    private static final int LOOK_NOT = 12;
    private static final int ATOMIC = 13;
    private static final int ACCEPT = 14;

    private static final int MAX_SIZE = 20_000;
    private static final int MAX_RETRIES = 20_000_000;

    /** Operation, a, b and c of each instruction. */
    private record Instruction(int operation, int a, int b, int c, CharSet set) {
    }

    private final List<Instruction> program = new ArrayList<>();
    private final Instruction[] instructions;
    private final CharSet first;

    private Regex(Pattern pattern) {
        emit(pattern);
        add(ACCEPT, 0, 0, 0, null);
        instructions = program.toArray(new Instruction[0]);
        first = pattern.isOptional() ? null : pattern.first();
    }

    /**
     * Compiles a pattern.
     *
     * @throws dev.infuser.tensor.InvalidModelException where it is none
     * @throws UnsupportedModelException                where it uses what is not known here
     */
    static Regex of(String pattern) {
        return new Regex(PatternParser.parse(pattern));
    }

    /** A pattern that matches the text itself, and nothing where that is empty. */
    static Regex literal(String text) {
        Text points = Text.of(text);
        List<Pattern> parts = new ArrayList<>();
        if (points.length() == 0) {
            parts.add(new Pattern.One(CharSet.EMPTY));
        }
        for (int i = 0; i < points.length(); i++) {
            parts.add(new Pattern.One(CharSet.of(points.points()[i])));
        }
        return new Regex(new Pattern.All(parts));
    }

    /** Looks for matches in a text. */
    Matcher matcher(Text text) {
        return new Matcher(text.points(), text.from(), text.to());
    }

    private int add(int operation, int a, int b, int c, CharSet set) {
        if (program.size() > MAX_SIZE) {
            throw new UnsupportedModelException("regex", "", "a regular expression is too long", "", "");
        }
        program.add(new Instruction(operation, a, b, c, set));
        return program.size() - 1;
    }

    private void emit(Pattern pattern) {
        if (pattern instanceof Pattern.One one) {
            add(ONE, 0, 0, 0, one.set());
        } else if (pattern instanceof Pattern.All all) {
            for (Pattern part : all.parts()) {
                emit(part);
            }
        } else if (pattern instanceof Pattern.Either either) {
            emitEither(either.branches());
        } else if (pattern instanceof Pattern.Repeat repeat) {
            emitRepeat(repeat);
        } else if (pattern instanceof Pattern.Atomic atomic) {
            if (atomic.body() instanceof Pattern.Repeat repeat && repeat.body() instanceof Pattern.One one) {
                add(LOOP_FOR_GOOD, repeat.min(), repeat.max(), 0, one.set());
            } else {
                emitInner(ATOMIC, atomic.body(), 0);
            }
        } else if (pattern instanceof Pattern.Look look) {
            emitInner(look.negative() ? LOOK_NOT : LOOK, look.body(), look.behind());
        } else if (pattern instanceof Pattern.Place place) {
            add(place.operation(), 0, 0, 0, null);
        }
    }

    /** An instruction whose own program follows it; {@code a} is where the outer one goes on. */
    private void emitInner(int operation, Pattern body, int behind) {
        int at = add(operation, 0, behind, 0, null);
        emit(body);
        add(ACCEPT, 0, 0, 0, null);
        program.set(at, new Instruction(operation, program.size(), behind, 0, null));
    }

    private void emitEither(List<Pattern> branches) {
        List<Integer> jumps = new ArrayList<>();
        for (int i = 0; i < branches.size(); i++) {
            Pattern branch = branches.get(i);
            if (i + 1 == branches.size()) {
                emit(branch);
                break;
            }
            int split = add(SPLIT, 0, 0, 0, null);
            emit(branch);
            jumps.add(add(JUMP, 0, 0, 0, null));
            split(split, split + 1, program.size(), branch);
        }
        for (int jump : jumps) {
            program.set(jump, new Instruction(JUMP, program.size(), 0, 0, null));
        }
    }

    /** Makes a split that tries {@code preferred}, which begins with the pattern, before {@code other}. */
    private void split(int at, int preferred, int other, Pattern begin) {
        program.set(at, new Instruction(SPLIT, preferred, other, 0, begin.isOptional() ? null : begin.first()));
    }

    private void emitRepeat(Pattern.Repeat repeat) {
        if (repeat.body() instanceof Pattern.One one && !repeat.lazy()) {
            add(LOOP, repeat.min(), repeat.max(), 0, one.set());
            return;
        }
        for (int i = 0; i < repeat.min(); i++) {
            emit(repeat.body());
        }
        if (repeat.max() < 0) {
            int split = add(SPLIT, 0, 0, 0, null);
            emit(repeat.body());
            add(JUMP, split, 0, 0, null);
            choose(split, repeat);
        } else {
            List<Integer> splits = new ArrayList<>();
            for (int i = repeat.min(); i < repeat.max(); i++) {
                splits.add(add(SPLIT, 0, 0, 0, null));
                emit(repeat.body());
            }
            for (int split : splits) {
                choose(split, repeat);
            }
        }
    }

    private void choose(int split, Pattern.Repeat repeat) {
        if (repeat.lazy()) {
            program.set(split, new Instruction(SPLIT, program.size(), split + 1, 0, null));
        } else {
            split(split, split + 1, program.size(), repeat.body());
        }
    }

    /** Finds one match after the other; an empty one only where the last did not end. */
    final class Matcher {
        private final int[] points;
        private final int from;
        private final int to;
        private int[] stack = new int[48];
        private int top;
        private int retries;
        private int next;
        private int start;
        private int end = -1;

        private Matcher(int[] points, int from, int to) {
            this.points = points;
            this.from = from;
            this.to = to;
            next = from;
        }

        /** Where the match begins that was found last. */
        int start() {
            return start;
        }

        /** Where the match ends that was found last. */
        int end() {
            return end;
        }

        /** Finds the next match. */
        boolean find() {
            retries = 0;
            for (; next <= to; next++) {
                if (first != null && (next == to || !first.contains(points[next]))) {
                    continue;
                }
                top = 0;
                int found = run(0, next);
                if (found > next || found == next && found != end) {
                    start = next;
                    end = found;
                    next = found;
                    return true;
                }
            }
            return false;
        }

        /** Where the program that begins at {@code pc} ends when it begins at a place of the text, or -1. */
        private int run(int pc, int at) {
            int base = top;
            while (true) {
                Instruction now = instructions[pc];
                boolean held;
                switch (now.operation) {
                    case ONE:
                        held = at < to && now.set.contains(points[at]);
                        at++;
                        pc++;
                        break;
                    case LOOP, LOOP_FOR_GOOD: {
                        int most = now.b < 0 || now.b > to - at ? to : at + now.b;
                        int least = at + now.a;
                        while (at < most && now.set.contains(points[at])) {
                            at++;
                        }
                        held = at >= least;
                        pc++;
                        if (at > least && now.operation == LOOP) {
                            push(pc, at - 1, least);
                        }
                        break;
                    }
                    case SPLIT:
                        held = true;
                        if (now.set != null && (at == to || !now.set.contains(points[at]))) {
                            pc = now.b;
                        } else {
                            push(now.b, at, at);
                            pc = now.a;
                        }
                        break;
                    case JUMP:
                        held = true;
                        pc = now.a;
                        break;
                    case LOOK, LOOK_NOT:
                        held = at - from >= now.b && run(pc + 1, at - now.b) >= 0 == (now.operation == LOOK)
                                || at - from < now.b && now.operation == LOOK_NOT;
                        pc = now.a;
                        break;
                    case ATOMIC: {
                        int inner = run(pc + 1, at);
                        held = inner >= 0;
                        at = inner;
                        pc = now.a;
                        break;
                    }
                    case ACCEPT:
                        top = base;
                        return at;
                    default:
                        held = isAt(now.operation, at);
                        pc++;
                        break;
                }
                if (!held) {
                    if (top == base) {
                        return -1;
                    }
                    retry();
                    pc = stack[top];
                    at = stack[top + 1];
                }
            }
        }

        /** Takes the last choice; one that has more places to go back to stays. */
        private void retry() {
            if (++retries > MAX_RETRIES) {
                throw new InvalidInputException("regex", "", "the text cannot be split in reasonable time", "", "");
            }
            top -= 3;
            if (stack[top + 1] > stack[top + 2]) {
                int pc = stack[top];
                int at = stack[top + 1];
                push(pc, at - 1, stack[top + 2]);
                swap(pc, at);
            }
        }

        private void swap(int pc, int at) {
            if (top + 3 > stack.length) {
                grow();
            }
            stack[top] = pc;
            stack[top + 1] = at;
        }

        private void push(int pc, int at, int least) {
            if (top + 3 > stack.length) {
                grow();
            }
            stack[top] = pc;
            stack[top + 1] = at;
            stack[top + 2] = least;
            top += 3;
        }

        private void grow() {
            int[] larger = new int[stack.length * 2];
            System.arraycopy(stack, 0, larger, 0, stack.length);
            stack = larger;
        }

        private boolean isAt(int operation, int at) {
            return switch (operation) {
                case BEGIN -> at == from;
                case END -> at == to;
                case LINE_BEGIN -> at == from || points[at - 1] == '\n';
                case LINE_END -> at == to || points[at] == '\n';
                default -> (isWord(at - 1) != isWord(at)) == (operation == WORD_BOUNDARY);
            };
        }

        private boolean isWord(int at) {
            return at >= from && at < to && Categories.word().contains(points[at]);
        }
    }
}
