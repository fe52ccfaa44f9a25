package dev.infuser.vision;

import dev.infuser.tensor.InvalidInputException;
import java.util.Arrays;

/**
 * Images of other sizes, as Pillow's {@code Image.resize} makes them: antialiased, first along rows, then along columns, each
 * rounded to 8 bits. Where pixels are transparent, colours count as much as they are seen.
 */
public final class Resize {

    private static final int HALF = 1 << (Taps.BITS - 1);
    private static final int OPAQUE = 255;

    private Resize() {
    }

    /**
     * The whole image in another size.
     *
     * @throws InvalidInputException where the size is less than 1 or has more than 2^29 - 1 pixels
     */
    public static Picture resize(Picture picture, int width, int height, Filter filter) {
        return resize(picture, Region.of(picture), width, height, filter, 0);
    }

    /**
     * A part of an image in another size, as if the image were padded to hold it.
     *
     * @param region upright, in {@code picture}'s pixels
     * @param fill   red, green and blue, from 0 to 255, of what lies beyond the image
     * @throws InvalidInputException where the size is less than 1 or has more than 2^29 - 1 pixels, or the region is empty
     */
    public static Picture resize(Picture picture, Region region, int width, int height, Filter filter, int fill) {
        check(region, width, height);
        double left = region.centerX() - region.width() / 2;
        double top = region.centerY() - region.height() / 2;
        double right = left + region.width();
        double bottom = top + region.height();
        if (filter == Filter.NEAREST) {
            return nearest(picture, left, top, region.width() / width, region.height() / height, width, height, fill);
        }
        boolean opaque = isOpaque(picture.rgba());
        byte[] pixels = opaque ? picture.rgba() : multiplied(picture.rgba());
        int rows = picture.height();
        if (left != 0 || right != picture.width() || width != picture.width()) {
            pixels = rows(pixels, picture.width(), rows, Taps.of(filter, picture.width(), left, right, width), fill, opaque);
        }
        if (top != 0 || bottom != rows || height != rows) {
            pixels = columns(pixels, width, Taps.of(filter, rows, top, bottom, height), fill, opaque);
        }
        if (opaque) {
            return new Picture(width, height, pixels == picture.rgba() ? pixels.clone() : pixels);
        }
        divide(pixels);
        return new Picture(width, height, pixels);
    }

    private static void check(Region region, int width, int height) {
        if (width < 1 || height < 1 || (long) width * height >= 1 << 29) {
            throw new InvalidInputException("bad-size", "", "an image cannot have " + width + " x " + height + " pixels", "", "");
        }
        if (!(region.width() > 0 && region.height() > 0 && region.width() < 1 << 24 && region.height() < 1 << 24
                && Math.abs(region.centerX()) < 1 << 24 && Math.abs(region.centerY()) < 1 << 24)) {
            throw new InvalidInputException("bad-region", "", "there is nothing to see in a region of " + region.width() + " x "
                    + region.height() + " pixels", "", "");
        }
    }

    private static Picture nearest(Picture picture, double left, double top, double scaleX, double scaleY, int width, int height,
            int fill) {
        byte[] out = new byte[4 * width * height];
        for (int y = 0, at = 0; y < height; y++) {
            int row = (int) Math.floor(top + (y + 0.5) * scaleY);
            for (int x = 0; x < width; x++, at += 4) {
                int column = (int) Math.floor(left + (x + 0.5) * scaleX);
                if (row < 0 || row >= picture.height() || column < 0 || column >= picture.width()) {
                    Arrays.fill(out, at, at + 3, (byte) fill);
                    out[at + 3] = (byte) OPAQUE;
                } else {
                    System.arraycopy(picture.rgba(), 4 * (row * picture.width() + column), out, at, 4);
                }
            }
        }
        return new Picture(width, height, out);
    }

    private static byte[] rows(byte[] pixels, int width, int rows, Taps taps, int fill, boolean opaque) {
        int size = taps.first().length;
        int stride = taps.stride();
        byte[] out = new byte[4 * size * rows];
        int[] weights = taps.weights();
        int[] first = taps.first();
        int[] count = taps.count();
        int[] outside = taps.outside();
        for (int row = 0, at = 0; row < rows; row++) {
            for (int i = 0; i < size; i++, at += 4) {
                int red = HALF + fill * outside[i];
                int green = red;
                int blue = red;
                int alpha = HALF + OPAQUE * outside[i];
                int end = i * stride + count[i];
                for (int weight = i * stride, in = 4 * (row * width + first[i]); weight < end; weight++, in += 4) {
                    int factor = weights[weight];
                    red += (pixels[in] & 255) * factor;
                    green += (pixels[in + 1] & 255) * factor;
                    blue += (pixels[in + 2] & 255) * factor;
                    if (!opaque) {
                        alpha += (pixels[in + 3] & 255) * factor;
                    }
                }
                out[at] = clip(red);
                out[at + 1] = clip(green);
                out[at + 2] = clip(blue);
                out[at + 3] = opaque ? (byte) OPAQUE : clip(alpha);
            }
        }
        return out;
    }

    private static byte[] columns(byte[] pixels, int width, Taps taps, int fill, boolean opaque) {
        int size = taps.first().length;
        int step = 4 * width;
        byte[] out = new byte[step * size];
        int[] weights = taps.weights();
        for (int i = 0, at = 0; i < size; i++) {
            int color = HALF + fill * taps.outside()[i];
            int cover = HALF + OPAQUE * taps.outside()[i];
            int begin = i * taps.stride();
            int end = begin + taps.count()[i];
            int start = step * taps.first()[i];
            for (int next = at + step; at < next; at += 4, start += 4) {
                int red = color;
                int green = color;
                int blue = color;
                int alpha = cover;
                for (int weight = begin, in = start; weight < end; weight++, in += step) {
                    int factor = weights[weight];
                    red += (pixels[in] & 255) * factor;
                    green += (pixels[in + 1] & 255) * factor;
                    blue += (pixels[in + 2] & 255) * factor;
                    if (!opaque) {
                        alpha += (pixels[in + 3] & 255) * factor;
                    }
                }
                out[at] = clip(red);
                out[at + 1] = clip(green);
                out[at + 2] = clip(blue);
                out[at + 3] = opaque ? (byte) OPAQUE : clip(alpha);
            }
        }
        return out;
    }

    private static byte clip(int sum) {
        int level = sum >> Taps.BITS;
        return (byte) (level < 0 ? 0 : Math.min(level, 255));
    }

    private static boolean isOpaque(byte[] rgba) {
        for (int i = 3; i < rgba.length; i += 4) {
            if (rgba[i] != (byte) OPAQUE) {
                return false;
            }
        }
        return true;
    }

    private static byte[] multiplied(byte[] rgba) {
        byte[] out = rgba.clone();
        for (int i = 0; i < out.length; i++) {
            int product = (rgba[i] & 255) * (rgba[i | 3] & 255) + 128;
            out[i] = (i & 3) == 3 ? rgba[i] : (byte) (product + (product >> 8) >> 8);
        }
        return out;
    }

    private static void divide(byte[] rgba) {
        for (int i = 0; i < rgba.length; i++) {
            int alpha = rgba[i | 3] & 255;
            if ((i & 3) != 3 && alpha != 0 && alpha != OPAQUE) {
                rgba[i] = (byte) Math.min(255 * (rgba[i] & 255) / alpha, 255);
            }
        }
    }
}
