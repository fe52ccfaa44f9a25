package dev.infuser.image;

import dev.infuser.vision.Picture;

/** An image that is being read, opaque until alpha is written. */
public final class Canvas {

    /** More pixels than any camera's, few enough for the memory of a page. */
    private static final long MOST_PIXELS = 1 << 27;

    public final int width;
    public final int height;
    private final byte[] rgba;

    /** An image without light; refuses more pixels than {@link #check} does. */
    public Canvas(long width, long height) {
        check(width, height);
        this.width = (int) width;
        this.height = (int) height;
        rgba = new byte[4 * this.width * this.height];
        for (int i = 3; i < rgba.length; i += 4) {
            rgba[i] = -1;
        }
    }

    /** Throws unless an image may be so large. */
    public static void check(long width, long height) {
        if (width < 1 || height < 1 || width > MOST_PIXELS || height > MOST_PIXELS || width * height > MOST_PIXELS) {
            throw Bytes.damaged("an image of " + width + " x " + height + " pixels");
        }
    }

    void gray(int pixel, int value) {
        rgb(pixel, value, value, value);
    }

    public void rgb(int pixel, int red, int green, int blue) {
        int at = 4 * pixel;
        rgba[at] = (byte) red;
        rgba[at + 1] = (byte) green;
        rgba[at + 2] = (byte) blue;
    }

    public void argb(int pixel, int argb) {
        rgb(pixel, argb >> 16, argb >> 8, argb);
        alpha(pixel, argb >>> 24);
    }

    public void alpha(int pixel, int alpha) {
        rgba[4 * pixel + 3] = (byte) alpha;
    }

    public Picture picture() {
        return new Picture(width, height, rgba);
    }

    /** A number of which {@code most} is the greatest as one of 8 bits. */
    static int scale(int value, int most) {
        return most == 255 ? value : (int) ((value * 255L + most / 2) / most);
    }
}
