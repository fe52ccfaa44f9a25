package dev.infuser.text;

/** Compatibility decompositions. */
final class Compatibility {
    /** The most characters that one becomes. */
    static final int LONGEST = 18;

    private static final int[] DATA = Unicode.numbers(UnicodeData.COMPATIBILITY);

    /** Rows of the first character, how many follow it that become following ones, and where its own stand in the data. */
    private static final int[] ROWS = rows();

    private Compatibility() {
    }

    /** Writes the full compatibility decomposition of a character and gives the number of its characters. */
    static int decompose(int c, int[] out) {
        int row = c < 0xA0 ? -1 : Unicode.floor(ROWS, 3, c);
        if (row < 0 || c - ROWS[row] >= ROWS[row + 1]) {
            return Unicode.decompose(c, out);
        }
        int at = ROWS[row + 2];
        int count = DATA[at++];
        int last = 0;
        for (int i = 0; i < count; i++) {
            last += Unicode.signed(DATA[at + i]);
            out[i] = last;
        }
        out[0] += c - ROWS[row];
        return count;
    }

    private static int[] rows() {
        int[] rows = new int[DATA.length];
        int count = 0;
        int c = 0;
        for (int at = 0; at < DATA.length; at += 3 + DATA[at + 2]) {
            c += DATA[at];
            rows[count] = c;
            rows[count + 1] = DATA[at + 1];
            rows[count + 2] = at + 2;
            count += 3;
        }
        int[] exact = new int[count];
        System.arraycopy(rows, 0, exact, 0, count);
        return exact;
    }
}
