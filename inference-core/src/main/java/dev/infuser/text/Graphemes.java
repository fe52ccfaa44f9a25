package dev.infuser.text;

/**
 * Boundaries of grapheme clusters, as far as clusters of at most five bytes of UTF-8 need them: joined Hangul, flags,
 * conjuncts and emoji are all longer.
 */
final class Graphemes {
    private static final int[] CONTINUES = Unicode.ranges(UnicodeData.CONTINUES);
    private static final int[] PREPENDS = Unicode.ranges(UnicodeData.PREPENDS);
    private static final int[] CONTROLS = Unicode.ranges(UnicodeData.CONTROLS);

    private Graphemes() {
    }

    /** Where the cluster ends that begins at a place of a text. */
    static int next(Text text, int at) {
        int[] points = text.points();
        int last = points[at++];
        while (at < text.to()) {
            int c = points[at];
            if (last == '\r' && c == '\n') {
                return at + 1;
            }
            if (last < 0x300 && c < 0x300 || isControl(last) || isControl(c) || !Unicode.contains(CONTINUES, c) && !Unicode.contains(PREPENDS, last)) {
                return at;
            }
            last = c;
            at++;
        }
        return at;
    }

    private static boolean isControl(int c) {
        return c < 0x20 || c >= 0x7F && Unicode.contains(CONTROLS, c);
    }
}
