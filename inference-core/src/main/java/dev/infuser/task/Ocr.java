package dev.infuser.task;

import dev.infuser.tensor.Tensor;
import dev.infuser.vision.Crop;
import dev.infuser.vision.Filter;
import dev.infuser.vision.Picture;
import dev.infuser.vision.Resize;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Text in a picture, as PaddleOCR reads it: a model finds lines, one tells which of them may be upside down (if it is there), and one
 * reads them. Models: {@code detection}, whose metadata may say {@code limit} (pixels that the shorter side has at least),
 * {@code limit.longest}, {@code threshold}, {@code threshold.box} and {@code unclip}, see {@link TextLines}; {@code orientation}, whose
 * output scores 0 and 180 degrees and whose metadata may say {@code threshold}; {@code recognition}, whose output has a row of scores
 * for each step, of a blank, the characters of its labels, and a space.
 *
 * <p>Options: {@code threshold}, what the mean score of a line's characters has to reach, 0.5 by default.
 */
public final class Ocr implements Task<Picture, Ocr.Page> {

    /** The name that pages know this task by. */
    public static final String NAME = "ocr";
    /** Names of its models. */
    public static final String DETECTION = "detection";
    public static final String ORIENTATION = "orientation";
    public static final String RECOGNITION = "recognition";

    private static final int MULTIPLE = 32;
    private static final int BATCH = 6;
    /** What models take that leave the height of lines open. */
    private static final int ROWS = 48;
    private static final int NARROWEST = 320;
    /** Lines whose characters score less in the mean may be upside down. */
    private static final double READABLE = 0.7;
    /** Lines this much taller than wide are written from the top down. */
    private static final double UPRIGHT = 1.5;

    /**
     * A line of text.
     *
     * @param score the mean score of its characters, from 0 to 1
     * @param box   x and y, in pixels of the picture, of the corners of its first letter's upper left, then clockwise
     */
    public record Line(String text, double score, double[] box) implements Answer {

        @Override
        public void writeTo(PlainWriter out) {
            out.object(3).name("text").text(text).name("score").number(score).name("box").list(box.length / 2);
            for (int i = 0; i < box.length; i += 2) {
                out.object(2).name("x").number(box[i]).name("y").number(box[i + 1]);
            }
        }
    }

    /** All lines, in the order of reading. */
    public record Page(List<Line> lines) implements Answer {

        /** The texts of the lines, one below the other. */
        public String text() {
            StringBuilder text = new StringBuilder();
            for (Line line : lines) {
                text.append(text.length() == 0 ? "" : "\n").append(line.text);
            }
            return text.toString();
        }

        @Override
        public void writeTo(PlainWriter out) {
            out.object(2).name("text").text(text()).name("lines").list(lines);
        }
    }

    private final ImageInput detection;
    private final ImageInput orientation;
    private final ImageInput recognition;
    private final TextLines finder;
    private final CtcDecoder decoder;
    private final double limit;
    private final double longest;
    private final double sureToTurn;

    /**
     * Prepares for models.
     *
     * @throws dev.infuser.tensor.UnsupportedModelException where one does not take images, or the recogniser has no labels
     */
    public Ocr(Map<String, ModelInfo> models) {
        ModelInfo found = models.get(DETECTION);
        detection = ImageInput.of(NAME, found);
        limit = found.number("limit", 736);
        longest = found.number("limit.longest", 2000);
        finder = new TextLines(found.number("threshold", 0.3), found.number("threshold.box", 0.5), found.number("unclip", 1.6));
        ModelInfo turned = models.get(ORIENTATION);
        orientation = turned == null ? null : input(turned);
        sureToTurn = turned == null ? 0 : turned.number("threshold", 0.9);
        ModelInfo read = models.get(RECOGNITION);
        recognition = input(read);
        List<String> characters = new ArrayList<>(ImageClassification.labels(read, read.outputs().get(0).name()));
        if (characters.isEmpty()) {
            throw ModelInfo.unfit(NAME, "the model for recognition does not say which characters it knows",
                    "convert it with --labels FILE, a character on each line");
        }
        characters.add(" ");
        decoder = new CtcDecoder(characters);
    }

    private static ImageInput input(ModelInfo model) {
        ImageInput input = ImageInput.of(NAME, model);
        if (!input.isPlanar()) {
            throw ModelInfo.unfit(NAME, "input " + input.name() + " is not float32 with channels before rows", "");
        }
        return input;
    }

    @Override
    public Supplier<Page> begin(Picture picture, Options options, Runs runs) {
        double threshold = options.only("threshold").number("threshold", 0.5, 0, 1);
        Reading reading = new Reading(picture, runs);
        double scale = Math.max(1, limit / Math.min(picture.width(), picture.height()));
        scale = Math.min(scale, longest / Math.max(picture.width(), picture.height()));
        ImageInput.Feed feed = detection.feed(picture, extent(picture.width() * scale), extent(picture.height() * scale));
        runs.add(DETECTION, Map.of(detection.name(), feed.tensor()), outputs -> reading.found(outputs.values().iterator().next()));
        return () -> {
            List<Line> lines = new ArrayList<>();
            for (Line line : reading.lines) {
                if (line.score >= threshold && !line.text.isEmpty()) {
                    lines.add(line);
                }
            }
            return new Page(lines);
        };
    }

    private static int extent(double pixels) {
        return Math.max(MULTIPLE, (int) (pixels / MULTIPLE + 0.5) * MULTIPLE);
    }

    /** One picture on its way. */
    private final class Reading {

        private final Picture picture;
        private final Runs runs;
        /** Corners of what is read, in pixels: the lines, and behind them those turned that may be upside down. */
        private final List<double[]> cuts = new ArrayList<>();
        /** By cut: the number of its line. */
        private final List<Integer> owners = new ArrayList<>();
        private Line[] lines;

        Reading(Picture picture, Runs runs) {
            this.picture = picture;
            this.runs = runs;
        }

        void found(Tensor map) {
            int height = map.dim(map.rank() - 2);
            int width = map.dim(map.rank() - 1);
            for (double[] corners : finder.of(map.toFloats(), width, height)) {
                for (int i = 0; i < corners.length; i++) {
                    corners[i] *= i % 2 == 0 ? picture.width() : picture.height();
                }
                double[] line = across(corners) * UPRIGHT > down(corners) ? corners : turned(corners, 2);
                if (across(line) >= 1 && down(line) >= 1) {
                    owners.add(cuts.size());
                    cuts.add(line);
                }
            }
            lines = new Line[cuts.size()];
            if (orientation == null) {
                recognise(0);
                return;
            }
            int wide = orientation.width() > 0 ? orientation.width() : 4 * ROWS;
            int rows = orientation.height() > 0 ? orientation.height() : ROWS;
            List<Integer> all = List.copyOf(owners);
            for (List<Integer> some : batches(orientation, all)) {
                run(ORIENTATION, orientation, some, rows, wide, scores -> {
                    for (int k = 0; k < some.size(); k++) {
                        if (scores.toFloats()[2 * k + 1] > sureToTurn) {
                            owners.add(some.get(k));
                            cuts.add(turned(cuts.get(some.get(k)), 4));
                        }
                    }
                    if (some.get(some.size() - 1) == all.size() - 1) {
                        recognise(0);
                    }
                });
            }
        }

        /**
         * Reads cuts from {@code from} on, those together whose pictures are as wide. What reads badly is turned and read again, and of
         * the readings of a line the one that scores highest is kept.
         */
        private void recognise(int from) {
            int rows = recognition.height() > 0 ? recognition.height() : ROWS;
            Map<Integer, List<Integer>> byWidth = new TreeMap<>();
            int last = cuts.size();
            for (int i = from; i < last; i++) {
                double wide = rows * across(cuts.get(i)) / down(cuts.get(i));
                int width = recognition.width() > 0 ? recognition.width()
                        : Math.max(NARROWEST, ((int) Math.ceil(wide / (2 * MULTIPLE))) * 2 * MULTIPLE);
                byWidth.computeIfAbsent(width, w -> new ArrayList<>()).add(i);
            }
            int[] open = {last - from};
            for (Map.Entry<Integer, List<Integer>> group : byWidth.entrySet()) {
                for (List<Integer> some : batches(recognition, group.getValue())) {
                    run(RECOGNITION, recognition, some, rows, group.getKey(), scores -> {
                        float[] values = scores.toFloats();
                        int steps = scores.dim(1);
                        int classes = scores.dim(2);
                        for (int k = 0; k < some.size(); k++) {
                            take(some.get(k), decoder.decode(values, k * steps * classes, steps, classes));
                        }
                        open[0] -= some.size();
                        if (open[0] == 0 && from == 0) {
                            turnUnread();
                            recognise(last);
                        }
                    });
                }
            }
        }

        private void take(int cut, CtcDecoder.Decoded read) {
            int line = owners.get(cut);
            if (lines[line] == null || read.score() > lines[line].score) {
                lines[line] = new Line(read.text(), read.score(), cuts.get(cut));
            }
        }

        private void turnUnread() {
            List<Integer> before = List.copyOf(owners);
            for (int line = 0; line < lines.length; line++) {
                if (lines[line].score < READABLE && before.indexOf(line) == before.lastIndexOf(line)) {
                    owners.add(line);
                    cuts.add(turned(cuts.get(line), 4));
                }
            }
        }

        private static List<List<Integer>> batches(ImageInput input, List<Integer> all) {
            int size = input.batch() > 0 ? input.batch() : BATCH;
            List<List<Integer>> batches = new ArrayList<>();
            for (int start = 0; start < all.size(); start += size) {
                batches.add(all.subList(start, Math.min(start + size, all.size())));
            }
            return batches;
        }

        /** Runs a model on some cuts, each as high as {@code rows}, with zeros to its right up to {@code width}. */
        private void run(String model, ImageInput input, List<Integer> some, int rows, int width, Consumer<Tensor> then) {
            int size = input.batch() > 0 ? input.batch() : some.size();
            float[] batch = null;
            int channels = 0;
            for (int k = 0; k < some.size(); k++) {
                double[] line = cuts.get(some.get(k));
                int across = (int) Math.max(1, across(line) + 0.5);
                int down = (int) Math.max(1, down(line) + 0.5);
                int wide = Math.max(1, Math.min(width, (int) Math.ceil((double) rows * across / down)));
                boolean shrinks = down > rows;
                Picture cut = Crop.quadrilateral(picture, line, shrinks ? across : wide, shrinks ? down : rows, Filter.BICUBIC,
                        Crop.Border.EDGE);
                Tensor one = input.tensor(Resize.resize(cut, wide, rows, Filter.BILINEAR));
                channels = one.dim(1);
                batch = batch == null ? new float[size * channels * rows * width] : batch;
                for (int row = 0; row < channels * rows; row++) {
                    System.arraycopy(one.floats(), row * wide, batch, (k * channels * rows + row) * width, wide);
                }
            }
            runs.add(model, Map.of(input.name(), Tensor.floats(new int[] {size, channels, rows, width}, batch)),
                    outputs -> then.accept(outputs.values().iterator().next()));
        }
    }

    private static double across(double[] c) {
        return Math.max(length(c, 0, 2), length(c, 4, 6));
    }

    private static double down(double[] c) {
        return Math.max(length(c, 0, 6), length(c, 2, 4));
    }

    private static double length(double[] c, int a, int b) {
        double dx = c[a] - c[b];
        double dy = c[a + 1] - c[b + 1];
        return Math.sqrt(dx * dx + dy * dy);
    }

    /** Corners from another one on. */
    private static double[] turned(double[] corners, int from) {
        double[] turned = new double[corners.length];
        for (int i = 0; i < turned.length; i++) {
            turned[i] = corners[(i + from) % corners.length];
        }
        return turned;
    }
}
