package dev.infuser.image.webp;

/** How macroblocks are predicted (RFC 6386, 8 and 11): the modes of the one that was read last. */
final class Vp8Modes {

    static final int DC = 0;
    static final int TRUE_MOTION = 1;
    static final int VERTICAL = 2;
    static final int HORIZONTAL = 3;
    static final int RIGHT_DOWN = 4;
    static final int VERTICAL_RIGHT = 5;
    static final int LEFT_DOWN = 6;
    static final int VERTICAL_LEFT = 7;
    static final int HORIZONTAL_DOWN = 8;
    static final int HORIZONTAL_UP = 9;

    private static final int MODES = 10;
    /** Where each bit leads: to the next place of the tree where positive, else to a mode inverted. */
    private static final int[] TREE = {
        ~DC, 1, ~TRUE_MOTION, 2, ~VERTICAL, 3, 4, 6, ~HORIZONTAL, 5, ~RIGHT_DOWN, ~VERTICAL_RIGHT, ~LEFT_DOWN, 7,
        ~VERTICAL_LEFT, 8, ~HORIZONTAL_DOWN, ~HORIZONTAL_UP,
    };

    private final BoolDecoder bits;
    private final int[] above;
    private final int[] left = new int[4];
    /** Whether each 4 x 4 pixels have their own mode. */
    boolean small;
    /** The mode of all, or those of the 16 parts. */
    final int[] luma = new int[16];
    int chroma;

    Vp8Modes(BoolDecoder bits, int across) {
        this.bits = bits;
        above = new int[4 * across];
    }

    void beginRow() {
        for (int i = 0; i < 4; i++) {
            left[i] = DC;
        }
    }

    void read(int x) {
        small = bits.bit(145) == 0;
        for (int i = 0; small && i < 16; i++) {
            int column = 4 * x + i % 4;
            int row = i / 4;
            int mode = one((above[column] * MODES + left[row]) * (MODES - 1));
            luma[i] = mode;
            above[column] = mode;
            left[row] = mode;
        }
        if (!small) {
            luma[0] = bits.bit(156) == 1 ? bits.bit(128) == 1 ? TRUE_MOTION : HORIZONTAL : bits.bit(163) == 1 ? VERTICAL : DC;
            for (int i = 0; i < 4; i++) {
                above[4 * x + i] = luma[0];
                left[i] = luma[0];
            }
        }
        chroma = bits.bit(142) == 0 ? DC : bits.bit(114) == 0 ? VERTICAL : bits.bit(183) == 1 ? TRUE_MOTION : HORIZONTAL;
    }

    private int one(int probabilities) {
        int at = 0;
        do {
            at = TREE[2 * at + bits.bit(Vp8Tables.MODES[probabilities + at])];
        } while (at > 0);
        return ~at;
    }
}
