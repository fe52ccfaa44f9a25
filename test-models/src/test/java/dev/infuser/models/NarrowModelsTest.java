package dev.infuser.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.converter.Converter;
import dev.infuser.converter.Progress;
import dev.infuser.converter.Shrink;
import dev.infuser.converter.Source;
import dev.infuser.converter.quantize.Activations;
import dev.infuser.converter.quantize.Precision;
import dev.infuser.converter.quantize.Range;
import dev.infuser.format.FileSource;
import dev.infuser.format.TeaReader;
import dev.infuser.kernel.Kernel;
import dev.infuser.kernel.Target;
import dev.infuser.runtime.Heap;
import dev.infuser.runtime.Session;
import dev.infuser.tensor.Tensor;
import dev.infuser.testing.V8Host;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Real models with weights in fewer bits: the size of the file, and what kernels compute with it. */
class NarrowModelsTest {

    private static final int HEAP_START = 1024;

    @TempDir
    private Path folder;

    private Path convert(Path model, String weights, double maxError) throws IOException {
        return convert(model, new Shrink(Precision.valueOf(weights), maxError, false, null));
    }

    private Path convert(Path model, Shrink shrink) throws IOException {
        Path tea = folder.resolve("model.tea");
        try (Source source = Source.open(model.toString())) {
            Converter.convert(source, tea, new Converter.Options(shrink, Map.of(), false, Set.of()), Progress.SILENT);
        }
        return tea;
    }

    private static double part(Path tea, Path model) throws IOException {
        return (double) Files.size(tea) / Files.size(model);
    }

    /** The cosine of sentence vectors with those of ONNX Runtime with float32 weights. */
    @ParameterizedTest
    @CsvSource({"F16, 0.51, 0.99999", "INT8, 0.27, 0.998", "INT4, 0.16, 0.94"})
    void embeddingsOfSmallFilesPointWhereTheyDid(String weights, double most, double cosine) throws Exception {
        Path tea = convert(Models.miniLm(), weights, Double.NaN);
        assertTrue(part(tea, Models.miniLm()) < most, () -> weights + " takes " + tea.toFile().length());
        byte[] bytes = Files.readAllBytes(tea);
        try (FileSource file = new FileSource(tea.toString()); OnnxRuntime truth = OnnxRuntime.open(Models.miniLm());
                V8Host host = new V8Host(Target.RELAXED)) {
            TeaReader reader = TeaReader.open(file);
            Heap heap = new Heap(host, HEAP_START);
            long place = heap.allocate(reader.weightsLength() + Kernel.PADDING);
            host.write(place, bytes, (int) reader.weightsOffset(), (int) reader.weightsLength());
            try (Session session = Session.compile(reader, heap, place)) {
                assertEquals(0, session.compiled().program().hostSteps());
                for (int[] batch : new int[][] {{0, 0}, {1, 4}}) {
                    Map<String, Tensor> feeds = TextBatch.feeds(Models.miniLm(), batch[0], batch[1]);
                    float[] want = pooled(truth.run(feeds).get("last_hidden_state"), feeds.get("attention_mask"));
                    float[] got = pooled(session.run(feeds).get("last_hidden_state"), feeds.get("attention_mask"));
                    for (int i = 0; i < want.length; i += 384) {
                        double found = cosine(want, got, i, 384);
                        assertTrue(found > cosine, weights + ": " + found);
                    }
                }
            }
        }
    }

    /** Without a budget, for what the generated noise costs says little of text. */
    @ParameterizedTest
    @CsvSource({"F16, 0.51", "INT8, 0.27", "INT4, 0.16"})
    void filesOfTextDetectionAreSmall(String weights, double most) throws Exception {
        Path model = Models.ocrDetection();
        Path tea = convert(model, weights, 1);
        assertTrue(part(tea, model) < most, () -> weights + " takes " + tea.toFile().length());
        try (FileSource file = new FileSource(tea.toString()); V8Host host = new V8Host(Target.RELAXED)) {
            try (Session session = Session.compile(TeaReader.open(file).model(), new Heap(host, HEAP_START))) {
                assertEquals(0, session.compiled().program().hostSteps());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(value = Activations.class, names = "F32", mode = EnumSource.Mode.EXCLUDE)
    void textDetectionWith8BitActivationsRunsInKernels(Activations activations) throws Exception {
        Path tea = convert(Models.ocrDetection(), new Shrink(Precision.INT8, 0.1, false, null, activations, Range.Method.MINMAX));
        try (FileSource file = new FileSource(tea.toString()); V8Host host = new V8Host(Target.RELAXED)) {
            try (Session session = Session.compile(TeaReader.open(file).model(), new Heap(host, HEAP_START))) {
                assertEquals(0, session.compiled().program().hostSteps());
            }
        }
    }

    private static float[] pooled(Tensor states, Tensor mask) {
        int length = mask.dim(1);
        int hidden = states.dim(2);
        float[] out = new float[mask.dim(0) * hidden];
        for (int i = 0; i < states.size(); i++) {
            if (mask.getLong(i / hidden) != 0) {
                out[i / hidden / length * hidden + i % hidden] += states.floats()[i];
            }
        }
        return out;
    }

    private static double cosine(float[] a, float[] b, int from, int count) {
        double dot = 0;
        double aa = 0;
        double bb = 0;
        for (int i = from; i < from + count; i++) {
            dot += (double) a[i] * b[i];
            aa += (double) a[i] * a[i];
            bb += (double) b[i] * b[i];
        }
        return dot / Math.sqrt(aa * bb);
    }
}
