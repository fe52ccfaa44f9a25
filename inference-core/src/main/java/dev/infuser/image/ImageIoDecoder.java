package dev.infuser.image;

import dev.infuser.vision.Picture;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import javax.imageio.ImageIO;

/** The decoders of the Java platform, and those that a program adds to it. */
final class ImageIoDecoder {

    private ImageIoDecoder() {
    }

    static Picture decode(byte[] bytes) {
        BufferedImage image;
        try {
            image = ImageIO.read(new ByteArrayInputStream(bytes));
        } catch (IOException | RuntimeException e) {
            return null;
        }
        if (image == null) {
            return null;
        }
        Canvas canvas = new Canvas(image.getWidth(), image.getHeight());
        ColorModel model = image.getColorModel();
        boolean gray = model instanceof ComponentColorModel && model.getNumColorComponents() == 1;
        int[] row = new int[canvas.width];
        for (int y = 0; y < canvas.height; y++) {
            if (!gray) {
                image.getRGB(0, y, canvas.width, 1, row, 0, canvas.width);
            }
            for (int x = 0; x < canvas.width; x++) {
                int pixel = y * canvas.width + x;
                if (!gray) {
                    canvas.argb(pixel, row[x]);
                    continue;
                }
                canvas.gray(pixel, eight(image.getRaster(), x, y, 0, model));
                if (model.hasAlpha()) {
                    canvas.alpha(pixel, eight(image.getRaster(), x, y, 1, model));
                }
            }
        }
        return canvas.picture();
    }

    /** A sample as it is in the file; the platform takes gray for linear light. */
    private static int eight(Raster raster, int x, int y, int band, ColorModel model) {
        return Canvas.scale(raster.getSample(x, y, band), (1 << model.getComponentSize(band)) - 1);
    }
}
