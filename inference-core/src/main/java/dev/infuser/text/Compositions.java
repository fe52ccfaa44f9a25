package dev.infuser.text;

/** The pairs of characters that canonical composition makes one of. */
final class Compositions {
    private static final int CAPACITY = 4096;
    private static final long[] PAIRS = new long[CAPACITY];
    private static final int[] COMPOSED = new int[CAPACITY];

    static {
        int[] rows = Unicode.DECOMPOSITIONS;
        int[] excluded = Unicode.ranges(UnicodeData.NOT_COMPOSED);
        for (int length = 2; length <= 4; length++) {
            for (int row = 0; row < rows.length; row += 5) {
                int parts = 1;
                while (parts < 4 && rows[row + 1 + parts] != 0) {
                    parts++;
                }
                if (parts != length || Unicode.contains(excluded, rows[row])) {
                    continue;
                }
                int left = rows[row + 1];
                for (int i = 1; i + 1 < parts && left >= 0; i++) {
                    left = of(left, rows[row + 1 + i]);
                }
                if (left >= 0) {
                    int slot = slot(left, rows[row + parts]);
                    PAIRS[slot] = pair(left, rows[row + parts]);
                    COMPOSED[slot] = rows[row];
                }
            }
        }
    }

    private Compositions() {
    }

    /** The character that two compose to, or -1. */
    static int of(int left, int right) {
        if (left >= 0x1100 && left < 0x1113 && right >= 0x1161 && right < 0x1176) {
            return 0xAC00 + ((left - 0x1100) * 21 + right - 0x1161) * 28;
        }
        if (left >= 0xAC00 && left < 0xD7A4 && (left - 0xAC00) % 28 == 0 && right > 0x11A7 && right < 0x11C3) {
            return left + right - 0x11A7;
        }
        int slot = slot(left, right);
        return PAIRS[slot] == 0 ? -1 : COMPOSED[slot];
    }

    private static int slot(int left, int right) {
        long pair = pair(left, right);
        int hash = left * 0x9E3779B1 + right * 0x85EBCA6B;
        int slot = (hash ^ hash >>> 15) & CAPACITY - 1;
        while (PAIRS[slot] != 0 && PAIRS[slot] != pair) {
            slot = slot + 1 & CAPACITY - 1;
        }
        return slot;
    }

    private static long pair(int left, int right) {
        return (long) left << 21 | right;
    }
}
