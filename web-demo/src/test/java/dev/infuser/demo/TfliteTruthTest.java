package dev.infuser.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.converter.Source;
import dev.infuser.models.Models;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Models of TensorFlow Lite in the browser beside LiteRT.js. */
@ExtendWith(Harness.Shared.class)
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class TfliteTruthTest {

    private static final double TOLERANCE = 1e-5;
    /** The segmentations: their masks are sums of large terms that cancel, or go through an exponential that LiteRT.js shortens. */
    private static final double MASK_TOLERANCE = 1e-3;

    /** A model: where it is, and the bounds of what its input means. */
    private record Case(String name, String folder, String file, List<Double> bounds, double tolerance) {
    }

    private static final List<Double> UNIT = List.of(0.0, 1.0);
    private static final List<Double> SIGNED = List.of(-1.0, 1.0);

    private static Case of(String name, String folder, String file, List<Double> bounds) {
        return new Case(name, folder, file, bounds, TOLERANCE);
    }

    private static Case masks(String name, String folder, String file) {
        return new Case(name, folder, file, UNIT, MASK_TOLERANCE);
    }

    private static final List<Case> CASES = List.of(
            of("face-short", "face_detection", "face_detection_short_range.tflite", SIGNED),
            of("face-full", "face_detection", "face_detection_full_range.tflite", SIGNED),
            of("face-sparse", "face_detection", "face_detection_full_range_sparse.tflite", SIGNED),
            of("face-landmarks", "face_mesh", "face_mesh_solution_packed_assets.data!/third_party/mediapipe/modules/face_landmark/"
                    + "face_landmark.tflite", UNIT),
            of("hand-lite", "hands", "hand_landmark_lite.tflite", UNIT),
            of("hand-full", "hands", "hand_landmark_full.tflite", UNIT),
            of("palm", "hands", "hands_solution_packed_assets.data!/third_party/mediapipe/modules/palm_detection/"
                    + "palm_detection_full.tflite", UNIT),
            of("pose-detection", "pose", "pose_solution_packed_assets.data!/third_party/mediapipe/modules/pose_detection/"
                    + "pose_detection.tflite", SIGNED),
            masks("pose-lite", "pose", "pose_landmark_lite.tflite"),
            masks("selfie", "selfie_segmentation", "selfie_segmentation.tflite"),
            masks("selfie-landscape", "selfie_segmentation", "selfie_segmentation_landscape.tflite"));

    @Test
    void computesWhatLiteRtDoes(Harness harness, @TempDir Path folder) throws IOException {
        StringBuilder wrong = new StringBuilder();
        try (LiteRt page = LiteRt.open(harness, folder)) {
            for (Case model : CASES) {
                Path file = Models.tensorFlowPackage("@mediapipe/" + model.folder);
                try (Source source = Source.open(file + "/" + model.file)) {
                    page.put(model.name, Files.readAllBytes(source.file()));
                }
                assertEquals(List.of(), page.visit().call("evaluated", model.name), model.name);
                for (LiteRt.Output output : page.compare(model.name, model.bounds, 2, null)) {
                    if (!(output.error() <= model.tolerance * output.largest())) {
                        wrong.append(model.name).append(": ").append(output.name()).append(" differs by ").append(output.error())
                                .append(" of ").append(output.largest()).append('\n');
                    }
                }
            }
        }
        assertTrue(wrong.isEmpty(), wrong::toString);
    }

    /**
     * The face mesh that looks at lips and eyes again cuts regions out by landmarks, with operators that LiteRT.js accepts and does
     * not run: its parts run there, one after the other.
     */
    @Test
    void computesWhatThePartsOfAModelDo(Harness harness, @TempDir Path folder) throws IOException {
        Path assets = Models.tensorFlowPackage("@mediapipe/face_mesh").resolve("face_mesh_solution_packed_assets.data");
        try (Source source = Source.open(assets + "!/third_party/mediapipe/modules/face_landmark/face_landmark_with_attention.tflite");
                LiteRt page = LiteRt.open(harness, folder)) {
            byte[] model = Files.readAllBytes(source.file());
            page.put("attention", model);
            assertEquals(List.of(), page.visit().call("evaluated", "attention"));
            List<Double> image = face(192);
            List<double[]> expected = new PiecewiseModel(model).run(page, image);
            List<?> found = (List<?>) page.visit().call("own", "attention", List.of(image));
            for (int i = 0; i < expected.size(); i++) {
                double largest = 0;
                double error = 0;
                for (int j = 0; j < expected.get(i).length; j++) {
                    double value = ((Number) ((List<?>) found.get(i)).get(j)).doubleValue();
                    largest = Math.max(largest, Math.abs(expected.get(i)[j]));
                    error = Math.max(error, Math.abs(value - expected.get(i)[j]));
                }
                double wrong = error / largest;
                int output = i;
                assertTrue(wrong <= TOLERANCE, () -> "output " + output + " differs by " + wrong);
            }
        }
    }

    /** Something like a face: an oval with two eyes and a mouth. */
    private static List<Double> face(int size) {
        List<Double> pixels = new ArrayList<>();
        for (int i = 0; i < size * size; i++) {
            double x = (i % size + 0.5) / size * 2 - 1;
            double y = (i / size + 0.5) / size * 2 - 1;
            boolean head = x * x / 0.36 + y * y / 0.64 < 1;
            boolean eye = Math.pow((Math.abs(x) - 0.25) / 0.12, 2) + Math.pow((y + 0.15) / 0.06, 2) < 1;
            boolean mouth = x * x / 0.05 + Math.pow((y - 0.4) / 0.07, 2) < 1;
            double light = eye ? 0.1 : mouth ? 0.3 : head ? 0.8 - 0.2 * x : 0.2;
            pixels.add(light);
            pixels.add(light * (mouth ? 0.5 : 0.85));
            pixels.add(light * 0.7);
        }
        return pixels;
    }
}
