package dev.infuser.study;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.infuser.graph.Graph;
import dev.infuser.op.Evaluator;
import dev.infuser.op.Inference;
import dev.infuser.pass.Passes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelInputGraphTest {

    private static final double[] MEAN = {0.485, 0.456, 0.406};
    private static final double[] STD = {0.229, 0.224, 0.225};

    @ParameterizedTest
    @CsvSource({"300,240", "240,300", "225,500", "97,61", "1,1"})
    void theSquareInTheMiddleIsTakenAndNormalised(int width, int height) {
        int side = Math.min(width, height);
        int left = (width - side) / 2;
        int top = (height - side) / 2;
        byte[] pixels = new byte[4 * width * height];
        for (int i = 0; i < pixels.length; i++) {
            int x = i / 4 % width - left;
            int y = i / 4 / width - top;
            pixels[i] = (byte) (x >= 0 && x < side && y >= 0 && y < side ? 40 + 70 * (i % 4) : 255);
        }
        Graph graph = Inference.infer(Passes.optimize(ModelInputGraph.of(width, height)));
        Tensor out = (Tensor) Evaluator.run(graph, List.of(Tensor.of(DType.UINT8, new int[] {height, width, 4}, pixels))).get(0);
        assertArrayEquals(new int[] {1, 3, 224, 224}, out.dims());
        for (int i = 0; i < out.size(); i++) {
            int channel = i / (224 * 224);
            assertEquals(((40 + 70 * channel) / 255.0 - MEAN[channel]) / STD[channel], out.getDouble(i), 1e-5, "element " + i);
        }
    }

    @ParameterizedTest
    @CsvSource({"320,240", "240,331", "1280,720", "97,61"})
    void everyBitIsThatOfThePlainJava(int width, int height) {
        Random random = new Random(width);
        byte[] pixels = new byte[4 * width * height];
        random.nextBytes(pixels);
        int[] picture = new int[width * height];
        ByteBuffer.wrap(pixels).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(picture);
        float[] expected = new float[3 * ModelInput.SIZE * ModelInput.SIZE];
        new ModelInput(width, height).run(picture, expected);
        Graph graph = Inference.infer(Passes.optimize(ModelInputGraph.of(width, height)));
        Tensor out = (Tensor) Evaluator.run(graph, List.of(Tensor.of(DType.UINT8, new int[] {height, width, 4}, pixels))).get(0);
        assertArrayEquals(expected, out.floats());
    }

    @Test
    void cuttingOutAndResizingAreOneNode() {
        Graph graph = Passes.optimize(ModelInputGraph.of(1920, 1080));
        assertEquals("Resample", graph.nodes().get(0).op());
        assertEquals(0, graph.nodes().stream().filter(node -> node.is("Cast") || node.is("Resize")).count());
    }
}
