package dev.infuser.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import dev.infuser.models.Models;
import dev.infuser.text.Encoding;
import dev.infuser.text.Padding;
import dev.infuser.text.Tokenizer;
import dev.infuser.text.Truncation;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** MiniLM in the browser beside ONNX Runtime on the JVM. */
@ExtendWith(Harness.Shared.class)
class TruthTest {

    private static final double TOLERANCE = 1e-4;
    private static final int[][] SHAPES = {{1, 1}, {1, 2}, {8, 3}, {1, 16}, {2, 17}, {3, 31}, {5, 64}, {1, 128}, {7, 100},
        {4, 129}, {6, 255}, {8, 256}, {1, 256}, {8, 1}};

    @Test
    void computesWhatOnnxRuntimeDoesForEveryLengthAndBatchWithOneModel(Harness harness) throws Exception {
        try (Oracle oracle = Oracle.open(Models.miniLm()); Visit visit = harness.visit("test/test.html").await("ready")) {
            visit.call("open", "minilm", "/models/minilm.tea");
            List<long[]> sentences = tokens(Passages.texts());
            for (int[] shape : SHAPES) {
                compare(visit, oracle, Oracle.Batch.of(sentences, shape[0], shape[1]));
            }
            visit.assertClean(harness.server().address());
        }
    }

    private static void compare(Visit visit, Oracle oracle, Oracle.Batch batch) throws OrtException {
        Map<?, ?> outputs = (Map<?, ?>) visit.call("run", "minilm", batch.feeds());
        Map<?, ?> found = (Map<?, ?>) outputs.get("last_hidden_state");
        assertEquals(List.of(batch.size(), batch.length(), Oracle.HIDDEN), found.get("dims"));
        float[] expected = oracle.run(batch);
        float[] actual = Oracle.floats((String) found.get("bytes"));
        assertEquals(expected.length, actual.length);
        assertTrue(Oracle.distance(expected, actual) <= TOLERANCE, () -> batch.size() + " of " + batch.length()
                + " tokens differ by " + Oracle.distance(expected, actual));
    }

    /**
     * Vectors of strings of many scripts, tokenised in the page, beside those that ONNX Runtime computes from the tokens of
     * the JVM: another token, or another order, is another vector.
     */
    @Test
    void tokenisesAndPoolsInThePageAsOnTheJvm(Harness harness) throws Exception {
        List<String> texts = new ArrayList<>(Passages.texts().subList(0, 8));
        texts.addAll(VariedStrings.make(300, new Random(11)));
        List<long[]> tokens = tokens(texts);
        try (Oracle oracle = Oracle.open(Models.miniLm()); Visit visit = harness.visit("test/test.html").await("ready")) {
            visit.call("openTask", "minilm", "/models/minilm.tea");
            List<?> vectors = (List<?>) visit.call("embed", "minilm", texts);
            for (int i = 0; i < texts.size(); i++) {
                String text = texts.get(i);
                float[] expected = oracle.embed(tokens.get(i));
                float[] actual = Oracle.floats((String) vectors.get(i));
                assertTrue(Oracle.distance(expected, actual) <= TOLERANCE, () -> "'" + text + "' differs by "
                        + Oracle.distance(expected, actual));
            }
        }
    }

    @Test
    void givesAllMemoryBackWhenDisposedOf(Harness harness) {
        try (Visit visit = harness.visit("test/test.html").await("ready")) {
            visit.call("open", "worker", "/models/minilm.tea");
            assertFalse(visit.page().workers().isEmpty());
            visit.call("dispose", "worker");
            visit.page().waitForCondition(() -> visit.page().workers().isEmpty());

            List<Long> sizes = new ArrayList<>();
            for (int round = 0; round < 4; round++) {
                visit.call("open", "local", "/models/minilm.tea", Map.of("worker", false));
                visit.page().requestGC();
                sizes.add(((Number) visit.call("memory")).longValue());
                visit.call("dispose", "local");
                visit.page().requestGC();
                assertEquals(0, ((Number) visit.call("memory")).longValue(), "after round " + round);
            }
            assertEquals(List.of(sizes.get(0), sizes.get(0), sizes.get(0), sizes.get(0)), sizes);
        }
    }

    private static List<long[]> tokens(List<String> texts) throws IOException {
        Tokenizer tokenizer = Tokenizer.parse(Files.readAllBytes(Models.miniLm().resolveSibling("tokenizer.json")));
        tokenizer = tokenizer.with(Truncation.to(256), tokenizer.padding().withLength(Padding.NO_LENGTH));
        List<long[]> tokens = new ArrayList<>();
        for (Encoding encoding : tokenizer.encode(texts)) {
            long[] ids = new long[encoding.ids().length];
            for (int i = 0; i < ids.length; i++) {
                ids[i] = encoding.ids()[i];
            }
            tokens.add(ids);
        }
        return tokens;
    }
}
