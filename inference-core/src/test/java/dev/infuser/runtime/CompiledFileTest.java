package dev.infuser.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.infuser.format.ByteSource;
import dev.infuser.format.Model;
import dev.infuser.format.TeaReader;
import dev.infuser.format.TeaWriter;
import dev.infuser.graph.Graph;
import dev.infuser.kernel.Kernel;
import dev.infuser.op.Evaluator;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Layout;
import dev.infuser.tensor.Tensor;
import dev.infuser.testing.EndiveHost;
import dev.infuser.testing.GraphSketch;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files whose weights are where kernels read them. */
class CompiledFileTest {

    /** Sums of up to 20 float32 products. */
    private static final double TOLERANCE = 1e-5;

    private final EndiveHost host = new EndiveHost(16);
    private final Heap heap = new Heap(host, 1024);

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "w     | x: float32[n,20]; w: float32[20,30] = random in -0.5..0.5; y = MatMul(x, w); -> y",
        "      | x: float32[n,20]; w: float32[20,30] = random in -0.5..0.5; y = MatMul(x, w); -> y",
        "w v   | x: float32[n,20]; w: float32[20,30] = random in -0.5..0.5; v: float32[30,9] = random in -0.5..0.5; "
                + "b: float32[30] = random; h = MatMul(x, w); i = Add(h, b); j = Gelu(i); y = MatMul(j, v); -> y",
        "w     | x: float32[n,20]; w: float32[20,30] = random in -0.5..0.5; y = MatMul(x, w); z = Neg(w); -> y, z",
        "w     | x: float32[n,20]; w: float32[20,30] = random in -0.5..0.5; y = MatMul(x, w); -> y, w",
        "w     | x: float32[30,n]; w: float32[20,30] = random in -0.5..0.5; y = MatMul(w, x); -> y",
        "w     | x: float32[n,20]; w: float32[3,20,11] = random in -0.5..0.5; y = MatMul(x, w); -> y",
        "t     | x: int64[n] in 0..19; t: float32[20,30] = random; y = Gather(t, x); -> y",
        "b h   | x: float32[n,20]; b: bool[20,4] = random; h: float16[20,4] = random; f = Cast(b) {to=1}; "
                + "g = Cast(h) {to=1}; p = MatMul(x, f); q = MatMul(x, g); -> p, q",
        "u v   | x: uint8[n,20]; u: int8[20,5] = random; v: int8[20,9] = random in -128..127; p = MatMulInteger(x, u); "
                + "q = MatMulInteger(x, v); -> p, q",
        "u     | x: uint8[n,20]; u: int8[20,20] = random; p = MatMulInteger(x, u); q = Cast(u) {to=1}; "
                + "-> p, q",
        "n s   | x: float32[n,40]; n: int4[40,20] = random; s: float16[2,20] = random; "
                + "f = DequantizeLinear(n, s) {axis=0, block_size=32, output_dtype=1}; p = MatMul(x, f); -> p",
        "n     | x: float32[n,40]; n: int4[40,20] = random; s: float16[2,20] = random; "
                + "f = DequantizeLinear(n, s) {axis=0, block_size=32, output_dtype=1}; p = MatMul(x, f); -> p",
        "s     | x: float32[n,40]; n: int4[40,20] = random; s: float16[2,20] = random; "
                + "f = DequantizeLinear(n, s) {axis=0, block_size=32, output_dtype=1}; p = MatMul(x, f); -> p",
        "k     | x: float32[n,20]; k: int4[20,4] = random; f = Cast(k) {to=1}; p = MatMul(x, f); -> p",
    })
    void weightsOfAnyLayoutAreUsed(String panels, String text) throws IOException {
        GraphSketch sketch = GraphSketch.parse(text);
        Graph graph = sketch.graph();
        Map<String, Layout> layouts = new HashMap<>();
        graph.constants().keySet().forEach(name -> layouts.put(name, Layout.PLAIN));
        for (String name : panels == null ? new String[0] : panels.split(" ")) {
            if (graph.constants().get(name).dtype() == DType.INT4 && name.startsWith("n")) {
                layouts.put(name, Layout.NIBBLE8);
                continue;
            }
            boolean integers = graph.constants().get(name).dtype() == DType.INT8;
            layouts.put(name, integers ? Layout.DOT8 : Layout.PANEL8);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        TeaWriter.write(Model.of(graph), layouts, out);
        byte[] file = out.toByteArray();
        TeaReader reader = TeaReader.open(ByteSource.of(file));
        long weights = heap.allocate(reader.weightsLength() + Kernel.PADDING);
        host.write(weights, file, (int) reader.weightsOffset(), (int) reader.weightsLength());
        try (Session session = Session.compile(reader, heap, weights)) {
            for (String extents : new String[] {"n=3", "n=1", "n=6"}) {
                List<Datum> feeds = sketch.feeds(extents, 1);
                List<Datum> expected = Evaluator.run(graph, feeds);
                Map<String, Tensor> found = session.run(Map.of(graph.inputs().get(0).name(), (Tensor) feeds.get(0)));
                for (int o = 0; o < expected.size(); o++) {
                    Tensor e = (Tensor) expected.get(o);
                    Tensor f = found.get(graph.outputs().get(o));
                    assertArrayEquals(e.dims(), f.dims());
                    for (int i = 0; i < e.size(); i++) {
                        assertEquals(e.getDouble(i), f.getDouble(i), TOLERANCE);
                    }
                }
            }
        }
        heap.release(weights);
        assertEquals(0, heap.used());
    }
}
