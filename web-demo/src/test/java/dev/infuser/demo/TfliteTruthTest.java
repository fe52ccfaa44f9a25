package dev.infuser.demo;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.models.Models;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

    private static final double TOLERANCE = 1e-3;

    /** A model: where it is, and the bounds of what its input means. */
    private record Case(String name, String file, List<Double> bounds) {
    }

    private static final List<Double> UNIT = List.of(0.0, 1.0);
    private static final List<Double> SIGNED = List.of(-1.0, 1.0);

    private static Case of(String name, String folder, String file, List<Double> bounds) {
        return new Case(name, "@mediapipe/" + folder + "/" + file, bounds);
    }

    private static final List<Case> CASES = List.of(
            of("face-short", "face_detection", "face_detection_short_range.tflite", SIGNED),
            of("face-full", "face_detection", "face_detection_full_range.tflite", SIGNED),
            of("face-sparse", "face_detection", "face_detection_full_range_sparse.tflite", SIGNED),
            of("hand-lite", "hands", "hand_landmark_lite.tflite", UNIT),
            of("hand-full", "hands", "hand_landmark_full.tflite", UNIT),
            of("pose-lite", "pose", "pose_landmark_lite.tflite", UNIT),
            of("selfie", "selfie_segmentation", "selfie_segmentation.tflite", UNIT),
            of("selfie-landscape", "selfie_segmentation", "selfie_segmentation_landscape.tflite", UNIT));

    @Test
    void computesWhatLiteRtDoes(Harness harness, @TempDir Path folder) throws IOException {
        StringBuilder wrong = new StringBuilder();
        try (LiteRt page = LiteRt.open(harness, folder)) {
            for (Case model : CASES) {
                int slash = model.file.indexOf('/', model.file.indexOf('/') + 1);
                Path file = Models.tensorFlowPackage(model.file.substring(0, slash)).resolve(model.file.substring(slash + 1));
                page.put(model.name, Files.readAllBytes(file));
                for (LiteRt.Output output : page.compare(model.name, model.bounds, 2, null)) {
                    if (!(output.error() <= TOLERANCE * output.largest())) {
                        wrong.append(model.name).append(": ").append(output.name()).append(" differs by ").append(output.error())
                                .append(" of ").append(output.largest()).append('\n');
                    }
                }
            }
        }
        assertTrue(wrong.isEmpty(), wrong::toString);
    }
}
