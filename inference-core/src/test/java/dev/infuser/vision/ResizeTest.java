package dev.infuser.vision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.tensor.InvalidInputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class ResizeTest {

    /** Noise: what {@code pillow-resize.txt} was made of. */
    static Picture noise(int width, int height, boolean opaque) {
        byte[] rgba = new byte[4 * width * height];
        int state = 1;
        for (int i = 0; i < rgba.length; i++) {
            if (opaque && (i & 3) == 3) {
                rgba[i] = -1;
            } else {
                state = (int) (state * 1103515245L + 12345 & 0x7fffffff);
                rgba[i] = (byte) (state >> 16);
            }
        }
        return new Picture(width, height, rgba);
    }

    static List<String> pillow() throws IOException {
        try (InputStream in = ResizeTest.class.getResourceAsStream("pillow-resize.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().skip(1).toList();
        }
    }

    @ParameterizedTest
    @MethodSource("pillow")
    void equalsPillow(String line) {
        String[] parts = line.split(" ");
        boolean opaque = parts[0].equals("RGB");
        Picture source = noise(Integer.parseInt(parts[1]), Integer.parseInt(parts[2]), opaque);
        Region box = Region.of(Double.parseDouble(parts[4]), Double.parseDouble(parts[5]), Double.parseDouble(parts[6]),
                Double.parseDouble(parts[7]));
        Picture found = Resize.resize(source, box, Integer.parseInt(parts[8]), Integer.parseInt(parts[9]),
                Filter.valueOf(parts[3]), 0);
        byte[] expected = HexFormat.of().parseHex(parts[10]);
        int bytes = opaque ? 3 : 4;
        int worst = 0;
        for (int i = 0; i < expected.length; i++) {
            worst = Math.max(worst, Math.abs((expected[i] & 255) - (found.rgba()[i / bytes * 4 + i % bytes] & 255)));
        }
        assertTrue(worst <= 1, "differs by " + worst);
    }

    @ParameterizedTest
    @EnumSource(Filter.class)
    void regionsBeyondTheImageAreThoseOfAPaddedImage(Filter filter) {
        Picture source = noise(12, 9, true);
        Picture padded = padded(source, 4, 2, 40);
        Region beyond = Region.of(-3.5, -2, 15.25, 11);
        Region within = Region.of(0.5, 0, 19.25, 13);
        assertArrayEquals(Resize.resize(padded, within, 7, 6, filter, 40).rgba(),
                Resize.resize(source, beyond, 7, 6, filter, 40).rgba());
        assertArrayEquals(Resize.resize(padded, within, 40, 30, filter, 40).rgba(),
                Resize.resize(source, beyond, 40, 30, filter, 40).rgba());
    }

    private static Picture padded(Picture source, int x, int y, int fill) {
        int width = source.width() + 2 * x;
        byte[] rgba = new byte[4 * width * (source.height() + 2 * y)];
        for (int i = 0; i < rgba.length; i++) {
            rgba[i] = (byte) ((i & 3) == 3 ? 255 : fill);
        }
        for (int row = 0; row < source.height(); row++) {
            System.arraycopy(source.rgba(), 4 * row * source.width(), rgba, 4 * ((row + y) * width + x), 4 * source.width());
        }
        return new Picture(width, source.height() + 2 * y, rgba);
    }

    @ParameterizedTest
    @EnumSource(Filter.class)
    void theSameSizeIsTheSameImage(Filter filter) {
        Picture source = noise(5, 4, true);
        Picture same = Resize.resize(source, 5, 4, filter);
        assertArrayEquals(source.rgba(), same.rgba());
        same.rgba()[0]++;
        assertEquals(source.rgba()[0] + 1, same.rgba()[0]);
    }

    @Test
    void sizesAndRegionsWithoutPixelsAreRefused() {
        Picture source = noise(5, 4, true);
        for (int[] size : new int[][] {{0, 1}, {1, 0}, {-1, 4}, {1 << 16, 1 << 15}}) {
            assertEquals("bad-size", assertThrows(InvalidInputException.class,
                    () -> Resize.resize(source, size[0], size[1], Filter.BILINEAR)).code());
        }
        for (Region region : List.of(Region.of(1, 1, 1, 2), Region.of(2, 0, 1, 1), Region.of(0, 0, Double.NaN, 1),
                Region.of(0, 0, 1e9, 1))) {
            assertEquals("bad-region", assertThrows(InvalidInputException.class,
                    () -> Resize.resize(source, region, 2, 2, Filter.NEAREST, 0)).code());
        }
    }
}
