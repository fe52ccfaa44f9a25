package dev.infuser.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.converter.onnx.OnnxExporter;
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
import java.io.ByteArrayOutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
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

    private static byte[] file(Graph graph, int opset) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        OnnxExporter.write(graph, opset, out);
        return out.toByteArray();
    }

    private static void check(String text, String... extents) throws Exception {
        check(OPSET, text, extents);
    }

    private static void check(int opset, String text, String... extents) throws Exception {
        GraphSketch sketch = GraphSketch.parse(text);
        Graph graph = Inference.infer(sketch.graph());
        Graph optimized = Passes.optimize(sketch.graph());
        Heap strictHeap = new Heap(strict, HEAP_START);
        Heap relaxedHeap = new Heap(relaxed, HEAP_START);
        try (OnnxRuntime truth = OnnxRuntime.of(file(graph, opset));
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

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
        "q: float32[n,2,s,8]; k: float32[n,2,t,8]; v: float32[n,2,t,5]; y = Attention(q, k, v); -> y"
                + " | n=1 s=1 t=1/n=2 s=9 t=17/n=1 s=33 t=70",
        "q: float32[n,s,24]; k: float32[n,t,24]; v: float32[n,t,24]; m: float32[n,1,s,t]; "
                + "y = Attention(q, k, v, m) {q_num_heads=3, kv_num_heads=3, scale=0.3}; -> y | n=1 s=1 t=1/n=2 s=9 t=17",
        "q: float32[n,s,24]; k: float32[n,s,24]; v: float32[n,s,24]; "
                + "y = Attention(q, k, v) {q_num_heads=3, kv_num_heads=3, is_causal=1}; -> y | n=1 s=1/n=2 s=13/n=1 s=40",
        "q: float32[n,s,24]; k: float32[n,t,12]; v: float32[n,t,12]; m: float32[s,t]; "
                + "y = Attention(q, k, v, m) {q_num_heads=6, kv_num_heads=3}; -> y | n=1 s=1 t=1/n=2 s=9 t=17",
        "q: float32[n,6,s,4]; k: float32[n,2,s,4]; v: float32[n,2,s,8]; "
                + "y = Attention(q, k, v) {is_causal=1}; -> y | n=1 s=1/n=2 s=13/n=1 s=40",
        "q: float32[n,2,s,8]; k: float32[n,2,s,8]; v: float32[n,2,s,8]; p: float32[n,2,t,8]; r: float32[n,2,t,8]; "
                + "y, a, b = Attention(q, k, v, _, p, r) {is_causal=1}; -> y, a, b | n=1 s=1 t=1/n=2 s=9 t=17/n=1 s=1 t=40"})
    void attention(String sketch, String extents) throws Exception {
        check(23, sketch, extents.split("/"));
    }

    private static final String QUANTIZED = "s: float32[] = 0.07; z: uint8[] = 121; q = QuantizeLinear(x, s, z); ";

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
        "x: float32[n,5,h,w] in -9..9; " + QUANTIZED + "k: int8[9,5,3,3] = random in -128..127; v: int8[] = 0; "
                + "p = ConvInteger(q, k, z, v) {pads=[1,1,1,1], strides=[2,1]}; -> p | n=1 h=7 w=6/n=2 h=1 w=1",
        "x: float32[n,24,h,w] in -9..9; " + QUANTIZED + "k: uint8[8,24,3,3] = random in 0..255; v: uint8[] = 120; "
                + "p = ConvInteger(q, k, z, v) {dilations=[2,1], pads=[2,0,1,3]}; -> p | n=1 h=7 w=6/n=2 h=9 w=20",
        "x: float32[n,5,h,w] in -9..9; " + QUANTIZED + "k: int8[16,5,3,3] = random in -64..64; v: int8[16] = 0; "
                + "t: float32[16] = random in 0.01..0.02; r: float32[] = 0.37; o: uint8[] = 117; b: int32[16] = random in -900..900; "
                + "y = QLinearConv(q, s, z, k, t, v, r, o, b) {pads=[1,1,1,1]}; -> y | n=1 h=7 w=6/n=2 h=1 w=9",
        "x: float32[n,16,h,w] in -9..9; " + QUANTIZED + "k: int8[16,8,3,3] = random in -64..64; v: int8[] = 0; "
                + "t: float32[] = 0.013; r: float32[] = 0.37; o: uint8[] = 117; "
                + "y = QLinearConv(q, s, z, k, t, v, r, o) {group=2, pads=[1,1,1,1]}; -> y | n=1 h=7 w=6/n=2 h=1 w=9",
        "x: float32[n,6,h,w] in -9..9; " + QUANTIZED + "k: int8[6,1,3,3] = random in -64..64; v: int8[6] = 0; "
                + "t: float32[6] = random in 0.01..0.02; r: float32[] = 0.37; o: uint8[] = 117; "
                + "y = QLinearConv(q, s, z, k, t, v, r, o) {group=6, pads=[1,1,1,1]}; -> y | n=1 h=7 w=6/n=2 h=1 w=9",
        "x: float32[n,5,h,w] in -9..9; " + QUANTIZED + "d = DequantizeLinear(q, s, z); k: int8[8,5,3,3] = random in -64..64; "
                + "t: float32[8] = random in 0.01..0.02; v: int8[8] = 0; f = DequantizeLinear(k, t, v) {axis=0}; "
                + "b: float32[8] = random; y = Conv(d, f, b) {pads=[1,1,1,1], strides=[2,2]}; a = Relu(y); -> a"
                + " | n=1 h=7 w=6/n=2 h=9 w=30"})
    void quantizedConvolutions(String sketch, String extents) throws Exception {
        check(sketch, extents.split("/"));
    }

    /** A network of quantised convolutions as tools write it, whose numbers pass between layers as one of 256 levels. */
    @Test
    void aQuantizedNetwork() throws Exception {
        StringBuilder text = new StringBuilder("x: float32[n,3,h,w] in -2..2; ");
        StringBuilder nodes = new StringBuilder();
        level(text, nodes, "x", "x0", 0.0157f, 128);
        conv(text, nodes, "x0", 3, 16, 3, 1, "strides=[2,2], pads=[1,1,1,1]", "a");
        level(text, nodes, "ar", "a0", 0.05f, 0);
        conv(text, nodes, "a0", 16, 16, 3, 16, "pads=[1,1,1,1]", "b");
        level(text, nodes, "br", "b0", 0.04f, 0);
        conv(text, nodes, "b0", 16, 24, 1, 1, "strides=[1,1]", "c");
        level(text, nodes, "cy", "c0", 0.06f, 131);
        conv(text, nodes, "c0", 24, 24, 3, 3, "pads=[1,1,1,1]", "d");
        level(text, nodes, "dr", "d0", 0.05f, 0);
        nodes.append("e = Add(c0, d0); ");
        level(text, nodes, "e", "e0", 0.09f, 90);
        nodes.append("g = GlobalAveragePool(e0); ");
        check(text + "" + nodes + "-> e0, g", "n=1 h=16 w=12", "n=2 h=5 w=33");
    }

    private static void level(StringBuilder text, StringBuilder nodes, String from, String to, float scale, int zero) {
        text.append(to + "s: float32[] = " + scale + "; " + to + "z: uint8[] = " + zero + "; ");
        nodes.append(to + "q = QuantizeLinear(" + from + ", " + to + "s, " + to + "z); ");
        nodes.append(to + " = DequantizeLinear(" + to + "q, " + to + "s, " + to + "z); ");
    }

    private static void conv(StringBuilder text, StringBuilder nodes, String from, int channels, int filters, int kernel,
            int group, String attributes, String to) {
        text.append(to + "w: int8[" + filters + "," + channels / group + "," + kernel + "," + kernel + "] = random in -127..127; "
                + to + "s: float32[" + filters + "] = random in 0.001..0.004; " + to + "v: int8[" + filters + "] = 0; "
                + to + "b: float32[" + filters + "] = random; ");
        nodes.append(to + "f = DequantizeLinear(" + to + "w, " + to + "s, " + to + "v) {axis=0}; " + to + "y = Conv(" + from + ", "
                + to + "f, " + to + "b) {group=" + group + ", " + attributes + "}; " + to + "r = Relu(" + to + "y); ");
    }
}
