package dev.infuser.task;

import dev.infuser.tensor.Tensor;
import dev.infuser.vision.Picture;
import dev.infuser.vision.Region;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A model that finds points in a part of a picture. The output whose {@code content} is {@code keypoints} has a row for each, of
 * {@code x}, {@code y}, {@code z} and {@code score} in the order of {@code rows}, other words being passed over; places are in
 * pixels of the input, or from 0 to {@code max} where that is said. {@code activation} is {@code sigmoid} where scores are
 * logarithms of odds, here and in the output whose {@code content} is {@code score}: whether there is anything. That of
 * {@code handedness} tells how much a hand is a right one.
 */
final class Landmarks {

    private static final List<String> COLUMNS = List.of("x", "y", "z", "score");

    private final ImageInput input;
    private final RegionRule rule;
    private final String output;
    private final String score;
    private final String handedness;
    private final boolean[] odds;
    private final int width;
    private final int[] columns = new int[COLUMNS.size()];
    private final double[] extent;

    /**
     * What the model tells of a part of a picture.
     *
     * @param points x, y and z, or NaN, of each in pixels of the picture
     * @param scores of each, or NaN
     * @param score  from 0 to 1, or NaN where the model does not tell
     * @param right  from 0 for a left hand to 1 for a right one, or NaN
     * @param region that was looked at
     */
    record Marks(float[] points, float[] scores, double score, double right, Region region) {
    }

    Landmarks(String task, ModelInfo model) {
        input = ImageInput.of(task, model);
        rule = RegionRule.of(task, model);
        output = model.outputOf("keypoints");
        score = model.outputOf("score");
        handedness = model.outputOf("handedness");
        List<String> words = output == null ? List.of() : ModelInfo.words(model.says("output." + output + ".rows", ""));
        width = words.size();
        for (int i = 0; i < columns.length; i++) {
            columns[i] = words.indexOf(COLUMNS.get(i));
        }
        if (columns[0] < 0 || columns[1] < 0 || input.width() < 1 || input.height() < 1) {
            throw ModelInfo.unfit(task, "it does not say which output has points, and what their rows are",
                    "state output.NAME.content=keypoints and output.NAME.rows, as 'x y z', when converting it");
        }
        odds = new boolean[] {sigmoid(model, output), sigmoid(model, score)};
        double most = model.number("output." + output + ".max", 0);
        extent = most > 0 ? new double[] {most, most} : new double[] {input.width(), input.height()};
    }

    private static boolean sigmoid(ModelInfo model, String name) {
        return model.says("output." + name + ".activation", "").equals("sigmoid");
    }

    /** The names of the points, as far as they have some. */
    List<String> names(ModelInfo model) {
        return ModelInfo.words(model.says("output." + output + ".points", ""));
    }

    /** What it wants to see of a sighting. */
    Region region(Sighting found) {
        return rule.region(found);
    }

    /** What it wants to see of a whole picture. */
    Region region(Picture picture) {
        return input.region(picture, input.width(), input.height());
    }

    /** Asks for a run on a region of a picture. */
    void mark(String name, Picture picture, Region region, Runs runs, Consumer<Marks> then) {
        runs.add(name, Map.of(input.name(), input.feed(picture, region).tensor()), outputs -> then.accept(read(outputs, region)));
    }

    private Marks read(Map<String, Tensor> outputs, Region region) {
        float[] values = outputs.get(output).toFloats();
        float[] points = new float[3 * (values.length / width)];
        float[] scores = new float[values.length / width];
        for (int i = 0; i < scores.length; i++) {
            double u = values[i * width + columns[0]] / extent[0];
            double v = values[i * width + columns[1]] / extent[1];
            points[3 * i] = (float) region.x(u, v);
            points[3 * i + 1] = (float) region.y(u, v);
            points[3 * i + 2] = columns[2] < 0 ? Float.NaN
                    : (float) (values[i * width + columns[2]] / extent[0] * Math.abs(region.width()));
            scores[i] = columns[3] < 0 ? Float.NaN : (float) probability(values[i * width + columns[3]], odds[0]);
        }
        double whole = score == null ? Double.NaN : probability(outputs.get(score).toFloats()[0], odds[1]);
        return new Marks(points, scores, whole, handedness == null ? Double.NaN : outputs.get(handedness).toFloats()[0], region);
    }

    private static double probability(float value, boolean odds) {
        return odds ? Detector.sigmoid(value) : value;
    }
}
