package dev.infuser.task;

import dev.infuser.tensor.Tensor;
import dev.infuser.vision.Picture;
import dev.infuser.vision.Region;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Faces and what can be told of each. The model {@value #DETECTION} finds them, as {@link FaceDetection} does. Others are
 * optional: {@value #LANDMARKS} finds the points of a face ({@link Landmarks}), which {@value #IRIS} needs; {@value #EMOTION}
 * tells which of its classes it shows; {@value #DESCRIPTION} tells age, gender and what to compare faces by
 * ({@link FaceDescription}). Each sees the part of the picture that its {@link RegionRule} says. Options: {@code threshold}, the
 * least score of a face, by default the detector's own or 0.5; {@code limit}, the most faces, 10 by default.
 */
public final class Face implements Task<Picture, Face.Faces> {

    /** The name that pages know this task by. */
    public static final String NAME = "face";

    /** Names of the models. */
    public static final String DETECTION = "detection";
    public static final String LANDMARKS = "landmarks";
    public static final String IRIS = "iris";
    public static final String EMOTION = "emotion";
    public static final String DESCRIPTION = "description";

    /**
     * A face.
     *
     * @param sighting    its box and the points that the detector tells
     * @param marks       the points of its mesh, or null
     * @param irises      of the right eye and the left, or none
     * @param emotions    from the highest score down, or none
     * @param description or null
     */
    public record Described(Sighting sighting, Mesh marks, List<Iris.Found> irises, List<ImageClassification.Scored> emotions,
            FaceDescription description) implements Answer {

        @Override
        public void writeTo(PlainWriter out) {
            int count = 3 + (marks == null ? 0 : 2) + (irises.isEmpty() ? 0 : 1) + (emotions.isEmpty() ? 0 : 1)
                    + (description == null ? 0 : description.entries());
            sighting.write(out.object(count));
            if (marks != null) {
                marks.write(out);
            }
            if (!irises.isEmpty()) {
                out.name("irises").list(irises);
            }
            if (!emotions.isEmpty()) {
                out.name("emotions").list(emotions);
            }
            if (description != null) {
                description.write(out);
            }
        }
    }

    /**
     * Points on a face.
     *
     * @param points x, y and z of each in pixels of the picture
     * @param angle  radians by which the face is turned in the picture, clockwise
     */
    public record Mesh(float[] points, double angle) {

        void write(PlainWriter out) {
            out.name("mesh").elements(Tensor.floats(new int[] {points.length}, points)).name("angle").number(angle);
        }
    }

    /** Faces from the highest score down. */
    public record Faces(List<Described> faces) implements Answer {

        @Override
        public void writeTo(PlainWriter out) {
            out.list(faces);
        }
    }

    private final Detector detector;
    private final Landmarks landmarks;
    private final Iris iris;
    private final Emotions emotion;
    private final FaceDescription.Reader description;

    /**
     * Prepares for the models that there are.
     *
     * @param models by name
     * @throws dev.infuser.tensor.UnsupportedModelException where one does not fit, or does not say what it needs to
     */
    public Face(Map<String, ModelInfo> models) {
        detector = new Detector(NAME, models.get(DETECTION));
        landmarks = models.containsKey(LANDMARKS) ? new Landmarks(NAME, models.get(LANDMARKS)) : null;
        iris = models.containsKey(IRIS) ? new Iris(NAME, models.get(IRIS)) : null;
        emotion = models.containsKey(EMOTION) ? Emotions.of(models.get(EMOTION)) : null;
        description = models.containsKey(DESCRIPTION) ? new FaceDescription.Reader(NAME, models.get(DESCRIPTION)) : null;
        if (iris != null && landmarks == null) {
            throw ModelInfo.unfit(NAME, "irises are looked for where the points of the eyes are", "add a model named " + LANDMARKS);
        }
    }

    /** A classifier of faces. */
    private record Emotions(ImageInput input, RegionRule rule, String output, List<String> labels) {

        static Emotions of(ModelInfo model) {
            ImageInput input = ImageInput.of(NAME, model);
            if (model.outputs().isEmpty()) {
                throw ModelInfo.unfit(NAME, "it has no output", "");
            }
            String output = model.outputs().get(0).name();
            return new Emotions(input, RegionRule.of(NAME, model), output, ImageClassification.labels(model, output));
        }
    }

    /** What is known of a face while models run. */
    private static final class Work {
        private Mesh mesh;
        private final List<Iris.Found> irises = new ArrayList<>();
        private final List<ImageClassification.Scored> emotions = new ArrayList<>();
        private FaceDescription description;
    }

    @Override
    public Supplier<Faces> begin(Picture picture, Options options, Runs runs) {
        options.only("threshold", "limit");
        int limit = (int) options.number("limit", 10, 1, Integer.MAX_VALUE);
        List<Sighting> sightings = new ArrayList<>();
        List<Work> works = new ArrayList<>();
        double least = options.number("threshold", detector.threshold(), 0, 1);
        detector.find(DETECTION, picture, least, limit, runs, found -> {
            for (Sighting sighting : found) {
                Work work = new Work();
                sightings.add(sighting);
                works.add(work);
                tell(picture, sighting, work, runs);
            }
        });
        return () -> {
            List<Described> faces = new ArrayList<>();
            for (int i = 0; i < works.size(); i++) {
                Work work = works.get(i);
                faces.add(new Described(sightings.get(i), work.mesh, work.irises, work.emotions, work.description));
            }
            return new Faces(faces);
        };
    }

    private void tell(Picture picture, Sighting sighting, Work work, Runs runs) {
        if (landmarks != null) {
            Region region = landmarks.region(sighting);
            landmarks.mark(LANDMARKS, picture, region, runs, marks -> {
                work.mesh = new Mesh(marks.points(), region.angle());
                if (iris != null) {
                    iris.find(IRIS, picture, marks, runs, work.irises);
                }
            });
        }
        if (emotion != null) {
            ImageInput.Feed feed = emotion.input.feed(picture,
                    emotion.input.cropped(emotion.rule.region(sighting)));
            runs.add(EMOTION, Map.of(emotion.input.name(), feed.tensor()), outputs -> work.emotions.addAll(
                    ImageClassification.best(outputs.get(emotion.output), emotion.labels, Integer.MAX_VALUE)));
        }
        if (description != null) {
            description.describe(DESCRIPTION, picture, sighting, runs, told -> work.description = told);
        }
    }
}
