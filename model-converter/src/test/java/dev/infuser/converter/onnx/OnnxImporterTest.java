package dev.infuser.converter.onnx;

import static dev.infuser.converter.onnx.OnnxWriter.attribute;
import static dev.infuser.converter.onnx.OnnxWriter.initializer;
import static dev.infuser.converter.onnx.OnnxWriter.integers;
import static dev.infuser.converter.onnx.OnnxWriter.model;
import static dev.infuser.converter.onnx.OnnxWriter.node;
import static dev.infuser.converter.onnx.OnnxWriter.opset;
import static dev.infuser.converter.onnx.OnnxWriter.reference;
import static dev.infuser.converter.onnx.OnnxWriter.subgraph;
import static dev.infuser.converter.onnx.OnnxWriter.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.graph.Graph;
import dev.infuser.op.Evaluator;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.UnsupportedModelException;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class OnnxImporterTest {

    private static Graph graph(byte[] bytes) {
        return OnnxImporter.importModel(ByteBuffer.wrap(bytes), null).graph();
    }

    private static float[] run(byte[] bytes, Datum... inputs) {
        return ((Tensor) Evaluator.run(graph(bytes), List.of(inputs)).get(0)).floats();
    }

    private static Tensor vector(float... values) {
        return Tensor.floats(new int[] {values.length}, values);
    }

    @Test
    void keepsNamesAndSymbolsAndInfersTypes() {
        Graph graph = graph(OnnxWriter.perceptron());
        assertEquals("perceptron", graph.name());
        assertEquals("x", graph.inputs().get(0).name());
        assertEquals("float32[batch,3]", graph.inputs().get(0).type().toString());
        assertEquals("float32[batch,2]", graph.type("y").toString());
        assertEquals(List.of("y"), graph.outputs());
    }

    @Test
    void computesWhatTheModelSays() {
        assertArrayEquals(new float[] {22.5f, 7.5f}, run(OnnxWriter.perceptron(),
                Tensor.floats(new int[] {1, 3}, 1, 2, 3)));
    }

    @Test
    void tellsProducerAndOpset() {
        var metadata = OnnxImporter.importModel(OnnxReader.read(OnnxWriter.perceptron())).metadata();
        assertEquals("test", metadata.get("producer"));
        assertTrue(metadata.get("opset").startsWith("ai.onnx 13"));
    }

    @Test
    void initializersThatAreInputsBecomeConstants() {
        Graph graph = graph(model(9, new OnnxWriter().message(11, value("x", DType.FLOAT32, 2))
                .message(11, value("w", DType.FLOAT32, 2)).message(12, value("y", DType.FLOAT32, 2))
                .message(5, initializer("w", vector(1, 2))).message(1, node("Add", "x w", "y"))));
        assertEquals(1, graph.inputs().size());
        assertTrue(graph.constants().containsKey("w"));
    }

    @Test
    void ordersNodesThatAreNotInRunningOrder() {
        assertArrayEquals(new float[] {-2, -4}, run(model(13, new OnnxWriter().message(11, value("x", DType.FLOAT32, 2))
                .message(12, value("y", DType.FLOAT32, 2)).message(1, node("Add", "a a", "y"))
                .message(1, node("Neg", "x", "a"))), vector(1, 2)));
    }

    @Test
    void refusesACircle() {
        var e = assertThrows(InvalidModelException.class, () -> graph(model(13, new OnnxWriter()
                .message(12, value("y", DType.FLOAT32, 2)).message(1, node("Neg", "b", "a"))
                .message(1, node("Neg", "a", "b")).message(1, node("Neg", "a", "y")))));
        assertTrue(e.getMessage().contains("circle"), e.getMessage());
    }

    @Test
    void listsAllUnsupportedOperatorsAtOnce() {
        var e = assertThrows(UnsupportedModelException.class, () -> graph(model(13, new OnnxWriter()
                .message(11, value("x", DType.FLOAT32, 2)).message(12, value("y", DType.FLOAT32, 2))
                .message(1, node("Frobnicate", "x", "a").string(3, "first"))
                .message(1, node("Transmogrify", "a", "y").string(3, "second").string(7, "com.example")))));
        assertEquals("unsupported-operator", e.code());
        assertTrue(e.getMessage().contains("Frobnicate (first)"), e.getMessage());
        assertTrue(e.getMessage().contains("com.example.Transmogrify (second)"), e.getMessage());
    }

    @Test
    void refusesNewerOpsets() {
        var e = assertThrows(UnsupportedModelException.class, () -> graph(model(28, new OnnxWriter()
                .message(11, value("x", DType.FLOAT32, 2)).message(12, value("y", DType.FLOAT32, 2))
                .message(1, node("Neg", "x", "y")))));
        assertEquals("opset", e.code());
    }

    @Test
    void subgraphsSeeTheValuesAroundThemAndMayReuseEachOthersNames() {
        OnnxWriter then = new OnnxWriter().message(12, value("r", DType.FLOAT32, 2)).message(1, node("Add", "x x", "r"));
        OnnxWriter otherwise = new OnnxWriter().message(12, value("r", DType.FLOAT32, 2)).message(1, node("Neg", "x", "r"));
        byte[] bytes = model(16, new OnnxWriter().message(11, value("c", DType.BOOL))
                .message(11, value("x", DType.FLOAT32, 2)).message(12, value("y", DType.FLOAT32, 2))
                .message(1, node("If", "c", "y", subgraph("then_branch", then), subgraph("else_branch", otherwise))));
        assertArrayEquals(new float[] {2, 4}, run(bytes, Tensor.of(DType.BOOL, new int[0], new byte[] {1}), vector(1, 2)));
        assertArrayEquals(new float[] {-1, -2}, run(bytes, Tensor.of(DType.BOOL, new int[0], new byte[] {0}), vector(1, 2)));
    }

    @Test
    void inlinesFunctionsWithAttributesNestedTwice() {
        OnnxWriter scale = new OnnxWriter().string(1, "Scale").string(10, "local").string(4, "v").string(5, "out")
                .string(6, "by").message(9, opset("", 13))
                .message(7, node("Constant", "-", "k", reference("value_float", "by", 1)))
                .message(7, node("Mul", "v k", "out"));
        OnnxWriter twice = new OnnxWriter().string(1, "Twice").string(10, "local").string(4, "v").string(5, "w")
                .message(9, opset("", 13)).message(9, opset("local", 1))
                .message(7, node("Scale", "v", "h", attribute("by", 3f)).string(7, "local"))
                .message(7, node("Scale", "h", "w", attribute("by", 5f)).string(7, "local"));
        assertArrayEquals(new float[] {15 * 15, 30 * 15}, run(model(13, new OnnxWriter()
                .message(11, value("x", DType.FLOAT32, 2)).message(12, value("y", DType.FLOAT32, 2))
                .message(1, node("Twice", "x", "h").string(7, "local"))
                .message(1, node("Twice", "h", "y").string(7, "local")), scale, twice), vector(1, 2)));
    }

    @Test
    void functionsKeepTheirOwnOpset() {
        OnnxWriter function = new OnnxWriter().string(1, "Drop").string(10, "local").string(4, "v").string(5, "out")
                .message(9, opset("", 11)).message(7, node("Squeeze", "v", "out", integers("axes", 0)));
        Graph graph = graph(model(18, new OnnxWriter().message(11, value("x", DType.FLOAT32, 1, 2))
                .message(12, value("y", DType.FLOAT32, 2)).message(1, node("Drop", "x", "y").string(7, "local")), function));
        assertEquals("float32[2]", graph.type("y").toString());
    }

    @Test
    void refusesAFunctionThatCallsItself() {
        OnnxWriter function = new OnnxWriter().string(1, "F").string(10, "local").string(4, "v").string(5, "out")
                .message(7, node("F", "v", "out").string(7, "local"));
        assertThrows(InvalidModelException.class, () -> graph(model(18, new OnnxWriter()
                .message(11, value("x", DType.FLOAT32, 2)).message(12, value("y", DType.FLOAT32, 2))
                .message(1, node("F", "x", "y").string(7, "local")), function)));
    }

    @Test
    void oldSoftmaxWorksOnAMatrix() {
        float[] found = run(model(11, new OnnxWriter().message(11, value("x", DType.FLOAT32, 1, 2, 2))
                .message(12, value("y", DType.FLOAT32, 1, 2, 2)).message(1, node("Softmax", "x", "y"))),
                Tensor.floats(new int[] {1, 2, 2}, 0, 0, 0, 0));
        assertArrayEquals(new float[] {0.25f, 0.25f, 0.25f, 0.25f}, found);
    }

    @Test
    void oldSoftmaxOverTheLastAxisStaysOneNode() {
        Graph graph = graph(model(11, new OnnxWriter().message(11, value("x", DType.FLOAT32, "n", 2, 2))
                .message(12, value("y", DType.FLOAT32, "n", 2, 2)).message(1, node("Softmax", "x", "y", attribute("axis", 2)))));
        assertEquals(1, graph.nodes().size());
    }

    @Test
    void broadcastingOfOpset6StartsAtItsAxis() {
        assertArrayEquals(new float[] {1, 1, 2, 2}, run(model(6, new OnnxWriter()
                .message(11, value("x", DType.FLOAT32, 2, 2)).message(11, value("b", DType.FLOAT32, 2))
                .message(12, value("y", DType.FLOAT32, 2, 2))
                .message(1, node("Add", "x b", "y", attribute("axis", 0), attribute("broadcast", 1)))),
                Tensor.floats(new int[] {2, 2}, 0, 0, 0, 0), vector(1, 2)));
    }

    @Test
    void clipOfOpset6TakesTheTypeOfItsInput() {
        byte[] bytes = model(6, new OnnxWriter().message(11, value("x", DType.FLOAT64, 3))
                .message(12, value("y", DType.FLOAT64, 3))
                .message(1, node("Clip", "x", "y", attribute("min", -1f), attribute("max", 1f))));
        Tensor found = (Tensor) Evaluator.run(graph(bytes), List.of(
                Tensor.of(DType.FLOAT64, new int[] {3}, new double[] {-3, 0.5, 3}))).get(0);
        assertArrayEquals(new double[] {-1, 0.5, 1}, found.doubles());
    }
}
