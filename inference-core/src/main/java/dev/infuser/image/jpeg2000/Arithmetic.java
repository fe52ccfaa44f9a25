package dev.infuser.image.jpeg2000;

/** The MQ decoder (T.800 Annex C) and the raw bits of lazy passes, on a range of bytes after which ones follow. */
final class Arithmetic {

    /** By state: estimate, next after the more probable symbol, next after the other, and whether these change places. */
    private static final int[] STATES = {
        0x5601, 1, 1, 1, 0x3401, 2, 6, 0, 0x1801, 3, 9, 0, 0x0AC1, 4, 12, 0, 0x0521, 5, 29, 0, 0x0221, 38, 33, 0,
        0x5601, 7, 6, 1, 0x5401, 8, 14, 0, 0x4801, 9, 14, 0, 0x3801, 10, 14, 0, 0x3001, 11, 17, 0, 0x2401, 12, 18, 0,
        0x1C01, 13, 20, 0, 0x1601, 29, 21, 0, 0x5601, 15, 14, 1, 0x5401, 16, 14, 0, 0x5101, 17, 15, 0, 0x4801, 18, 16, 0,
        0x3801, 19, 17, 0, 0x3401, 20, 18, 0, 0x3001, 21, 19, 0, 0x2801, 22, 19, 0, 0x2401, 23, 20, 0, 0x2201, 24, 21, 0,
        0x1C01, 25, 22, 0, 0x1801, 26, 23, 0, 0x1601, 27, 24, 0, 0x1401, 28, 25, 0, 0x1201, 29, 26, 0, 0x1101, 30, 27, 0,
        0x0AC1, 31, 28, 0, 0x09C1, 32, 29, 0, 0x08A1, 33, 30, 0, 0x0521, 34, 31, 0, 0x0441, 35, 32, 0, 0x02A1, 36, 33, 0,
        0x0221, 37, 34, 0, 0x0141, 38, 35, 0, 0x0111, 39, 36, 0, 0x0085, 40, 37, 0, 0x0049, 41, 38, 0, 0x0025, 42, 39, 0,
        0x0015, 43, 40, 0, 0x0009, 44, 41, 0, 0x0005, 45, 42, 0, 0x0001, 45, 43, 0, 0x5601, 46, 46, 0,
    };

    static final int CONTEXTS = 19;

    private final byte[] data;
    private int at;
    private int end;
    private int c;
    private int a;
    private int ct;
    private final int[] state = new int[CONTEXTS];
    private final int[] more = new int[CONTEXTS];

    Arithmetic(byte[] data) {
        this.data = data;
    }

    /** Sets the contexts to their first states (T.800 table D.7). */
    void reset() {
        for (int i = 0; i < CONTEXTS; i++) {
            state[i] = 0;
            more[i] = 0;
        }
        state[0] = 4;
        state[BitPlanes.RUN] = 3;
        state[BitPlanes.UNIFORM] = 46;
    }

    private int next(int position) {
        return position < end ? data[position] & 0xff : 0xff;
    }

    /** Begins with a segment. */
    void begin(int from, int length) {
        at = from;
        end = from + length;
        c = next(at) << 16;
        feed();
        c <<= 7;
        ct -= 7;
        a = 0x8000;
    }

    private void feed() {
        if (next(at) == 0xff) {
            if (next(at + 1) > 0x8f) {
                c += 0xff00;
                ct = 8;
            } else {
                at++;
                c += next(at) << 9;
                ct = 7;
            }
        } else {
            at++;
            c += next(at) << 8;
            ct = 8;
        }
    }

    int bit(int context) {
        int s = state[context] * 4;
        int estimate = STATES[s];
        int bit = more[context];
        a -= estimate;
        boolean less;
        if ((c >>> 16) < estimate) {
            less = a >= estimate;
            a = estimate;
        } else {
            c -= estimate << 16;
            if ((a & 0x8000) != 0) {
                return bit;
            }
            less = a < estimate;
        }
        if (less) {
            bit = 1 - bit;
            if (STATES[s + 3] == 1) {
                more[context] = bit;
            }
            state[context] = STATES[s + 2];
        } else {
            state[context] = STATES[s + 1];
        }
        do {
            if (ct == 0) {
                feed();
            }
            a <<= 1;
            c <<= 1;
            ct--;
        } while ((a & 0x8000) == 0);
        return bit;
    }

    /** Begins with a segment of raw bits. */
    void beginRaw(int from, int length) {
        at = from;
        end = from + length;
        c = 0;
        ct = 0;
    }

    int raw() {
        if (ct == 0) {
            boolean stuffed = c == 0xff;
            c = next(at++);
            ct = stuffed ? 7 : 8;
        }
        ct--;
        return c >> ct & 1;
    }
}
