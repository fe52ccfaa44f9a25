package dev.infuser.image.jpeg2000;

/** The coefficients of a code block from its passes over bit planes (T.800 Annex D). */
final class BitPlanes {

    static final int RUN = 17;
    static final int UNIFORM = 18;
    private static final int SIGN = 9;
    private static final int MAGNITUDE = 14;

    static final int LAZY = 1;
    static final int RESET = 2;
    static final int TERMINATE = 4;
    static final int CAUSAL = 8;
    static final int SYMBOLS = 32;

    private static final int SIGNIFICANT = 1;
    private static final int NEGATIVE = 2;
    private static final int REFINED = 4;
    private static final int VISITED = 8;

    private final int width;
    private final int height;
    private final int pitch;
    private final int band;
    private final int style;
    private final byte[] flags;
    private final int[] value;
    private final Arithmetic coder;
    private int plane;
    private boolean raw;

    /** @param band 0 for LL and LH, 1 for HL, 2 for HH */
    private BitPlanes(int width, int height, int band, int style, byte[] data) {
        this.width = width;
        this.height = height;
        this.pitch = width + 2;
        this.band = band;
        this.style = style;
        flags = new byte[pitch * (height + 2)];
        value = new int[width * height];
        coder = new Arithmetic(data);
    }

    /**
     * The coefficients row by row, in halves: those known to the last bit are odd, save 0.
     *
     * @param planes   bit planes that are not empty, at most 30
     * @param segments by segment its passes and its bytes
     */
    static int[] decode(int width, int height, int band, int style, int planes, byte[] data, int[] segments) {
        BitPlanes block = new BitPlanes(width, height, band, style, data);
        block.coder.reset();
        int kind = 2;
        int at = 0;
        int first = planes;
        block.plane = planes;
        for (int s = 0; s + 1 < segments.length; s += 2) {
            boolean lazy = (style & LAZY) != 0 && block.plane <= first - 4 && kind < 2;
            if (lazy) {
                block.coder.beginRaw(at, segments[s + 1]);
            } else {
                block.coder.begin(at, segments[s + 1]);
            }
            block.raw = lazy;
            at += segments[s + 1];
            for (int pass = 0; pass < segments[s] && block.plane > 0; pass++) {
                block.pass(kind);
                if ((style & RESET) != 0) {
                    block.coder.reset();
                }
                kind = (kind + 1) % 3;
                if (kind == 0) {
                    block.plane--;
                }
            }
        }
        return block.value;
    }

    private void pass(int kind) {
        for (int top = 0; top < height; top += 4) {
            for (int x = 0; x < width; x++) {
                int bottom = Math.min(top + 4, height);
                int y = top;
                if (kind == 2 && bottom - top == 4 && quiet(x, top)) {
                    if (coder.bit(RUN) == 0) {
                        continue;
                    }
                    y += coder.bit(UNIFORM) << 1 | coder.bit(UNIFORM);
                    discover(x, y, hides(y));
                    y++;
                }
                for (; y < bottom; y++) {
                    coefficient(kind, x, y);
                }
            }
        }
        if (kind == 2) {
            for (int i = 0; i < flags.length; i++) {
                flags[i] &= ~VISITED;
            }
            if ((style & SYMBOLS) != 0) {
                for (int i = 0; i < 4; i++) {
                    coder.bit(UNIFORM);
                }
            }
        }
    }

    private void coefficient(int kind, int x, int y) {
        int at = (y + 1) * pitch + x + 1;
        boolean hides = hides(y);
        if (kind == 1) {
            if ((flags[at] & (SIGNIFICANT | VISITED)) == SIGNIFICANT) {
                refine(at, y * width + x, hides);
            }
            return;
        }
        if ((flags[at] & (SIGNIFICANT | VISITED)) != 0) {
            return;
        }
        int context = zeroContext(at, hides);
        if (kind == 0) {
            if (context == 0) {
                return;
            }
            flags[at] |= VISITED;
        }
        if ((raw ? coder.raw() : coder.bit(context)) == 1) {
            discover(x, y, hides);
        }
    }

    /** Whether the row below belongs to the next stripe and must not be seen. */
    private boolean hides(int y) {
        return (style & CAUSAL) != 0 && y % 4 == 3;
    }

    /** Whether a column of a stripe has nothing significant in or around it, and is wholly left to the cleanup pass. */
    private boolean quiet(int x, int top) {
        for (int y = top; y < top + 4; y++) {
            int at = (y + 1) * pitch + x + 1;
            if ((flags[at] & (SIGNIFICANT | VISITED)) != 0 || zeroContext(at, hides(y)) != 0) {
                return false;
            }
        }
        return true;
    }

    private int significant(int at) {
        return flags[at] & SIGNIFICANT;
    }

    private int zeroContext(int at, boolean hides) {
        int h = significant(at - 1) + significant(at + 1);
        int v = significant(at - pitch) + (hides ? 0 : significant(at + pitch));
        int d = significant(at - pitch - 1) + significant(at - pitch + 1)
                + (hides ? 0 : significant(at + pitch - 1) + significant(at + pitch + 1));
        if (band == 2) {
            int both = h + v;
            return d >= 3 ? 8 : d == 2 ? both > 0 ? 7 : 6 : d == 1 ? 3 + Math.min(both, 2) : Math.min(both, 2);
        }
        int along = band == 1 ? v : h;
        int across = band == 1 ? h : v;
        if (along == 2) {
            return 8;
        }
        if (along == 1) {
            return across > 0 ? 7 : d > 0 ? 6 : 5;
        }
        return across > 0 ? 2 + across : Math.min(d, 2);
    }

    /** 1 for a positive neighbour, -1 for a negative one, 0 for one that is not significant. */
    private int sign(int at) {
        return (flags[at] & SIGNIFICANT) == 0 ? 0 : (flags[at] & NEGATIVE) == 0 ? 1 : -1;
    }

    private void discover(int x, int y, boolean hides) {
        int at = (y + 1) * pitch + x + 1;
        int negative;
        if (raw) {
            negative = coder.raw();
        } else {
            int h = Math.max(-1, Math.min(1, sign(at - 1) + sign(at + 1)));
            int v = Math.max(-1, Math.min(1, sign(at - pitch) + (hides ? 0 : sign(at + pitch))));
            boolean flip = h < 0 || h == 0 && v < 0;
            int context = SIGN + (h == 0 ? Math.abs(v) : 3 + (flip ? -v : v));
            negative = coder.bit(context) ^ (flip ? 1 : 0);
        }
        flags[at] |= SIGNIFICANT | (negative == 1 ? NEGATIVE : 0);
        int magnitude = 3 << plane - 1;
        value[y * width + x] = negative == 1 ? -magnitude : magnitude;
    }

    private void refine(int at, int index, boolean hides) {
        int bit;
        if (raw) {
            bit = coder.raw();
        } else {
            int context = (flags[at] & REFINED) != 0 ? MAGNITUDE + 2 : zeroContext(at, hides) > 0 ? MAGNITUDE + 1 : MAGNITUDE;
            bit = coder.bit(context);
        }
        flags[at] |= REFINED;
        int half = 1 << plane - 1;
        int change = bit == 1 ? half : -half;
        value[index] += value[index] < 0 ? -change : change;
    }
}
