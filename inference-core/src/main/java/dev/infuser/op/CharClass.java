package dev.infuser.op;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads the classes and escapes of a regular expression, as pairs of the first and last character of ranges. */
final class CharClass {

    static final int[] WORD = {'0', '9', 'A', 'Z', '_', '_', 'a', 'z'};
    private static final int LAST = 0x10FFFF;
    private static final int[] DIGIT = {'0', '9'};
    private static final int[] SPACE = {'\t', '\n', '\f', '\r', ' ', ' '};
    private static final String[] POSIX = {"alnum", "alpha", "digit", "lower", "upper", "space", "word", "xdigit", "punct"};
    private static final int[][] POSIX_RANGES = {{'0', '9', 'A', 'Z', 'a', 'z'}, {'A', 'Z', 'a', 'z'}, DIGIT, {'a', 'z'},
        {'A', 'Z'}, {'\t', '\r', ' ', ' '}, WORD, {'0', '9', 'A', 'F', 'a', 'f'}, {'!', '/', ':', '@', '[', '`', '{', '~'}};

    private final int[] pattern;
    private int at;

    CharClass(int[] pattern, int at) {
        this.pattern = pattern;
        this.at = at;
    }

    /** Where what follows begins. */
    int at() {
        return at;
    }

    private IllegalArgumentException wrong(String what) {
        return new IllegalArgumentException(what + " at character " + at);
    }

    private boolean skip(int c) {
        if (at < pattern.length && pattern[at] == c) {
            at++;
            return true;
        }
        return false;
    }

    /** The class whose bracket has been read. */
    int[] bracket(boolean ignoreCase) {
        boolean negative = skip('^');
        List<int[]> members = new ArrayList<>();
        for (boolean first = true; first || at < pattern.length && pattern[at] != ']'; first = false) {
            if (at >= pattern.length) {
                throw wrong("a class without an end");
            }
            int[] member = member();
            boolean single = member.length == 2 && member[0] == member[1];
            if (single && at + 1 < pattern.length && pattern[at] == '-' && pattern[at + 1] != ']') {
                at++;
                int[] last = member();
                if (last.length != 2 || last[0] != last[1] || last[0] < member[0]) {
                    throw wrong("a range that is none");
                }
                member = new int[] {member[0], last[0]};
            }
            members.add(member);
        }
        if (!skip(']')) {
            throw wrong("a class without an end");
        }
        int[] all = new int[0];
        for (int[] member : members) {
            all = joined(all, member);
        }
        all = cased(all, ignoreCase);
        return negative ? complement(all) : all;
    }

    private int[] member() {
        if (at >= pattern.length) {
            throw wrong("a class without an end");
        }
        if (pattern[at] == '[' && at + 1 < pattern.length && pattern[at + 1] == ':') {
            at += 2;
            boolean negative = skip('^');
            StringBuilder name = new StringBuilder();
            while (at < pattern.length && pattern[at] != ':') {
                name.appendCodePoint(pattern[at++]);
            }
            int index = Arrays.asList(POSIX).indexOf(name.toString());
            if (index < 0 || !skip(':') || !skip(']')) {
                throw wrong("an unknown class");
            }
            return negative ? complement(POSIX_RANGES[index]) : POSIX_RANGES[index];
        }
        int c = pattern[at++];
        return c == '\\' ? escape() : new int[] {c, c};
    }

    /** What the escape stands for whose backslash has been read. */
    int[] escape() {
        if (at >= pattern.length) {
            throw wrong("a backslash at the end");
        }
        int c = pattern[at++];
        switch (c) {
            case 'd': case 'D':
                return c == 'd' ? DIGIT : complement(DIGIT);
            case 's': case 'S':
                return c == 's' ? SPACE : complement(SPACE);
            case 'w': case 'W':
                return c == 'w' ? WORD : complement(WORD);
            case 'x':
                int value = hexadecimal();
                return new int[] {value, value};
            default:
        }
        int known = "ntrfva".indexOf(c);
        if (known < 0 && contains(WORD, c)) {
            throw wrong("an unknown escape");
        }
        int plain = known < 0 ? c : "\n\t\r\f\u000B\u0007".charAt(known);
        return new int[] {plain, plain};
    }

    private int hexadecimal() {
        boolean braces = skip('{');
        int value = 0;
        int digits = 0;
        while (at < pattern.length && pattern[at] < 0x80 && digits < (braces ? 6 : 2) && Character.digit((char) pattern[at], 16) >= 0) {
            value = value * 16 + Character.digit((char) pattern[at++], 16);
            digits++;
        }
        if (digits == 0 || value > LAST || braces && !skip('}')) {
            throw wrong("no number of a character");
        }
        return value;
    }

    private static boolean contains(int[] ranges, int c) {
        for (int i = 0; i < ranges.length; i += 2) {
            if (c >= ranges[i] && c <= ranges[i + 1]) {
                return true;
            }
        }
        return false;
    }

    private static int[] joined(int[] a, int[] b) {
        int[] out = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, out, a.length, b.length);
        return out;
    }

    private static int[] complement(int[] ranges) {
        List<Integer> out = new ArrayList<>();
        int next = 0;
        while (next <= LAST) {
            int end = LAST;
            boolean inside = false;
            for (int i = 0; i < ranges.length; i += 2) {
                if (next >= ranges[i] && next <= ranges[i + 1]) {
                    end = inside ? Math.max(end, ranges[i + 1]) : ranges[i + 1];
                    inside = true;
                } else if (!inside && ranges[i] > next) {
                    end = Math.min(end, ranges[i] - 1);
                }
            }
            if (!inside) {
                out.add(next);
                out.add(end);
            }
            next = end + 1;
        }
        int[] array = new int[out.size()];
        for (int i = 0; i < array.length; i++) {
            array[i] = out.get(i);
        }
        return array;
    }

    /** The ranges with the other case of their letters, where case does not matter. */
    static int[] cased(int[] ranges, boolean ignoreCase) {
        int[] out = ranges;
        for (int i = 0; ignoreCase && i < ranges.length; i += 2) {
            int first = ranges[i];
            int last = ranges[i + 1];
            if (first == last) {
                int upper = Character.toUpperCase(first);
                int lower = Character.toLowerCase(first);
                out = joined(out, new int[] {upper, upper, lower, lower});
            } else {
                out = shifted(out, Math.max(first, 'a'), Math.min(last, 'z'), 'A' - 'a');
                out = shifted(out, Math.max(first, 'A'), Math.min(last, 'Z'), 'a' - 'A');
            }
        }
        return out;
    }

    private static int[] shifted(int[] ranges, int first, int last, int by) {
        return first <= last ? joined(ranges, new int[] {first + by, last + by}) : ranges;
    }
}
