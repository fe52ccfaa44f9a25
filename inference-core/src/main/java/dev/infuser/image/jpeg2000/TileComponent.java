package dev.infuser.image.jpeg2000;

/** A component of a tile: its samples on its own grid. */
final class TileComponent {

    final int x0;
    final int y0;
    final int x1;
    final int y1;
    final Coding coding;
    final Resolution[] resolutions;
    /** Row by row: whole numbers where the transform is reversible, else the others. */
    int[] whole;
    float[] real;

    TileComponent(int x0, int y0, int x1, int y1, Coding coding) {
        this.x0 = x0;
        this.y0 = y0;
        this.x1 = x1;
        this.y1 = y1;
        this.coding = coding;
        coding.check();
        resolutions = new Resolution[coding.levels + 1];
        for (int i = 0; i < resolutions.length; i++) {
            resolutions[i] = new Resolution(this, coding, i);
        }
    }

    /** Decodes all blocks and joins the bands. */
    void reconstruct(int depth) {
        for (int level = 0; level < resolutions.length; level++) {
            Resolution to = resolutions[level];
            int width = to.x1 - to.x0;
            int height = to.y1 - to.y0;
            int[] wholes = coding.reversible ? new int[width * height] : null;
            float[] reals = coding.reversible ? null : new float[width * height];
            if (level > 0) {
                Resolution from = resolutions[level - 1];
                spread(wholes, reals, from.x1 - from.x0, from.y1 - from.y0, to);
            }
            for (Band band : to.bands) {
                fill(band, level, depth, wholes, reals, width, level == 0 ? 0 : 1, to);
            }
            if (level > 0 && coding.reversible) {
                Wavelet.join(wholes, width, height, to.x0 & 1, to.y0 & 1);
            } else if (level > 0) {
                Wavelet.join(reals, width, height, to.x0 & 1, to.y0 & 1);
            }
            whole = wholes;
            real = reals;
        }
    }

    /** Puts the samples of the resolution below at the places of the low frequencies. */
    private void spread(int[] wholes, float[] reals, int fromWidth, int fromHeight, Resolution to) {
        int width = to.x1 - to.x0;
        for (int y = 0; y < fromHeight; y++) {
            for (int x = 0; x < fromWidth; x++) {
                int at = (2 * y + (to.y0 & 1)) * width + 2 * x + (to.x0 & 1);
                if (coding.reversible) {
                    wholes[at] = whole[y * fromWidth + x];
                } else {
                    reals[at] = real[y * fromWidth + x];
                }
            }
        }
    }

    private void fill(Band band, int level, int depth, int[] wholes, float[] reals, int width, int step, Resolution to) {
        int exponent = coding.exponent(band.index(), level);
        int planes = coding.guard + exponent - 1 + coding.shift;
        int gain = band.across() + band.down();
        float unit = coding.reversible ? 0 : (float) (Math.pow(2, depth + gain - exponent) * (1 + coding.mantissa(band.index()) / 2048.0) / 2);
        int left = step == 0 ? 0 : first(band.across(), to.x0);
        int top = step == 0 ? 0 : first(band.down(), to.y0);
        for (Precinct precinct : band.precincts()) {
            for (Block block : precinct.blocks()) {
                int[] values = block.decode(band.contexts(), coding, planes);
                int blockWidth = block.x1 - block.x0;
                for (int i = 0; i < values.length; i++) {
                    int y = top + (block.y0 - band.y0() + i / blockWidth << step);
                    int at = y * width + left + (block.x0 - band.x0() + i % blockWidth << step);
                    int value = scaled(values[i]);
                    if (coding.reversible) {
                        wholes[at] = value / 2;
                    } else {
                        reals[at] = value * unit;
                    }
                }
            }
        }
    }

    /** Where the first coefficient of low (0) or high (1) frequency is in a row that begins at {@code start}. */
    private static int first(int high, int start) {
        return high == (start & 1) ? 0 : 1;
    }

    /** A coefficient of the region of interest has been moved up. */
    private int scaled(int value) {
        int magnitude = Math.abs(value);
        if (coding.shift > 0 && magnitude >= 2 << coding.shift) {
            magnitude >>= coding.shift;
        }
        return value < 0 ? -magnitude : magnitude;
    }
}
