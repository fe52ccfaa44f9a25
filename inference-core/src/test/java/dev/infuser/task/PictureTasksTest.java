package dev.infuser.task;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.infuser.tensor.InvalidInputException;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.UnsupportedModelException;
import dev.infuser.vision.Filter;
import dev.infuser.vision.Picture;
import dev.infuser.vision.Resize;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tasks on pictures around models that are functions of this test. */
class PictureTasksTest {

    private static ModelInfo model(int[] input, Map<String, int[]> outputs, String... metadata) {
        Map<String, String> said = new HashMap<>();
        for (int i = 0; i < metadata.length; i += 2) {
            said.put(metadata[i], metadata[i + 1]);
        }
        List<ModelInfo.Port> ports = new ArrayList<>();
        outputs.forEach((name, dims) -> ports.add(new ModelInfo.Port(name, "float32", dims)));
        ports.sort((a, b) -> a.name().compareTo(b.name()));
        return new ModelInfo(List.of(new ModelInfo.Port("x", "float32", input)), ports, said,
                Map.of("labels.txt", "cat\ndog".getBytes(StandardCharsets.UTF_8)));
    }

    private static <A extends Answer> A run(Task<Picture, A> task, Picture picture, Map<String, Object> options,
            Function<Tensor, Map<String, Tensor>> model) {
        Runs runs = new Runs();
        Supplier<A> answer = task.begin(picture, new Options(options), runs);
        for (Runs.Run run = runs.next(); run != null; run = runs.next()) {
            runs.took(model.apply(run.feeds().get("x")));
        }
        return answer.get();
    }

    private static Picture noise(int width, int height, boolean opaque) {
        byte[] rgba = new byte[4 * width * height];
        new Random(width).nextBytes(rgba);
        for (int i = 3; i < rgba.length && opaque; i += 4) {
            rgba[i] = -1;
        }
        return new Picture(width, height, rgba);
    }

    @Test
    void classesAreToldFromTheHighestScoreDown() {
        ModelInfo info = model(new int[] {1, 2, 2, 3}, Map.of("y", new int[] {1, 3}));
        Function<Tensor, Map<String, Tensor>> scores = x -> Map.of("y", Tensor.floats(new int[] {1, 3}, 0.25f, 0.5f, 0.375f));
        ImageClassification task = new ImageClassification(info);
        assertEquals(List.of(new ImageClassification.Scored("dog", 0.5), new ImageClassification.Scored("2", 0.375),
                new ImageClassification.Scored("cat", 0.25)), run(task, noise(4, 4, true), Map.of(), scores).classes());
        assertEquals(List.of(new ImageClassification.Scored("dog", 0.5)), run(task, noise(4, 4, true), Map.of("limit", 1.0), scores).classes());
        assertThrows(InvalidInputException.class, () -> run(task, noise(4, 4, true), Map.of("most", 1.0), scores));
    }

    private static final String ROWS = "class score left top right bottom";

    @Test
    void rowsOfBoxesComeInPixelsOfThePicture() {
        ModelInfo info = model(new int[] {1, 100, 100, 3}, Map.of("y", new int[] {1, 5, 6}), "output.y.rows", ROWS,
                "input.x.padding", "letterbox");
        Tensor rows = Tensor.floats(new int[] {1, 5, 6},
                1, 0.5f, 10, 30, 50, 60,
                1, 0.25f, 10, 30, 50, 59,
                0, 0.75f, 10, 31, 50, 60,
                0, 0.4f, -10, 0, 200, 100,
                5, 0.3f, 80, 30, 90, 40);
        ObjectDetection task = new ObjectDetection(info);
        Picture wide = noise(200, 100, true);
        List<ObjectDetection.Found> all = run(task, wide, Map.of("threshold", 0.0), x -> Map.of("y", rows)).objects();
        List<ObjectDetection.Found> expected = List.of(new ObjectDetection.Found("cat", 0.75f, 20, 12, 100, 70),
                new ObjectDetection.Found("cat", 0.4f, 0, 0, 200, 100), new ObjectDetection.Found("5", 0.3f, 160, 10, 180, 30));
        assertEquals(expected.toString(), all.stream().map(PictureTasksTest::rounded).toList().toString());
        assertEquals(1, run(task, wide, Map.of("limit", 1.0), x -> Map.of("y", rows)).objects().size());
        assertEquals(1, run(task, wide, Map.of("threshold", 0.5), x -> Map.of("y", rows)).objects().size());
        assertEquals(5, run(task, wide, Map.of("threshold", 0.0, "overlap", 1.0), x -> Map.of("y", rows)).objects().size());
    }

    private static ObjectDetection.Found rounded(ObjectDetection.Found found) {
        return new ObjectDetection.Found(found.label(), found.score(), Math.round(found.left()), Math.round(found.top()),
                Math.round(found.right()), Math.round(found.bottom()));
    }

    @Test
    void gridsOfDistancesReachFromTheCentresOfCells() {
        ModelInfo info = model(new int[] {1, 3, 64, 96}, Map.of("big", new int[] {1, 6, 2}, "bigBoxes", new int[] {1, 6, 12}, "small",
                new int[] {1, 24, 2}, "smallBoxes", new int[] {1, 24, 12}), "strides", "32 16");
        float[] big = new float[12];
        big[2 * 4 + 1] = 0.75f;
        float[] bigBoxes = new float[72];
        float[] reach = {0, 9, 0, 9, 0, 0, 0, 0, 9, -9, -9, -9};
        System.arraycopy(reach, 0, bigBoxes, 4 * 12, 12);
        float[] small = new float[48];
        small[0] = 0.5f;
        List<ObjectDetection.Found> found = run(new ObjectDetection(info), noise(96, 64, true), Map.of(), x -> Map.of("big",
                Tensor.floats(new int[] {1, 6, 2}, big), "bigBoxes", Tensor.floats(new int[] {1, 6, 12}, bigBoxes), "small",
                Tensor.floats(new int[] {1, 24, 2}, small), "smallBoxes", Tensor.floats(new int[] {1, 24, 12}, new float[288]))).objects();
        assertEquals(2, found.size());
        ObjectDetection.Found dog = found.get(0);
        assertEquals("dog", dog.label());
        assertEquals(48 - 32, dog.left(), 0.01);
        assertEquals(48 - 0.01, dog.top(), 0.02);
        assertEquals(48 + 64, dog.right() + 16, 0.02);
        assertEquals(48 + 32, dog.bottom() + 16, 0.01);
        assertEquals(new ObjectDetection.Found("cat", 0.5, 0, 0, 24, 24), found.get(1));
    }

    @Test
    void masksHaveThePicturesSize() {
        ModelInfo info = model(new int[] {1, 4, 4, 3}, Map.of("y", new int[] {1, 2, 2, 1}));
        Function<Tensor, Map<String, Tensor>> mask = x -> Map.of("y", Tensor.floats(new int[] {1, 2, 2, 1}, 0, 1, 0, 1));
        ImageSegmentation.Segments segments = run(new ImageSegmentation(info), noise(10, 6, true), Map.of(), mask);
        assertEquals(60, segments.mask().levels().length);
        assertEquals(0, segments.mask().levels()[0]);
        assertEquals(-1, segments.mask().levels()[9]);
        assertNull(segments.picture());
        Picture source = noise(10, 6, true);
        Picture blurred = run(new ImageSegmentation(info), source, Map.of("blur", 3.0), mask).picture();
        assertEquals(source.rgba()[4 * 9], blurred.rgba()[4 * 9]);
    }

    @Test
    void classesOfMasksAreNamedAndMayBeLogarithms() {
        double[] expected = {1 / (1 + Math.E * Math.E), 1 / (1 + Math.exp(-3))};
        float[] apart = {1, -1, 0, -1, 2, 0};
        float[] together = {1, -1, -1, 2, 0, 0};
        for (int[] dims : new int[][] {{1, 1, 3, 2}, {1, 2, 1, 3}}) {
            ModelInfo info = model(new int[] {1, 4, 4, 3}, Map.of("y", dims), "output.y.rows", "background foreground",
                    "output.y.activation", "softmax");
            float[] values = dims[3] == 2 ? together : apart;
            byte[] levels = run(new ImageSegmentation(info), noise(3, 1, true), Map.of(), x -> Map.of("y", Tensor.floats(dims, values)))
                    .mask().levels();
            assertEquals(expected[0] * 255, levels[0] & 255, 0.6);
            assertEquals(expected[1] * 255, levels[1] & 255, 0.6);
        }
    }

    /** Makes every pixel a square of the mean of what is one pixel around it; at the border of what it sees, of less. */
    private static Tensor enlarged(Tensor x, int scale) {
        int height = x.dim(1);
        int width = x.dim(2);
        float[] out = new float[height * width * scale * scale * 3];
        for (int i = 0; i < out.length; i++) {
            int c = i % 3;
            int column = i / 3 % (width * scale) / scale;
            int row = i / 3 / (width * scale) / scale;
            float sum = 0;
            int count = 0;
            for (int y = Math.max(0, row - 1); y <= Math.min(height - 1, row + 1); y++) {
                for (int z = Math.max(0, column - 1); z <= Math.min(width - 1, column + 1); z++, count++) {
                    sum += x.floats()[3 * (y * width + z) + c];
                }
            }
            out[i] = sum / count;
        }
        return Tensor.floats(new int[] {1, height * scale, width * scale, 3}, out);
    }

    @ParameterizedTest
    @CsvSource({"37, 23, 2, 11", "9, 40, 3, 12", "5, 6, 2, 30", "11, 11, 2, 11", "12, 11, 2, 11"})
    void patchesMakeThePictureThatTheWholeDoes(int width, int height, int scale, int patch) {
        Map<String, int[]> outputs = Map.of("y", new int[] {-1, -1, -1, 3});
        List<Picture> found = new ArrayList<>();
        for (int side : new int[] {patch, 100}) {
            ModelInfo info = model(new int[] {-1, -1, -1, 3}, outputs, "scale", "" + scale, "patch", "" + side, "overlap", "1",
                    "output.y.max", "255");
            found.add(run(new SuperResolution(info), noise(width, height, true), Map.of(), x -> Map.of("y", enlarged(x, scale))).picture());
        }
        assertEquals(width * scale, found.get(0).width());
        assertEquals(height * scale, found.get(0).height());
        assertArrayEquals(found.get(1).rgba(), found.get(0).rgba());
    }

    @Test
    void inputsOfAFixedSizeTakePatchesOfIt() {
        ModelInfo info = model(new int[] {1, 8, 8, 3}, Map.of("y", new int[] {1, 16, 16, 3}), "scale", "2", "overlap", "1", "output.y.max", "255");
        for (int[] size : new int[][] {{20, 13}, {5, 3}}) {
            Picture found = run(new SuperResolution(info), noise(size[0], size[1], true), Map.of(), x -> {
                assertArrayEquals(new int[] {1, 8, 8, 3}, x.dims());
                return Map.of("y", enlarged(x, 2));
            }).picture();
            assertEquals(2 * size[0], found.width());
        }
    }

    @Test
    void transparencyIsEnlargedToo() {
        ModelInfo info = model(new int[] {-1, -1, -1, 3}, Map.of("y", new int[] {-1, -1, -1, 3}), "scale", "2", "output.y.max", "255");
        Picture source = noise(6, 5, false);
        Picture found = run(new SuperResolution(info), source, Map.of(), x -> Map.of("y", enlarged(x, 2))).picture();
        Picture resized = Resize.resize(source, 12, 10, Filter.BICUBIC);
        for (int i = 3; i < found.rgba().length; i += 4) {
            assertEquals(resized.rgba()[i], found.rgba()[i]);
        }
    }

    @Test
    void modelsThatDoNotFitAreRefused() {
        int[] image = {1, 4, 4, 3};
        List<Supplier<?>> unfit = List.of(
                () -> new ImageClassification(model(image, Map.of())),
                () -> new ObjectDetection(model(image, Map.of("y", new int[] {1, 5, 6}))),
                () -> new ObjectDetection(model(image, Map.of("y", new int[] {1, 1, 2}), "strides", "4")),
                () -> new ImageSegmentation(model(image, Map.of("y", new int[] {1, 16}))),
                () -> new ImageSegmentation(model(image, Map.of("y", new int[] {1, 4, 4, 2}))),
                () -> new SuperResolution(model(image, Map.of("y", image))));
        for (Supplier<?> make : unfit) {
            assertEquals("unfit-model", assertThrows(UnsupportedModelException.class, make::get).code());
        }
        ModelInfo wrong = model(new int[] {-1, -1, -1, 3}, Map.of("y", new int[] {-1, -1, -1, 3}), "scale", "3");
        assertThrows(UnsupportedModelException.class,
                () -> run(new SuperResolution(wrong), noise(4, 4, true), Map.of(), x -> Map.of("y", enlarged(x, 2))));
        ModelInfo huge = model(new int[] {-1, -1, -1, 3}, Map.of("y", new int[] {-1, -1, -1, 3}), "scale", "100");
        assertEquals("bad-size", assertThrows(InvalidInputException.class,
                () -> run(new SuperResolution(huge), noise(400, 400, true), Map.of(), x -> Map.of())).code());
    }
}
