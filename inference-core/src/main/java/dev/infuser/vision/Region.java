package dev.infuser.vision;

/**
 * A rectangle over an image, which may be turned and may reach beyond the image: what a model's input shows of it. It maps
 * places of that input, from 0 to 1, to the image and back.
 *
 * @param centerX in pixels of the image; the centre of its first pixel is at 0.5
 * @param width   in pixels, along its own upper side; a negative one is of the region mirrored
 * @param angle   radians by which it is turned, clockwise as y points down
 */
public record Region(double centerX, double centerY, double width, double height, double angle) {

    /** The whole of an image. */
    public static Region of(Picture picture) {
        return of(0, 0, picture.width(), picture.height());
    }

    /** An upright rectangle by its sides. */
    public static Region of(double left, double top, double right, double bottom) {
        return new Region((left + right) / 2, (top + bottom) / 2, right - left, bottom - top, 0);
    }

    /** The part between two places from 0 to 1. */
    public Region part(double left, double top, double right, double bottom) {
        double u = (left + right) / 2;
        double v = (top + bottom) / 2;
        return new Region(x(u, v), y(u, v), width * (right - left), height * (bottom - top), angle);
    }

    /** The smallest region around this one, of the same centre, whose width is {@code aspect} times its height. */
    public Region padded(double aspect) {
        return new Region(centerX, centerY, Math.max(width, height * aspect), Math.max(height, width / aspect), angle);
    }

    /** This one, grown or shrunk about its centre. */
    public Region scaled(double factor) {
        return new Region(centerX, centerY, width * factor, height * factor, angle);
    }

    /** This one, its left and right sides exchanged. */
    public Region mirrored() {
        return new Region(centerX, centerY, -width, height, angle);
    }

    /** Where in the image, in pixels from its left, the place ({@code u}, {@code v}) of this region is. */
    public double x(double u, double v) {
        return centerX + (u - 0.5) * width * Math.cos(angle) - (v - 0.5) * height * Math.sin(angle);
    }

    /** The same in pixels from the top. */
    public double y(double u, double v) {
        return centerY + (u - 0.5) * width * Math.sin(angle) + (v - 0.5) * height * Math.cos(angle);
    }

    /** Where in this region, from 0 at its left side to 1 at its right, the place ({@code x}, {@code y}) of the image is. */
    public double u(double x, double y) {
        return 0.5 + ((x - centerX) * Math.cos(angle) + (y - centerY) * Math.sin(angle)) / width;
    }

    /** The same from the upper side to the lower. */
    public double v(double x, double y) {
        return 0.5 + ((y - centerY) * Math.cos(angle) - (x - centerX) * Math.sin(angle)) / height;
    }
}
