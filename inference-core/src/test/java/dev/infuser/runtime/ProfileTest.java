package dev.infuser.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.kernel.Target;
import dev.infuser.pass.Passes;
import dev.infuser.testing.GraphSketch;
import dev.infuser.testing.V8Host;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProfileTest {

    private static List<StepTime> profile(String sketch, String extents, Target target, int threads) {
        GraphSketch parsed = GraphSketch.parse(sketch);
        try (V8Host host = new V8Host(target, threads)) {
            Heap heap = new Heap(host, 1024);
            try (CompiledModel model = CompiledModel.compile(Passes.optimize(parsed.graph()), heap)) {
                return model.profile(parsed.feeds(extents, 1), () -> System.nanoTime() / 1e6);
            } finally {
                assertEquals(0, heap.used(), "memory left behind");
            }
        }
    }

    /** Operations and bytes of each step, counted by hand. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "a product | x: float32[n,5]; w: float32[5,7] = random; y = MatMul(x, w); -> y | n=3 | 210 284",
        "a product and what is fused | x: float32[n,5]; w: float32[5,7] = random; b: float32[7] = random;"
                + " h = MatMul(x, w); a = Add(h, b); y = Relu(a); -> y | n=3 | 252 312",
        "a batch of products | x: float32[b,3,5]; z: float32[b,5,7]; y = MatMul(x, z); -> y | b=2 | 420 568",
        "an integer product | x: uint8[n,5]; w: int8[5,7] = random; y = MatMulInteger(x, w); -> y | n=3 | 210 134",
        "a convolution | x: float32[1,4,6,6]; w: float32[8,4,3,3] = random; y = Conv(x, w); h = Relu(y); -> h | |"
            + " 0 1152, 9344 2240, 0 1024",
        "a chain of elements | x: float32[n,4]; e = Exp(x); y = Mul(e, x); -> y | n=5 | 40 160",
        "a softmax | x: float32[n,4]; y = Softmax(x); -> y | n=5 | 100 160",
        "a sum | x: float32[n,4]; a: int64[1] = -1; y = ReduceSum(x, a); -> y | n=5 | 20 100",
        "a greatest of nine | x: float32[1,2,6,6]; y = MaxPool(x) {kernel_shape=[3,3]}; -> y | |"
            + " 0 576, 288 416, 0 256",
        "slices at indices | x: float32[9,4]; i: int64[n] in 0..8; y = Gather(x, i); -> y | n=3 | 0 120",
        "what the host evaluates | x: float64[n]; y = Exp(x); -> y | n=3 | 0 48",
        "nothing | x: float32[n,5]; w: float32[5,7] = random; y = MatMul(x, w); -> y | n=0 | 0 140"})
    void knowsTheWorkOfEachStep(String name, String sketch, String extents, String work) {
        List<StepTime> times = profile(sketch, extents == null ? "" : extents, Target.STRICT, 1);
        assertEquals(work, times.stream().map(time -> time.operations() + " " + time.bytes()).collect(Collectors.joining(", ")),
                name + ": " + times);
    }

    @Test
    void measuresThePeakOfTheNumbersThatAStepMultiplies() {
        String sketch = "x: float32[n,64]; u: uint8[n,64]; w: float32[64,64] = random; v: int8[64,64] = random;"
                + " d: float64[n]; e = Exp(d); y = MatMul(x, w); z = MatMulInteger(u, v); -> y, z, e";
        for (int threads : new int[] {1, 2}) {
            List<StepTime> times = profile(sketch, "n=64", Target.RELAXED, threads);
            double floats = peak(times, "gemm");
            double integers = peak(times, "qgemm");
            assertTrue(floats > 0 && integers > 0 && floats != integers, floats + " and " + integers);
            for (StepTime time : times) {
                if (time.kernel().equals("evaluate")) {
                    assertEquals(0, time.gflops() + time.share() + time.peak());
                } else {
                    assertEquals(time.operations() / time.millis() / 1e6, time.gflops(), 1e-9);
                    assertEquals(time.gflops() / time.peak(), time.share(), 1e-9);
                }
            }
        }
    }

    private static double peak(List<StepTime> times, String kernel) {
        return times.stream().filter(time -> time.kernel().startsWith(kernel)).findFirst().orElseThrow().peak();
    }

    @Test
    void timeThatTheClockDoesNotSeeIsNoSpeed() {
        StepTime time = new StepTime("n", "", "gemm", 0, 100, 8, 50);
        assertEquals(0, time.gflops());
        assertEquals(0, time.share());
    }
}
