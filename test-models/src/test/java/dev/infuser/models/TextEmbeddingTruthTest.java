package dev.infuser.models;

import dev.infuser.tensor.Tensor;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The text models against ONNX Runtime on real sentences. */
class TextEmbeddingTruthTest {

    private static final String OUTPUT = "last_hidden_state";

    /** Outputs reach 6; float32 sums in another order differ by some 1e-6 of that in each of the 6 layers. */
    private static final double FLOAT32 = 1e-4;

    private static OnnxRuntime miniLmTruth;
    private static Reference miniLm;

    @BeforeAll
    static void open() throws Exception {
        miniLmTruth = OnnxRuntime.open(Models.miniLm());
        miniLm = new Reference(Models.miniLm());
    }

    /** {@code first} to {@code last} are lines of {@code sentences.txt}; 256 truncates the longest. */
    @ParameterizedTest
    @CsvSource({"0, 0", "1, 1", "0, 5", "3, 4", "6, 6", "7, 7"})
    void miniLmEqualsOnnxRuntime(int first, int last) throws Exception {
        Map<String, Tensor> feeds = TextBatch.feeds(Models.miniLm(), first, last);
        compare("MiniLM", miniLmTruth, miniLm, feeds, FLOAT32);
    }

    @Test
    void miniLmTakesOneToken() throws Exception {
        Tensor token = Tensor.longs(new int[] {1, 1}, 101);
        compare("MiniLM", miniLmTruth, miniLm, Map.of("input_ids", token,
                "attention_mask", Tensor.longs(new int[] {1, 1}, 1), "token_type_ids", Tensor.longs(new int[] {1, 1}, 0)),
                FLOAT32);
    }

    private static void compare(String name, OnnxRuntime truth, Reference model, Map<String, Tensor> feeds,
            double tolerance) throws Exception {
        Tensor want = truth.run(feeds).get(OUTPUT);
        long start = System.nanoTime();
        Tensor got = model.run(feeds).get(OUTPUT);
        Agreement.of(want, got).within(tolerance, name + " " + feeds.get("input_ids").shape() + " in "
                + (System.nanoTime() - start) / 1_000_000 + " ms");
    }
}
