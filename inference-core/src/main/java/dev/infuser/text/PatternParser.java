package dev.infuser.text;

import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.UnsupportedModelException;
import java.util.ArrayList;
import java.util.List;

/** Reads regular expressions in the syntax of Oniguruma, as far as tokenizers use it. */
final class PatternParser {
    private static final int MAX_DEPTH = 64;
    private static final int MAX_REPEATS = 1000;
    private static final CharSet WHITESPACE = whitespace();

    private final String source;
    private final int[] points;
    private final int end;
    private int at;
    private int depth;
    private boolean ignoreCase;
    private boolean dotIsAll;

    private PatternParser(String source) {
        this.source = source;
        Text text = Text.of(source);
        points = text.points();
        end = text.length();
    }


    /**
     * Reads a regular expression.
     *
     * @throws InvalidModelException     where it is none
     * @throws UnsupportedModelException where it uses what is not known here
     */
    static Pattern parse(String source) {
        PatternParser parser = new PatternParser(source);
        Pattern pattern = parser.either();
        if (parser.at < parser.end) {
            throw parser.invalid("unmatched ')'");
        }
        return pattern;
    }

    private Pattern either() {
        if (++depth > MAX_DEPTH) {
            throw unsupported("deep nesting");
        }
        boolean outerCase = ignoreCase;
        boolean outerDot = dotIsAll;
        List<Pattern> branches = new ArrayList<>();
        do {
            branches.add(all());
        } while (skip('|'));
        ignoreCase = outerCase;
        dotIsAll = outerDot;
        depth--;
        return branches.size() == 1 ? branches.get(0) : new Pattern.Either(branches);
    }

    private Pattern all() {
        List<Pattern> parts = new ArrayList<>();
        while (at < end && points[at] != '|' && points[at] != ')') {
            Pattern atom = atom();
            if (atom != null) {
                parts.add(repeated(atom));
            }
        }
        return parts.size() == 1 ? parts.get(0) : new Pattern.All(parts);
    }

    private Pattern repeated(Pattern atom) {
        while (at < end) {
            int start = at;
            int min;
            int max = -1;
            boolean counted = false;
            if (skip('*')) {
                min = 0;
            } else if (skip('+')) {
                min = 1;
            } else if (skip('?')) {
                min = 0;
                max = 1;
            } else if (skip('{')) {
                counted = true;
                int from = at;
                min = number();
                boolean low = at > from;
                max = min;
                boolean high = low;
                if (skip(',')) {
                    from = at;
                    max = number();
                    high = at > from;
                    max = high ? max : -1;
                }
                if (!low && !high || !skip('}')) {
                    at = start;
                    return atom;
                }
            } else {
                return atom;
            }
            if (min > MAX_REPEATS || max > MAX_REPEATS || max >= 0 && min > max) {
                throw unsupported("a repetition of " + min + " to " + max);
            }
            if (max < 0 && atom.isOptional()) {
                throw unsupported("the endless repetition of what can be empty");
            }
            boolean lazy = skip('?');
            atom = new Pattern.Repeat(atom, min, max, lazy);
            if (!lazy && !counted && skip('+')) {
                atom = new Pattern.Atomic(atom);
            }
        }
        return atom;
    }

    private Pattern atom() {
        int c = points[at++];
        switch (c) {
            case '(':
                return group();
            case '[':
                return one(set());
            case '.':
                return new Pattern.One(dotIsAll ? CharSet.ALL : CharSet.of('\n').complement());
            case '^':
                return new Pattern.Place(Regex.LINE_BEGIN);
            case '$':
                return new Pattern.Place(Regex.LINE_END);
            case '*', '+', '?':
                throw invalid("nothing to repeat");
            case '\\':
                return escape();
            default:
                return one(CharSet.of(c));
        }
    }

    private Pattern one(CharSet set) {
        return new Pattern.One(ignoreCase ? set.withCases() : set);
    }

    private Pattern escape() {
        int c = at < end ? points[at] : 0;
        int operation = c == 'A' ? Regex.BEGIN : c == 'z' ? Regex.END : c == 'b' ? Regex.WORD_BOUNDARY
                : c == 'B' ? Regex.NO_WORD_BOUNDARY : -1;
        if (operation >= 0) {
            at++;
            return new Pattern.Place(operation);
        }
        return one(escaped());
    }

    /** The group whose parenthesis has been read; null where it only sets options. */
    private Pattern group() {
        if (!skip('?')) {
            return closed(either());
        }
        if (skip(':')) {
            return closed(either());
        }
        if (skip('>')) {
            return new Pattern.Atomic(closed(either()));
        }
        if (skip('=')) {
            return new Pattern.Look(closed(either()), false, 0);
        }
        if (skip('!')) {
            return new Pattern.Look(closed(either()), true, 0);
        }
        if (skip('<')) {
            boolean negative = skip('!');
            if (!negative && !skip('=')) {
                throw unsupported("a named group");
            }
            Pattern body = closed(either());
            if (!(body instanceof Pattern.One)) {
                throw unsupported("looking further behind than a character");
            }
            return new Pattern.Look(body, negative, 1);
        }
        boolean outerCase = ignoreCase;
        boolean outerDot = dotIsAll;
        boolean on = true;
        while (at < end && points[at] != ':' && points[at] != ')') {
            switch (points[at++]) {
                case '-' -> on = false;
                case 'i' -> ignoreCase = on;
                case 'm', 's' -> dotIsAll = on;
                default -> throw unsupported("the option '" + (char) points[at - 1] + "'");
            }
        }
        if (skip(')')) {
            return null;
        }
        skip(':');
        Pattern body = closed(either());
        ignoreCase = outerCase;
        dotIsAll = outerDot;
        return body;
    }

    private Pattern closed(Pattern body) {
        if (!skip(')')) {
            throw invalid("a group is not closed");
        }
        return body;
    }

    /** The set whose bracket has been read. */
    private CharSet set() {
        if (++depth > MAX_DEPTH) {
            throw unsupported("deep nesting");
        }
        boolean negative = skip('^');
        CharSet left = null;
        CharSet set = CharSet.EMPTY;
        for (boolean first = true; first || !peek(']'); first = false) {
            if (at >= end) {
                throw invalid("a set is not closed");
            }
            if (peek('&') && at + 1 < end && points[at + 1] == '&') {
                at += 2;
                left = left == null ? set : left.intersection(set);
                set = CharSet.EMPTY;
                continue;
            }
            set = set.union(member());
        }
        at++;
        depth--;
        set = left == null ? set : left.intersection(set);
        return negative ? set.complement() : set;
    }

    private CharSet member() {
        if (peek('[') && at + 1 < end && points[at + 1] == ':') {
            throw unsupported("a POSIX bracket");
        }
        if (skip('[')) {
            return set();
        }
        boolean isClass = peek('\\') && at + 1 < end && "sSdDwWhHpP".indexOf(points[at + 1]) >= 0;
        if (isClass) {
            at++;
            return escaped();
        }
        int from = point();
        if (!peek('-') || at + 1 >= end || points[at + 1] == ']') {
            return CharSet.of(from);
        }
        at++;
        int to = point();
        if (to < from) {
            throw invalid("an empty range in a set");
        }
        return CharSet.range(from, to);
    }

    private int point() {
        if (at >= end) {
            throw invalid("a set is not closed");
        }
        int c = points[at++];
        return c == '\\' ? escapedPoint() : c;
    }

    private CharSet escaped() {
        int c = at < end ? points[at] : 0;
        CharSet set = switch (c) {
            case 's', 'S' -> WHITESPACE;
            case 'd', 'D' -> Categories.set("Nd");
            case 'w', 'W' -> Categories.word();
            case 'h', 'H' -> CharSet.range('0', '9').union(CharSet.range('a', 'f')).union(CharSet.range('A', 'F'));
            case 'p', 'P' -> property();
            default -> null;
        };
        if (set == null) {
            return CharSet.of(escapedPoint());
        }
        at += c == 'p' || c == 'P' ? 0 : 1;
        return c < 'a' ? set.complement() : set;
    }

    private CharSet property() {
        at++;
        if (!skip('{')) {
            throw invalid("a property without a name");
        }
        boolean negative = skip('^');
        StringBuilder name = new StringBuilder();
        while (at < end && points[at] != '}') {
            name.appendCodePoint(points[at++]);
        }
        if (!skip('}')) {
            throw invalid("a property without an end");
        }
        CharSet set = Categories.set(name.toString());
        if (set == null) {
            throw unsupported("the property " + name);
        }
        return negative ? set.complement() : set;
    }

    private int escapedPoint() {
        if (at >= end) {
            throw invalid("a backslash at the end");
        }
        int c = points[at++];
        int known = "ntrfvae".indexOf(c);
        if (known >= 0) {
            return "\n\t\r\f\u000B\u0007\u001B".charAt(known);
        }
        if (c == 'x') {
            boolean braces = skip('{');
            int value = hex(braces ? 8 : 2);
            if (braces && !skip('}')) {
                throw invalid("a number without an end");
            }
            return value;
        }
        if (c == 'u') {
            return hex(4);
        }
        if (c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z') {
            throw unsupported("the escape \\" + (char) c);
        }
        return c;
    }

    private int hex(int most) {
        int value = 0;
        int digits = 0;
        for (; digits < most && at < end; digits++) {
            int digit = points[at] < 0x80 ? Character.digit((char) points[at], 16) : -1;
            if (digit < 0) {
                break;
            }
            value = value << 4 | digit;
            at++;
        }
        if (digits == 0 || value < 0 || value > 0x10FFFF) {
            throw invalid("no character has the number");
        }
        return value;
    }

    private int number() {
        int value = 0;
        while (at < end && points[at] >= '0' && points[at] <= '9') {
            value = Math.min(MAX_REPEATS + 1, value * 10 + points[at++] - '0');
        }
        return value;
    }

    private boolean peek(int c) {
        return at < end && points[at] == c;
    }

    private boolean skip(int c) {
        if (!peek(c)) {
            return false;
        }
        at++;
        return true;
    }

    private InvalidModelException invalid(String what) {
        return new InvalidModelException("regex", "", "the regular expression " + source + " is invalid",
                what + " at character " + at, "");
    }

    private UnsupportedModelException unsupported(String what) {
        return new UnsupportedModelException("regex", "", "the regular expression " + source + " is not supported",
                "it uses " + what, "");
    }

    private static CharSet whitespace() {
        CharSet set = CharSet.EMPTY;
        for (int c = 0; c <= 0x3000; c++) {
            if (Unicode.isWhitespace(c)) {
                set = set.union(CharSet.of(c));
            }
        }
        return set;
    }
}
