package dev.infuser.task;

import dev.infuser.vision.Picture;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Faces in a picture, with the places of eyes, nose, mouth and ears; {@link Detector} tells of which models. Options:
 * {@code threshold}, the least score, by default the model's own or 0.5; {@code limit}, the most faces, 100 by default.
 */
public final class FaceDetection implements Task<Picture, FaceDetection.Faces> {

    /** The name that pages know this task by. */
    public static final String NAME = "face-detection";

    /** Faces from the highest score down; left and right are those of the person. */
    public record Faces(List<Sighting> faces) implements Answer {

        @Override
        public void writeTo(PlainWriter out) {
            out.list(faces);
        }
    }

    private final Detector detector;

    /**
     * Prepares for a model.
     *
     * @throws dev.infuser.tensor.UnsupportedModelException where it is no such detector, or does not say what it needs to
     */
    public FaceDetection(ModelInfo model) {
        detector = new Detector(NAME, model);
    }

    @Override
    public Supplier<Faces> begin(Picture picture, Options options, Runs runs) {
        options.only("threshold", "limit");
        int limit = (int) options.number("limit", 100, 1, Integer.MAX_VALUE);
        List<Sighting> faces = new ArrayList<>();
        detector.find(Runs.MODEL, picture, options.number("threshold", detector.threshold(), 0, 1), limit, runs, faces::addAll);
        return () -> new Faces(faces);
    }
}
