package dev.infuser.vision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.infuser.tensor.InvalidInputException;
import dev.infuser.vision.Crop.Border;
import org.junit.jupiter.api.Test;

class CropTest {

    /** Red is 4 x, green 4 y, blue 2 (x + y), at the centres of pixels: what lies between is known without sampling. */
    private static Picture ramp(int width, int height) {
        byte[] rgba = new byte[4 * width * height];
        for (int i = 0; i < width * height; i++) {
            int x = i % width;
            int y = i / width;
            rgba[4 * i] = (byte) (4 * x);
            rgba[4 * i + 1] = (byte) (4 * y);
            rgba[4 * i + 2] = (byte) (2 * (x + y));
            rgba[4 * i + 3] = -1;
        }
        return new Picture(width, height, rgba);
    }

    @Test
    void aQuarterTurnMovesPixels() {
        Picture source = ResizeTest.noise(6, 4, true);
        Picture turned = Crop.region(source, new Region(3, 2, 4, 6, Math.PI / 2), 4, 6, Border.BLACK);
        for (int y = 0; y < 6; y++) {
            for (int x = 0; x < 4; x++) {
                for (int c = 0; c < 4; c++) {
                    assertEquals(source.rgba()[4 * (x * 6 + 5 - y) + c], turned.rgba()[4 * (y * 4 + x) + c], x + " " + y);
                }
            }
        }
    }

    @Test
    void turnedRegionsShowWhatTheirPlacesMapTo() {
        Picture source = ramp(60, 50);
        Region region = new Region(31, 24, 26, 20, 0.4);
        Picture crop = Crop.region(source, region, 13, 7, Border.BLACK);
        for (int y = 0; y < 7; y++) {
            for (int x = 0; x < 13; x++) {
                double u = (x + 0.5) / 13;
                double v = (y + 0.5) / 7;
                assertEquals(4 * (region.x(u, v) - 0.5), crop.rgba()[4 * (y * 13 + x)] & 255, 0.501);
                assertEquals(4 * (region.y(u, v) - 0.5), crop.rgba()[4 * (y * 13 + x) + 1] & 255, 0.501);
            }
        }
    }

    @Test
    void placesMapThereAndBack() {
        Region region = new Region(31, 24, 26, 20, -2.1).part(0.1, 0.2, 0.7, 0.9).padded(2).scaled(1.5);
        for (double[] place : new double[][] {{0, 0}, {1, 0}, {0.3, 0.8}, {-1, 2}}) {
            double x = region.x(place[0], place[1]);
            double y = region.y(place[0], place[1]);
            assertEquals(place[0], region.u(x, y), 1e-12);
            assertEquals(place[1], region.v(x, y), 1e-12);
        }
        assertEquals(2, region.width() / region.height(), 1e-12);
    }

    @Test
    void beyondTheImageIsBlackOrItsEdge() {
        Picture source = ResizeTest.noise(3, 3, true);
        Region beyond = Region.of(-3, -3, 6, 6);
        Picture black = Crop.region(source, beyond, 9, 9, Border.BLACK);
        Picture edge = Crop.region(source, beyond, 9, 9, Border.EDGE);
        for (int y = 0; y < 9; y++) {
            for (int x = 0; x < 9; x++) {
                boolean within = x >= 3 && x < 6 && y >= 3 && y < 6;
                int nearest = 4 * (Math.min(Math.max(y - 3, 0), 2) * 3 + Math.min(Math.max(x - 3, 0), 2));
                assertEquals(within ? source.rgba()[nearest] : 0, black.rgba()[4 * (y * 9 + x)], x + " " + y);
                assertEquals(source.rgba()[nearest], edge.rgba()[4 * (y * 9 + x)], x + " " + y);
                assertEquals(-1, black.rgba()[4 * (y * 9 + x) + 3]);
            }
        }
    }

    @Test
    void quadrilateralsOfRectanglesAreRegions() {
        Picture source = ResizeTest.noise(20, 16, true);
        Region region = new Region(10, 8, 12, 5, 0.3);
        double[] corners = {region.x(0, 0), region.y(0, 0), region.x(1, 0), region.y(1, 0), region.x(1, 1), region.y(1, 1),
            region.x(0, 1), region.y(0, 1)};
        assertArrayEquals(Crop.region(source, region, 12, 5, Border.EDGE).rgba(),
                Crop.quadrilateral(source, corners, 12, 5, Filter.BILINEAR, Border.EDGE).rgba());
    }

    @Test
    void diagonalsOfQuadrilateralsMeetWhereThoseOfTheResultDo() {
        Picture source = ramp(60, 60);
        Picture crop = Crop.quadrilateral(source, new double[] {10, 10, 50, 10, 40, 40, 20, 40}, 3, 3, Filter.BILINEAR, Border.BLACK);
        double y = 30;
        assertEquals(4 * 29.5, crop.rgba()[4 * 4] & 255, 0.501);
        assertEquals(4 * (y - 0.5), crop.rgba()[4 * 4 + 1] & 255, 0.501);
    }

    @Test
    void quadrilateralsThatAreNoneAreRefused() {
        Picture source = ramp(10, 10);
        for (double[] corners : new double[][] {{0, 0, 5, 0, 9, 0, 0, 5}, {0, 0, 5, 5, 5, 0, 0, 5}, new double[8]}) {
            assertEquals("bad-region", assertThrows(InvalidInputException.class,
                    () -> Crop.quadrilateral(source, corners, 2, 2, Filter.BICUBIC, Border.BLACK)).code());
        }
    }

    @Test
    void cubicInterpolationIsThatOfPicturesMadeLarger() {
        Picture source = ramp(14, 11);
        for (int i = 0; i < source.rgba().length; i++) {
            source.rgba()[i] = (byte) (i % 4 == 3 ? 255 : 128 + 90 * Math.sin(i * i));
        }
        Picture larger = Resize.resize(source, 40, 30, Filter.BICUBIC);
        double[] corners = {0, 0, 14, 0, 14, 11, 0, 11};
        Picture crop = Crop.quadrilateral(source, corners, 40, 30, Filter.BICUBIC, Border.EDGE);
        for (int y = 8; y < 22; y++) {
            for (int x = 8; x < 32; x++) {
                for (int c = 0; c < 4; c++) {
                    assertEquals(larger.rgba()[4 * (y * 40 + x) + c] & 255, crop.rgba()[4 * (y * 40 + x) + c] & 255, 1, x + " " + y);
                }
            }
        }
    }

    @Test
    void cubicInterpolationBeyondTheImageIsBlackOrItsEdge() {
        Picture source = ResizeTest.noise(3, 3, true);
        double[] far = {-40, -40, -30, -40, -30, -30, -40, -30};
        Picture edge = Crop.quadrilateral(source, far, 2, 2, Filter.BICUBIC, Border.EDGE);
        Picture black = Crop.quadrilateral(source, far, 2, 2, Filter.BICUBIC, Border.BLACK);
        for (int i = 0; i < 16; i++) {
            assertEquals(source.rgba()[i % 4], edge.rgba()[i]);
            assertEquals(i % 4 == 3 ? -1 : 0, black.rgba()[i]);
        }
    }
}
