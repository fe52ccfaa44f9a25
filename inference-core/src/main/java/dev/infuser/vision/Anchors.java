package dev.infuser.vision;

/**
 * Where detectors look: cells over their input, coarser from level to level, with some anchors in each, as the SSD detectors of
 * MediaPipe have them with {@code fixed_anchor_size}. An anchor has a place but no size.
 */
public final class Anchors {

    private Anchors() {
    }

    /**
     * All anchors, row by row of each level.
     *
     * @param sides   cells along a side of each level
     * @param perCell anchors in a cell of each level
     * @param center  where in its cell an anchor is, from 0 to 1
     * @return x and y of each, from 0 to 1 over the input
     */
    public static float[] of(int[] sides, int[] perCell, double center) {
        float[] places = new float[2 * count(sides, perCell)];
        int at = 0;
        for (int level = 0; level < sides.length; level++) {
            int side = sides[level];
            for (int cell = 0; cell < side * side; cell++) {
                for (int i = 0; i < perCell[level]; i++) {
                    places[at++] = (float) ((cell % side + center) / side);
                    places[at++] = (float) ((cell / side + center) / side);
                }
            }
        }
        return places;
    }

    private static int count(int[] sides, int[] perCell) {
        int count = 0;
        for (int level = 0; level < sides.length; level++) {
            count += sides[level] * sides[level] * perCell[level];
        }
        return count;
    }
}
