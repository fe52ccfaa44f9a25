package dev.infuser.text;

/**
 * The character properties that text normalisation needs, as Hugging Face's tokenizers see them.
 *
 * <p>The class library of the browser build has no normaliser and its character tables are of another
 * Unicode version than those of the tokenizers' own libraries, which differ among themselves too; so every
 * predicate here names the table it follows. The data is in {@link UnicodeData}.
 */
final class Unicode {
    private static final int HANGUL_FIRST = 0xAC00;
    private static final int HANGUL_COUNT = 11172;
    private static final int DOTTED_CAPITAL_I = 0x130;

    private static final int[] REMOVED = ranges(UnicodeData.REMOVED);
    private static final int[] PUNCTUATION = ranges(UnicodeData.PUNCTUATION);
    private static final int[] NONSPACING = ranges(UnicodeData.NONSPACING);
    private static final int[] COMBINING = ranges(UnicodeData.COMBINING);
    private static final int[] WORD = ranges(UnicodeData.WORD);
    private static final int[] NUMERIC = ranges(UnicodeData.NUMERIC);
    private static final int[] CLASSES = numbers(UnicodeData.CLASSES);
    private static final int[] LOWER = numbers(UnicodeData.LOWER);
    /** Rows of a character and its full canonical decomposition of at most four. */
    static final int[] DECOMPOSITIONS = numbers(UnicodeData.DECOMPOSITIONS);

    static {
        int at = 0;
        for (int i = 0; i < CLASSES.length; i += 3) {
            at = CLASSES[i] += at;
        }
        at = 0;
        for (int i = 0; i < LOWER.length; i += 4) {
            at = LOWER[i] += at;
        }
        int key = 0;
        int first = 0;
        for (int i = 0; i < DECOMPOSITIONS.length; i += 5) {
            key = DECOMPOSITIONS[i] += key;
            first = DECOMPOSITIONS[i + 1] = first + signed(DECOMPOSITIONS[i + 1]);
        }
    }

    private Unicode() {
    }

    /** Whether BERT's text cleaning drops the character: NUL, U+FFFD, Cc, Cf and Co other than tab, LF, CR. */
    static boolean isRemoved(int c) {
        return c < 0x7F ? c < 0x20 && c != '\t' && c != '\n' && c != '\r' : contains(REMOVED, c);
    }

    /** The property White_Space. */
    static boolean isWhitespace(int c) {
        if (c < 0x80) {
            return c == ' ' || c >= 9 && c <= 13;
        }
        return c == 0x85 || c == 0xA0 || c == 0x1680 || c >= 0x2000 && c <= 0x200A || c == 0x2028 || c == 0x2029
                || c == 0x202F || c == 0x205F || c == 0x3000;
    }

    /** The ideographs that BERT puts between spaces. */
    static boolean isIdeograph(int c) {
        return c >= 0x3400 && (c <= 0x4DBF || c >= 0x4E00 && c <= 0x9FFF || c >= 0xF900 && c <= 0xFAFF
                || c >= 0x20000 && c <= 0x2A6DF || c >= 0x2A700 && c <= 0x2B81F || c >= 0x2B920 && c <= 0x2CEAF
                || c >= 0x2F800 && c <= 0x2FA1F);
    }

    /** ASCII punctuation and symbols, and the categories P*. */
    static boolean isPunctuation(int c) {
        return contains(PUNCTUATION, c);
    }

    /** The categories N*. */
    static boolean isNumeric(int c) {
        return c < 0x80 ? c >= '0' && c <= '9' : contains(NUMERIC, c);
    }

    /** The category Mn. */
    static boolean isNonspacingMark(int c) {
        return c >= 0x300 && contains(NONSPACING, c);
    }

    /** The categories M*. */
    static boolean isCombiningMark(int c) {
        return c >= 0x300 && contains(COMBINING, c);
    }

    /** What {@code \w} matches in a regular expression. */
    static boolean isWord(int c) {
        return contains(WORD, c);
    }

    /** The canonical combining class, 0 for starters. */
    static int combiningClass(int c) {
        if (c < 0x300) {
            return 0;
        }
        int row = floor(CLASSES, 3, c);
        return row >= 0 && c - CLASSES[row] < CLASSES[row + 1] ? CLASSES[row + 2] : 0;
    }

    /**
     * Writes the lower case of a character, by its full mapping and without regard to its neighbours.
     *
     * @return the number of code points written, 1 or 2
     */
    static int lower(int c, int[] out) {
        out[0] = c;
        if (c < 0x80) {
            if (c >= 'A' && c <= 'Z') {
                out[0] = c + 32;
            }
            return 1;
        }
        if (c == DOTTED_CAPITAL_I) {
            out[0] = 'i';
            out[1] = 0x307;
            return 2;
        }
        int row = floor(LOWER, 4, c);
        if (row >= 0) {
            int distance = c - LOWER[row];
            int stride = LOWER[row + 2];
            if (distance < LOWER[row + 1] * stride && distance % stride == 0) {
                out[0] = c + signed(LOWER[row + 3]);
            }
        }
        return 1;
    }

    /**
     * Writes the full canonical decomposition of a character, which is itself when it has none.
     *
     * @return the number of code points written, 1 to 4
     */
    static int decompose(int c, int[] out) {
        out[0] = c;
        if (c < 0xC0) {
            return 1;
        }
        if (c >= HANGUL_FIRST && c < HANGUL_FIRST + HANGUL_COUNT) {
            int s = c - HANGUL_FIRST;
            out[0] = 0x1100 + s / 588;
            out[1] = 0x1161 + s % 588 / 28;
            out[2] = 0x11A7 + s % 28;
            return s % 28 == 0 ? 2 : 3;
        }
        int row = floor(DECOMPOSITIONS, 5, c);
        if (row < 0 || DECOMPOSITIONS[row] != c) {
            return 1;
        }
        int n = 0;
        do {
            out[n] = DECOMPOSITIONS[row + 1 + n];
            n++;
        } while (n < 4 && DECOMPOSITIONS[row + 1 + n] != 0);
        return n;
    }

    /** Reads the numbers of a table: base-46 digits that go on, closed by a base-45 digit. */
    static int[] numbers(String table) {
        int[] numbers = new int[table.length()];
        int count = 0;
        int value = 0;
        for (int i = 0; i < table.length(); i++) {
            int digit = table.charAt(i) - (table.charAt(i) > '\\' ? 36 : 35);
            if (digit < 45) {
                numbers[count++] = value * 45 + digit;
                value = 0;
            } else {
                value = value * 46 + digit - 45;
            }
        }
        int[] exact = new int[count];
        System.arraycopy(numbers, 0, exact, 0, count);
        return exact;
    }

    /** Maps 0, 1, 2, 3, 4 to 0, -1, 1, -2, 2. */
    static int signed(int n) {
        return (n >>> 1) ^ -(n & 1);
    }

    /** A table of distances as the places where membership of a set changes. */
    static int[] ranges(String table) {
        int[] ranges = numbers(table);
        for (int i = 1; i < ranges.length; i++) {
            ranges[i] += ranges[i - 1];
        }
        return ranges;
    }

    /** Whether a set holds a character, by the ascending places where membership changes. */
    static boolean contains(int[] ranges, int c) {
        int low = 0;
        int high = ranges.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (ranges[middle] <= c) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return (low & 1) == 1;
    }

    /** Where the last row begins whose first number is not above {@code c}, negative where there is none. */
    static int floor(int[] rows, int width, int c) {
        int low = 0;
        int high = rows.length / width;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (rows[middle * width] <= c) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return (low - 1) * width;
    }
}
