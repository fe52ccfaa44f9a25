package dev.infuser.djl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.modality.cv.transform.Resize;
import ai.djl.modality.cv.transform.ToTensor;
import ai.djl.modality.cv.translator.ImageClassificationTranslator;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.Batchifier;
import ai.djl.translate.TranslateException;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import dev.infuser.converter.Converter;
import dev.infuser.converter.Progress;
import dev.infuser.converter.Shrink;
import dev.infuser.converter.Source;
import dev.infuser.converter.onnx.OnnxWriter;
import dev.infuser.format.Model;
import dev.infuser.format.TeaReader;
import dev.infuser.format.TeaWriter;
import dev.infuser.format.FileSource;
import dev.infuser.tensor.DType;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Infuser as DJL users meet it. */
class InfuserEngineTest {

    @TempDir
    private Path folder;

    private Path tea(String name, byte[] onnx) throws Exception {
        Path source = folder.resolve(name + ".onnx");
        Path tea = folder.resolve(name + "/" + name + ".tea");
        Files.createDirectories(tea.getParent());
        Files.write(source, onnx);
        try (Source opened = Source.open(source.toString())) {
            Converter.convert(opened, tea, new Converter.Options(Shrink.NONE, Map.of(), false, Set.of()), Progress.SILENT);
        }
        return tea;
    }

    /** Three numbers to two: {@code Relu(x W + b)}. */
    private static final class Perceptron implements Translator<float[], float[]> {
        @Override
        public NDList processInput(TranslatorContext context, float[] input) {
            return new NDList(context.getNDManager().create(input));
        }

        @Override
        public float[] processOutput(TranslatorContext context, NDList list) {
            return list.singletonOrThrow().toFloatArray();
        }

        @Override
        public Batchifier getBatchifier() {
            return Batchifier.STACK;
        }
    }

    private static Criteria<float[], float[]> perceptron(Path path) {
        return Criteria.builder().setTypes(float[].class, float[].class).optEngine("Infuser").optModelPath(path)
                .optTranslator(new Perceptron()).build();
    }

    @Test
    void aFileOrItsFolderIsAModel() throws Exception {
        Path tea = tea("perceptron", OnnxWriter.perceptron());
        for (Path path : List.of(tea, tea.getParent())) {
            try (ZooModel<float[], float[]> model = perceptron(path).loadModel();
                    Predictor<float[], float[]> predictor = model.newPredictor()) {
                assertArrayEquals(new float[] {22.5f, 7.5f}, predictor.predict(new float[] {1, 2, 3}));
                assertEquals("perceptron", model.getName());
                assertEquals(new Shape(-1, 3), model.describeInput().get("x"));
                assertEquals("perceptron.onnx", model.getProperty("source"));
            }
        }
    }

    @Test
    void batchesAreRunAtOnceAndFromSeveralThreads() throws Exception {
        Path tea = tea("perceptron", OnnxWriter.perceptron());
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (ZooModel<float[], float[]> model = perceptron(tea).loadModel()) {
            List<Future<List<float[]>>> results = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                float x = i;
                results.add(threads.submit(() -> {
                    try (Predictor<float[], float[]> predictor = model.newPredictor()) {
                        return predictor.batchPredict(List.of(new float[] {x, 0, 0}, new float[] {0, x, 0}));
                    }
                }));
            }
            for (int i = 0; i < 16; i++) {
                List<float[]> found = results.get(i).get();
                assertArrayEquals(new float[] {i + 0.5f, 0}, found.get(0));
                assertArrayEquals(new float[] {3 * i + 0.5f, 0}, found.get(1));
            }
        } finally {
            threads.shutdownNow();
        }
    }

    /** Mean of each channel of an image {@code [b, 3, h, w]}: red, green and blue as class scores. */
    private static byte[] colours() {
        return OnnxWriter.model(13, new OnnxWriter().string(2, "colours")
                .message(11, OnnxWriter.value("image", DType.FLOAT32, "batch", 3, 8, 8))
                .message(12, OnnxWriter.value("scores", DType.FLOAT32, "batch", 3))
                .message(1, OnnxWriter.node("GlobalAveragePool", "image", "means"))
                .message(1, OnnxWriter.node("Flatten", "means", "scores")));
    }

    @Test
    void imagesAreClassifiedWithTheLabelsInTheFile() throws Exception {
        Path tea = tea("colours", colours());
        try (FileSource source = new FileSource(tea.toString())) {
            Model plain = TeaReader.open(source).model();
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            TeaWriter.write(new Model(plain.graph(), plain.metadata(), Map.of("synset.txt",
                    "red\ngreen\nblue\n".getBytes(StandardCharsets.UTF_8)), List.of()), Map.of(), out);
            Files.write(tea, out.toByteArray());
        }
        BufferedImage picture = new BufferedImage(20, 10, BufferedImage.TYPE_INT_RGB);
        java.awt.Graphics2D pen = picture.createGraphics();
        pen.setColor(new Color(10, 200, 40));
        pen.fillRect(0, 0, 20, 10);
        pen.dispose();
        Criteria<Image, Classifications> criteria = Criteria.builder().setTypes(Image.class, Classifications.class)
                .optEngine("Infuser").optModelPath(tea)
                .optTranslator(ImageClassificationTranslator.builder().setImageSize(8, 8).addTransform(new Resize(8, 8))
                        .addTransform(new ToTensor()).optApplySoftmax(true).build())
                .build();
        try (ZooModel<Image, Classifications> model = criteria.loadModel();
                Predictor<Image, Classifications> predictor = model.newPredictor()) {
            Classifications.Classification best = predictor.predict(ImageFactory.getInstance().fromImage(picture)).best();
            assertEquals("green", best.getClassName());
            double sum = Math.exp(10 / 255.0) + Math.exp(200 / 255.0) + Math.exp(40 / 255.0);
            assertEquals(Math.exp(200 / 255.0) / sum, best.getProbability(), 1e-5);
        }
    }

    @Test
    void arraysFindInputsByName() throws Exception {
        Criteria<NDList, NDList> criteria = Criteria.builder().setTypes(NDList.class, NDList.class).optEngine("Infuser")
                .optModelPath(tea("perceptron", OnnxWriter.perceptron())).build();
        try (ZooModel<NDList, NDList> model = criteria.loadModel(); Predictor<NDList, NDList> predictor = model.newPredictor()) {
            NDArray x = model.getNDManager().create(new float[] {1, 2, 3}, new Shape(1, 3));
            x.setName("x");
            assertEquals("y", predictor.predict(new NDList(x)).get(0).getName());
            x.setName("z");
            assertTrue(assertThrows(TranslateException.class, () -> predictor.predict(new NDList(x))).getMessage()
                    .contains("no input named 'z'"));
            assertThrows(TranslateException.class, () -> predictor.predict(new NDList(x, x)));
            NDArray wrong = model.getNDManager().create(new int[] {1, 2, 3}, new Shape(1, 3));
            assertTrue(assertThrows(TranslateException.class, () -> predictor.predict(new NDList(wrong))).getMessage()
                    .contains("int32"));
        }
    }

    @Test
    void arraysOfAModelEndWithIt() throws Exception {
        ZooModel<float[], float[]> model = perceptron(tea("perceptron", OnnxWriter.perceptron())).loadModel();
        NDArray array = model.getNDManager().create(1f);
        Predictor<float[], float[]> predictor = model.newPredictor();
        predictor.predict(new float[] {1, 2, 3});
        model.close();
        assertThrows(IllegalStateException.class, array::toFloatArray);
        assertThrows(TranslateException.class, () -> predictor.predict(new float[] {1, 2, 3}));
        predictor.close();
    }

    @Test
    void damagedAndMissingFilesAreRefused() throws Exception {
        Path tea = tea("perceptron", OnnxWriter.perceptron());
        byte[] bytes = Files.readAllBytes(tea);
        bytes[200] ^= 1;
        Files.write(tea, bytes);
        Exception damaged = assertThrows(Exception.class, () -> perceptron(tea).loadModel());
        assertTrue(String.valueOf(damaged.getMessage()).contains("perceptron.tea"), damaged.toString());
        assertThrows(ModelNotFoundException.class, () -> perceptron(folder.resolve("none")).loadModel());
    }

    @Test
    void otherEnginesStayTheDefault() {
        assertEquals("OnnxRuntime", Engine.getDefaultEngineName());
        assertEquals("Infuser", Engine.getEngine("Infuser").getEngineName());
    }
}
