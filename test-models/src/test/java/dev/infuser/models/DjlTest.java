package dev.infuser.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.huggingface.translator.TextEmbeddingTranslatorFactory;
import ai.djl.inference.Predictor;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import dev.infuser.converter.Converter;
import dev.infuser.converter.Progress;
import dev.infuser.converter.Shrink;
import dev.infuser.converter.Source;
import dev.infuser.tensor.Tensor;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** MiniLM with its tokenizer in one file, run by DJL's own translator, against ONNX Runtime. */
class DjlTest {

    @TempDir
    private Path folder;

    private Path tea() throws Exception {
        Path tea = folder.resolve("minilm.tea");
        try (Source source = Source.open(Models.miniLm().toString())) {
            Converter.convert(source, tea, Converter.Options.DEFAULT.verify(false), Progress.SILENT);
        }
        return tea;
    }

    @Test
    void sentencesAreEmbeddedByTheTranslatorOfDjl() throws Exception {
        Path tea = tea();
        Criteria<String, float[]> criteria = Criteria.builder()
                .setTypes(String.class, float[].class)
                .optEngine("Infuser")
                .optModelPath(Path.of(tea.toString()))
                .optTranslatorFactory(new TextEmbeddingTranslatorFactory())
                .optArgument("includeTokenTypes", "true")
                .build();
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

    /** The code for users of DJL is compiled and run as it stands, on MiniLM with its tokenizer in the file. */
    @Test
    void theCodeInTheReadmeRuns() throws Exception {
        String readme = Files.readString(Path.of("../model-converter/README.md"));
        int from = readme.indexOf("```java\n", readme.indexOf("## With DJL")) + "```java\n".length();
        String code = readme.substring(from, readme.indexOf("```", from)).replace("minilm.tea", tea().toString().replace("\\", "/"));
        Path source = folder.resolve("Readme.java");
        Files.writeString(source, "import ai.djl.huggingface.translator.TextEmbeddingTranslatorFactory;\n"
                + "import ai.djl.inference.Predictor;\nimport ai.djl.repository.zoo.*;\nimport java.nio.file.Path;\n"
                + "public class Readme implements java.util.concurrent.Callable<float[]> {\npublic float[] call() throws Exception {\n"
                + code.replace("}\n", "return embedding;\n}\n") + "}\n}\n");
        StringWriter errors = new StringWriter();
        assertTrue(ToolProvider.getSystemJavaCompiler().getTask(errors, null, null, List.of("-d", folder.toString(), "-classpath",
                System.getProperty("java.class.path"), "-proc:none"), null, ToolProvider.getSystemJavaCompiler()
                        .getStandardFileManager(null, null, null).getJavaFileObjects(source)).call(), errors::toString);
        try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
            Callable<?> example = (Callable<?>) loader.loadClass("Readme").getConstructor().newInstance();
            assertEquals(384, ((float[]) example.call()).length);
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
