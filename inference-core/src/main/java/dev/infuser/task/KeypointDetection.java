package dev.infuser.task;

import dev.infuser.vision.Picture;
import dev.infuser.vision.Region;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Points of bodies or hands. The model {@value Runs#MODEL} finds the points of one, as {@link Landmarks} says: where there is a
 * model {@value #DETECTION}, of each that this {@link Detector} finds, else of the one in the whole picture. Options:
 * {@code threshold}, the least score of a body or hand, 0.5 by default with a detector and else 0; {@code limit}, the most of them, 10 by default.
 */
public final class KeypointDetection implements Task<Picture, KeypointDetection.Bodies> {

    /** The names that pages know these tasks by. */
    public static final String HANDS = "hand-landmarks";
    public static final String POSES = "pose-estimation";

    /** The name of the model that finds where bodies or hands are. */
    public static final String DETECTION = "detection";

    /**
     * A body or a hand.
     *
     * @param score from 0 to 1
     * @param hand  {@code left} or {@code right}, of the person, in a picture that is not mirrored; or empty
     */
    public record Body(double score, String hand, List<Keypoint> points) implements Answer {

        /** The point of a name, or null. */
        public Keypoint point(String name) {
            for (Keypoint point : points) {
                if (point.name().equals(name)) {
                    return point;
                }
            }
            return null;
        }

        @Override
        public void writeTo(PlainWriter out) {
            out.object(hand.isEmpty() ? 2 : 3).name("score").number(score);
            if (!hand.isEmpty()) {
                out.name("hand").text(hand);
            }
            out.name("points").list(points);
        }
    }

    /** Bodies or hands, in the order in which they were detected. */
    public record Bodies(List<Body> bodies) implements Answer {

        @Override
        public void writeTo(PlainWriter out) {
            out.list(bodies);
        }
    }

    private final Landmarks landmarks;
    private final List<String> names;
    private final Detector detector;

    /**
     * Prepares for one model, or two.
     *
     * @param name   of the task, as errors have it
     * @param models by name
     * @throws dev.infuser.tensor.UnsupportedModelException where one does not fit, or does not say what it needs to
     */
    public KeypointDetection(String name, Map<String, ModelInfo> models) {
        ModelInfo model = models.get(Runs.MODEL);
        landmarks = new Landmarks(name, model);
        names = landmarks.names(model);
        detector = models.containsKey(DETECTION) ? new Detector(name, models.get(DETECTION)) : null;
    }

    @Override
    public Supplier<Bodies> begin(Picture picture, Options options, Runs runs) {
        options.only("threshold", "limit");
        double threshold = options.number("threshold", detector == null ? 0 : 0.5, 0, 1);
        int limit = (int) options.number("limit", 10, 1, Integer.MAX_VALUE);
        List<Body> bodies = new ArrayList<>();
        if (detector == null) {
            add(picture, landmarks.region(picture), threshold, runs, bodies);
        } else {
            detector.find(DETECTION, picture, detector.threshold(), limit, runs, found -> {
                for (Sighting sighting : found) {
                    add(picture, landmarks.region(sighting), threshold, runs, bodies);
                }
            });
        }
        return () -> new Bodies(bodies);
    }

    private void add(Picture picture, Region region, double threshold, Runs runs, List<Body> bodies) {
        landmarks.mark(Runs.MODEL, picture, region, runs, marks -> {
            List<Keypoint> points = new ArrayList<>();
            double sum = 0;
            int count = Math.min(names.size(), marks.scores().length);
            for (int i = 0; i < count; i++) {
                float[] places = marks.points();
                points.add(new Keypoint(names.get(i), places[3 * i], places[3 * i + 1], places[3 * i + 2], marks.scores()[i]));
                sum += marks.scores()[i];
            }
            double score = Double.isNaN(marks.score()) ? sum / Math.max(count, 1) : marks.score();
            if (score >= threshold) {
                String hand = Double.isNaN(marks.right()) ? "" : marks.right() > 0.5 ? "right" : "left";
                bodies.add(new Body(score, hand, points));
            }
        });
    }
}
