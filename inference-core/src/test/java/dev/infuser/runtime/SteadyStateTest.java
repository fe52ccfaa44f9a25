package dev.infuser.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.graph.Graph;
import dev.infuser.kernel.Target;
import dev.infuser.pass.Passes;
import dev.infuser.plan.Program;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import dev.infuser.testing.GraphSketch;
import dev.infuser.testing.V8Host;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A bound model that runs again and again. */
class SteadyStateTest {

    private static final int RUNS = 10_000;

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "attention | x: int64[b,s] in 0..9; e: float32[10,8] = random; w: float32[8,8] = random; h = Gather(e, x);"
                + " q = MatMul(h, w); k = Transpose(h) {perm=[0,2,1]}; a = MatMul(q, k); p = Softmax(a); o = MatMul(p, h);"
                + " r = Add(o, h); g: float32[8] = random; y = LayerNormalization(r, g); -> y | b=1 s=4",
        "convolution | x: float32[n,3,h,h]; w: float32[8,3,3,3] = random; c = Conv(x, w) {pads=[1,1,1,1]}; r = Relu(c);"
                + " v: float32[8,8,1,1] = random; d = Conv(r, v); a = Add(d, r); y = GlobalAveragePool(a); -> y | n=1 h=6",
        "recurrence | x: float32[s,1,3]; w: float32[1,20,3] = random; r: float32[1,20,5] = random;"
                + " h: float32[1,1,5]; c: float32[1,1,5]; y, yh, yc = LSTM(x, w, r, _, _, h, c) {hidden_size=5}; -> y, yh, yc | s=2",
        "branches | graph one [[t = Neg(a); -> t]]; graph two [[e = Exp(a); -> e]]; x: float32[n]; k: int64[] in 1..1;"
                + " l: int64[] = 1; a = Abs(x); c = Equal(k, l); y = If(c) {then_branch=@one, else_branch=@two}; -> y | n=5"})
    void allocatesNothing(String name, String sketch, String extents) {
        GraphSketch parsed = GraphSketch.parse(sketch);
        Graph graph = Passes.optimize(parsed.graph());
        List<Datum> feeds = parsed.feeds(extents, 1);
        try (V8Host host = new V8Host(Target.RELAXED)) {
            Heap heap = new Heap(host, 1024);
            try (CompiledModel model = CompiledModel.compile(graph, heap)) {
                List<Datum> first = model.run(feeds);
                Program program = model.program();
                long bytes = host.size();
                long used = heap.used();
                long script = host.usedHeap();
                for (int i = 0; i < RUNS; i++) {
                    model.run(feeds);
                }
                assertEquals(bytes, host.size(), "memory of the engine");
                assertEquals(used, heap.used(), "memory of the model");
                assertTrue(host.usedHeap() - script < 100_000, "objects of the engine");
                assertSame(program, model.program());
                List<Datum> last = model.run(feeds);
                for (int o = 0; o < first.size(); o++) {
                    assertTrue(((Tensor) first.get(o)).sameAs((Tensor) last.get(o)));
                }
            }
            assertEquals(0, heap.used());
        }
    }
}
