package dev.infuser.vision;

import dev.infuser.tensor.InvalidInputException;

/**
 * How much each pixel of an image belongs to something.
 *
 * @param levels from 0 to 255, row by row from the top
 */
public record Mask(int width, int height, byte[] levels) {

    /** Checks the extents. */
    public Mask {
        if (width < 1 || height < 1 || (long) width * height != levels.length) {
            throw new InvalidInputException("bad-image", "", "a mask of " + width + " x " + height + " pixels needs as many levels",
                    "found " + levels.length, "");
        }
    }

    /**
     * From what a model says of a region of an image to a mask of the image, bilinearly; pixels beyond the region have the
     * level of its border.
     *
     * @param shares from 0 to 1, {@code columns} in each of {@code rows}
     * @param region upright, in pixels of the image
     */
    public static Mask of(float[] shares, int columns, int rows, Region region, int width, int height) {
        if (columns < 1 || rows < 1 || (long) columns * rows != shares.length) {
            throw new InvalidInputException("bad-image", "", "a mask of " + columns + " x " + rows + " pixels needs as many levels",
                    "found " + shares.length, "");
        }
        byte[] levels = new byte[width * height];
        int[] left = new int[width];
        float[] across = new float[width];
        for (int x = 0; x < width; x++) {
            double place = within(region.u(x + 0.5, 0) * columns - 0.5, columns - 1);
            left[x] = Math.min((int) place, Math.max(columns - 2, 0));
            across[x] = (float) (place - left[x]);
        }
        float[] row = new float[columns + 1];
        for (int y = 0; y < height; y++) {
            double place = within(region.v(0, y + 0.5) * rows - 0.5, rows - 1);
            int above = (int) place;
            int below = Math.min(above + 1, rows - 1);
            float down = (float) (place - above);
            for (int x = 0; x < columns; x++) {
                float top = shares[above * columns + x];
                row[x] = 255 * (top + (shares[below * columns + x] - top) * down);
            }
            row[columns] = row[columns - 1];
            for (int x = 0; x < width; x++) {
                float near = row[left[x]];
                float level = near + (row[left[x] + 1] - near) * across[x] + 0.5f;
                levels[y * width + x] = (byte) (level > 255 ? 255 : level > 0 ? (int) level : 0);
            }
        }
        return new Mask(width, height, levels);
    }

    private static double within(double place, int last) {
        return Math.min(Math.max(place, 0), last);
    }
}
