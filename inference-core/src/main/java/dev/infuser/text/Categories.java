package dev.infuser.text;

/** General categories of Unicode, as the regular expressions of Hugging Face's tokenizers see them. */
final class Categories {
    /** In the order of their numbers in {@link UnicodeData#CATEGORIES}. */
    static final String NAMES = "CnLuLlLtLmLoMnMcMeNdNlNoPcPdPsPePiPfPoSmScSkSoZsZlZpCcCfCo";

    private static final int[] RUNS = Unicode.numbers(UnicodeData.CATEGORIES);

    /** Oniguruma counts the fractions and superscripts of Latin-1 in, and the joiners out. */
    private static final CharSet WORD = new CharSet(Unicode.ranges(UnicodeData.WORD))
            .union(CharSet.of(0xB2, 0xB3, 0xB9, 0xBC, 0xBD, 0xBE)).intersection(CharSet.of(0x200C, 0x200D).complement());

    private Categories() {
    }

    /** The characters of a category such as {@code Lu}, or of those with a letter such as {@code L}; null for others. */
    static CharSet set(String name) {
        int wanted = 0;
        for (int i = 0; i < NAMES.length(); i += 2) {
            if (!name.isEmpty() && name.length() <= 2 && NAMES.startsWith(name, i)) {
                wanted |= 1 << i / 2;
            }
        }
        if (wanted == 0) {
            return null;
        }
        int[] bounds = new int[RUNS.length / 2 + 1];
        int count = 0;
        int at = 0;
        for (int i = 0; i < RUNS.length; i += 2) {
            at += RUNS[i];
            if ((wanted >> RUNS[i + 1] & 1) != (count & 1)) {
                bounds[count++] = at;
            }
        }
        int[] exact = new int[count];
        System.arraycopy(bounds, 0, exact, 0, count);
        return new CharSet(exact);
    }

    /** What {@code \w} matches. */
    static CharSet word() {
        return WORD;
    }
}
