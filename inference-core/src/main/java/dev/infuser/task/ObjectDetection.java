package dev.infuser.task;

import dev.infuser.vision.Picture;
import dev.infuser.vision.Region;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Objects in a picture and where they are. The model's outputs are one with rows of boxes, or grids; see
 * {@link DetectionReader}. Options: {@code threshold}, the least score, 0.3 by default; {@code overlap}, how much of what they
 * cover two boxes of one class may share, 0.5 by default, while boxes of two classes that are nearly the same are one object; {@code limit}, the most objects, 100 by default.
 */
public final class ObjectDetection implements Task<Picture, ObjectDetection.Objects> {

    /** The name that pages know this task by. */
    public static final String NAME = "object-detection";

    /**
     * An object.
     *
     * @param score from 0 to 1
     * @param left  in pixels of the picture, as are the other sides
     */
    public record Found(String label, double score, double left, double top, double right, double bottom) implements Answer {

        @Override
        public void writeTo(PlainWriter out) {
            out.object(3).name("label").text(label).name("score").number(score).name("box").object(4)
                    .name("left").number(left).name("top").number(top).name("right").number(right).name("bottom").number(bottom);
        }
    }

    /** Objects from the highest score down. */
    public record Objects(List<Found> objects) implements Answer {

        @Override
        public void writeTo(PlainWriter out) {
            out.list(objects);
        }
    }

    private final ImageInput input;
    private final DetectionReader reader;
    private final List<String> labels;

    /**
     * Prepares for a model.
     *
     * @throws dev.infuser.tensor.UnsupportedModelException where it takes no image, or does not say what its outputs are
     */
    public ObjectDetection(ModelInfo model) {
        input = ImageInput.of(NAME, model);
        DetectionReader rows = null;
        List<String> names = List.of();
        for (ModelInfo.Port port : model.outputs()) {
            rows = rows == null ? DetectionReader.Rows.of(model, port) : rows;
            names = names.isEmpty() ? ImageClassification.labels(model, port.name()) : names;
        }
        labels = names;
        reader = rows != null ? rows : DetectionReader.Grids.of(model, input.width(), input.height(), labels.size());
        if (reader == null) {
            throw ModelInfo.unfit(NAME, "it does not say what its outputs are",
                    "state output.NAME.rows, or strides and labels, when converting it");
        }
    }

    @Override
    public Supplier<Objects> begin(Picture picture, Options options, Runs runs) {
        options.only("threshold", "overlap", "limit");
        double overlap = options.number("overlap", 0.5, 0, 1);
        int limit = (int) options.number("limit", 100, 1, Integer.MAX_VALUE);
        Detections found = new Detections(options.number("threshold", 0.3, 0, 1));
        ImageInput.Feed feed = input.feed(picture);
        runs.add(Runs.MODEL, Map.of(input.name(), feed.tensor()), reader.outputs(), outputs -> reader.read(outputs, found));
        return () -> {
            List<Found> objects = new ArrayList<>();
            for (int number : found.best(overlap, limit)) {
                objects.add(object(found, number, feed.region(), picture));
            }
            return new Objects(objects);
        };
    }

    private Found object(Detections found, int number, Region region, Picture picture) {
        float[] box = found.box(number);
        double u0 = (double) box[0] / input.width();
        double v0 = (double) box[1] / input.height();
        double u1 = (double) box[2] / input.width();
        double v1 = (double) box[3] / input.height();
        return new Found(ImageClassification.label(labels, found.label(number)), found.score(number),
                within(region.x(u0, v0), picture.width()), within(region.y(u0, v0), picture.height()),
                within(region.x(u1, v1), picture.width()), within(region.y(u1, v1), picture.height()));
    }

    private static double within(double place, int extent) {
        return Math.min(Math.max(place, 0), extent);
    }
}
