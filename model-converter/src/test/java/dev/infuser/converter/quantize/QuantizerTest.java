package dev.infuser.converter.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.converter.SampleInputs;
import dev.infuser.converter.onnx.OnnxImporter;
import dev.infuser.converter.onnx.OnnxWriter;
import dev.infuser.graph.Graph;
import dev.infuser.op.Evaluator;
import dev.infuser.pass.Passes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.SmallFloat;
import dev.infuser.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class QuantizerTest {

    private static OnnxWriter weight(String name, int seed, float scale, int... dims) {
        Random random = new Random(seed);
        double[] values = new double[Tensor.count(dims)];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextGaussian() * scale;
        }
        return OnnxWriter.initializer(name, Tensor.ofDoubles(DType.FLOAT32, dims, values));
    }

    /** Convolutions of all kinds, a product, and a table. */
    private static Graph network() throws Exception {
        byte[] model = OnnxWriter.model(17, new OnnxWriter().string(2, "network")
                .message(11, OnnxWriter.value("x", DType.FLOAT32, "batch", 5, 9, 9))
                .message(11, OnnxWriter.value("ids", DType.INT64, "batch"))
                .message(12, OnnxWriter.value("y", DType.FLOAT32, "batch", 70))
                .message(5, weight("full", 1, 0.2f, 40, 5, 3, 3)).message(5, weight("fullBias", 2, 1, 40))
                .message(5, weight("depthwise", 3, 0.3f, 40, 1, 3, 3)).message(5, weight("point", 4, 0.2f, 16, 40, 1, 1))
                .message(5, weight("grouped", 5, 0.2f, 16, 4, 3, 3)).message(5, weight("back", 6, 0.2f, 16, 24, 2, 2))
                .message(5, weight("product", 7, 0.2f, 24, 70)).message(5, weight("table", 8, 1, 50, 64))
                .message(5, weight("mixed", 9, 0.2f, 64, 70))
                .message(1, OnnxWriter.node("Conv", "x full fullBias", "a", OnnxWriter.integers("pads", 1, 1, 1, 1)))
                .message(1, OnnxWriter.node("Relu", "a", "b"))
                .message(1, OnnxWriter.node("Conv", "b depthwise", "c", OnnxWriter.attribute("group", 40)))
                .message(1, OnnxWriter.node("Conv", "c point", "d"))
                .message(1, OnnxWriter.node("Conv", "d grouped", "e", OnnxWriter.attribute("group", 4)))
                .message(1, OnnxWriter.node("ConvTranspose", "e back", "f"))
                .message(1, OnnxWriter.node("GlobalAveragePool", "f", "g"))
                .message(1, OnnxWriter.node("Flatten", "g", "h")).message(1, OnnxWriter.node("MatMul", "h product", "i"))
                .message(1, OnnxWriter.node("Gather", "table ids", "j")).message(1, OnnxWriter.node("MatMul", "j mixed", "k"))
                .message(1, OnnxWriter.node("Add", "i k", "y")));
        return OnnxImporter.importModel(ByteBuffer.wrap(model), null).graph();
    }

    private static List<List<Datum>> samples(Graph graph) {
        SampleInputs generated = new SampleInputs(graph);
        List<List<Datum>> samples = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            samples.add(new ArrayList<>(generated.draw(i).values()));
        }
        return samples;
    }

    private static Quantized quantize(Precision precision, double budget) throws Exception {
        Graph imported = network();
        return Quantizer.quantize(Passes.optimize(imported), precision, budget, samples(imported));
    }

    @ParameterizedTest
    @EnumSource(value = Precision.class, names = "F32", mode = EnumSource.Mode.EXCLUDE)
    void everyLayerIsStoredAndReadBack(Precision precision) throws Exception {
        Quantized quantized = quantize(precision, 100);
        assertEquals(8, quantized.choices().size());
        assertEquals(List.of(), quantized.wider());
        double[] most = {0, 0.001, 0.02, 0.2};
        for (Quantized.Choice choice : quantized.choices()) {
            double error = choice.errors().get(precision);
            assertTrue(error > 0 && error < most[precision.ordinal()], choice + "");
        }
        assertTrue(quantized.error() > 0 && quantized.error() < most[precision.ordinal()], quantized.summary());
        double[] parts = {1, 0.52, 0.31, 0.22};
        assertTrue(quantized.after() < parts[precision.ordinal()] * quantized.before(), quantized.summary());
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void theGraphComputesWithWhatIsStored(Precision precision) throws Exception {
        Graph graph = Passes.optimize(network());
        for (Layer layer : Layer.of(graph)) {
            Graph rewritten = Rewriter.rewrite(graph, Map.of(layer, precision), Map.of());
            Map<String, Tensor> constants = new LinkedHashMap<>(graph.constants());
            constants.put(layer.weight, layer.restored(precision));
            Graph restored = new Graph(graph.name(), graph.inputs(), graph.outputs(), graph.nodes(), constants, graph.types());
            for (List<Datum> sample : samples(network())) {
                Tensor want = (Tensor) Evaluator.run(restored, sample).get(0);
                Tensor got = (Tensor) Evaluator.run(rewritten, sample).get(0);
                assertTrue(Errors.between(want, got, 0) < 1e-5, layer.weight + " as " + precision);
            }
        }
    }

    @Test
    void layersOverTheBudgetStayWider() throws Exception {
        double worst = quantize(Precision.INT4, 100).choices().stream().mapToDouble(c -> c.errors().get(Precision.INT4)).max()
                .orElseThrow();
        Quantized quantized = quantize(Precision.INT4, worst * 0.999);
        assertTrue(quantized.withinBudget());
        assertFalse(quantized.wider().isEmpty());
        for (Quantized.Choice choice : quantized.choices()) {
            assertTrue(choice.errors().get(choice.chosen()) <= quantized.budget(), choice + "");
        }
        assertTrue(quantized.summary().contains("wider: "), quantized.summary());
    }

    @Test
    void noMoreLayersThanNeededAreWidenedForTheOutputs() throws Exception {
        double all = quantize(Precision.INT8, 100).error();
        Quantized quantized = quantize(Precision.INT8, all * 0.9);
        assertTrue(quantized.withinBudget(), quantized.summary());
        assertTrue(quantized.wider().size() < quantized.choices().size(), quantized.summary());
    }

    @Test
    void aBudgetThatFloat16CannotMeetIsMissed() throws Exception {
        Quantized quantized = quantize(Precision.INT8, 1e-9);
        assertFalse(quantized.withinBudget());
        assertTrue(quantized.choices().stream().allMatch(choice -> choice.chosen() == Precision.F16));
    }

    @Test
    void weightsThatFloat16HoldsAreStoredSo() throws Exception {
        double[] halves = new double[64 * 8];
        for (int i = 0; i < halves.length; i++) {
            halves[i] = (i % 37 - 18) / 16.0;
        }
        for (double last : new double[] {0.5, 0.1}) {
            halves[halves.length - 1] = last;
            byte[] model = OnnxWriter.model(17, new OnnxWriter().string(2, "halves")
                    .message(11, OnnxWriter.value("x", DType.FLOAT32, 1, 64)).message(12, OnnxWriter.value("y", DType.FLOAT32, 1, 8))
                    .message(5, OnnxWriter.initializer("w", Tensor.ofDoubles(DType.FLOAT32, new int[] {64, 8}, halves)))
                    .message(1, OnnxWriter.node("MatMul", "x w", "y")));
            Graph exact = Quantizer.exact(Passes.optimize(OnnxImporter.importModel(ByteBuffer.wrap(model), null).graph()));
            assertEquals(last == 0.5 ? DType.FLOAT16 : DType.FLOAT32, exact.constants().values().iterator().next().dtype());
        }
    }

    @ParameterizedTest
    @EnumSource(value = Activations.class, names = "F32", mode = EnumSource.Mode.EXCLUDE)
    void activationsOf8BitsMeetInt8Weights(Activations activations) throws Exception {
        Graph imported = network();
        Quantized quantized = Quantizer.quantize(Passes.optimize(imported), Precision.INT8, activations, Range.Method.MINMAX, 0.1,
                samples(imported));
        assertTrue(quantized.withinBudget(), quantized.summary());
        List<String> read = quantized.choices().stream().filter(Quantized.Choice::bytesRead).map(Quantized.Choice::weight).toList();
        assertEquals(4, read.size(), quantized.table());
        long integers = quantized.graph().nodes().stream().filter(node -> node.op().endsWith("Integer")).count();
        assertEquals(4, integers);
        assertEquals(activations == Activations.STATIC_INT8 ? 0 : 4,
                quantized.graph().nodes().stream().filter(node -> node.is("DynamicQuantizeLinear")).count());
        assertTrue(quantized.summary().contains("4 with " + activations.label() + " activations"), quantized.summary());
    }

    @Test
    void layersThatCannotBear8BitActivationsKeepTheirs() throws Exception {
        Graph imported = network();
        Quantized all = Quantizer.quantize(Passes.optimize(imported), Precision.INT8, Activations.DYNAMIC_INT8,
                Range.Method.MINMAX, 0.1, samples(imported));
        Quantized weights = quantize(Precision.INT8, 0.1);
        Quantized some = Quantizer.quantize(Passes.optimize(imported), Precision.INT8, Activations.DYNAMIC_INT8,
                Range.Method.MINMAX, (all.error() + weights.error()) / 2, samples(imported));
        assertTrue(some.withinBudget(), some.summary());
        assertTrue(some.choices().stream().filter(Quantized.Choice::bytesRead).count() < 4, some.table());
        assertEquals(List.of(), some.wider());
    }

    @Test
    void rangesLeaveOutWhatTheirMethodSays() {
        float[] values = new float[100_001];
        for (int i = 0; i < values.length; i++) {
            values[i] = (i - 50_000) / 50_000f;
        }
        values[7] = 40;
        List<Tensor> samples = List.of(Tensor.floats(new int[] {values.length}, values));
        assertEquals(41f / 255, Range.of(samples, Range.Method.MINMAX).scale(), 1e-3);
        assertEquals(2f / 255, Range.of(samples, Range.Method.PERCENTILE).scale(), 1e-4);
        assertTrue(Range.of(samples, Range.Method.MSE).scale() < 41f / 255 * 0.99);
        assertEquals(new Range(1, 0), Range.of(List.of(Tensor.floats(new int[] {1}, 0)), Range.Method.MINMAX));
    }

    @Test
    void weightsBeyondFloat16StayAsTheyAre() throws Exception {
        byte[] model = OnnxWriter.model(17, new OnnxWriter().string(2, "large")
                .message(11, OnnxWriter.value("x", DType.FLOAT32, 1, 64)).message(12, OnnxWriter.value("y", DType.FLOAT32, 1, 8))
                .message(5, weight("w", 1, 1e6f, 64, 8)).message(1, OnnxWriter.node("MatMul", "x w", "y")));
        Graph graph = OnnxImporter.importModel(ByteBuffer.wrap(model), null).graph();
        Quantized quantized = Quantizer.quantize(Passes.optimize(graph), Precision.F16, 0.01, samples(graph));
        assertEquals(Precision.F32, quantized.choices().get(0).chosen());
        assertTrue(quantized.table().contains("f32*"), quantized.table());
        assertEquals(0, quantized.error());
    }

    @Test
    void blocksOfEqualNumbersAreExact() {
        float[] matrix = new float[64];
        Arrays.fill(matrix, -0.75f);
        float[] importance = new float[64];
        Arrays.fill(importance, 1);
        Rounding.Scaled parts = Rounding.nibbles(matrix, 64, 1, false, importance);
        assertEquals(2, parts.scales().size());
        for (int i = 0; i < 64; i++) {
            assertEquals(-0.75, parts.numbers()[i] * SmallFloat.decode(DType.FLOAT16, parts.scales().shorts()[i / 32]), 1e-3);
        }
    }
}
