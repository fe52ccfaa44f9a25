package dev.infuser.task;

import dev.infuser.tensor.Tensor;
import dev.infuser.vision.Boxes;
import dev.infuser.vision.Picture;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What a picture shows, as one of the classes that the model knows: its first output has a score for each, and
 * an asset their names. Options: {@code limit}, the most classes to tell, 5 by default.
 */
public final class ImageClassification implements Task<Picture, ImageClassification.Classes> {

    /** The name that pages know this task by. */
    public static final String NAME = "image-classification";

    /** A class and its score, which is the model's: a probability where the model ends in a softmax. */
    public record Scored(String label, double score) implements Answer {

        @Override
        public void writeTo(PlainWriter out) {
            out.object(2).name("label").text(label).name("score").number(score);
        }
    }

    /** Classes from the highest score down. */
    public record Classes(List<Scored> classes) implements Answer {

        @Override
        public void writeTo(PlainWriter out) {
            out.list(classes);
        }
    }

    private final ImageInput input;
    private final String output;
    private final List<String> labels;

    /**
     * Prepares for a model.
     *
     * @throws dev.infuser.tensor.UnsupportedModelException where it takes no image or gives nothing
     */
    public ImageClassification(ModelInfo model) {
        input = ImageInput.of(NAME, model);
        if (model.outputs().isEmpty()) {
            throw ModelInfo.unfit(NAME, "it has no output", "");
        }
        output = model.outputs().get(0).name();
        labels = labels(model, output);
    }

    @Override
    public Supplier<Classes> begin(Picture picture, Options options, Runs runs) {
        int limit = (int) options.only("limit").number("limit", 5, 1, Integer.MAX_VALUE);
        List<Scored> classes = new ArrayList<>();
        runs.add(Runs.MODEL, Map.of(input.name(), input.feed(picture).tensor()), List.of(output),
                outputs -> classes.addAll(best(outputs.get(output), labels, limit)));
        return () -> new Classes(classes);
    }

    /** The classes of the highest scores. */
    static List<Scored> best(Tensor scores, List<String> labels, int limit) {
        List<Scored> classes = new ArrayList<>();
        float[] values = scores.toFloats();
        int[] order = Boxes.order(values);
        for (int i = 0; i < Math.min(limit, order.length); i++) {
            classes.add(new Scored(label(labels, order[i]), values[order[i]]));
        }
        return classes;
    }

    /** The names of the classes that an output tells of. */
    static List<String> labels(ModelInfo model, String output) {
        return model.lines(model.says("output." + output + ".labels", "labels.txt"));
    }

    /** The name of a class, or its number where it has none. */
    static String label(List<String> labels, int number) {
        return number < labels.size() ? labels.get(number) : Integer.toString(number);
    }
}
