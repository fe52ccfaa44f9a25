package dev.infuser.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.format.Model;
import dev.infuser.graph.Graph;
import dev.infuser.kernel.Target;
import dev.infuser.op.Evaluator;
import dev.infuser.pass.Passes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import dev.infuser.testing.GraphSketch;
import dev.infuser.testing.V8Host;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Functions of one argument as models use them, many composed of several others, over all of float32. */
class CompositionTest {

    private static final int COUNT = 200_000;
    private static final float[] SPECIAL = {0f, -0f, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.MIN_VALUE,
            -Float.MIN_VALUE, Float.MIN_NORMAL, -Float.MIN_NORMAL, Float.MAX_VALUE, -Float.MAX_VALUE, 88.72f, 88.73f, 89.41f,
            -87.3f, -103.9f, -104.1f, 1, -1, 3, -3};

    /** Bit patterns at even distances, then the range where functions bend. */
    private static float[] inputs() {
        float[] x = new float[COUNT];
        int half = COUNT / 2;
        for (int i = 0; i < COUNT; i++) {
            x[i] = i < half ? Float.intBitsToFloat((int) (0x1p32 / half * i)) : (i - half) * (208f / half) - 104;
        }
        System.arraycopy(SPECIAL, 0, x, 777, SPECIAL.length);
        return x;
    }

    /**
     * Bounds are of the error against float64, absolute below 1 and relative above; overflow and NaN are exact. Periodic
     * functions keep them up to a number of turns.
     */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"Acos(x) | 4e-7 | Infinity", "Asin(x) | 3e-7 | Infinity", "Atan(x) | 2e-7 | Infinity",
        "Celu(x) {alpha=0.7} | 1.5e-7 | Infinity", "Cos(x) | 3e-7 | 1e8", "Cosh(x) | 4e-7 | Infinity",
        "Elu(x) {alpha=1.3} | 1.5e-7 | Infinity", "Erf(x) | 6e-7 | Infinity", "Exp(x) | 3e-7 | Infinity",
        "Gelu(x) | 1.2e-6 | Infinity", "Gelu(x) {approximate=tanh} | 7e-7 | Infinity", "HardSigmoid(x) | 1e-7 | Infinity",
        "HardSwish(x) | 2e-7 | Infinity", "LeakyRelu(x) | 6e-8 | Infinity", "Log(x) | 3e-7 | Infinity",
        "Mish(x) | 1.2e-6 | Infinity", "Reciprocal(x) | 6e-8 | Infinity", "Selu(x) | 2e-7 | Infinity",
        "Sigmoid(x) | 6e-7 | Infinity", "Sin(x) | 3e-7 | 1e8", "Softplus(x) | 2e-7 | Infinity",
        "Softsign(x) | 1e-7 | Infinity", "Sqrt(x) | 6e-8 | Infinity", "Swish(x) | 2e-7 | Infinity",
        "Swish(x) {alpha=1.702} | 2e-7 | Infinity", "Tan(x) | 3e-7 | 1e4", "Tanh(x) | 6e-7 | Infinity",
        "ThresholdedRelu(x) | 0 | Infinity"})
    void staysWithinItsBound(String function, double bound, double most) {
        float[] x = inputs();
        Graph graph = Passes.optimize(GraphSketch.parse("x: float32[n]; y = " + function + "; -> y").graph());
        Graph doubles = GraphSketch.parse("x: float64[n]; y = " + function + "; -> y").graph();
        Tensor wide = Tensor.ofDoubles(DType.FLOAT64, new int[] {COUNT}, Tensor.floats(new int[] {COUNT}, x).toDoubles());
        double[] exact = ((Tensor) Evaluator.run(doubles, List.of(wide)).get(0)).toDoubles();
        for (Target target : new Target[] {Target.STRICT, Target.RELAXED}) {
            try (V8Host host = new V8Host(target); Session session = Session.compile(Model.of(graph), new Heap(host, 1024))) {
                float[] y = session.run(Map.of("x", Tensor.floats(new int[] {COUNT}, x))).get("y").floats();
                assertEquals(0, session.compiled().program().hostSteps());
                for (int i = 0; i < COUNT; i++) {
                    float rounded = (float) exact[i];
                    boolean right = rounded == y[i] || rounded != rounded && y[i] != y[i]
                            || Math.abs(y[i] - exact[i]) <= bound * Math.max(1, Math.abs(exact[i])) && !Float.isInfinite(rounded)
                            || Math.abs(x[i]) > most && !Float.isInfinite(x[i]);
                    assertTrue(right, function + " of " + x[i] + " is " + y[i] + ", should be " + exact[i]);
                }
            }
        }
    }
}
