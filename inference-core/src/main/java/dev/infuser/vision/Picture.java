package dev.infuser.vision;

import dev.infuser.tensor.InvalidInputException;

/**
 * An image.
 *
 * @param rgba 4 bytes for each pixel, red, green, blue and alpha (not multiplied), row by row from the top
 */
public record Picture(int width, int height, byte[] rgba) {

    /**
     * Checks the extents.
     *
     * @throws InvalidInputException where there are no pixels, or not as many as the extents say
     */
    public Picture {
        if (width < 1 || height < 1 || (long) width * height * 4 != rgba.length) {
            throw new InvalidInputException("bad-image", "", "an image of " + width + " x " + height + " pixels needs 4 bytes for each",
                    "found " + rgba.length + " bytes", "");
        }
    }
}
