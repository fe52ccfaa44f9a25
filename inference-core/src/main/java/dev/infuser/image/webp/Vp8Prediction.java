package dev.infuser.image.webp;

/** Macroblocks from the pixels above and to the left of them (RFC 6386, 12), and from their coefficients. */
final class Vp8Prediction {

    /** What is beyond the upper and the left edge of the image. */
    private static final int ABOVE = 127;
    private static final int BEFORE = 129;

    private final Vp8 frame;
    /** Around 4 x 4 pixels: from the lowest to the left over the corner (4) to the last of 8 above. */
    private final int[] e = new int[13];

    Vp8Prediction(Vp8 frame) {
        this.frame = frame;
    }

    /** @param any whether there are coefficients */
    void predict(int x, int y, Vp8Modes modes, Vp8Residue residue, boolean any) {
        if (!modes.small) {
            whole(frame.luma, 16 * x, 16 * y, 16, modes.luma[0]);
        }
        for (int i = 0; i < 16; i++) {
            int left = 16 * x + i % 4 * 4;
            int top = 16 * y + i / 4 * 4;
            if (modes.small) {
                edges(left, top, x, i);
                part(left, top, modes.luma[i]);
            }
            if (any) {
                residue.add(i, frame.luma, left, top);
            }
        }
        whole(frame.u, 8 * x, 8 * y, 8, modes.chroma);
        whole(frame.v, 8 * x, 8 * y, 8, modes.chroma);
        for (int i = 0; i < 8 && any; i++) {
            residue.add(16 + i, i < 4 ? frame.u : frame.v, 8 * x + i % 2 * 4, 8 * y + i / 2 % 2 * 4);
        }
    }

    private static int near(Plane plane, int x, int y) {
        return y < 0 ? ABOVE : x < 0 ? BEFORE : plane.at(x, y);
    }

    private static void whole(Plane plane, int left, int top, int size, int mode) {
        int constant = mode == Vp8Modes.DC ? constant(plane, left, top, size) : 0;
        int corner = near(plane, left - 1, top - 1);
        for (int y = top; y < top + size; y++) {
            int before = near(plane, left - 1, y);
            for (int x = left; x < left + size; x++) {
                int above = near(plane, x, top - 1);
                plane.set(x, y, mode == Vp8Modes.DC ? constant : mode == Vp8Modes.VERTICAL ? above
                        : mode == Vp8Modes.HORIZONTAL ? before : before + above - corner);
            }
        }
    }

    /** The mean of what there is around a square. */
    private static int constant(Plane plane, int left, int top, int size) {
        int sum = 0;
        int count = 0;
        for (int i = 0; i < size; i++) {
            if (top > 0) {
                sum += plane.at(left + i, top - 1);
                count++;
            }
            if (left > 0) {
                sum += plane.at(left - 1, top + i);
                count++;
            }
        }
        return count == 0 ? 128 : (sum + count / 2) / count;
    }

    /** Collects what is around part {@code i} of macroblock {@code x} of a row. */
    private void edges(int left, int top, int x, int i) {
        Plane plane = frame.luma;
        for (int k = 0; k < 4; k++) {
            e[k] = near(plane, left - 1, top + 3 - k);
        }
        for (int k = -1; k < 4; k++) {
            e[5 + k] = near(plane, left + k, top - 1);
        }
        boolean last = i % 4 == 3;
        int row = last ? top - i / 4 * 4 - 1 : top - 1;
        for (int k = 4; k < 8; k++) {
            int column = last && x == frame.across - 1 ? left + 3 : left + k;
            e[5 + k] = near(plane, column, row);
        }
    }

    private int two(int i) {
        return e[i] + e[i + 1] + 1 >> 1;
    }

    /** The weighted mean around {@code i}. */
    private int three(int i) {
        return e[i - 1] + 2 * e[i] + e[i + 1] + 2 >> 2;
    }

    private void part(int left, int top, int mode) {
        int constant = 4;
        for (int i = 0; i < 4; i++) {
            constant += e[i] + e[5 + i];
        }
        for (int y = 0; y < 4; y++) {
            for (int x = 0; x < 4; x++) {
                int value = switch (mode) {
                    case Vp8Modes.DC -> constant >> 3;
                    case Vp8Modes.TRUE_MOTION -> e[3 - y] + e[5 + x] - e[4];
                    case Vp8Modes.VERTICAL -> three(5 + x);
                    case Vp8Modes.HORIZONTAL -> y == 3 ? e[1] + 3 * e[0] + 2 >> 2 : three(3 - y);
                    case Vp8Modes.RIGHT_DOWN -> three(4 + x - y);
                    case Vp8Modes.LEFT_DOWN -> x + y == 6 ? e[11] + 3 * e[12] + 2 >> 2 : three(6 + x + y);
                    case Vp8Modes.VERTICAL_RIGHT -> verticalRight(2 * x - y, x - y / 2);
                    case Vp8Modes.HORIZONTAL_DOWN -> horizontalDown(2 * y - x, y - x / 2);
                    case Vp8Modes.VERTICAL_LEFT -> verticalLeft(x, y);
                    default -> horizontalUp(x + 2 * y);
                };
                frame.luma.set(left + x, top + y, value);
            }
        }
    }

    private int verticalRight(int at, int column) {
        return at < 0 ? three(5 + at) : at % 2 == 0 ? two(4 + column) : three(4 + column);
    }

    private int horizontalDown(int at, int row) {
        return at < 0 ? three(3 - at) : at % 2 == 0 ? two(3 - row) : three(4 - row);
    }

    private int verticalLeft(int x, int y) {
        if (x == 3 && y > 1) {
            return three(6 + x + y - 1);
        }
        return y % 2 == 0 ? two(5 + x + y / 2) : three(6 + x + y / 2);
    }

    private int horizontalUp(int at) {
        return at > 5 ? e[0] : at == 5 ? e[1] + 3 * e[0] + 2 >> 2 : at % 2 == 0 ? two(2 - at / 2) : three(2 - at / 2);
    }
}
