package dev.infuser.vision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.tensor.InvalidInputException;
import org.junit.jupiter.api.Test;

class MaskTest {

    @Test
    void growsBilinearlyBetweenCentresOfPixels() {
        Mask mask = Mask.of(new float[] {0, 1}, 2, 1, Region.of(0, 0, 8, 2), 8, 2);
        byte[] row = {0, 0, 32, 96, (byte) 159, (byte) 223, (byte) 255, (byte) 255};
        for (int i = 0; i < 16; i++) {
            assertEquals(row[i % 8] & 255, mask.levels()[i] & 255, 1);
        }
    }

    @Test
    void equalsTheResizeOfAPictureThatIsNotMadeSmaller() {
        Picture source = ResizeTest.noise(7, 5, true);
        float[] reds = new float[35];
        for (int i = 0; i < reds.length; i++) {
            reds[i] = (source.rgba()[4 * i] & 255) / 255f;
        }
        Mask mask = Mask.of(reds, 7, 5, Region.of(0, 0, 20, 19), 20, 19);
        Picture resized = Resize.resize(source, 20, 19, Filter.BILINEAR);
        for (int i = 0; i < mask.levels().length; i++) {
            assertEquals(resized.rgba()[4 * i] & 255, mask.levels()[i] & 255, 1.01);
        }
    }

    @Test
    void showsTheRegionThatTheModelSaw() {
        Mask mask = Mask.of(new float[] {0, 0, 1, 1}, 4, 1, Region.of(2, -3, 6, 1), 8, 1);
        assertArrayEquals(new byte[] {0, 0, 0, 0, -1, -1, -1, -1}, mask.levels());
    }

    @Test
    void levelsStayWithinAByte() {
        assertArrayEquals(new byte[] {0, -1}, Mask.of(new float[] {-3, 5}, 2, 1, Region.of(0, 0, 2, 1), 2, 1).levels());
        assertArrayEquals(new byte[] {0}, Mask.of(new float[] {Float.NaN}, 1, 1, Region.of(0, 0, 1, 1), 1, 1).levels());
    }

    @Test
    void wrongExtentsAreRefused() {
        assertThrows(InvalidInputException.class, () -> Mask.of(new float[3], 2, 2, Region.of(0, 0, 1, 1), 1, 1));
        assertThrows(InvalidInputException.class, () -> new Mask(2, 2, new byte[3]));
    }

    private static Picture plain(int width, int height, int red) {
        byte[] rgba = new byte[4 * width * height];
        for (int i = 0; i < rgba.length; i += 4) {
            rgba[i] = (byte) red;
            rgba[i + 3] = -1;
        }
        return new Picture(width, height, rgba);
    }

    @Test
    void blursByTheStandardDeviationThatIsAskedFor() {
        for (double sigma : new double[] {2, 5, 9}) {
            Picture edge = plain(120, 20, 0);
            for (int i = 0; i < 120 * 20; i++) {
                edge.rgba()[4 * i] = (byte) (i % 120 < 60 ? 0 : 255);
            }
            Picture blurred = Blur.background(edge, new Mask(120, 20, new byte[2400]), sigma);
            double mean = 0;
            double variance = 0;
            double before = 0;
            for (int x = 0; x < 120; x++) {
                double step = ((blurred.rgba()[4 * (1200 + x)] & 255) - before) / 255;
                before = blurred.rgba()[4 * (1200 + x)] & 255;
                mean += step * x;
                variance += step * (x - 60) * (x - 60);
            }
            assertEquals(60, mean, 0.5);
            assertEquals(sigma, Math.sqrt(variance), 0.15 * sigma, "of " + sigma);
        }
    }

    @Test
    void whatTheMaskShowsStaysAndDoesNotShineIntoTheBackground() {
        Picture picture = plain(60, 40, 100);
        byte[] levels = new byte[60 * 40];
        for (int i = 0; i < levels.length; i++) {
            if (i % 60 >= 20 && i % 60 < 40) {
                levels[i] = -1;
                picture.rgba()[4 * i] = (byte) 250;
            }
        }
        assertArrayEquals(picture.rgba(), Blur.background(picture, new Mask(60, 40, levels), 6).rgba());
        Picture all = Blur.background(picture, new Mask(60, 40, new byte[2400]), 6);
        assertTrue((all.rgba()[4 * 15] & 255) > 110);
    }
}
