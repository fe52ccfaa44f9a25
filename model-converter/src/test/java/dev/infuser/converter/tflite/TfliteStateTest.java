package dev.infuser.converter.tflite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.infuser.graph.Graph;
import dev.infuser.graph.Value;
import dev.infuser.op.Evaluator;
import dev.infuser.pass.Passes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.jupiter.api.Test;
import org.tensorflow.lite.schema.ActivationFunctionType;
import org.tensorflow.lite.schema.BidirectionalSequenceLSTMOptionsT;
import org.tensorflow.lite.schema.BuiltinOperator;
import org.tensorflow.lite.schema.CallOnceOptionsT;
import org.tensorflow.lite.schema.HashtableOptionsT;
import org.tensorflow.lite.schema.LSTMOptionsT;
import org.tensorflow.lite.schema.RNNOptionsT;
import org.tensorflow.lite.schema.SVDFOptionsT;
import org.tensorflow.lite.schema.SequenceRNNOptionsT;
import org.tensorflow.lite.schema.TensorType;
import org.tensorflow.lite.schema.UnidirectionalSequenceLSTMOptionsT;

/** Recurrent layers, hash tables and variables against their definitions; no runtime at hand loads such files. */
class TfliteStateTest {

    private static final int FEATURES = 3;
    private static final int UNITS = 4;
    private static final byte TANH = (byte) ActivationFunctionType.TANH;

    private final Random random = new Random(7);
    private final TfliteFile file = new TfliteFile();

    private float[] floats(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextFloat() * 2 - 1;
        }
        return values;
    }

    private int weights(float[] values, int... shape) {
        return file.constant("w", Tensor.floats(shape, values));
    }

    private List<Tensor> run(Tensor... inputs) {
        Graph imported = TfliteImporter.importModel(ByteBuffer.wrap(file.bytes())).graph();
        Graph graph = Passes.optimize(imported);
        List<Datum> feeds = new ArrayList<>(List.of(inputs));
        for (Value input : graph.inputs().subList(inputs.length, graph.inputs().size())) {
            feeds.add(Tensor.zeros(DType.FLOAT32, ((dev.infuser.tensor.ValueType.OfTensor) input.type()).shape().toInts()));
        }
        return Evaluator.run(graph, feeds).stream().map(Tensor.class::cast).toList();
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    /** The parameters of an LSTM: those of the gates for input, forget, cell and output. */
    private final class Lstm {
        final float[][] input = new float[4][];
        final float[][] recurrent = new float[4][];
        final float[][] peephole = new float[3][];
        final float[][] bias = new float[4][];

        /** Adds 17 inputs: weights, recurrent weights, peepholes, biases and the projection, which is left out. */
        void add(List<Integer> inputs, boolean peepholes) {
            for (int gate = 0; gate < 4; gate++) {
                input[gate] = floats(UNITS * FEATURES);
                inputs.add(weights(input[gate], UNITS, FEATURES));
            }
            for (int gate = 0; gate < 4; gate++) {
                recurrent[gate] = floats(UNITS * UNITS);
                inputs.add(weights(recurrent[gate], UNITS, UNITS));
            }
            for (int gate = 0; gate < 3; gate++) {
                peephole[gate] = peepholes ? floats(UNITS) : new float[UNITS];
                inputs.add(peepholes ? weights(peephole[gate], UNITS) : -1);
            }
            for (int gate = 0; gate < 4; gate++) {
                bias[gate] = floats(UNITS);
                inputs.add(weights(bias[gate], UNITS));
            }
            inputs.add(-1);
            inputs.add(-1);
        }

        private double sum(int gate, int unit, float[] x, double[] h) {
            double sum = bias[gate][unit];
            for (int i = 0; i < FEATURES; i++) {
                sum += input[gate][unit * FEATURES + i] * x[i];
            }
            for (int i = 0; i < UNITS; i++) {
                sum += recurrent[gate][unit * UNITS + i] * h[i];
            }
            return sum;
        }

        void step(float[] x, double[] h, double[] c) {
            double[] before = h.clone();
            for (int u = 0; u < UNITS; u++) {
                double in = sigmoid(sum(0, u, x, before) + peephole[0][u] * c[u]);
                double forget = sigmoid(sum(1, u, x, before) + peephole[1][u] * c[u]);
                c[u] = forget * c[u] + in * Math.tanh(sum(2, u, x, before));
                h[u] = sigmoid(sum(3, u, x, before) + peephole[2][u] * c[u]) * Math.tanh(c[u]);
            }
        }

        /** The outputs {@code [steps, UNITS]} of one sequence. */
        float[] run(float[] x, int steps, boolean backwards) {
            float[] y = new float[steps * UNITS];
            double[] h = new double[UNITS];
            double[] c = new double[UNITS];
            for (int i = 0; i < steps; i++) {
                int at = backwards ? steps - 1 - i : i;
                step(java.util.Arrays.copyOfRange(x, at * FEATURES, (at + 1) * FEATURES), h, c);
                for (int u = 0; u < UNITS; u++) {
                    y[at * UNITS + u] = (float) h[u];
                }
            }
            return y;
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void runsAnLstmOverASequence(boolean timeMajor) {
        int steps = 5;
        int[] shape = timeMajor ? new int[] {steps, 1, FEATURES} : new int[] {1, steps, FEATURES};
        int x = file.floats("x", shape);
        List<Integer> inputs = new ArrayList<>(List.of(x));
        Lstm lstm = new Lstm();
        lstm.add(inputs, timeMajor);
        inputs.add(file.variable(file.floats("h", 1, UNITS)));
        inputs.add(file.variable(file.floats("c", 1, UNITS)));
        int y = file.floats("y", shape[0], shape[1], UNITS);
        UnidirectionalSequenceLSTMOptionsT options = new UnidirectionalSequenceLSTMOptionsT();
        options.setTimeMajor(timeMajor);
        options.setFusedActivationFunction(TANH);
        file.op(BuiltinOperator.UNIDIRECTIONAL_SEQUENCE_LSTM, options, inputs.stream().mapToInt(i -> i).toArray(), y)
                .end(new int[] {x}, y);
        float[] values = floats(steps * FEATURES);
        assertArrayEquals(lstm.run(values, steps, false), run(Tensor.floats(shape, values)).get(0).floats(), 1e-5f);
    }

    @Test
    void runsAnLstmBothWays() {
        int steps = 4;
        int x = file.floats("x", steps, 1, FEATURES);
        List<Integer> inputs = new ArrayList<>(List.of(x));
        Lstm forward = new Lstm();
        Lstm backward = new Lstm();
        forward.add(inputs, false);
        backward.add(inputs, false);
        for (String state : List.of("h", "c", "hb", "cb")) {
            inputs.add(file.variable(file.floats(state, 1, UNITS)));
        }
        int y = file.floats("y", steps, 1, UNITS);
        int z = file.floats("z", steps, 1, UNITS);
        BidirectionalSequenceLSTMOptionsT options = new BidirectionalSequenceLSTMOptionsT();
        options.setFusedActivationFunction(TANH);
        options.setTimeMajor(true);
        file.op(BuiltinOperator.BIDIRECTIONAL_SEQUENCE_LSTM, options, inputs.stream().mapToInt(i -> i).toArray(), y, z)
                .end(new int[] {x}, y, z);
        float[] values = floats(steps * FEATURES);
        List<Tensor> found = run(Tensor.floats(new int[] {steps, 1, FEATURES}, values));
        assertArrayEquals(forward.run(values, steps, false), found.get(0).floats(), 1e-5f);
        assertArrayEquals(backward.run(values, steps, true), found.get(1).floats(), 1e-5f);
    }

    @Test
    void givesTheStateOfASingleStepToTheNextRun() {
        int x = file.floats("x", 1, FEATURES);
        List<Integer> inputs = new ArrayList<>(List.of(x));
        Lstm lstm = new Lstm();
        lstm.add(inputs, false);
        inputs.add(file.variable(file.floats("h", 1, UNITS)));
        inputs.add(file.variable(file.floats("c", 1, UNITS)));
        int y = file.floats("y", 1, UNITS);
        LSTMOptionsT options = new LSTMOptionsT();
        options.setFusedActivationFunction(TANH);
        file.op(BuiltinOperator.LSTM, options, inputs.stream().mapToInt(i -> i).toArray(), y).end(new int[] {x}, y);
        float[] values = floats(2 * FEATURES);
        float[] both = lstm.run(values, 2, false);
        List<Tensor> first = run(Tensor.floats(new int[] {1, FEATURES}, java.util.Arrays.copyOf(values, FEATURES)));
        List<Tensor> second = run(Tensor.floats(new int[] {1, FEATURES}, java.util.Arrays.copyOfRange(values, FEATURES, 2 * FEATURES)),
                first.get(1), first.get(2));
        assertArrayEquals(java.util.Arrays.copyOf(both, UNITS), first.get(0).floats(), 1e-5f);
        assertArrayEquals(java.util.Arrays.copyOfRange(both, UNITS, 2 * UNITS), second.get(0).floats(), 1e-5f);
        assertEquals(List.of("y", "next_h", "next_c"), TfliteImporter.importModel(ByteBuffer.wrap(file.bytes())).graph().outputs());
    }

    @Test
    void runsAPlainRecurrentLayer() {
        int x = file.floats("x", 2, 1, 1);
        int y = file.floats("y", 2, 1, 1);
        SequenceRNNOptionsT options = new SequenceRNNOptionsT();
        options.setTimeMajor(true);
        options.setFusedActivationFunction(TANH);
        file.op(BuiltinOperator.UNIDIRECTIONAL_SEQUENCE_RNN, options, new int[] {x, weights(new float[] {0.5f}, 1, 1),
            weights(new float[] {-0.25f}, 1, 1), weights(new float[] {0.1f}, 1), file.variable(file.floats("h", 1, 1))}, y)
                .end(new int[] {x}, y);
        float first = (float) Math.tanh(0.5 + 0.1);
        float second = (float) Math.tanh(1 - 0.25 * first + 0.1);
        assertArrayEquals(new float[] {first, second}, run(Tensor.floats(new int[] {2, 1, 1}, 1, 2)).get(0).floats(), 1e-6f);
    }

    @Test
    void runsAStepOfAPlainRecurrentLayer() {
        int x = file.floats("x", 1, 1);
        int y = file.floats("y", 1, 1);
        RNNOptionsT options = new RNNOptionsT();
        options.setFusedActivationFunction((byte) ActivationFunctionType.RELU);
        file.op(BuiltinOperator.RNN, options, new int[] {x, weights(new float[] {2}, 1, 1), weights(new float[] {3}, 1, 1),
            weights(new float[] {1}, 1), file.variable(file.floats("h", 1, 1))}, y).end(new int[] {x}, y);
        List<Tensor> found = run(Tensor.floats(new int[] {1, 1}, 4), Tensor.floats(new int[] {1, 1}, 5));
        assertEquals(24, found.get(0).floats()[0]);
        assertEquals(24, found.get(1).floats()[0]);
    }

    @Test
    void weighsFeaturesByTheirAge() {
        int x = file.floats("x", 1, 1);
        int y = file.floats("y", 1, 1);
        SVDFOptionsT options = new SVDFOptionsT();
        options.setRank(2);
        file.op(BuiltinOperator.SVDF, options, new int[] {x, weights(new float[] {1, 10}, 2, 1), weights(new float[] {1, 2, 3, 4, 5, 6},
                2, 3), weights(new float[] {0.5f}, 1), file.variable(file.floats("s", 1, 6))}, y).end(new int[] {x}, y);
        List<Tensor> found = run(Tensor.floats(new int[] {1, 1}, 7), Tensor.floats(new int[] {1, 6}, 9, 1, 2, 9, 3, 4));
        assertEquals(1 * 1 + 2 * 2 + 3 * 7 + 4 * 3 + 5 * 4 + 6 * 70 + 0.5f, found.get(0).floats()[0]);
        assertArrayEquals(new float[] {1, 2, 7, 3, 4, 70}, found.get(1).floats());
    }

    @Test
    void looksIntoHashTablesThatAnInitialiserFills() {
        HashtableOptionsT options = new HashtableOptionsT();
        options.setTableId(3);
        CallOnceOptionsT once = new CallOnceOptionsT();
        once.setInitSubgraphIndex(1);
        int x = file.tensor("x", TensorType.STRING, 3);
        int table = file.tensor("table", TensorType.RESOURCE, 1);
        int y = file.tensor("y", TensorType.INT64, 3);
        int fallback = file.constant("default", Tensor.longs(new int[] {1}, -1));
        file.op(BuiltinOperator.CALL_ONCE, once, new int[0]).op(BuiltinOperator.HASHTABLE, options, new int[0], table)
                .op(BuiltinOperator.HASHTABLE_FIND, null, new int[] {table, x, fallback}, y).end(new int[] {x}, y);
        int same = file.tensor("same", TensorType.RESOURCE, 1);
        file.op(BuiltinOperator.HASHTABLE, options, new int[0], same).op(BuiltinOperator.HASHTABLE_IMPORT, null, new int[] {same,
            file.constant("keys", Tensor.strings(new int[] {2}, "cat", "dög")), file.constant("values", Tensor.longs(new int[] {2}, 4, 5))})
                .end(new int[0]);
        assertArrayEquals(new long[] {5, -1, 4}, run(Tensor.strings(new int[] {3}, "dög", "cow", "cat")).get(0).longs());
    }
}
