package dev.infuser.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.converter.onnx.OnnxExporter;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.op.Inference;
import dev.infuser.op.OperatorCheck;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import dev.infuser.testing.GraphSketch;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The definitions and types of operators that have no kernel, against ONNX Runtime. */
class RareOperatorTruthTest {

    /** Sums of at most some hundred products below 4, which ONNX Runtime makes in float32 and in another order. */
    private static final double TOLERANCE = 1e-5;

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
        "20 | size: int64[4] = 2 3 4 5; theta: float32[2,2,3]; y = AffineGrid(theta, size) {align_corners=0}; -> y",
        "20 | size: int64[4] = 2 3 1 5; theta: float32[2,2,3]; y = AffineGrid(theta, size) {align_corners=0}; -> y",
        "20 | size: int64[5] = 1 3 4 5 2; theta: float32[1,3,4]; y = AffineGrid(theta, size) {align_corners=1}; -> y",
        "18 | i: int64[2] = 5 6; b: int64[2] = 2 3; x: float32[2,12,16]; y = Col2Im(x, i, b); -> y",
        "18 | i: int64[2] = 5 6; b: int64[2] = 2 3; x: float32[1,6,12]; "
                + "y = Col2Im(x, i, b) {dilations=[2,1], pads=[0,1,1,0], strides=[1,2]}; -> y",
        "18 | i: int64[3] = 4 3 5; b: int64[3] = 1 3 2; x: float32[1,6,12]; "
                + "y = Col2Im(x, i, b) {strides=[2,1,1], pads=[0,0,0,1,0,0]}; -> y",
        "22 | x: float32[1,4,6,7]; w: float32[6,2,3,2]; o: float32[1,24,4,6] in -3..3; b: float32[6]; m: float32[1,12,4,6]; "
                + "y = DeformConv(x, w, o, b, m) {group=2, offset_group=2}; -> y",
        "19 | x: float32[2,2,5,5]; w: float32[3,2,3,3]; o: float32[2,18,3,3] in -9..9; "
                + "y = DeformConv(x, w, o) {strides=[2,2], pads=[1,1,1,1]}; -> y",
        "19 | x: float32[1,1,7,7]; w: float32[1,1,2,2]; o: float32[1,8,5,6] in -1..1; "
                + "y = DeformConv(x, w, o) {dilations=[2,1]}; -> y",
        "11 | x: float32[n,3,4,4] in -2..2; y = Det(x); -> y",
        "22 | x: float32[1,1] in -2..2; y = Det(x); -> y",
        "17 | x: float32[2,16,1]; y = DFT(x) {axis=1}; -> y",
        "17 | x: float32[2,12,2]; y = DFT(x) {axis=1, inverse=1}; -> y",
        "20 | x: float32[3,8,5,1]; n: int64[] = 7; a: int64[] = 1; y = DFT(x, n, a) {onesided=1}; -> y",
        "20 | x: float32[3,8,5,2]; n: int64[] = 9; a: int64[] = 2; y = DFT(x, n, a); -> y",
        "17 | n: int64[] = 10; y = HannWindow(n); -> y",
        "17 | n: int64[] = 10; y = HannWindow(n) {periodic=0}; -> y",
        "17 | n: int32[] = 9; y = HammingWindow(n) {periodic=0}; -> y",
        "17 | n: int32[] = 9; y = BlackmanWindow(n) {periodic=1}; -> y",
        "17 | b: int64[] = 8; n: int64[] = 64; r: int64[] = 8000; lo: float32[] = 60; hi: float32[] = 3600; "
                + "y = MelWeightMatrix(b, n, r, lo, hi); -> y",
        "23 | x: float32[2,3,4,8]; c: float32[50,4]; s: float32[50,4]; p: int64[2,4] in 0..49; "
                + "y = RotaryEmbedding(x, c, s, p); -> y",
        "23 | x: float32[2,4,24]; c: float32[2,4,2]; s: float32[2,4,2]; "
                + "y = RotaryEmbedding(x, c, s) {num_heads=3, rotary_embedding_dim=4, interleaved=1}; -> y",
        "17 | x: float32[2,40,1]; f: int64[] = 6; w: float32[16]; y = STFT(x, f, w); -> y",
        "17 | x: float32[1,30,1]; f: int64[] = 7; n: int64[] = 9; y = STFT(x, f, _, n) {onesided=0}; -> y",
        "17 | x: float32[1,30,2]; f: int64[] = 7; n: int64[] = 8; y = STFT(x, f, _, n) {onesided=0}; -> y",
        "24 | c: float32[2,3,6,4]; u: float32[2,3,2,4]; i: int64[2] = 4 1; y = TensorScatter(c, u, i); -> y",
        "24 | c: float32[2,6,4]; u: float32[2,3,4]; i: int64[2] = 4 1; y = TensorScatter(c, u, i) {mode=circular}; -> y"})
    void definitions(int opset, String text) throws Exception {
        GraphSketch sketch = GraphSketch.parse(text);
        Graph graph = Inference.infer(sketch.graph());
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        OnnxExporter.write(graph, opset, file);
        try (OnnxRuntime truth = OnnxRuntime.of(file.toByteArray())) {
            List<Datum> inputs = sketch.feeds("n=2", 1);
            Map<String, Tensor> feeds = new LinkedHashMap<>();
            for (int i = 0; i < inputs.size(); i++) {
                feeds.put(graph.inputs().get(i).name(), (Tensor) inputs.get(i));
            }
            Map<String, Tensor> want = truth.run(feeds);
            Node node = graph.nodes().get(0);
            List<Datum> arguments = new ArrayList<>();
            for (String input : node.inputs()) {
                arguments.add(feeds.containsKey(input) ? feeds.get(input) : graph.constants().get(input));
            }
            List<Datum> got = OperatorCheck.run(node, arguments);
            for (int i = 0; i < got.size(); i++) {
                compare(text, want.get(graph.outputs().get(i)), (Tensor) got.get(i));
            }
        }
    }

    private static void compare(String what, Tensor want, Tensor got) {
        assertEquals(want.dtype(), got.dtype(), what);
        assertArrayEquals(want.dims(), got.dims(), what);
        for (int i = 0; i < want.size(); i++) {
            double w = want.getDouble(i);
            double g = got.getDouble(i);
            assertTrue(Math.abs(w - g) <= TOLERANCE * Math.max(1, Math.abs(w)), what + "[" + i + "] is " + g + ", should be " + w);
        }
    }
}
