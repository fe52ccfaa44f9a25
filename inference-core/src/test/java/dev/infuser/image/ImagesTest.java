package dev.infuser.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.vision.Picture;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Decoded images beside what Pillow 12 (OpenJPEG 2.5, libwebp 1.6, libtiff, libjpeg-turbo 3.1) made of the same files, which it wrote. */
class ImagesTest {

    @ParameterizedTest
    @ValueSource(strings = {"reversible.jp2", "layers-rlcp.jp2", "tiles-rpcl.jp2", "pcrl.jp2", "one-resolution.jp2", "offset.jp2",
        "not-mixed.j2k", "gray.jp2", "gray-alpha.jp2", "alpha.jp2", "plain.tiff", "lzw.tiff", "deflate.tiff", "pack-bits.tiff",
        "differences.tiff", "bilevel.tiff", "gray.tiff", "palette.tiff", "alpha.tiff", "cmyk.tiff", "bitmap.pbm", "gray.pgm",
        "color.ppm", "lossy.webp", "coarse.webp", "fine.webp", "lossless.webp", "lossy-alpha.webp", "lossless-alpha.webp",
        "palette.webp", "animation.webp", "progressive.jpg", "sampled.jpg", "gray.jpg", "palette.png", "color.bmp"})
    void equalsTheReferenceDecoder(String name) throws IOException {
        Picture expected = expected(name);
        Picture actual = Images.decode(bytes(name));
        assertNotNull(actual);
        assertEquals(expected.width() + " x " + expected.height(), actual.width() + " x " + actual.height());
        assertArrayEquals(expected.rgba(), actual.rgba());
    }

    /** The wavelet's real numbers are rounded in another order there. */
    @ParameterizedTest
    @ValueSource(strings = {"irreversible.jp2", "cprl.jp2"})
    void isWithinALevelWhereTheTransformIsOfRealNumbers(String name) throws IOException {
        byte[] expected = expected(name).rgba();
        byte[] actual = Images.decode(bytes(name)).rgba();
        int different = 0;
        for (int i = 0; i < expected.length; i++) {
            int by = Math.abs((expected[i] & 0xff) - (actual[i] & 0xff));
            assertTrue(by <= 1, "by " + by + " at " + i);
            different += by;
        }
        assertTrue(different < expected.length / 500, different + " differ");
    }

    @ParameterizedTest
    @CsvSource({"'P1\n# a comment\n3 2\n1 0 1\n0 1 0\n', 0 255 0 255 0 255", "'P2 2 2 15 0 15 7 3', 0 255 119 51",
        "'P3\n1 2\n255\n10 20 30\n40 50 60', 10 20 30 40 50 60", "'P2 1 1 65535 32768', 128"})
    void readsPlainPortableFormats(String file, String expected) {
        Picture picture = Images.decode(file.getBytes(StandardCharsets.US_ASCII));
        String[] values = expected.split(" ");
        int channels = values.length / (picture.width() * picture.height());
        for (int i = 0; i < values.length; i++) {
            assertEquals(Integer.parseInt(values[i]), picture.rgba()[i / channels * 4 + i % channels] & 0xff);
        }
    }

    @Test
    void readsArbitraryMaps() {
        byte[] head = "P7\nWIDTH 1\nHEIGHT 1\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n".getBytes(StandardCharsets.US_ASCII);
        byte[] file = java.util.Arrays.copyOf(head, head.length + 4);
        System.arraycopy(new byte[] {1, 2, 3, 4}, 0, file, head.length, 4);
        assertArrayEquals(new byte[] {1, 2, 3, 4}, Images.decode(file).rgba());
    }

    @Test
    void knowsWhatIsNoImage() {
        assertNull(Images.decode(new byte[0]));
        assertNull(Images.decode("this is no image".getBytes(StandardCharsets.US_ASCII)));
    }

    /** No damage makes anything but a picture or nothing, and none takes long. */
    @ParameterizedTest
    @ValueSource(strings = {"layers-rlcp.jp2", "tiles-rpcl.jp2", "cprl.jp2", "lzw.tiff", "deflate.tiff", "palette.tiff", "color.ppm",
        "lossy-alpha.webp", "lossless-alpha.webp", "palette.webp", "animation.webp"})
    void survivesDamage(String name) throws IOException {
        byte[] whole = bytes(name);
        Random random = new Random(5);
        for (int i = 0; i < 300; i++) {
            byte[] damaged = whole.clone();
            for (int k = 1 + random.nextInt(4); k > 0; k--) {
                damaged[random.nextInt(i % 2 == 0 ? damaged.length : Math.min(160, damaged.length))] = (byte) random.nextInt();
            }
            Picture picture = Images.decode(i % 3 == 0 ? java.util.Arrays.copyOf(damaged, random.nextInt(damaged.length)) : damaged);
            assertTrue(picture == null || picture.width() > 0);
        }
    }

    private static byte[] bytes(String name) throws IOException {
        try (InputStream in = ImagesTest.class.getResourceAsStream(name)) {
            return in.readAllBytes();
        }
    }

    private static Picture expected(String name) throws IOException {
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(bytes(name + ".png")));
        Canvas canvas = new Canvas(image.getWidth(), image.getHeight());
        for (int i = 0; i < canvas.width * canvas.height; i++) {
            canvas.argb(i, image.getRGB(i % canvas.width, i / canvas.width));
        }
        return canvas.picture();
    }
}
