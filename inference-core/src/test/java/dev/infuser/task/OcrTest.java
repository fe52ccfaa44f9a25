package dev.infuser.task;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.tensor.InvalidInputException;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.UnsupportedModelException;
import dev.infuser.vision.Picture;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The steps around the models for text: finding lines, cutting them out, turning them, decoding. */
class OcrTest {

    private static final int OPEN = ModelInfo.Port.OPEN;

    @Test
    void repetitionsAndBlanksAreNoCharacters() {
        CtcDecoder decoder = new CtcDecoder(List.of("a", "b"));
        float[] scores = {
            0.9f, 0.1f, 0,
            0.1f, 0.8f, 0.1f,
            0.2f, 0.7f, 0.1f,
            0.9f, 0.1f, 0,
            0.2f, 0.6f, 0.2f,
            0.1f, 0.1f, 0.8f};
        CtcDecoder.Decoded all = decoder.decode(scores, 0, 6, 3);
        assertEquals("aab", all.text());
        assertEquals((0.8 + 0.6 + 0.8) / 3, all.score(), 1e-6);
        assertEquals(new CtcDecoder.Decoded("", 0), decoder.decode(scores, 0, 1, 3));
        assertEquals("ab", decoder.decode(scores, 9, 3, 3).text());
    }

    /** As a space has it that no step is sure of: each step alone says blank. */
    @Test
    void pathsOfOneTextCountTogether() {
        float[] scores = {0.6f, 0.4f, 0.6f, 0.4f};
        assertEquals("a", new CtcDecoder(List.of("a")).decode(scores, 0, 2, 2).text());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void theTextFoundIsTheLikeliestOfAll(int steps) {
        CtcDecoder decoder = new CtcDecoder(List.of("a", "b", "c"));
        Random random = new Random(steps);
        for (int round = 0; round < 50; round++) {
            float[] scores = new float[4 * steps];
            for (int step = 0; step < steps; step++) {
                float sum = 0;
                for (int i = 0; i < 4; i++) {
                    sum += scores[4 * step + i] = (float) Math.pow(random.nextDouble(), 8) + 0.02f;
                }
                for (int i = 0; i < 4; i++) {
                    scores[4 * step + i] /= sum;
                }
            }
            Map<String, Double> texts = new HashMap<>();
            for (int path = 0; path < 1 << 2 * steps; path++) {
                StringBuilder text = new StringBuilder();
                double probability = 1;
                int before = 0;
                for (int step = 0; step < steps; step++) {
                    int label = path >> 2 * step & 3;
                    probability *= scores[4 * step + label];
                    text.append(label == 0 || label == before ? "" : "abc".substring(label - 1, label));
                    before = label;
                }
                texts.merge(text.toString(), probability, Double::sum);
            }
            String likeliest = Collections.max(texts.entrySet(), Map.Entry.comparingByValue()).getKey();
            String found = decoder.decode(scores, 0, steps, 4).text();
            assertEquals(likeliest, found);
            float[] logits = new float[scores.length];
            for (int i = 0; i < logits.length; i++) {
                logits[i] = (float) Math.log(scores[i]) + 3;
            }
            assertEquals(found, decoder.decode(logits, 0, steps, 4).text());
        }
    }

    /** A map with the inside of rectangles at 0.9: left, top, right and bottom of each, in pixels. */
    private static float[] map(int width, int height, int[]... boxes) {
        float[] map = new float[width * height];
        for (int[] box : boxes) {
            for (int y = box[1]; y < box[3]; y++) {
                for (int x = box[0]; x < box[2]; x++) {
                    map[y * width + x] = 0.9f;
                }
            }
        }
        return map;
    }

    @Test
    void linesGrowByTheirAreaOverTheirCircumferenceAndComeInTheOrderOfReading() {
        TextLines finder = new TextLines(0.3, 0.5, 1.5);
        float[] map = map(200, 100, new int[] {120, 40, 180, 50}, new int[] {20, 42, 80, 52}, new int[] {60, 10, 120, 21}, new int[] {5, 5, 7, 7});
        List<double[]> lines = finder.of(map, 200, 100);
        assertEquals(3, lines.size());
        double margin = 60 * 11 * 1.5 / (2 * (60 + 11));
        assertArrayEquals(new double[] {(60.5 - margin) / 200, (10.5 - margin) / 100, (120.5 + margin) / 200, (10.5 - margin) / 100,
            (120.5 + margin) / 200, (21.5 + margin) / 100, (60.5 - margin) / 200, (21.5 + margin) / 100}, lines.get(0), 1e-9);
        assertTrue(lines.get(1)[0] < 0.1 && lines.get(2)[0] > 0.5, "those side by side from the left");
    }

    @Test
    void faintPartsAreNoLines() {
        float[] map = map(100, 50, new int[] {20, 20, 80, 30});
        for (int i = 0; i < map.length; i++) {
            map[i] *= 0.5f;
        }
        assertEquals(0, new TextLines(0.3, 0.5, 1.5).of(map, 100, 50).size());
        assertEquals(1, new TextLines(0.3, 0.3, 1.5).of(map, 100, 50).size());
        assertEquals(0, new TextLines(0.5, 0.3, 1.5).of(map, 100, 50).size());
    }

    @Test
    void aTurnedLineHasTurnedCorners() {
        float[] map = new float[100 * 100];
        for (int i = 0; i < map.length; i++) {
            double x = i % 100 + 0.5 - 50;
            double y = i / 100 + 0.5 - 50;
            double along = (x * 4 + y * 3) / 5;
            double across = (y * 4 - x * 3) / 5;
            map[i] = Math.abs(along) < 30 && Math.abs(across) < 5 ? 1 : 0;
        }
        double[] line = new TextLines(0.3, 0.5, 0.1).of(map, 100, 100).get(0);
        double slope = Math.toDegrees(Math.atan2(line[3] - line[1], line[2] - line[0]));
        assertEquals(Math.toDegrees(Math.atan2(3, 4)), slope, 1.5);
        assertEquals(0.60, Math.hypot(line[2] - line[0], line[3] - line[1]), 0.03);
        assertEquals(0.11, Math.hypot(line[6] - line[0], line[7] - line[1]), 0.03);
    }

    private static ModelInfo info(int[] input, String labels) {
        Map<String, byte[]> assets = labels == null ? Map.of() : Map.of("labels.txt", labels.getBytes(StandardCharsets.UTF_8));
        return new ModelInfo(List.of(new ModelInfo.Port("x", "float32", input)),
                List.of(new ModelInfo.Port("y", "float32", new int[] {OPEN, OPEN, OPEN})), Map.of(), assets);
    }

    /** Two lines, a wide one at the top and one from the top down at the right, of which the first is turned. */
    @Test
    void linesAreCutOutTurnedAndReadTogether() {
        Map<String, ModelInfo> models = new HashMap<>();
        models.put(Ocr.DETECTION, info(new int[] {OPEN, 3, OPEN, OPEN}, null));
        models.put(Ocr.ORIENTATION, info(new int[] {OPEN, 3, 48, 192}, null));
        models.put(Ocr.RECOGNITION, info(new int[] {OPEN, 3, 48, OPEN}, "x\ny"));
        byte[] rgba = new byte[4 * 400 * 200];
        for (int i = 0; i < rgba.length; i += 4) {
            boolean left = i / 4 % 400 < 150;
            rgba[i] = (byte) (left ? 250 : 50);
            rgba[i + 1] = (byte) (i / 4 / 400 < 100 ? 200 : 100);
            rgba[i + 3] = -1;
        }
        List<String> runs = new ArrayList<>();
        Runs queue = new Runs();
        Supplier<Ocr.Page> answer = new Ocr(models).begin(new Picture(400, 200, rgba), Options.NONE, queue);
        for (Runs.Run run = queue.next(); run != null; run = queue.next()) {
            Tensor x = run.feeds().get("x");
            int[] dims = x.dims();
            runs.add(run.model() + " " + Arrays.toString(x.dims()));
            queue.took(Map.of("y", switch (run.model()) {
                case Ocr.DETECTION -> Tensor.floats(new int[] {1, 1, dims[2], dims[3]}, map(dims[3], dims[2],
                        new int[] {dims[3] / 10, dims[2] / 10, dims[3] * 6 / 10, dims[2] * 2 / 10},
                        new int[] {dims[3] * 9 / 10, dims[2] * 2 / 10, dims[3] * 19 / 20, dims[2] * 9 / 10}));
                case Ocr.ORIENTATION -> Tensor.floats(new int[] {dims[0], 2}, 0.05f, 0.95f, 0.9f, 0.1f);
                default -> read(x);
            }));
        }
        List<Ocr.Line> lines = answer.get().lines();
        assertEquals(2, lines.size());
        assertEquals("y", lines.get(0).text(), "the reading that scores higher");
        assertEquals("yx", lines.get(1).text());
        assertEquals("y\nyx", answer.get().text());
        assertTrue(lines.get(0).box()[0] > lines.get(0).box()[2], "the first letter is at the right");
        assertTrue(lines.get(1).box()[1] < lines.get(1).box()[3] - 50, "from the top down");
        assertEquals(List.of("detection [1, 3, 736, 1472]", "orientation [2, 3, 48, 192]"), runs.subList(0, 2));
        assertEquals(List.of("recognition [3, 3, 48, 320]"), runs.subList(2, runs.size()));
    }

    /** Reads {@code xx} where red begins bright, else {@code yx} where green ends darker, else {@code y}, which is surest. */
    private static Tensor read(Tensor x) {
        int[] dims = x.dims();
        float[] scores = new float[dims[0] * 4 * 4];
        for (int k = 0; k < dims[0]; k++) {
            int red = (k * 3 * dims[2] + dims[2] / 2) * dims[3];
            int green = red + dims[2] * dims[3];
            int[] classes = x.floats()[red + 20] > 100 ? new int[] {1, 0, 1, 0}
                    : x.floats()[green + 20] > x.floats()[green + 100] + 50 ? new int[] {2, 0, 1, 0} : new int[] {2, 2, 2, 2};
            for (int step = 0; step < 4; step++) {
                scores[(4 * k + step) * 4 + classes[step]] = classes[1] == 2 ? 0.9f : 0.8f;
            }
        }
        return Tensor.floats(new int[] {dims[0], 4, 4}, scores);
    }

    @Test
    void whatIsMissingIsToldBeforeAnythingRuns() {
        ModelInfo detection = info(new int[] {OPEN, 3, OPEN, OPEN}, null);
        ModelInfo silent = info(new int[] {OPEN, 3, 48, OPEN}, null);
        ModelInfo flipped = info(new int[] {OPEN, 48, OPEN, 3}, "a");
        assertThrows(UnsupportedModelException.class, () -> new Ocr(Map.of(Ocr.DETECTION, detection, Ocr.RECOGNITION, silent)));
        assertThrows(UnsupportedModelException.class, () -> new Ocr(Map.of(Ocr.DETECTION, detection, Ocr.RECOGNITION, flipped)));
        ModelInfo fit = info(new int[] {OPEN, 3, 48, OPEN}, "a");
        Ocr task = new Ocr(Map.of(Ocr.DETECTION, detection, Ocr.RECOGNITION, fit));
        assertThrows(InvalidInputException.class,
                () -> task.begin(new Picture(1, 1, new byte[4]), new Options(Map.of("limit", 3.0)), new Runs()));
    }
}
