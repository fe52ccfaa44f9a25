package dev.infuser.task;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.infuser.tensor.InvalidInputException;
import dev.infuser.tensor.UnsupportedModelException;
import dev.infuser.vision.Picture;
import dev.infuser.vision.Region;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ImageInputTest {

    private static final Picture TWO = new Picture(2, 1, new byte[] {10, 20, 30, -1, 110, 120, (byte) 130, -1});

    private static ModelInfo model(String type, int[] dims, String... says) {
        Map<String, String> metadata = new HashMap<>();
        for (int i = 0; i < says.length; i += 2) {
            metadata.put("input.x." + says[i], says[i + 1]);
        }
        return new ModelInfo(List.of(new ModelInfo.Port("size", "int64", new int[] {2}), new ModelInfo.Port("x", type, dims)), List.of(),
                metadata, Map.of());
    }

    private static ImageInput input(String type, int[] dims, String... says) {
        return ImageInput.of("task", model(type, dims, says));
    }

    @Test
    void channelsComeLastOrFirstAsTheExtentsSay() {
        assertArrayEquals(new float[] {10, 20, 30, 110, 120, 130},
                input("float32", new int[] {1, 1, 2, 3}).feed(TWO).tensor().floats());
        assertArrayEquals(new float[] {10, 110, 20, 120, 30, 130},
                input("float32", new int[] {-1, 3, 1, 2}).feed(TWO).tensor().floats());
        assertArrayEquals(new float[] {30, 20, 10, 130, 120, 110},
                input("float32", new int[] {1, 1, 2, 3}, "channels", "bgr").feed(TWO).tensor().floats());
        assertArrayEquals(new float[] {18, 118},
                input("float32", new int[] {1, 1, 1, 2}, "channels", "gray").feed(TWO).tensor().floats());
        assertArrayEquals(new float[] {15, 115},
                input("float32", new int[] {1, 1, 1, 2}, "channels", "gray", "gray", "0.5 0.5 0").feed(TWO).tensor().floats());
    }

    @Test
    void pixelsAreNormalisedByChannel() {
        assertArrayEquals(new float[] {0, 0.1f, 0.15f, 1, 1.1f, 0.65f}, input("float32", new int[] {1, 1, 2, 3},
                "mean", "10, 10, 0", "std", "100 100 200").feed(TWO).tensor().floats(), 1e-6f);
        assertArrayEquals(new byte[] {10, 20, 30, 110, 120, (byte) 130},
                input("uint8", new int[] {1, 1, 2, 3}).feed(TWO).tensor().bytes());
        assertArrayEquals(new int[] {-90, -80, -70, 10, 20, 30},
                input("int32", new int[] {1, 1, 2, 3}, "mean", "100").feed(TWO).tensor().ints());
    }

    @Test
    void paddingKeepsProportions() {
        ImageInput square = input("float32", new int[] {1, 2, 2, 3}, "padding", "square", "resize", "nearest", "fill", "7");
        ImageInput.Feed feed = square.feed(new Picture(2, 2, new byte[16]));
        assertEquals(Region.of(0, 0, 2, 2), feed.region());
        feed = input("float32", new int[] {1, 4, 4, 3}, "padding", "square", "resize", "box", "fill", "7").feed(TWO);
        assertEquals(Region.of(0, -0.5, 2, 1.5), feed.region());
        assertArrayEquals(new float[] {7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 10, 20, 30, 10, 20, 30, 110, 120, 130, 110, 120, 130},
                java.util.Arrays.copyOf(feed.tensor().floats(), 24));
        feed = input("float32", new int[] {1, 2, 8, 3}, "padding", "letterbox").feed(TWO);
        assertEquals(Region.of(-1, 0, 3, 1), feed.region());
    }

    @Test
    void cropsArePartsOfThePicture() {
        ImageInput.Feed feed = input("float32", new int[] {1, 1, 1, 3}, "crop", "0 0.5 1 1").feed(TWO);
        assertArrayEquals(new float[] {110, 120, 130}, feed.tensor().floats());
        assertEquals(Region.of(1, 0, 2, 1), feed.region());
    }

    @Test
    void turnedRegionsAreSampled() {
        ImageInput input = input("float32", new int[] {1, 2, 1, 3});
        assertArrayEquals(new float[] {110, 120, 130, 10, 20, 30},
                input.feed(TWO, new Region(1, 0.5, 1, 2, Math.PI / 2)).tensor().floats());
    }

    @Test
    void whatDoesNotFitIsRefused() {
        int[] image = {1, 1, 2, 3};
        for (ModelInfo unfit : List.of(model("float32", new int[] {1, 2, 2, 4}), model("float64", image), model("float32", new int[] {3}),
                model("float32", image, "channels", "yuv"), model("float32", image, "resize", "best"),
                model("float32", image, "padding", "some"))) {
            assertEquals("unfit-model", assertThrows(UnsupportedModelException.class, () -> ImageInput.of("task", unfit)).code());
        }
        ImageInput open = input("float32", new int[] {1, -1, -1, 3});
        assertEquals("open-size", assertThrows(InvalidInputException.class, () -> open.feed(TWO)).code());
        assertArrayEquals(new int[] {1, 1, 2, 3}, open.feed(TWO, 2, 1).tensor().dims());
    }
}
