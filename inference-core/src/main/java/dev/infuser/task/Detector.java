package dev.infuser.task;

import dev.infuser.tensor.Tensor;
import dev.infuser.vision.Anchors;
import dev.infuser.vision.Boxes;
import dev.infuser.vision.Picture;
import dev.infuser.vision.Region;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A model that finds faces, palms or people. Its outputs are one of these:
 *
 * <ul>
 * <li>Where the metadata say {@code anchors.grid}, {@code anchors.perCell} and {@code anchors.center} (see {@link Anchors}):
 * for each anchor a row of x and y of the centre of a box from the anchor, width, height, and x and y of
 * {@code anchors.points} from the anchor, in pixels of the input; and the logarithm of the odds that something is there. All levels are in
 * one output of each kind, or each has its own. Sightings of one thing are merged by {@link Boxes#merge} above the overlap
 * {@code anchors.overlap}.
 * <li>Where outputs have the {@code content} {@code boxes}, {@code scores} and {@code classes}: rows of top, left, bottom and right
 * from 0 to 1, a score for each, and the number of its class in {@code classes}, of which those in {@code wanted} count.
 * </ul>
 */
final class Detector {

    private static final double LOGIT_LIMIT = 100;

    private final ImageInput input;
    private final double threshold;
    private final double overlap;
    private final List<String> points;
    private final List<Level> levels = new ArrayList<>();
    private final Ready ready;

    /** Outputs and the anchors that they tell of. */
    private record Level(String rows, String scores, float[] anchors) {
    }

    /** Outputs of a model that makes boxes itself. */
    private record Ready(String boxes, String scores, String classes, boolean[] wanted) {
    }

    Detector(String task, ModelInfo model) {
        input = ImageInput.of(task, model);
        threshold = model.number("anchors.threshold", 0.5);
        overlap = model.number("anchors.overlap", 0.3);
        points = ModelInfo.words(model.says("anchors.points", ""));
        ready = ready(model);
        if (ready == null) {
            level(task, model);
        }
    }

    private static Ready ready(ModelInfo model) {
        String boxes = model.outputOf("boxes");
        String scores = model.outputOf("scores");
        String classes = model.outputOf("classes");
        if (boxes == null || scores == null) {
            return null;
        }
        List<String> names = ModelInfo.words(model.says("classes", ""));
        List<String> wanted = ModelInfo.words(model.says("wanted", ""));
        boolean[] chosen = new boolean[names.size()];
        for (int i = 0; i < chosen.length; i++) {
            chosen[i] = wanted.isEmpty() || wanted.contains(names.get(i));
        }
        return new Ready(boxes, scores, classes, chosen);
    }

    private void level(String task, ModelInfo model) {
        int[] sides = ints(model.numbers("anchors.grid"));
        int[] perCell = ints(model.numbers("anchors.perCell"));
        double center = model.number("anchors.center", 0.5);
        if (sides.length == 0 || sides.length != perCell.length) {
            throw ModelInfo.unfit(task, "it does not say where it looks",
                    "state anchors.grid and anchors.perCell when converting it");
        }
        int width = 4 + 2 * points.size();
        if (!add(model, Anchors.of(sides, perCell, center), width)) {
            for (int i = 0; i < sides.length; i++) {
                if (!add(model, Anchors.of(new int[] {sides[i]}, new int[] {perCell[i]}, center), width)) {
                    throw ModelInfo.unfit(task, "it has no outputs for the anchors of level " + i, "");
                }
            }
        }
    }

    private boolean add(ModelInfo model, float[] anchors, int width) {
        String rows = null;
        String scores = null;
        for (ModelInfo.Port port : model.outputs()) {
            if (port.dims().length == 3 && port.dims()[1] == anchors.length / 2) {
                if (port.dims()[2] == 1) {
                    scores = port.name();
                } else if (port.dims()[2] == width) {
                    rows = port.name();
                }
            }
        }
        return rows != null && scores != null && levels.add(new Level(rows, scores, anchors));
    }

    private static int[] ints(double[] numbers) {
        int[] ints = new int[numbers == null ? 0 : numbers.length];
        for (int i = 0; i < ints.length; i++) {
            ints[i] = (int) numbers[i];
        }
        return ints;
    }

    /** The least score that counts, unless the caller says so. */
    double threshold() {
        return threshold;
    }

    /**
     * Asks for a run.
     *
     * @param name as the task calls the model
     * @param then takes at most {@code limit} sightings, from the highest score down
     */
    void find(String name, Picture picture, double least, int limit, Runs runs, Consumer<List<Sighting>> then) {
        ImageInput.Feed feed = feed(picture);
        runs.add(name, Map.of(input.name(), feed.tensor()), outputs -> {
            List<Boxes.Merged> merged = ready == null ? anchored(outputs, least) : ready(outputs, least);
            List<Sighting> found = new ArrayList<>();
            for (int i = 0; i < Math.min(limit, merged.size()); i++) {
                found.add(sighting(merged.get(i), feed.region()));
            }
            then.accept(found);
        });
    }

    /** A model that leaves the size of its input open sees at most 512 rows, as many columns as fit the picture. */
    private ImageInput.Feed feed(Picture picture) {
        if (input.width() > 0 && input.height() > 0) {
            return input.feed(picture);
        }
        int height = Math.max(Math.min(picture.height() / 8, 64) * 8, 8);
        int width = Math.max((int) ((double) height * picture.width() / picture.height() / 8 + 0.5) * 8, 8);
        return input.feed(picture, width, height);
    }

    private List<Boxes.Merged> anchored(Map<String, Tensor> outputs, double least) {
        List<float[]> rows = new ArrayList<>();
        List<Float> scores = new ArrayList<>();
        for (Level level : levels) {
            float[] logits = outputs.get(level.scores).toFloats();
            float[] values = outputs.get(level.rows).toFloats();
            for (int i = 0; i < logits.length; i++) {
                double score = sigmoid(logits[i]);
                if (score >= least) {
                    rows.add(row(values, i, level.anchors[2 * i], level.anchors[2 * i + 1]));
                    scores.add((float) score);
                }
            }
        }
        return Boxes.merge(rows.toArray(new float[0][]), floats(scores), overlap);
    }

    /** A box and its points, from 0 to 1 over the input. */
    private float[] row(float[] values, int anchor, float x, float y) {
        int width = 4 + 2 * points.size();
        int at = anchor * width;
        float[] row = new float[width];
        float centerX = x + values[at] / input.width();
        float centerY = y + values[at + 1] / input.height();
        float halfWidth = values[at + 2] / input.width() / 2;
        float halfHeight = values[at + 3] / input.height() / 2;
        row[0] = centerX - halfWidth;
        row[1] = centerY - halfHeight;
        row[2] = centerX + halfWidth;
        row[3] = centerY + halfHeight;
        for (int i = 4; i < width; i += 2) {
            row[i] = x + values[at + i] / input.width();
            row[i + 1] = y + values[at + i + 1] / input.height();
        }
        return row;
    }

    private List<Boxes.Merged> ready(Map<String, Tensor> outputs, double least) {
        float[] values = outputs.get(ready.boxes).toFloats();
        float[] scores = outputs.get(ready.scores).toFloats();
        float[] classes = ready.classes == null ? null : outputs.get(ready.classes).toFloats();
        List<float[]> rows = new ArrayList<>();
        List<Float> kept = new ArrayList<>();
        for (int i = 0; i < scores.length; i++) {
            int number = classes == null ? -1 : (int) classes[i] - 1;
            if (scores[i] >= least && (number < 0 || number < ready.wanted.length && ready.wanted[number])) {
                rows.add(new float[] {values[4 * i + 1], values[4 * i], values[4 * i + 3], values[4 * i + 2]});
                kept.add(scores[i]);
            }
        }
        float[][] boxes = rows.toArray(new float[0][]);
        float[] all = floats(kept);
        List<Boxes.Merged> merged = new ArrayList<>();
        for (int number : Boxes.suppress(boxes, all, new int[boxes.length], overlap, overlap, boxes.length)) {
            merged.add(new Boxes.Merged(boxes[number], all[number]));
        }
        return merged;
    }

    private static float[] floats(List<Float> list) {
        float[] floats = new float[list.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = list.get(i);
        }
        return floats;
    }

    private Sighting sighting(Boxes.Merged merged, Region region) {
        float[] row = merged.row();
        List<Keypoint> places = new ArrayList<>();
        for (int i = 0; i < points.size() && 5 + 2 * i < row.length; i++) {
            double u = row[4 + 2 * i];
            double v = row[5 + 2 * i];
            places.add(new Keypoint(points.get(i), region.x(u, v), region.y(u, v), Double.NaN, Double.NaN));
        }
        return new Sighting(merged.score(), region.x(row[0], row[1]), region.y(row[0], row[1]), region.x(row[2], row[3]),
                region.y(row[2], row[3]), places);
    }

    /** The probability of which {@code logit} is the logarithm of the odds. */
    static double sigmoid(double logit) {
        return 1 / (1 + Math.exp(-Math.min(Math.max(logit, -LOGIT_LIMIT), LOGIT_LIMIT)));
    }
}
