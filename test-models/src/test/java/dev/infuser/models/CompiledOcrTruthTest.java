package dev.infuser.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.converter.onnx.OnnxImporter;
import dev.infuser.format.Model;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.kernel.Target;
import dev.infuser.pass.Passes;
import dev.infuser.runtime.Heap;
import dev.infuser.runtime.Session;
import dev.infuser.tensor.Tensor;
import dev.infuser.testing.V8Host;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The OCR models as kernels, one module for several extents, against ONNX Runtime. */
class CompiledOcrTruthTest {

    private static final int HEAP_START = 1024;

    /** About 60 convolutions in float32, each summed in another order; sigmoid and softmax end them, so 1 is the largest. */
    private static final double TOLERANCE = 1e-4;

    @Test
    void detectionTransposesAtItsEdgesOnly() throws Exception {
        Graph graph = check("OCR detection", Models.ocrDetection(), new int[][] {{1, 96, 224}, {2, 64, 32}});
        assertEquals(List.of("x", "sigmoid_0.tmp_0.last"), transposed(graph));
    }

    @Test
    void recognitionTransposesAtItsEdgeAndInAttentionOnly() throws Exception {
        Graph graph = check("OCR recognition", Models.ocrRecognition(), new int[][] {{1, 48, 104}, {2, 48, 64}});
        List<String> transposed = transposed(graph);
        assertEquals("x", transposed.get(0));
        for (String value : transposed.subList(1, transposed.size())) {
            assertTrue(graph.nodes().stream().noneMatch(node -> node.domain().equals("infuser")
                    && node.outputs().contains(value)), value + " is made by a convolution");
        }
    }

    @Test
    void orientationTransposesItsImageOnly() throws Exception {
        Graph graph = check("OCR orientation", Models.ocrOrientation(), new int[][] {{2, 48, 192}, {1, 48, 192}});
        assertEquals(List.of("x"), transposed(graph));
    }

    private static List<String> transposed(Graph graph) {
        return graph.nodes().stream().filter(node -> node.is("Transpose")).map((Node node) -> node.input(0)).toList();
    }

    private static Graph check(String name, Path path, int[][] extents) throws Exception {
        Graph graph = Passes.optimize(OnnxImporter.importModel(ByteBuffer.wrap(Files.readAllBytes(path)), null).graph());
        try (OnnxRuntime truth = OnnxRuntime.open(path); V8Host host = new V8Host(Target.STRICT)) {
            Heap heap = new Heap(host, HEAP_START);
            try (Session session = Session.compile(Model.of(graph), heap)) {
                for (int[] dims : extents) {
                    Map<String, Tensor> feeds = Map.of("x", OcrTruthTest.strokes(dims[0], dims[1], dims[2]));
                    Map<String, Tensor> want = truth.run(feeds);
                    Map<String, ?> got = session.run(feeds);
                    for (String output : want.keySet()) {
                        Agreement.of(want.get(output), (Tensor) got.get(output)).within(TOLERANCE, name + " in V8");
                    }
                }
                assertEquals(0, session.compiled().program().hostSteps());
            }
            assertEquals(0, heap.used());
        }
        return graph;
    }
}
