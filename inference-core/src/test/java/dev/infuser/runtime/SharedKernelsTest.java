package dev.infuser.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.infuser.plan.Program;
import dev.infuser.plan.Step;
import dev.infuser.testing.Engines;
import dev.infuser.testing.GraphSketch;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Layers that one kernel computes. */
class SharedKernelsTest {

    /** Two layers, and the kernels that they take. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "products of other extents | k: float32[1,1,16,24] = random; j: float32[1,1,24,40] = random; a = infuser.Conv(x, k);"
                + " y = infuser.Conv(a, j); -> y | 1",
        "one that ends within a panel | k: float32[1,1,16,24] = random; j: float32[1,1,24,42] = random; a = infuser.Conv(x, k);"
                + " y = infuser.Conv(a, j); -> y | 2",
        "windows over other channels | k: float32[3,3,16,8] = random; j: float32[3,3,8,24] = random; a = infuser.Conv(x, k);"
                + " y = infuser.Conv(a, j); -> y | 1",
        "windows over more channels | k: float32[3,3,16,32] = random in -0.2..0.2; j: float32[3,3,32,24] = random in -0.2..0.2;"
                + " a = infuser.Conv(x, k); y = infuser.Conv(a, j); -> y | 2",
        "other strides | k: float32[3,3,16,8] = random; j: float32[3,3,8,24] = random; a = infuser.Conv(x, k);"
                + " y = infuser.Conv(a, j) {strides=[2,2]}; -> y | 2",
        "few channels | k: float32[3,3,16,3] = random; j: float32[3,3,3,24] = random; a = infuser.Conv(x, k);"
                + " y = infuser.Conv(a, j); -> y | 2",
        "channels by themselves | k: float32[3,3,1,16] = random; i: float32[1,1,16,24] = random; j: float32[3,3,1,24] = random;"
                + " a = infuser.Conv(x, k) {group=16}; b = infuser.Conv(a, i); y = infuser.Conv(b, j) {group=24}; -> y | 2",
        "transposed | k: float32[2,2,16,24] = random; j: float32[2,2,24,8] = random; a = infuser.ConvTranspose(x, k) {strides=[2,2]};"
                + " y = infuser.ConvTranspose(a, j) {strides=[2,2]}; -> y | 1",
        "other numbers behind a product | k: float32[1,1,16,24] = random; j: float32[1,1,24,40] = random; s: float32[1] = 1.5;"
                + " t: float32[1] = -0.25; a = infuser.Conv(x, k); b = Mul(a, s); c = Max(b, t); d = infuser.Conv(c, j);"
                + " e = Mul(d, t); y = Max(e, s); -> y | 1",
        "other whole numbers | k: float32[1,1,16,24] = random; j: float32[1,1,24,40] = random; s: float32[1] = 3; t: float32[1] = 0;"
                + " a = infuser.Conv(x, k); b = Max(a, t); c = infuser.Conv(b, j); y = Max(c, s); -> y | 2",
        "other numbers in a chain | s: float32[1] = 1.5; t: float32[1] = 0.3; a = Softmax(x); b = Mul(a, s); c = Exp(b); d = Softmax(c);"
                + " e = Mul(d, t); y = Exp(e); -> y | 3"})
    void computesLayersThatDifferInParametersAlone(String name, String nodes, int kernels) {
        GraphSketch sketch = GraphSketch.parse("x: float32[n,h,w,16] in -0.05..0.05; " + nodes);
        try (Engines engines = new Engines()) {
            Program program = engines.check(sketch.graph(), 1e-5, List.of(sketch.feeds("n=1 h=9 w=12", 1), sketch.feeds("n=2 h=7 w=8", 2)));
            Set<Integer> found = new HashSet<>();
            for (Step step : program.steps()) {
                found.add(((Step.KernelStep) step).index());
            }
            assertEquals(kernels, found.size(), name + ": " + program.steps());
        }
    }
}
