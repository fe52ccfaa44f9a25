package dev.infuser.models;

import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.infuser.converter.onnx.OnnxImporter;
import dev.infuser.format.Model;
import dev.infuser.graph.Graph;
import dev.infuser.kernel.Target;
import dev.infuser.pass.Passes;
import dev.infuser.plan.Step;
import dev.infuser.runtime.Heap;
import dev.infuser.runtime.Session;
import dev.infuser.tensor.Tensor;
import dev.infuser.testing.V8Host;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The OCR models against ONNX Runtime. */
class OcrTruthTest {

    /** About 60 convolutions in float32, each summed in another order; sigmoid and softmax end them, so 1 is the largest. */
    private static final double TOLERANCE = 1e-4;

    @ParameterizedTest
    @CsvSource({"1, 320, 320", "1, 96, 224"})
    void detectionEqualsOnnxRuntime(int batch, int height, int width) throws Exception {
        compare("OCR detection", Models.ocrDetection(), strokes(batch, height, width));
    }

    @ParameterizedTest
    @CsvSource({"1, 320", "2, 104"})
    void recognitionEqualsOnnxRuntime(int batch, int width) throws Exception {
        compare("OCR recognition", Models.ocrRecognition(), strokes(batch, 48, width));
    }

    @Test
    void orientationEqualsOnnxRuntime() throws Exception {
        compare("OCR orientation", Models.ocrOrientation(), strokes(2, 48, 192));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void kernelsDetectAsOnnxRuntimeDoes(boolean relaxed) throws Exception {
        compare(Models.ocrDetection(), relaxed, strokes(1, 320, 320), strokes(2, 96, 224), strokes(1, 32, 480));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void kernelsRecogniseAsOnnxRuntimeDoes(boolean relaxed) throws Exception {
        compare(Models.ocrRecognition(), relaxed, strokes(1, 48, 320), strokes(2, 48, 104), strokes(1, 48, 15));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void kernelsOrientAsOnnxRuntimeDoes(boolean relaxed) throws Exception {
        compare(Models.ocrOrientation(), relaxed, strokes(2, 48, 192), strokes(1, 48, 192));
    }

    /** One compiled model in V8 for images of several extents in turn; no convolution is evaluated. */
    private static void compare(Path path, boolean relaxed, Tensor... images) throws Exception {
        Graph graph = Passes.optimize(OnnxImporter.importModel(ByteBuffer.wrap(Files.readAllBytes(path)), null).graph());
        try (OnnxRuntime truth = OnnxRuntime.open(path);
                V8Host host = new V8Host(relaxed ? Target.RELAXED : Target.STRICT);
                Session session = Session.compile(Model.of(graph), new Heap(host, 1024))) {
            for (Step step : session.compiled().program().steps()) {
                assertFalse(step instanceof Step.HostStep && step.label().contains("Conv"), step.label());
            }
            for (Tensor image : images) {
                Map<String, Tensor> want = truth.run(Map.of("x", image));
                Map<String, Tensor> got = session.run(Map.of("x", image));
                for (String output : want.keySet()) {
                    Agreement.of(want.get(output), got.get(output)).within(TOLERANCE, path.getFileName() + " in V8 "
                            + image.shape());
                }
            }
        }
    }

    private static void compare(String name, Path path, Tensor image) throws Exception {
        Map<String, Tensor> feeds = Map.of("x", image);
        Map<String, Tensor> want = OnnxRuntime.open(path).run(feeds);
        Reference model = new Reference(path);
        long start = System.nanoTime();
        Map<String, Tensor> got = model.run(feeds);
        long milliseconds = (System.nanoTime() - start) / 1_000_000;
        for (String output : want.keySet()) {
            Agreement.of(want.get(output), got.get(output)).within(TOLERANCE,
                    name + " " + image.shape() + " in " + milliseconds + " ms");
        }
    }

    /** Images like scanned lines: dark strokes on a light, slightly noisy ground, scaled to -1 ... 1. */
    static Tensor strokes(int batch, int height, int width) {
        Random random = new Random(batch * 31L + width);
        float[] pixels = new float[batch * 3 * height * width];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = 0.9f + 0.05f * random.nextFloat();
        }
        for (int image = 0; image < batch; image++) {
            for (int stroke = 0; stroke < height * width / 200; stroke++) {
                boolean upright = random.nextBoolean();
                int h = upright ? 12 : 3;
                int w = upright ? 3 : 8;
                int top = random.nextInt(height / 24) * 24 + random.nextInt(24 - h);
                int left = random.nextInt(width - w);
                for (int at = 0; at < 3 * h * w; at++) {
                    int y = top + at / w % h;
                    int x = left + at % w;
                    pixels[((image * 3 + at / (h * w)) * height + y) * width + x] = -0.8f;
                }
            }
        }
        return Tensor.floats(new int[] {batch, 3, height, width}, pixels);
    }
}
