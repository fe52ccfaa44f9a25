package dev.infuser.image.webp;

/** The coefficients of macroblocks (RFC 6386, 13 and 14), and what they add to the prediction. */
final class Vp8Residue {

    private static final int[] ZIGZAG = {0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15};
    private static final int[] BANDS = {0, 1, 2, 3, 6, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6, 7, 0};
    /** Probabilities of the bits that large numbers have beyond their category's least. */
    private static final int[][] CATEGORIES = {
        {173, 148, 140}, {176, 155, 140, 135}, {180, 157, 141, 134, 130}, {254, 254, 243, 230, 196, 177, 153, 140, 133, 130, 129},
    };
    private static final int PROBABILITIES = 11;
    private static final int CONTEXTS = 3;
    private static final int KINDS_BANDS = 8;
    private static final int AFTER_SECOND = 0;
    private static final int SECOND = 1;
    private static final int CHROMA = 2;
    private static final int WHOLE = 3;

    private final int[] probabilities;
    /** Whether blocks above have coefficients: for each macroblock 4 of luma, 2 of u, 2 of v, and its constant parts. */
    private final int[] above;
    private final int[] left = new int[9];
    /** Coefficients of 16 blocks of luma, 4 of u and 4 of v, in rows. */
    final int[] values = new int[24 * 16];

    Vp8Residue(int[] probabilities, int across) {
        this.probabilities = probabilities;
        above = new int[9 * across];
    }

    void beginRow() {
        for (int i = 0; i < left.length; i++) {
            left[i] = 0;
        }
    }

    /** There are no coefficients. */
    boolean skip(int x, boolean small) {
        for (int i = 0; i < (small ? 8 : 9); i++) {
            above[9 * x + i] = 0;
            left[i] = 0;
        }
        return false;
    }

    /** Whether there is a coefficient. */
    boolean read(BoolDecoder bits, int x, boolean small, int[] steps) {
        for (int i = 0; i < values.length; i++) {
            values[i] = 0;
        }
        int top = 9 * x;
        boolean any = false;
        if (!small) {
            int[] second = new int[16];
            int count = block(bits, SECOND, above[top + 8] + left[8], 0, second, 0, steps[2], steps[3]);
            above[top + 8] = count > 0 ? 1 : 0;
            left[8] = above[top + 8];
            constants(second);
        }
        int first = small ? 0 : 1;
        for (int i = 0; i < 16; i++) {
            int column = top + i % 4;
            int count = block(bits, small ? WHOLE : AFTER_SECOND, above[column] + left[i / 4], first, values, 16 * i, steps[0], steps[1]);
            above[column] = count > first ? 1 : 0;
            left[i / 4] = above[column];
            any |= count > first || values[16 * i] != 0;
        }
        for (int i = 0; i < 8; i++) {
            int column = top + 4 + i / 4 * 2 + i % 2;
            int row = 4 + i / 4 * 2 + i / 2 % 2;
            int count = block(bits, CHROMA, above[column] + left[row], 0, values, 16 * (16 + i), steps[4], steps[5]);
            above[column] = count > 0 ? 1 : 0;
            left[row] = above[column];
            any |= count > 0;
        }
        return any;
    }

    /** Reads a block and returns the place after its last coefficient. */
    private int block(BoolDecoder bits, int kind, int context, int first, int[] out, int at, int constant, int other) {
        int p = place(kind, first, context);
        for (int n = first; n < 16;) {
            if (bits.bit(probabilities[p]) == 0) {
                return n;
            }
            while (bits.bit(probabilities[p + 1]) == 0) {
                if (++n == 16) {
                    return 16;
                }
                p = place(kind, n, 0);
            }
            int value = bits.bit(probabilities[p + 2]) == 0 ? 1 : large(bits, p);
            int step = n > 0 ? other : constant;
            out[at + ZIGZAG[n]] = (bits.flag() ? -value : value) * step;
            p = place(kind, ++n, value == 1 ? 1 : 2);
        }
        return 16;
    }

    private static int place(int kind, int n, int context) {
        return ((kind * KINDS_BANDS + BANDS[n]) * CONTEXTS + context) * PROBABILITIES;
    }

    private int large(BoolDecoder bits, int p) {
        if (bits.bit(probabilities[p + 3]) == 0) {
            return bits.bit(probabilities[p + 4]) == 0 ? 2 : 3 + bits.bit(probabilities[p + 5]);
        }
        if (bits.bit(probabilities[p + 6]) == 0) {
            if (bits.bit(probabilities[p + 7]) == 0) {
                return 5 + bits.bit(159);
            }
            int high = bits.bit(165);
            return 7 + 2 * high + bits.bit(145);
        }
        int high = bits.bit(probabilities[p + 8]);
        int category = 2 * high + bits.bit(probabilities[p + 9 + high]);
        int more = 0;
        for (int probability : CATEGORIES[category]) {
            more = 2 * more + bits.bit(probability);
        }
        return 3 + (8 << category) + more;
    }

    /** The constant parts of the blocks of luma from their transform (RFC 6386, 14.3). */
    private void constants(int[] in) {
        int[] t = new int[16];
        for (int i = 0; i < 4; i++) {
            int a = in[i] + in[12 + i];
            int b = in[4 + i] + in[8 + i];
            int c = in[4 + i] - in[8 + i];
            int d = in[i] - in[12 + i];
            t[i] = a + b;
            t[8 + i] = a - b;
            t[4 + i] = d + c;
            t[12 + i] = d - c;
        }
        for (int i = 0; i < 16; i += 4) {
            int a = t[i] + 3 + t[i + 3];
            int b = t[i + 1] + t[i + 2];
            int c = t[i + 1] - t[i + 2];
            int d = t[i] + 3 - t[i + 3];
            values[16 * i] = a + b >> 3;
            values[16 * (i + 1)] = d + c >> 3;
            values[16 * (i + 2)] = a - b >> 3;
            values[16 * (i + 3)] = d - c >> 3;
        }
    }

    /** Adds block {@code number} to the pixels at a place (RFC 6386, 14.4). */
    void add(int number, Plane to, int x, int y) {
        int[] t = new int[16];
        for (int i = 0; i < 4; i++) {
            int at = 16 * number + i;
            int a = values[at] + values[at + 8];
            int b = values[at] - values[at + 8];
            int c = small(values[at + 4]) - large(values[at + 12]);
            int d = large(values[at + 4]) + small(values[at + 12]);
            t[4 * i] = a + d;
            t[4 * i + 1] = b + c;
            t[4 * i + 2] = b - c;
            t[4 * i + 3] = a - d;
        }
        for (int i = 0; i < 4; i++) {
            int a = t[i] + 4 + t[8 + i];
            int b = t[i] + 4 - t[8 + i];
            int c = small(t[4 + i]) - large(t[12 + i]);
            int d = large(t[4 + i]) + small(t[12 + i]);
            change(to, x, y + i, a + d);
            change(to, x + 1, y + i, b + c);
            change(to, x + 2, y + i, b - c);
            change(to, x + 3, y + i, a - d);
        }
    }

    private static void change(Plane to, int x, int y, int by) {
        to.set(x, y, to.at(x, y) + (by >> 3));
    }

    private static int large(int value) {
        return (value * 20091 >> 16) + value;
    }

    private static int small(int value) {
        return value * 35468 >> 16;
    }
}
