package dev.infuser.image.jpeg2000;

import dev.infuser.image.Bytes;

/** A resolution of a component of a tile: its bands, and its grid of precincts (T.800 B.5 to B.7). */
final class Resolution {

    private static final long MOST_PRECINCTS = 1 << 20;

    final int x0;
    final int y0;
    final int x1;
    final int y1;
    final int across;
    final int down;
    final Band[] bands;
    private final int wide;
    private final int high;

    Resolution(TileComponent of, Coding coding, int level) {
        int reduce = coding.levels - level;
        x0 = ceilShift(of.x0, reduce);
        y0 = ceilShift(of.y0, reduce);
        x1 = ceilShift(of.x1, reduce);
        y1 = ceilShift(of.y1, reduce);
        wide = coding.precincts[level] & 15;
        high = coding.precincts[level] >> 4;
        if (level > 0 && (wide == 0 || high == 0)) {
            throw Bytes.damaged("precincts of one coefficient");
        }
        across = x1 <= x0 ? 0 : (x1 - 1 >> wide) + 1 - (x0 >> wide);
        down = y1 <= y0 ? 0 : (y1 - 1 >> high) + 1 - (y0 >> high);
        if ((long) across * down > MOST_PRECINCTS) {
            throw Bytes.damaged((long) across * down + " precincts");
        }
        bands = new Band[level == 0 ? 1 : 3];
        for (int i = 0; i < bands.length; i++) {
            bands[i] = level == 0 ? band(of, coding, 0, 0, 0, coding.levels, 0)
                    : band(of, coding, (i + 1) % 2, (i + 1) / 2, 3 * level - 2 + i, reduce + 1, 1);
        }
    }

    private Band band(TileComponent of, Coding coding, int right, int below, int index, int reduce, int halved) {
        int left = reduced(of.x0, reduce, right);
        int top = reduced(of.y0, reduce, below);
        int end = reduced(of.x1, reduce, right);
        int bottom = reduced(of.y1, reduce, below);
        int w = wide - halved;
        int h = high - halved;
        Precinct[] precincts = new Precinct[across * down];
        for (int i = 0; i < precincts.length; i++) {
            long x = (long) (x0 >> wide) + i % across << w;
            long y = (long) (y0 >> high) + i / across << h;
            precincts[i] = new Precinct((int) Math.max(x, left), (int) Math.max(y, top), (int) Math.min(x + (1L << w), end),
                    (int) Math.min(y + (1L << h), bottom), Math.min(coding.blockWidth, w), Math.min(coding.blockHeight, h));
        }
        return new Band(right, below, index, left, top, end, bottom, precincts);
    }

    private static int reduced(int at, int reduce, int high) {
        return ceilShift(at - (high == 0 ? 0 : 1L << reduce - 1), reduce);
    }

    private static int ceilShift(long value, int by) {
        return (int) (value + (1L << by) - 1 >> by);
    }

    /** Where a precinct begins, in units of this resolution. */
    long left(int precinct) {
        return (long) (x0 >> wide) + precinct % across << wide;
    }

    /** Where a precinct begins, in units of this resolution. */
    long top(int precinct) {
        return (long) (y0 >> high) + precinct / across << high;
    }

    /** The most blocks of a band's precinct. */
    int mostBlocks() {
        int most = 0;
        for (Band band : bands) {
            for (Precinct precinct : band.precincts()) {
                most = Math.max(most, precinct.blocks().length);
            }
        }
        return most;
    }
}
