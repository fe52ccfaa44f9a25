package dev.infuser.text;

/**
 * A stretch of text on its way to tokens: code points, and for each the range of the source that it stands for.
 *
 * <p>{@code points}, {@code starts} and {@code ends} are shared between slices and never written again;
 * this stretch is {@code from} to {@code to} of them. Source offsets count code points.
 *
 * @param token the id of the added token that this stretch is, or -1 when it is ordinary text
 */
record Text(int[] points, int[] starts, int[] ends, int from, int to, int token) {

    private static final int REPLACEMENT = 0xFFFD;

    /** A source text; a lone surrogate reads as U+FFFD. */
    static Text of(String source) {
        int[] points = new int[source.length()];
        int count = 0;
        for (int i = 0; i < source.length(); i++) {
            int c = source.charAt(i);
            if (c >= 0xD800 && c <= 0xDFFF) {
                int low = c < 0xDC00 && i + 1 < source.length() ? source.charAt(i + 1) : 0;
                if (low >= 0xDC00 && low <= 0xDFFF) {
                    c = (c - 0xD800 << 10) + low - 0xDC00 + 0x10000;
                    i++;
                } else {
                    c = REPLACEMENT;
                }
            }
            points[count++] = c;
        }
        int[] starts = new int[count];
        int[] ends = new int[count];
        for (int i = 0; i < count; i++) {
            starts[i] = i;
            ends[i] = i + 1;
        }
        return new Text(points, starts, ends, 0, count, -1);
    }

    int length() {
        return to - from;
    }

    /** The code points {@code start} to {@code end}, counted as in {@link #points}. */
    Text slice(int start, int end, int token) {
        return new Text(points, starts, ends, start, end, token);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int i = from; i < to; i++) {
            text.appendCodePoint(points[i]);
        }
        return text.toString();
    }

    /**
     * Rewrites a text character by character, keeping track of where each came from.
     *
     * <p>The alignment is that of the tokenizers library: a replacing character takes the place in the source
     * of the next character not yet replaced, an inserted one that of the character replaced last.
     */
    static final class Rewriter {
        private final Text text;
        private int at;
        private int[] points;
        private int[] starts;
        private int[] ends;
        private int count;

        Rewriter(Text text) {
            this.text = text;
            at = text.from;
            points = new int[text.length() + 8];
            starts = new int[points.length];
            ends = new int[points.length];
        }

        /** Drops the next character. */
        void drop() {
            at++;
        }

        /** Puts a character in place of the next one. */
        void replace(int c) {
            put(c, at++);
        }

        /** Puts one more character. */
        void insert(int c) {
            put(c, Math.max(at - 1, text.from));
        }

        /** Puts one more character where {@code change} is positive, else one in place of {@code 1 - change}. */
        void change(int c, int change) {
            if (change > 0) {
                insert(c);
            } else {
                replace(c);
                at -= change;
            }
        }

        private void put(int c, int source) {
            if (count == points.length) {
                points = grow(points);
                starts = grow(starts);
                ends = grow(ends);
            }
            int place = Math.min(source, text.to - 1);
            points[count] = c;
            starts[count] = text.starts[place];
            ends[count++] = text.ends[place];
        }

        Text done() {
            return new Text(points, starts, ends, 0, count, -1);
        }

        private static int[] grow(int[] old) {
            int[] larger = new int[old.length * 2];
            System.arraycopy(old, 0, larger, 0, old.length);
            return larger;
        }
    }
}
