package dev.infuser.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Application;
import ai.djl.huggingface.translator.TextEmbeddingTranslatorFactory;
import ai.djl.inference.Predictor;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import dev.infuser.converter.Converter;
import dev.infuser.converter.Progress;
import dev.infuser.converter.Shrink;
import dev.infuser.converter.Source;
import dev.infuser.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** MiniLM with its tokenizer in one file, run by DJL's own translator, against ONNX Runtime. */
class DjlTest {

    @TempDir
    private Path folder;

    @Test
    void sentencesAreEmbeddedByTheTranslatorOfDjl() throws Exception {
        Path tea = folder.resolve("minilm.tea");
        try (Source source = Source.open(Models.miniLm().toString())) {
            Converter.convert(source, tea, new Converter.Options(Shrink.NONE, Map.of(), false, Set.of()), Progress.SILENT);
        }
        Criteria<String, float[]> criteria = Criteria.builder().setTypes(String.class, float[].class)
                .optApplication(Application.NLP.TEXT_EMBEDDING).optEngine("Infuser").optModelPath(tea)
                .optTranslatorFactory(new TextEmbeddingTranslatorFactory()).optArgument("includeTokenTypes", "true").build();
        try (ZooModel<String, float[]> model = criteria.loadModel(); Predictor<String, float[]> predictor = model.newPredictor()) {
            List<String> sentences = List.of("A man is eating food.", "Someone has a meal.", "The stock market fell.");
            List<float[]> found = predictor.batchPredict(sentences);
            assertTrue(cosine(found.get(0), found.get(1)) > cosine(found.get(0), found.get(2)) + 0.2);
            Map<String, Tensor> feeds = TextBatch.feeds(Models.miniLm(), sentences);
            Tensor states = OnnxRuntime.open(Models.miniLm()).run(feeds).get("last_hidden_state");
            for (int i = 0; i < sentences.size(); i++) {
                assertEquals(1, cosine(mean(states, feeds.get("attention_mask"), i), found.get(i)), 1e-6);
            }
        }
    }

    /** The mean of the states {@code [sentence, token, hidden]} of one sentence where the mask is one. */
    private static float[] mean(Tensor states, Tensor mask, int sentence) {
        float[] mean = new float[states.dim(2)];
        for (int token = 0; token < states.dim(1); token++) {
            int row = sentence * states.dim(1) + token;
            for (int i = 0; i < mean.length && mask.longs()[row] == 1; i++) {
                mean[i] += states.floats()[row * mean.length + i];
            }
        }
        return mean;
    }

    private static double cosine(float[] a, float[] b) {
        double dot = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < a.length; i++) {
            dot += (double) a[i] * b[i];
            aa += (double) a[i] * a[i];
            bb += (double) b[i] * b[i];
        }
        return dot / Math.sqrt(aa * bb);
    }
}
