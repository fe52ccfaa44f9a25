package dev.infuser.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.op.Inference;
import dev.infuser.plan.Planner;
import dev.infuser.plan.Program;
import dev.infuser.plan.Step;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Layout;
import dev.infuser.testing.Engines;
import dev.infuser.testing.GraphSketch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Products and convolutions that read weights of fewer bits, in every engine. */
class NarrowWeightsTest {

    /** Sums of up to 300 products of numbers below 2. */
    private static final double TOLERANCE = 1e-4;

    private static Engines engines;

    @BeforeAll
    static void open() {
        engines = new Engines();
    }

    @AfterAll
    static void close() {
        engines.close();
    }

    private static final String HALF = "w: float16[%s] = random in -1..1; f = Cast(w) {to=1}; ";
    private static final String BYTE = "w: int8[%s] = random in -9..9; f = Cast(w) {to=1}; ";

    /** A matrix of 4 bits in place of weights of these extents. */
    private static String nibbles(String dims) {
        String[] extents = dims.split(",");
        int rows = 1;
        for (int i = 0; i < extents.length - 1; i++) {
            rows *= Integer.parseInt(extents[i]);
        }
        String columns = extents[extents.length - 1];
        return "w: int4[" + rows + "," + columns + "] = random in -8..7; s: float16[" + (rows + 31) / 32 + "," + columns
                + "] = random in -0.3..0.3; d: int64[" + extents.length + "] = " + dims.replace(',', ' ') + "; "
                + (extents.length == 2 ? "f" : "q") + " = DequantizeLinear(w, s) {axis=0, block_size=32, output_dtype=1}; "
                + (extents.length == 2 ? "" : "f = Reshape(q, d); ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "33,21        | x: float32[n,33]       | MatMul(x, f)",
        "70,8         | x: float32[n,70]       | MatMul(x, f)",
        "64,19        | x: float32[2,n,64]     | MatMul(x, f)",
        "3,3,20,16    | x: float32[n,5,6,20]   | infuser.Conv(x, f) {pads=[1,1,1,1]}",
        "3,3,20,13    | x: float32[n,5,6,20]   | infuser.Conv(x, f)",
        "3,3,20,19    | x: float32[n,9,8,20]   | infuser.Conv(x, f) {pads=[1,1,1,1]}",
        "1,1,20,33    | x: float32[n,3,4,20]   | infuser.Conv(x, f)",
        "1,1,37,16    | x: float32[n,1,1,37]   | infuser.Conv(x, f)",
        "3,4,18       | x: float32[n,9,4]      | infuser.Conv(x, f) {strides=[2]}",
        "3,3,1,24     | x: float32[n,7,5,24]   | infuser.Conv(x, f) {group=24, pads=[1,1,1,1]}",
        "5,5,1,19     | x: float32[n,7,6,19]   | infuser.Conv(x, f) {group=19, pads=[2,2,2,2], strides=[2,2]}",
        "3,3,4,24     | x: float32[n,4,5,12]   | infuser.Conv(x, f) {group=3}",
        "2,2,12,10    | x: float32[n,3,4,12]   | infuser.ConvTranspose(x, f) {strides=[2,2]}",
        "3,3,12,5     | x: float32[n,3,4,12]   | infuser.ConvTranspose(x, f) {group=3, strides=[2,2]}",
    })
    void weightsAreReadAsTheyAreStored(String dims, String input, String product) {
        for (String weights : new String[] {String.format(HALF, dims), String.format(BYTE, dims), nibbles(dims)}) {
            GraphSketch sketch = GraphSketch.parse(input.strip() + "; " + weights + "y = " + product.strip() + "; -> y");
            List<List<Datum>> runs = new ArrayList<>();
            for (String extents : new String[] {"n=1", "n=3", "n=2"}) {
                runs.add(sketch.feeds(extents, runs.size()));
            }
            Program program = engines.check(sketch.graph(), TOLERANCE, runs);
            List<String> kernels = new ArrayList<>();
            for (Step step : program.steps()) {
                kernels.add(step instanceof Step.KernelStep k ? k.kernel().name() : step.label());
            }
            assertEquals(kernels.get(0).startsWith("winograd") ? 2 : 1, kernels.size(), kernels + " of " + weights);
            assertTrue(kernels.get(0).contains(weights.startsWith("w: f") ? "f16" : weights.startsWith("w: int8") ? "i8" : "i4"),
                    kernels.get(0));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"y = MatMul(x, f); z = Neg(f); -> y, z", "y = MatMul(x, f); -> y, f"})
    void whatOthersReadTooIsNotPacked(String rest) {
        GraphSketch sketch = GraphSketch.parse("x: float32[n,40]; " + nibbles("40,30") + rest);
        assertEquals(Map.of(), Planner.packable(Inference.infer(sketch.graph())));
        engines.check(sketch.graph(), TOLERANCE, List.of(sketch.feeds("n=2", 1)));
    }

    @Test
    void scalesAreStoredInPanelsWithTheNumbers() {
        GraphSketch sketch = GraphSketch.parse("x: float32[n,40]; " + nibbles("40,30") + "y = MatMul(x, f); -> y");
        assertEquals(Map.of("w", Layout.NIBBLE8, "s", Layout.PANEL8), Planner.packable(Inference.infer(sketch.graph())));
    }
}
