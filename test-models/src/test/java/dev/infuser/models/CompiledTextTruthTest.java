package dev.infuser.models;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.infuser.converter.onnx.OnnxImporter;
import dev.infuser.format.Model;
import dev.infuser.graph.Graph;
import dev.infuser.kernel.Target;
import dev.infuser.pass.Passes;
import dev.infuser.runtime.Heap;
import dev.infuser.runtime.Session;
import dev.infuser.tensor.Tensor;
import dev.infuser.testing.V8Host;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** MiniLM as generated kernels in V8 inside the JVM. */
class CompiledTextTruthTest {

    private static final String OUTPUT = "last_hidden_state";
    private static final int HEAP_START = 1024;

    /** Outputs reach 6; float32 sums in the order of SIMD lanes differ by some 1e-6 of that in each of the 6 layers. */
    private static final double FLOAT32 = 3e-5;

    private static final int[][] BATCHES = {{0, 0}, {0, 7}, {1, 1}, {3, 6}, {7, 7}};

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void oneModuleServesEveryBatchAndLengthWithoutEvaluation(boolean relaxed) throws Exception {
        Graph graph = Passes.optimize(OnnxImporter.importModel(
                ByteBuffer.wrap(Files.readAllBytes(Models.miniLm())), null).graph());
        try (OnnxRuntime truth = OnnxRuntime.open(Models.miniLm());
                V8Host host = new V8Host(relaxed ? Target.RELAXED : Target.STRICT)) {
            Heap heap = new Heap(host, HEAP_START);
            try (Session session = Session.compile(Model.of(graph), heap)) {
                assertEquals(0, session.compiled().program().hostSteps());
                for (int[] batch : BATCHES) {
                    Map<String, Tensor> feeds = TextBatch.feeds(Models.miniLm(), batch[0], batch[1]);
                    Tensor mask = feeds.get("attention_mask");
                    Agreement.of(tokens(truth.run(feeds).get(OUTPUT), mask), tokens(session.run(feeds).get(OUTPUT), mask))
                            .within(FLOAT32, "MiniLM in V8 " + mask.shape());
                }
            }
            assertEquals(0, heap.used());
        }
    }

    /** The vectors of the tokens; what stands at padding is nobody's result, and there rounding grows a hundredfold. */
    private static Tensor tokens(Tensor states, Tensor mask) {
        int hidden = states.dim(2);
        float[] kept = new float[states.size()];
        int count = 0;
        for (int i = 0; i < mask.size(); i++) {
            if (mask.getLong(i) != 0) {
                System.arraycopy(states.floats(), i * hidden, kept, count++ * hidden, hidden);
            }
        }
        return Tensor.floats(new int[] {count, hidden}, Arrays.copyOf(kept, count * hidden));
    }
}
