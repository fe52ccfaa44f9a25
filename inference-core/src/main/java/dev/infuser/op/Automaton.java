package dev.infuser.op;

import java.util.ArrayList;
import java.util.List;

/**
 * A regular expression in the syntax of RE2 that whole texts are matched with, by Thompson's simulation of all its states at
 * once: the time is that of the text times the expression, whatever they are. Classes such as {@code \w} are of ASCII.
 */
final class Automaton {

    private static final int MAX_STATES = 100_000;
    private static final int MAX_REPEATS = 1000;
    private static final int MAX_DEPTH = 200;
    private static final int LAST = 0x10FFFF;

    /** What a state does: takes a character of its ranges, goes to both others, holds at a place only, or accepts. */
    private enum Kind { RANGES, SPLIT, BEGIN, END, LINE_BEGIN, LINE_END, BOUNDARY, NO_BOUNDARY, ACCEPT }

    private record State(Kind kind, int next, int other, int[] ranges) {
    }

    private final List<State> states = new ArrayList<>();
    private final int[] pattern;
    private final int start;
    private int at;
    private int depth;
    private int work;
    private boolean ignoreCase;
    private boolean multiline;
    private boolean dotAll;

    /** @throws IllegalArgumentException where the expression is none or uses what is not known here; the message says why */
    Automaton(String expression) {
        pattern = points(expression);
        int accept = add(Kind.ACCEPT, 0, 0, null);
        Node tree = either();
        if (at < pattern.length) {
            throw wrong("unmatched )");
        }
        start = emit(tree, accept);
    }

    private static int[] points(String text) {
        int[] out = new int[text.codePointCount(0, text.length())];
        for (int i = 0, at = 0; i < out.length; i++) {
            out[i] = text.codePointAt(at);
            at += Character.charCount(out[i]);
        }
        return out;
    }

    private IllegalArgumentException wrong(String what) {
        return new IllegalArgumentException(what + " at character " + at);
    }

    /** Whether the expression matches all of a text. */
    boolean matches(String text) {
        int[] points = points(text);
        int[] marks = new int[states.size()];
        List<Integer> now = new ArrayList<>();
        follow(start, points, 0, now, marks, 1);
        for (int i = 0; i < points.length && !now.isEmpty(); i++) {
            List<Integer> next = new ArrayList<>();
            for (int state : now) {
                if (states.get(state).kind == Kind.RANGES && contains(states.get(state).ranges, points[i])) {
                    follow(states.get(state).next, points, i + 1, next, marks, i + 2);
                }
            }
            now = next;
        }
        for (int state : now) {
            if (states.get(state).kind == Kind.ACCEPT) {
                return true;
            }
        }
        return false;
    }

    /** Adds the states that {@code first} leads to without taking a character. */
    private void follow(int first, int[] points, int place, List<Integer> out, int[] marks, int mark) {
        List<Integer> open = new ArrayList<>();
        open.add(first);
        while (!open.isEmpty()) {
            int index = open.remove(open.size() - 1);
            if (marks[index] == mark) {
                continue;
            }
            marks[index] = mark;
            State state = states.get(index);
            if (state.kind == Kind.RANGES || state.kind == Kind.ACCEPT) {
                out.add(index);
            } else if (state.kind == Kind.SPLIT) {
                open.add(state.next);
                open.add(state.other);
            } else if (holds(state.kind, points, place)) {
                open.add(state.next);
            }
        }
    }

    private static boolean holds(Kind kind, int[] points, int place) {
        switch (kind) {
            case BEGIN:
                return place == 0;
            case END:
                return place == points.length;
            case LINE_BEGIN:
                return place == 0 || points[place - 1] == '\n';
            case LINE_END:
                return place == points.length || points[place] == '\n';
            default:
                boolean boundary = isWord(points, place - 1) != isWord(points, place);
                return boundary == (kind == Kind.BOUNDARY);
        }
    }

    private static boolean isWord(int[] points, int i) {
        return i >= 0 && i < points.length && contains(CharClass.WORD, points[i]);
    }

    private static boolean contains(int[] ranges, int c) {
        for (int i = 0; i < ranges.length; i += 2) {
            if (c >= ranges[i] && c <= ranges[i + 1]) {
                return true;
            }
        }
        return false;
    }

    private int add(Kind kind, int next, int other, int[] ranges) {
        if (states.size() >= MAX_STATES) {
            throw wrong("too long an expression");
        }
        states.add(new State(kind, next, other, ranges));
        return states.size() - 1;
    }

    /** An expression: a place or characters where it has no parts, else its parts one after the other, or one of them, or repeated. */
    private record Node(Kind kind, int[] ranges, List<Node> parts, boolean either, int least, int most) {

        static Node of(Kind kind, int[] ranges) {
            return new Node(kind, ranges, null, false, 1, 1);
        }
    }

    /** The first state of {@code node}, whose ends lead to {@code next}. */
    private int emit(Node node, int next) {
        if (++work > MAX_STATES) {
            throw wrong("too long an expression");
        }
        if (node.parts == null) {
            return add(node.kind, next, 0, node.ranges);
        }
        int end = next;
        if (node.either) {
            end = emit(node.parts.get(node.parts.size() - 1), next);
            for (int i = node.parts.size() - 2; i >= 0; i--) {
                end = add(Kind.SPLIT, emit(node.parts.get(i), next), end, null);
            }
            return end;
        }
        if (node.least == 1 && node.most == 1) {
            for (int i = node.parts.size() - 1; i >= 0; i--) {
                end = emit(node.parts.get(i), end);
            }
            return end;
        }
        Node body = node.parts.get(0);
        if (node.most < 0) {
            int loop = add(Kind.SPLIT, 0, next, null);
            states.set(loop, new State(Kind.SPLIT, emit(body, loop), next, null));
            end = loop;
        }
        for (int i = node.least; i < node.most; i++) {
            end = add(Kind.SPLIT, emit(body, end), next, null);
        }
        for (int i = 0; i < node.least; i++) {
            end = emit(body, end);
        }
        return end;
    }

    private boolean skip(int c) {
        if (at < pattern.length && pattern[at] == c) {
            at++;
            return true;
        }
        return false;
    }

    private Node either() {
        if (++depth > MAX_DEPTH) {
            throw wrong("too deep an expression");
        }
        boolean[] outer = {ignoreCase, multiline, dotAll};
        List<Node> branches = new ArrayList<>();
        do {
            List<Node> parts = new ArrayList<>();
            while (at < pattern.length && pattern[at] != '|' && pattern[at] != ')') {
                Node atom = atom();
                if (atom != null) {
                    parts.add(repeated(atom));
                }
            }
            branches.add(new Node(null, null, parts, false, 1, 1));
        } while (skip('|'));
        ignoreCase = outer[0];
        multiline = outer[1];
        dotAll = outer[2];
        depth--;
        return branches.size() == 1 ? branches.get(0) : new Node(null, null, branches, true, 1, 1);
    }

    private Node repeated(Node atom) {
        int from = at;
        int least = 0;
        int most = -1;
        if (skip('+')) {
            least = 1;
        } else if (skip('?')) {
            most = 1;
        } else if (skip('{')) {
            least = number();
            most = skip(',') ? at < pattern.length && pattern[at] == '}' ? -1 : number() : least;
            if (least < 0 || most < -1 || !skip('}')) {
                at = from;
                return atom;
            }
            if (least > MAX_REPEATS || most > MAX_REPEATS || most >= 0 && most < least) {
                throw wrong("a repetition of " + least + " to " + most);
            }
        } else if (!skip('*')) {
            return atom;
        }
        skip('?');
        if (at < pattern.length && (pattern[at] == '*' || pattern[at] == '+' || pattern[at] == '?')) {
            throw wrong("a repetition of a repetition");
        }
        return new Node(null, null, List.of(atom), false, least, most);
    }

    private int number() {
        int value = -2;
        while (at < pattern.length && pattern[at] >= '0' && pattern[at] <= '9') {
            value = Math.min(MAX_REPEATS + 1, Math.max(0, value) * 10 + pattern[at++] - '0');
        }
        return value;
    }

    private Node atom() {
        int c = pattern[at++];
        switch (c) {
            case '(':
                return group();
            case '[':
                CharClass set = new CharClass(pattern, at);
                Node node = Node.of(Kind.RANGES, set.bracket(ignoreCase));
                at = set.at();
                return node;
            case '.':
                return Node.of(Kind.RANGES, dotAll ? new int[] {0, LAST} : new int[] {0, '\n' - 1, '\n' + 1, LAST});
            case '^':
                return Node.of(multiline ? Kind.LINE_BEGIN : Kind.BEGIN, null);
            case '$':
                return Node.of(multiline ? Kind.LINE_END : Kind.END, null);
            case '*': case '+': case '?':
                throw wrong("nothing to repeat");
            case '\\':
                int escaped = at < pattern.length ? pattern[at] : 0;
                int place = "AzbB".indexOf(escaped);
                if (place >= 0) {
                    at++;
                    return Node.of(new Kind[] {Kind.BEGIN, Kind.END, Kind.BOUNDARY, Kind.NO_BOUNDARY}[place], null);
                }
                CharClass one = new CharClass(pattern, at);
                Node taken = Node.of(Kind.RANGES, CharClass.cased(one.escape(), ignoreCase));
                at = one.at();
                return taken;
            default:
                return Node.of(Kind.RANGES, CharClass.cased(new int[] {c, c}, ignoreCase));
        }
    }

    /** The group whose parenthesis has been read; null where it only sets options. */
    private Node group() {
        boolean[] outer = {ignoreCase, multiline, dotAll};
        boolean inner = true;
        if (skip('?')) {
            boolean named = skip('P') ? skip('<') : at + 1 < pattern.length && pattern[at] == '<' && pattern[at + 1] != '='
                    && pattern[at + 1] != '!' && skip('<');
            while (named && at < pattern.length && pattern[at] != '>') {
                at++;
            }
            inner = named ? skip('>') : options();
        }
        if (!inner) {
            return null;
        }
        Node body = either();
        if (!skip(')')) {
            throw wrong("a group without an end");
        }
        ignoreCase = outer[0];
        multiline = outer[1];
        dotAll = outer[2];
        return body;
    }

    /** Reads options; whether a group follows them. */
    private boolean options() {
        boolean on = true;
        while (at < pattern.length) {
            int c = pattern[at++];
            if (c == ':' || c == ')') {
                return c == ':';
            } else if (c == '-') {
                on = false;
            } else if (c == 'i') {
                ignoreCase = on;
            } else if (c == 'm') {
                multiline = on;
            } else if (c == 's') {
                dotAll = on;
            } else if (c != 'U') {
                throw wrong("an unknown group");
            }
        }
        throw wrong("a group without an end");
    }
}
