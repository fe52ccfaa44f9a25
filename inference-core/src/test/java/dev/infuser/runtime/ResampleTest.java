package dev.infuser.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.infuser.graph.Graph;
import dev.infuser.op.Evaluator;
import dev.infuser.op.Inference;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Tensor;
import dev.infuser.testing.Engines;
import dev.infuser.testing.GraphSketch;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResampleTest {

    private static GraphSketch sketch(String pixels, String attributes) {
        return GraphSketch.parse("x: " + pixels + "; y = infuser.Resample(x) {" + attributes + "}; -> y");
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "uint8[61,97,4] in 0..255; size=[14, 17], exclude_outside=1, antialias=1, mode=linear",
        "uint8[61,97,4] in 0..255; size=[14, 17], crop=[11, 5, 50, 47], exclude_outside=1, antialias=1, mode=linear",
        "uint8[9,11,3] in 0..255; size=[21, 34], antialias=1, mode=linear",
        "float32[43,31,3] in 0..1; size=[8, 9], antialias=1, mode=cubic",
        "float32[16,33,1] in -1..1; size=[7, 40], mode=cubic",
        "float32[31,7,6] in -1..1; size=[3, 7], antialias=1, mode=linear"})
    void kernelsRoundAsTheDefinitionDoesOnEveryEngine(String pixels, String attributes) {
        GraphSketch sketch = sketch(pixels, attributes);
        try (Engines engines = new Engines()) {
            assertEquals(0, engines.check(sketch.graph(), 0, List.of(sketch.feeds("", 1), sketch.feeds("", 2))).hostSteps());
        }
    }

    /** A triangle of four pixels' width around 1 and 3 weighs the pixels 3 : 3 : 1 and 1 : 3 : 3, as Pillow's BILINEAR. */
    @Test
    void aPictureHalvedIsWeighedByTriangles() {
        Graph graph = Inference.infer(sketch("uint8[4,4,1]", "size=[2, 2], antialias=1, exclude_outside=1, mode=linear").graph());
        byte[] pixels = new byte[16];
        pixels[0] = 49;
        pixels[2] = (byte) 196;
        Tensor out = (Tensor) Evaluator.run(graph, List.of(Tensor.of(DType.UINT8, new int[] {4, 4, 1}, pixels))).get(0);
        assertArrayEquals(new double[] {9 + 12, 36, 0, 0}, out.toDoubles(), 1e-5);
    }

    @ParameterizedTest
    @ValueSource(strings = {"size=[2, 2], mode=nearest", "mode=linear", "size=[0, 2], mode=linear", "size=[2], mode=linear",
        "size=[2, 2], mode=linear, crop=[0, 0, 4, 6]", "size=[2, 2], mode=linear, crop=[-1, 0, 2, 2]",
        "size=[2, 2], mode=linear, crop=[1, 1, 4, 1]", "size=[2, 2], mode=linear, crop=[0, 0, 0, 1]",
        "size=[2, 2], mode=linear, crop=[0, 0, 1]"})
    void wrongAttributesAreTold(String attributes) {
        Graph graph = sketch("uint8[4,5,3]", attributes).graph();
        assertThrows(InvalidModelException.class, () -> Inference.infer(graph));
    }
}
