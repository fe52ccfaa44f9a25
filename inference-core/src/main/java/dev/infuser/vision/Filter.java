package dev.infuser.vision;

/** How {@link Resize} weighs the pixels around a place: Pillow's filters of the same names. */
public enum Filter {
    /** The pixel at the place. */
    NEAREST(0),
    /** The mean of the pixels that a pixel of the result covers, called area elsewhere. */
    BOX(0.5),
    BILINEAR(1),
    /** Keys' cubic with a = -0.5. */
    BICUBIC(2),
    /** A sinc in a window three pixels wide to either side. */
    LANCZOS(3);

    /** How far the weights reach, in pixels of the smaller image. */
    final double support;

    Filter(double support) {
        this.support = support;
    }

    /** The weight at a distance, not yet normalised. */
    double at(double distance) {
        double x = Math.abs(distance);
        return switch (this) {
            case NEAREST, BOX -> distance > -0.5 && distance <= 0.5 ? 1 : 0;
            case BILINEAR -> x < 1 ? 1 - x : 0;
            case BICUBIC -> x < 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
            default -> x < 3 ? sinc(x) * sinc(x / 3) : 0;
        };
    }

    private static double sinc(double x) {
        return x == 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    }
}
