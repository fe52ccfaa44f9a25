package dev.infuser.converter.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.graph.Attribute;
import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.GraphText;
import dev.infuser.graph.Node;
import dev.infuser.graph.Value;
import dev.infuser.op.Evaluator;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.UnsupportedModelException;
import dev.infuser.tensor.ValueType;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Graphs written and read again are the same graphs. */
class OnnxExporterTest {

    private static final ValueType.OfTensor FLOATS = ValueType.tensor(DType.FLOAT32, Shape.of(Dim.symbol("n")));

    private static Graph exported(Graph graph) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        OnnxExporter.write(graph, Graph.OPSET, out);
        return OnnxImporter.importModel(ByteBuffer.wrap(out.toByteArray()), null).graph();
    }

    private static Node node(String op, String inputs, String output, Object... attributes) {
        return new Node("", "", op, inputs.isEmpty() ? List.of() : List.of(inputs.split(" ")), List.of(output),
                Attributes.of(attributes));
    }

    private static Graph branch(String op, float slope) {
        return new Graph(op, List.of(), List.of("b"), List.of(node(op, "x", "b", "alpha", slope)), Map.of(), Map.of());
    }

    @Test
    void graphsWithBranchesConstantsAndAttributesOfAllKindsComeBack() throws Exception {
        Map<String, Tensor> constants = new LinkedHashMap<>();
        constants.put("packed", Tensor.of(DType.INT4, new int[] {3}, new byte[] {-8, 7, 1}));
        constants.put("names", Tensor.strings(new int[] {2}, "a", "é"));
        constants.put("half", Tensor.of(DType.FLOAT16, new int[] {1}, new short[] {0x3C00}));
        constants.put("ends", Tensor.vector(1, 2));
        Graph graph = new Graph("g", List.of(new Value("x", FLOATS), new Value("c", ValueType.tensor(DType.BOOL))),
                List.of("y", "labels", "four", "one"), List.of(
                        node("If", "c", "picked", "then_branch", branch("LeakyRelu", 0.5f), "else_branch", branch("Elu", 2f)),
                        node("Constant", "", "shift", "value", Tensor.floats(new int[] {1}, 3)),
                        node("Add", "picked shift", "sum"),
                        node("Pad", "sum ends", "y", "mode", "edge"),
                        node("Identity", "names", "labels"), node("Identity", "packed", "four"),
                        node("Cast", "half", "one", "to", DType.FLOAT32.number())), constants, Map.of());
        Graph back = exported(graph);
        assertEquals(GraphText.print(back), GraphText.print(exported(back)));
        for (byte choice = 0; choice < 2; choice++) {
            List<Datum> feeds = List.of(Tensor.floats(new int[] {3}, -2, 0, 4), Tensor.of(DType.BOOL, new int[0],
                    new byte[] {choice}));
            List<Datum> want = Evaluator.run(graph, feeds);
            List<Datum> found = Evaluator.run(back, feeds);
            for (int i = 0; i < want.size(); i++) {
                assertTrue(((Tensor) want.get(i)).sameAs((Tensor) found.get(i)), "output " + i);
            }
        }
    }

    @Test
    void namesOfSymbolsAndNumbersOfDimensionsAreKept() throws Exception {
        Graph back = exported(new Graph("g", List.of(new Value("x", FLOATS)), List.of("y"),
                List.of(node("Split", "x", "y", "num_outputs", 1)), Map.of(), Map.of()));
        assertEquals(FLOATS, back.inputs().get(0).type());
        assertEquals(new Attribute.OfInt(1), back.nodes().get(0).attributes().map().get("num_outputs"));
    }

    @Test
    void operatorsThatOnnxDoesNotHaveAreRefused() {
        Graph graph = new Graph("g", List.of(new Value("x", FLOATS)), List.of("y"),
                List.of(new Node("", "infuser", "Mystery", List.of("x"), List.of("y"), Attributes.NONE)), Map.of(), Map.of());
        assertEquals("own-operator", assertThrows(UnsupportedModelException.class,
                () -> OnnxExporter.write(graph, Graph.OPSET, new ByteArrayOutputStream())).code());
    }
}
