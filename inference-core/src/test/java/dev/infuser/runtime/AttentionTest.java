package dev.infuser.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.infuser.graph.Graph;
import dev.infuser.op.Evaluator;
import dev.infuser.pass.Passes;
import dev.infuser.plan.Program;
import dev.infuser.plan.Step;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import dev.infuser.testing.Engines;
import dev.infuser.testing.GraphSketch;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code Attention} as converted models have it, on every engine, against its definition. */
class AttentionTest {

    private static final double TOLERANCE = 1e-5;

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
        "q: float32[b,2,s,8]; k: float32[b,2,t,8]; v: float32[b,2,t,5]; y = Attention(q, k, v); -> y"
                + " | b=2 s=5 t=7/b=1 s=67 t=3/b=1 s=0 t=3/b=1 s=1 t=1/b=3 s=9 t=40",
        "q: float32[b,s,24]; k: float32[b,t,24]; v: float32[b,t,24]; m: float32[b,1,s,t]; "
                + "y = Attention(q, k, v, m) {q_num_heads=3, kv_num_heads=3}; -> y"
                + " | b=2 s=5 t=7/b=1 s=67 t=3/b=1 s=1 t=1",
        "q: float32[b,s,24]; k: float32[b,t,8]; v: float32[b,t,8]; "
                + "y = Attention(q, k, v) {q_num_heads=6, kv_num_heads=2, softcap=3.0}; -> y"
                + " | b=2 s=5 t=7/b=1 s=67 t=3/b=1 s=1 t=1",
        "q: float32[b,6,s,8]; k: float32[b,2,t,8]; v: float32[b,2,t,8]; m: bool[b,6,s,t] in 0..1; "
                + "y = Attention(q, k, v, m) {scale=0.2}; -> y | b=2 s=5 t=40/b=1 s=67 t=60",
        "q: float32[b,s,24]; k: float32[b,s,24]; v: float32[b,s,24]; "
                + "y = Attention(q, k, v) {q_num_heads=3, kv_num_heads=3, is_causal=1}; -> y"
                + " | b=2 s=5/b=1 s=67/b=1 s=1",
        "q: float32[b,2,s,8]; k: float32[b,2,s,8]; v: float32[b,2,s,8]; p: float32[b,2,t,8]; r: float32[b,2,t,8]; "
                + "y, n, o = Attention(q, k, v, _, p, r) {is_causal=1}; -> y, n, o | b=1 s=1 t=9/b=2 s=5 t=7/b=1 s=3 t=0"})
    void runsAsOneKernel(String text, String extents) {
        GraphSketch sketch = GraphSketch.parse(text);
        Graph graph = Passes.optimize(sketch.graph());
        List<List<Datum>> runs = new ArrayList<>();
        for (String each : extents.split("/")) {
            List<Datum> feeds = sketch.feeds(each, runs.size());
            runs.add(feeds);
            List<Datum> defined = Evaluator.run(sketch.graph(), feeds);
            List<Datum> rewritten = Evaluator.run(graph, feeds);
            for (int i = 0; i < defined.size(); i++) {
                for (int k = 0; k < ((Tensor) defined.get(i)).size(); k++) {
                    assertEquals(((Tensor) defined.get(i)).getDouble(k), ((Tensor) rewritten.get(i)).getDouble(k), TOLERANCE);
                }
            }
        }
        try (Engines engines = new Engines()) {
            Program program = engines.check(graph, TOLERANCE, runs);
            assertEquals(0, program.hostSteps());
            assertEquals(List.of("Tiled"), program.steps().stream().map(step -> ((Step.KernelStep) step).kernel().getClass()
                    .getSimpleName()).filter(kernel -> List.of("Tiled", "Gemm", "Softmax").contains(kernel)).toList());
        }
    }
}
