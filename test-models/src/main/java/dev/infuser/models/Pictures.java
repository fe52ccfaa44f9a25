package dev.infuser.models;

import dev.infuser.vision.Picture;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;

/** Pictures with known contents that lie in folder {@code pictures} of the resources, where their licence is. */
public final class Pictures {

    private Pictures() {
    }

    /** The file of a name such as {@code dog.jpg}. */
    public static byte[] file(String name) {
        try (InputStream in = Pictures.class.getResourceAsStream("pictures/" + name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Its pixels. */
    public static Picture picture(String name) {
        try {
            return of(ImageIO.read(new ByteArrayInputStream(file(name))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The pixels of an image. */
    public static Picture of(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        int[] argb = image.getRGB(0, 0, width, height, null, 0, width);
        byte[] rgba = new byte[4 * argb.length];
        for (int i = 0; i < argb.length; i++) {
            rgba[4 * i] = (byte) (argb[i] >> 16);
            rgba[4 * i + 1] = (byte) (argb[i] >> 8);
            rgba[4 * i + 2] = (byte) argb[i];
            rgba[4 * i + 3] = (byte) (argb[i] >> 24);
        }
        return new Picture(width, height, rgba);
    }
}
