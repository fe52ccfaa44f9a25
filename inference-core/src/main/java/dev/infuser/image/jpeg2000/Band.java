package dev.infuser.image.jpeg2000;

/**
 * A band of a resolution.
 *
 * @param across    1 where it has high frequencies from left to right, else 0
 * @param down      1 where it has high frequencies from top to bottom, else 0
 * @param index     counted from the band of lowest frequencies
 * @param precincts row by row
 */
record Band(int across, int down, int index, int x0, int y0, int x1, int y1, Precinct[] precincts) {

    int width() {
        return x1 - x0;
    }

    int height() {
        return y1 - y0;
    }

    /** Which of the tables of contexts holds. */
    int contexts() {
        return across == 0 ? 0 : down == 0 ? 1 : 2;
    }
}
