package dev.infuser.vision;

import dev.infuser.tensor.InvalidInputException;

/**
 * Parts of images that are turned or seen at a slant, upright in images of their own: each pixel is interpolated between
 * those nearest to where its centre lies, with no regard to how many a pixel of the result covers.
 */
public final class Crop {

    /** What lies beyond an image. */
    public enum Border {
        /** Black. */
        BLACK,
        /** The nearest pixels. */
        EDGE
    }

    private Crop() {
    }

    /**
     * A region of an image, turned upright, by bilinear interpolation.
     *
     * @throws InvalidInputException where the size is less than 1 or has more than 2^29 - 1 pixels
     */
    public static Picture region(Picture picture, Region region, int width, int height, Border border) {
        double right = region.width() * Math.cos(region.angle());
        double rightDown = region.width() * Math.sin(region.angle());
        double down = region.height() * Math.cos(region.angle());
        double downRight = -region.height() * Math.sin(region.angle());
        return warp(picture, new double[] {right, downRight, region.x(0, 0), rightDown, down, region.y(0, 0), 0, 0, 1}, width,
                height, Filter.BILINEAR, border);
    }

    /**
     * What lies within four corners, as a plane seen at a slant.
     *
     * @param corners x and y in pixels of the upper left, upper right, lower right and lower left corner
     * @param filter  bilinear or bicubic
     * @throws InvalidInputException where three corners are in line, or the size is less than 1 or has more than 2^29 - 1 pixels
     */
    public static Picture quadrilateral(Picture picture, double[] corners, int width, int height, Filter filter, Border border) {
        return warp(picture, homography(corners), width, height, filter, border);
    }

    /** The projective map from the unit square to four corners: Heckbert, Fundamentals of Texture Mapping, 1989, 2.2.3. */
    private static double[] homography(double[] c) {
        double dx1 = c[2] - c[4];
        double dx2 = c[6] - c[4];
        double sumX = c[0] - c[2] + c[4] - c[6];
        double dy1 = c[3] - c[5];
        double dy2 = c[7] - c[5];
        double sumY = c[1] - c[3] + c[5] - c[7];
        double area = dx1 * dy2 - dx2 * dy1;
        double g = (sumX * dy2 - dx2 * sumY) / area;
        double h = (dx1 * sumY - sumX * dy1) / area;
        if (!(Math.abs(area) > 1e-9 && 1 + g > 1e-9 && 1 + h > 1e-9 && 1 + g + h > 1e-9)) {
            throw new InvalidInputException("bad-region", "", "the corners are not those of a convex quadrilateral", "", "");
        }
        return new double[] {c[2] - c[0] + g * c[2], c[6] - c[0] + h * c[6], c[0],
            c[3] - c[1] + g * c[3], c[7] - c[1] + h * c[7], c[1], g, h, 1};
    }

    /** By a projective map, row by row, from places of the result from 0 to 1 to pixels of the image. */
    private static Picture warp(Picture picture, double[] map, int width, int height, Filter filter, Border border) {
        if (width < 1 || height < 1 || (long) width * height >= 1 << 29) {
            throw new InvalidInputException("bad-size", "", "an image cannot have " + width + " x " + height + " pixels", "", "");
        }
        byte[] out = new byte[4 * width * height];
        double[] weights = new double[8];
        for (int row = 0, at = 0; row < height; row++) {
            double v = (row + 0.5) / height;
            for (int column = 0; column < width; column++, at += 4) {
                double u = (column + 0.5) / width;
                double depth = map[6] * u + map[7] * v + map[8];
                double x = (map[0] * u + map[1] * v + map[2]) / depth - 0.5;
                double y = (map[3] * u + map[4] * v + map[5]) / depth - 0.5;
                if (filter == Filter.BICUBIC) {
                    cubic(picture, x, y, border, weights, out, at);
                } else {
                    sample(picture, x, y, border, out, at);
                }
            }
        }
        return new Picture(width, height, out);
    }

    private static void sample(Picture picture, double x, double y, Border border, byte[] out, int at) {
        int width = picture.width();
        int height = picture.height();
        if (!(border == Border.EDGE || x > -1 && y > -1 && x < width && y < height)) {
            out[at + 3] = (byte) 255;
            return;
        }
        double within = Math.min(Math.max(x, -1), width);
        double below = Math.min(Math.max(y, -1), height);
        int column = (int) Math.floor(within);
        int row = (int) Math.floor(below);
        double right = within - column;
        double down = below - row;
        byte[] rgba = picture.rgba();
        int left0 = Math.min(Math.max(column, 0), width - 1);
        int left1 = Math.min(Math.max(column + 1, 0), width - 1);
        int top0 = Math.min(Math.max(row, 0), height - 1) * width;
        int top1 = Math.min(Math.max(row + 1, 0), height - 1) * width;
        double w11 = right * down;
        double w10 = down - w11;
        double w01 = right - w11;
        double w00 = 1 - right - w10;
        if (border == Border.BLACK) {
            boolean before = column < 0;
            boolean behind = column + 1 >= width;
            w00 = before || row < 0 ? 0 : w00;
            w01 = behind || row < 0 ? 0 : w01;
            w10 = before || row + 1 >= height ? 0 : w10;
            w11 = behind || row + 1 >= height ? 0 : w11;
        }
        for (int c = 0; c < 3; c++) {
            out[at + c] = (byte) (0.5 + w00 * (rgba[4 * (top0 + left0) + c] & 255) + w01 * (rgba[4 * (top0 + left1) + c] & 255)
                    + w10 * (rgba[4 * (top1 + left0) + c] & 255) + w11 * (rgba[4 * (top1 + left1) + c] & 255));
        }
        out[at + 3] = (byte) 255;
    }

    private static void cubic(Picture picture, double x, double y, Border border, double[] weights, byte[] out, int at) {
        int width = picture.width();
        int height = picture.height();
        double within = Math.min(Math.max(x, -3), width + 2);
        double below = Math.min(Math.max(y, -3), height + 2);
        int left = (int) Math.floor(within) - 1;
        int top = (int) Math.floor(below) - 1;
        for (int i = 0; i < 4; i++) {
            weights[i] = border == Border.BLACK && (left + i < 0 || left + i >= width) ? 0 : Filter.BICUBIC.at(within - left - i);
            weights[4 + i] = border == Border.BLACK && (top + i < 0 || top + i >= height) ? 0 : Filter.BICUBIC.at(below - top - i);
        }
        byte[] rgba = picture.rgba();
        double red = 0;
        double green = 0;
        double blue = 0;
        for (int i = 0; i < 4; i++) {
            int row = Math.min(Math.max(top + i, 0), height - 1) * width;
            for (int k = 0; k < 4; k++) {
                int from = 4 * (row + Math.min(Math.max(left + k, 0), width - 1));
                double weight = weights[4 + i] * weights[k];
                red += weight * (rgba[from] & 255);
                green += weight * (rgba[from + 1] & 255);
                blue += weight * (rgba[from + 2] & 255);
            }
        }
        out[at] = level(red);
        out[at + 1] = level(green);
        out[at + 2] = level(blue);
        out[at + 3] = (byte) 255;
    }

    private static byte level(double value) {
        return (byte) Math.min(Math.max(value + 0.5, 0), 255);
    }
}
