package dev.infuser.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.converter.onnx.OnnxImporter;
import dev.infuser.converter.onnx.OnnxModel;
import dev.infuser.converter.onnx.OnnxReader;
import dev.infuser.format.Model;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.kernel.Target;
import dev.infuser.op.Evaluator;
import dev.infuser.pass.Passes;
import dev.infuser.runtime.Heap;
import dev.infuser.runtime.Session;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import dev.infuser.testing.V8Host;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The dynamically quantised text models against ONNX Runtime.
 *
 * <p>Between two correct runs a float32 difference of 1e-7 can move one activation to the next of its 256 levels, which
 * changes a product by the weights times a step and moves more levels in the next layer. So equality is asserted where
 * it holds, node by node on ONNX Runtime's own values, and the whole by the direction of the sentence embedding. ONNX
 * Runtime runs without fusions here: its fused quantised kernels differ from the model as written by more than that.
 */
class QuantizedTextTruthTest {

    /** Of the largest magnitude of a value: float32 sums of up to 1536 terms in another order. */
    private static final double NODE = 2e-6;

    /**
     * 1 - cosine of a pooled embedding. ONNX Runtime's own results move by up to 7e-3 when the float32 weights are changed
     * by 1e-7 of themselves.
     */
    private static final double EMBEDDING = 1e-2;

    private static final int HEAP_START = 1024;

    @ParameterizedTest
    @CsvSource({"minilm, 0, 5", "bge, 3, 4"})
    void everyNodeEqualsOnnxRuntimeOnTheSameValues(String name, int first, int last) throws Exception {
        Path path = model(name);
        OnnxModel model = OnnxReader.read(Files.readAllBytes(path));
        TreeSet<String> values = new TreeSet<>();
        model.graph().nodes().forEach(node -> values.addAll(node.outputs()));
        model.graph().outputs().forEach(output -> values.remove(output.name()));
        values.remove("");
        Map<String, Tensor> feeds = TextBatch.feeds(path, first, last);
        Map<String, Datum> known = new HashMap<>(feeds);
        try (OnnxRuntime truth = OnnxRuntime.openPlain(path, values)) {
            known.putAll(truth.run(feeds));
        }
        Graph graph = OnnxImporter.importModel(model).graph();
        known.putAll(graph.constants());
        double worst = 0;
        int compared = 0;
        for (Node node : graph.nodes()) {
            List<Datum> inputs = new ArrayList<>();
            node.inputs().forEach(input -> inputs.add(known.get(input)));
            List<Datum> outputs = Evaluator.apply(node, inputs);
            for (int i = 0; i < outputs.size(); i++) {
                if (known.get(node.output(i)) instanceof Tensor want) {
                    worst = Math.max(worst, difference(node, want, (Tensor) outputs.get(i)));
                    compared++;
                } else {
                    known.put(node.output(i), outputs.get(i));
                }
            }
        }
        System.out.printf("%s int8: %d values of %d nodes compared, largest difference %.1e of the magnitude%n", name,
                compared, graph.nodes().size(), worst);
        assertTrue(compared > graph.nodes().size() * 0.9);
    }

    private static double difference(Node node, Tensor want, Tensor got) {
        assertEquals(want.dtype(), got.dtype(), node.label());
        assertTrue(Arrays.equals(want.dims(), got.dims()), node.label());
        double largest = 0;
        double error = 0;
        for (int i = 0; i < want.size(); i++) {
            largest = Math.max(largest, Math.abs(want.getDouble(i)));
            error = Math.max(error, Math.abs(want.getDouble(i) - got.getDouble(i)));
        }
        double allowed = want.dtype().isFloat() ? NODE * largest : 0;
        assertTrue(error <= allowed, node.label() + ": " + want + " differs by " + error + " of " + largest);
        return largest == 0 ? 0 : error / largest;
    }

    @ParameterizedTest
    @CsvSource({"minilm, 0, 5", "minilm, 6, 6", "bge, 3, 4", "bge, 6, 6"})
    void theSentenceEmbeddingPointsWhereOnnxRuntimePoints(String name, int first, int last) throws Exception {
        Path path = model(name);
        Map<String, Tensor> feeds = TextBatch.feeds(path, first, last);
        Tensor want;
        try (OnnxRuntime truth = OnnxRuntime.openPlain(path, List.of())) {
            want = truth.run(feeds).get("last_hidden_state");
        }
        long start = System.nanoTime();
        Tensor got = new Reference(path).run(feeds).get("last_hidden_state");
        long milliseconds = (System.nanoTime() - start) / 1_000_000;
        for (int i = 0; i < want.dim(0); i++) {
            Agreement agreement = Agreement.of(pooled(want, feeds.get("attention_mask"), i),
                    pooled(got, feeds.get("attention_mask"), i));
            System.out.printf("%s int8 %s, sentence %d in %d ms: 1 - cosine %.1e%n", name,
                    feeds.get("input_ids").shape(), i, milliseconds, 1 - agreement.cosine());
            assertTrue(1 - agreement.cosine() <= EMBEDDING, name + ": cosine " + agreement.cosine());
        }
    }

    @ParameterizedTest
    @CsvSource({"minilm, STRICT", "minilm, RELAXED", "bge, STRICT", "bge, RELAXED"})
    void kernelsAloneComputeTheSentenceEmbedding(String name, String target) throws Exception {
        Path path = model(name);
        Graph graph = Passes.optimize(OnnxImporter.importModel(OnnxReader.read(Files.readAllBytes(path))).graph());
        Map<String, Tensor> feeds = TextBatch.feeds(path, 3, 4);
        try (OnnxRuntime truth = OnnxRuntime.openPlain(path, List.of());
                V8Host host = new V8Host(target.equals("STRICT") ? Target.STRICT : Target.RELAXED);
                Session session = Session.compile(Model.of(graph), new Heap(host, HEAP_START))) {
            assertEquals(0, session.compiled().program().hostSteps());
            Tensor want = truth.run(feeds).get("last_hidden_state");
            Tensor got = session.run(feeds).get("last_hidden_state");
            for (int i = 0; i < want.dim(0); i++) {
                Agreement agreement = Agreement.of(pooled(want, feeds.get("attention_mask"), i),
                        pooled(got, feeds.get("attention_mask"), i));
                System.out.printf("%s int8 in V8 %s, sentence %d: 1 - cosine %.1e%n", name, target, i,
                        1 - agreement.cosine());
                assertTrue(1 - agreement.cosine() <= EMBEDDING, name + ": cosine " + agreement.cosine());
            }
        }
    }

    private static Path model(String name) {
        return name.equals("bge") ? Models.bgeSmallInt8() : Models.miniLmInt8();
    }

    /** The mean of the token vectors of one sentence. */
    private static Tensor pooled(Tensor states, Tensor mask, int sentence) {
        float[] sum = new float[states.dim(2)];
        for (int token = 0; token < states.dim(1); token++) {
            int at = sentence * states.dim(1) + token;
            for (int i = 0; i < sum.length && mask.getLong(at) == 1; i++) {
                sum[i] += states.floats()[at * sum.length + i];
            }
        }
        return Tensor.floats(new int[] {sum.length}, sum);
    }
}
