package dev.infuser.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.infuser.graph.Graph;
import dev.infuser.graph.Verifier;
import dev.infuser.op.Evaluator;
import dev.infuser.pass.Passes;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import dev.infuser.testing.Engines;
import dev.infuser.testing.GraphSketch;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** LSTM, GRU and RNN as kernels, against the definition of what was imported. */
class RecurrentTest {

    /** States stay below 2 and pass some ten steps in float32. */
    private static final double TOLERANCE = 2e-5;

    private static Engines engines;

    @BeforeAll
    static void open() {
        engines = new Engines();
    }

    @AfterAll
    static void close() {
        engines.close();
    }

    /** A layer with everything that a node may have, or without some of it. */
    private static String layer(String op, int input, int hidden, int directions, String absent, String attributes) {
        int gates = op.equals("LSTM") ? 4 : op.equals("GRU") ? 3 : 1;
        boolean batchFirst = attributes.contains("layout=1");
        String state = batchFirst ? "[b," + directions + "," + hidden + "]" : "[" + directions + ",b," + hidden + "]";
        return "x: float32[" + (batchFirst ? "b,s" : "s,b") + "," + input + "] in -1..1;"
                + "w: float32[" + directions + "," + gates * hidden + "," + input + "] = random in -1..1;"
                + "r: float32[" + directions + "," + gates * hidden + "," + hidden + "] = random in -0.5..0.5;"
                + "bias: float32[" + directions + "," + 2 * gates * hidden + "] = random in -1..1;"
                + "lens: int32[b] in 0..4; h: float32" + state + " in -1..1;"
                + (gates < 4 ? "" : "c: float32" + state + " in -1..1; p: float32[" + directions + "," + 3 * hidden
                        + "] = random in -1..1;")
                + "y, yh" + (gates < 4 ? "" : ", yc") + " = " + op + "(x, w, r, " + name("bias", absent) + ", "
                + name("lens", absent) + ", " + name("h", absent) + (gates < 4 ? "" : ", " + name("c", absent) + ", "
                        + name("p", absent))
                + ") {hidden_size=" + hidden + (attributes.isEmpty() ? "" : ", " + attributes) + "};"
                + "l = Cast(lens) {to=1}; z = Neg(h); -> y, yh, l, z" + (gates < 4 ? "" : ", yc");
    }

    private static String name(String input, String absent) {
        return absent.contains(input) ? "_" : input;
    }

    private static void check(String sketch, int hostSteps, String... extents) {
        GraphSketch parsed = GraphSketch.parse(sketch);
        Graph optimized = Passes.optimize(parsed.graph(), Set.of(), Verifier::verify);
        List<List<Datum>> runs = new ArrayList<>();
        for (String extent : extents) {
            List<Datum> feeds = parsed.feeds(extent, runs.size());
            List<Datum> expected = Evaluator.run(parsed.graph(), feeds);
            List<Datum> found = Evaluator.run(optimized, feeds);
            for (int o = 0; o < expected.size(); o++) {
                Tensor e = (Tensor) expected.get(o);
                for (int i = 0; i < e.size(); i++) {
                    assertEquals(e.getDouble(i), ((Tensor) found.get(o)).getDouble(i), 1e-6 + TOLERANCE / 2, "evaluated");
                }
            }
            runs.add(feeds);
        }
        assertEquals(hostSteps, engines.check(optimized, TOLERANCE, runs).hostSteps());
    }

    private static final String[] EXTENTS = {"s=4 b=1", "s=1 b=3", "s=6 b=2", "s=0 b=2", "s=3 b=0"};

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4, 7, 8, 9, 13, 16, 21})
    void everySizeOfUnits(int hidden) {
        for (String op : new String[] {"LSTM", "GRU", "RNN"}) {
            check(layer(op, 1 + hidden % 6, hidden, 1, "lens p", ""), 0, "s=4 b=1", "s=2 b=3");
        }
    }

    @ParameterizedTest
    @CsvSource({"LSTM, forward, 0", "LSTM, reverse, 0", "LSTM, bidirectional, 0", "GRU, forward, 0", "GRU, reverse, 0",
            "GRU, bidirectional, 0", "RNN, reverse, 0", "RNN, bidirectional, 0"})
    void directionsAndLengths(String op, String direction, int layout) {
        int directions = direction.equals("bidirectional") ? 2 : 1;
        check(layer(op, 3, 5, directions, "", "direction=" + direction), 0, EXTENTS);
        check(layer(op, 2, 9, directions, "lens h", "direction=" + direction), 0, EXTENTS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bias", "lens", "h c", "p", "bias lens h c p"})
    void absentInputs(String absent) {
        for (String op : new String[] {"LSTM", "GRU", "RNN"}) {
            check(layer(op, 3, 6, 1, absent, ""), 0, EXTENTS);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"LSTM | 1 | clip=0.3", "LSTM | 1 | input_forget=1",
            "GRU | 1 | linear_before_reset=1", "GRU | 2 | linear_before_reset=1, direction=bidirectional",
            "GRU | 1 | clip=0.2, linear_before_reset=1",
            "LSTM | 1 | activations=[HardSigmoid,Relu,Affine], activation_alpha=[0.3,0.5], activation_beta=[0.4,0.1]",
            "GRU | 1 | activations=[HardSigmoid,LeakyRelu]", "RNN | 1 | activations=[ScaledTanh]",
            "RNN | 2 | activations=[Relu,Relu], direction=bidirectional, clip=1.5"})
    void attributes(String op, int directions, String attributes) {
        check(layer(op, 3, 6, directions, "", attributes), 0, EXTENTS);
        if (op.equals("GRU")) {
            check(layer(op, 3, 6, directions, "bias", attributes), 0, EXTENTS);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"LSTM", "GRU", "RNN"})
    void batchFirst(String op) {
        check(layer(op, 3, 6, 1, "", "layout=1"), 0, EXTENTS);
        check(layer(op, 3, 6, 2, "lens", "layout=1, direction=bidirectional"), 0, EXTENTS);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"1 | activations=[Softplus]", "2 | activations=[Tanh,Relu], direction=bidirectional"})
    void otherActivationsAreEvaluated(int directions, String attributes) {
        check(layer("RNN", 3, 4, directions, "", attributes), 1, EXTENTS);
    }
}
