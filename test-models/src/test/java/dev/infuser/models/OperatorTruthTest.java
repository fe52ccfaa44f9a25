package dev.infuser.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.format.Model;
import dev.infuser.graph.Graph;
import dev.infuser.kernel.Target;
import dev.infuser.op.Evaluator;
import dev.infuser.op.Inference;
import dev.infuser.pass.Passes;
import dev.infuser.runtime.Heap;
import dev.infuser.runtime.Session;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import dev.infuser.testing.GraphSketch;
import dev.infuser.testing.V8Host;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Operators that the tests of whole models do not reach, evaluated and as kernels, against ONNX Runtime. */
class OperatorTruthTest {

    private static final int OPSET = 18;
    private static final int HEAP_START = 1024;

    /** States stay below 2 and pass some ten steps in float32, which ONNX Runtime sums in another order. */
    private static final double TOLERANCE = 2e-5;

    private static V8Host strict;
    private static V8Host relaxed;

    @BeforeAll
    static void open() {
        strict = new V8Host(Target.STRICT);
        relaxed = new V8Host(Target.RELAXED);
    }

    @AfterAll
    static void close() {
        strict.close();
        relaxed.close();
    }

    private static void check(String text, String... extents) throws Exception {
        GraphSketch sketch = GraphSketch.parse(text);
        Graph graph = Inference.infer(sketch.graph());
        Graph optimized = Passes.optimize(sketch.graph());
        Heap strictHeap = new Heap(strict, HEAP_START);
        Heap relaxedHeap = new Heap(relaxed, HEAP_START);
        try (OnnxRuntime truth = OnnxRuntime.of(OnnxFile.of(graph, OPSET));
                Session first = Session.compile(Model.of(optimized), strictHeap);
                Session second = Session.compile(Model.of(optimized), relaxedHeap)) {
            int seed = 0;
            for (String extent : extents) {
                List<Datum> inputs = sketch.feeds(extent, ++seed);
                Map<String, Tensor> feeds = new LinkedHashMap<>();
                for (int i = 0; i < inputs.size(); i++) {
                    feeds.put(graph.inputs().get(i).name(), (Tensor) inputs.get(i));
                }
                Map<String, Tensor> want = truth.run(feeds);
                List<Datum> evaluated = Evaluator.run(graph, inputs);
                Map<String, Tensor> strictly = first.run(feeds);
                Map<String, Tensor> relaxedly = second.run(feeds);
                for (int i = 0; i < graph.outputs().size(); i++) {
                    String output = graph.outputs().get(i);
                    compare(text + " evaluated, " + extent + ": " + output, want.get(output), (Tensor) evaluated.get(i));
                    compare(text + " in V8, " + extent + ": " + output, want.get(output), strictly.get(output));
                    compare(text + " relaxed, " + extent + ": " + output, want.get(output), relaxedly.get(output));
                }
                assertEquals(0, first.compiled().program().hostSteps(), text);
            }
        }
    }

    private static void compare(String what, Tensor want, Tensor got) {
        assertEquals(want.dtype(), got.dtype(), what);
        assertArrayEquals(want.dims(), got.dims(), what);
        for (int i = 0; i < want.size(); i++) {
            double w = want.getDouble(i);
            double g = got.getDouble(i);
            boolean close = w == g || want.dtype().isFloat() && Math.abs(w - g) <= TOLERANCE * Math.max(1, Math.abs(w));
            assertTrue(close, what + "[" + i + "] is " + g + ", should be " + w);
        }
    }

    /** A layer with everything that a node may have, or without the inputs that are absent. */
    private static String layer(String op, int input, int hidden, int directions, String absent, String attributes) {
        int gates = op.equals("LSTM") ? 4 : op.equals("GRU") ? 3 : 1;
        String state = "[" + directions + ",b," + hidden + "]";
        StringBuilder text = new StringBuilder("x: float32[s,b," + input + "] in -1..1;"
                + "w: float32[" + directions + "," + gates * hidden + "," + input + "] = random in -1..1;"
                + "r: float32[" + directions + "," + gates * hidden + "," + hidden + "] = random in -0.5..0.5;");
        String[][] optional = {{"bias", "float32[" + directions + "," + 2 * gates * hidden + "] = random in -1..1"},
            {"lens", "int32[b] in 1..3"}, {"h", "float32" + state + " in -1..1"}, {"c", "float32" + state + " in -1..1"},
            {"p", "float32[" + directions + "," + 3 * hidden + "] = random in -1..1"}};
        StringBuilder inputs = new StringBuilder("x, w, r");
        for (int i = 0; i < (gates == 4 ? 5 : 3); i++) {
            boolean has = !List.of(absent.split(" ")).contains(optional[i][0]);
            inputs.append(", ").append(has ? optional[i][0] : "_");
            if (has) {
                text.append(optional[i][0]).append(": ").append(optional[i][1]).append(';');
            }
        }
        String outputs = "y, yh" + (gates == 4 ? ", yc" : "");
        return text + outputs + " = " + op + "(" + inputs + ") {hidden_size=" + hidden
                + (attributes == null ? "" : ", " + attributes) + "}; -> " + outputs;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "LSTM | 1 | | direction=forward", "LSTM | 1 | | direction=reverse", "LSTM | 2 | | direction=bidirectional",
        "LSTM | 1 | lens h c p |", "LSTM | 1 | bias lens p |", "LSTM | 2 | p | direction=bidirectional",
        "LSTM | 1 | p | clip=0.3", "LSTM | 1 | p | input_forget=1",
        "LSTM | 1 | p | activations=[HardSigmoid,Relu,Affine], activation_alpha=[0.3,0.5], activation_beta=[0.4,0.1]",
        "GRU | 1 | | direction=forward", "GRU | 1 | | direction=reverse", "GRU | 2 | | direction=bidirectional",
        "GRU | 1 | | linear_before_reset=1", "GRU | 2 | lens | linear_before_reset=1, direction=bidirectional",
        "GRU | 1 | bias lens h | linear_before_reset=1", "GRU | 1 | bias lens h |", "GRU | 1 | lens | clip=0.2",
        "GRU | 1 | lens | activations=[HardSigmoid,LeakyRelu], activation_alpha=[0.2,0.1], activation_beta=[0.5]",
        "RNN | 1 | | direction=forward", "RNN | 1 | | direction=reverse", "RNN | 2 | | direction=bidirectional",
        "RNN | 1 | bias lens h |", "RNN | 1 | lens | activations=[Relu], clip=1.5",
        "RNN | 2 | lens | activations=[Relu,Relu], direction=bidirectional"})
    void recurrentLayers(String op, int directions, String absent, String attributes) throws Exception {
        for (int hidden : new int[] {1, 6, 8, 19}) {
            check(layer(op, 1 + hidden % 5, hidden, directions, absent == null ? "" : absent, attributes), "s=4 b=1", "s=3 b=2",
                    "s=9 b=3");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
        "x: float32[a,n]; k: int64[1] = 3; y, i = TopK(x, k); -> y, i | a=3 n=3/a=1 n=100/a=2 n=333",
        "x: float32[a,n] in -2..2; r = Round(x); k: int64[1] = 5; y, i = TopK(r, k); z, j = TopK(r, k) {largest=0}; -> y, i, z, j"
                + " | a=3 n=5/a=1 n=100",
        "x: float32[a,n,c]; k: int64[1] = 2; y, i = TopK(x, k) {axis=1}; -> y, i | a=3 n=5 c=7/a=1 n=40 c=1",
        "x: float32[a,b,c] in -2..2; r = Round(x); y = ArgMax(r) {axis=1}; z = ArgMin(r) {axis=-1, keepdims=0}; -> y, z"
                + " | a=3 b=14 c=5/a=1 b=1 c=1",
        "x: float32[a,b] in -2..2; r = Round(x); y = ArgMax(r) {axis=1, select_last_index=1}; -> y | a=3 b=40",
        "x: float32[a,b,c]; d: int64[] = 1; y = CumSum(x, d); z = CumSum(x, d) {exclusive=1, reverse=1}; -> y, z | a=3 b=14 c=5",
        "x: int64[a,b] in 0..1; d: int64[] = 1; y = CumSum(x, d); -> y | a=3 b=14",
        "x: float32[a,n]; i: int64[a,m] in -2..1; y = GatherElements(x, i) {axis=1}; -> y | a=3 n=2 m=4",
        "x: float32[a,b,c]; i: int64[n,2] in -2..1; y = GatherND(x, i); -> y | a=2 b=3 c=5 n=4",
        "x: float32[k,b,c]; i: int64[k,n,1] in -2..1; y = GatherND(x, i) {batch_dims=1}; -> y | k=3 b=2 c=5 n=4",
        "x: float32[n,c]; i: int64[1,c] in -2..1; u: float32[1,c]; y = ScatterElements(x, i, u); -> y | n=2 c=5/n=4 c=1",
        "x: float32[n,c]; i: int64[m,c] in -2..1; u: float32[m,c]; y = ScatterElements(x, i, u) {reduction=add}; -> y | n=2 c=5 m=9",
        "x: float32[a,b,c]; i: int64[1,2] in -2..1; u: float32[1,c]; y = ScatterND(x, i, u); -> y | a=2 b=3 c=5",
        "x: float32[n,3,l]; k: float32[9,3,4] = random; b: float32[9] = random; y = Conv(x, k, b) {pads=[1,2], strides=[2]}; "
                + "z = Relu(y); -> z | n=1 l=30/n=2 l=4/n=3 l=1",
        "x: float32[n,1,l]; k: float32[18,1,40] = random; y = Conv(x, k) {strides=[16]}; -> y | n=1 l=104/n=2 l=40"})
    void selectionAndSequences(String sketch, String extents) throws Exception {
        check(sketch, extents.split("/"));
    }
}
