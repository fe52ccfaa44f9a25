package dev.infuser.demo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.infuser.converter.onnx.OnnxImporter;
import dev.infuser.format.Model;
import dev.infuser.kernel.Target;
import dev.infuser.models.Models;
import dev.infuser.pass.Passes;
import dev.infuser.runtime.Heap;
import dev.infuser.runtime.Session;
import dev.infuser.tensor.Tensor;
import dev.infuser.testing.V8Host;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** With {@code simd: 'strict'} real models give the bits in Chromium that they give in the V8 inside the JVM. */
@ExtendWith(Harness.Shared.class)
class StrictTest {

    private static final int HEAP_START = 1024;

    /** A model with the extents of its float32 inputs and the values of its int64 scalars. */
    private record Case(String name, Supplier<Path> source, Map<String, int[]> floats, Map<String, Long> integers) {
        @Override
        public String toString() {
            return name;
        }
    }

    static final List<Case> CASES = List.of(
            new Case("detection", Models::ocrDetection, Map.of("x", new int[] {1, 3, 64, 96}), Map.of()),
            new Case("recognition", Models::ocrRecognition, Map.of("x", new int[] {1, 3, 48, 64}), Map.of()),
            new Case("orientation", Models::ocrOrientation, Map.of("x", new int[] {1, 3, 48, 192}), Map.of()),
            new Case("voice", Models::sileroVad, Map.of("input", new int[] {1, 512}, "state", new int[] {2, 1, 128}),
                    Map.of("sr", 16000L)));

    @ParameterizedTest
    @FieldSource("CASES")
    void givesTheSameBitsInChromiumAsInTheJvm(Case model, Harness harness) throws Exception {
        Map<String, Tensor> feeds = feeds(model);
        Map<String, Tensor> expected = inJvm(model, feeds);
        Path file = harness.model().resolveSibling("strict-" + model.name() + ".tea");
        DemoModel.convert(model.source().get(), file, false, () -> { });
        try (Visit visit = harness.visit("test/test.html").await("ready")) {
            visit.call("open", "m", "/models/" + file.getFileName(), Map.of("simd", "strict", "threads", 1));
            Map<?, ?> outputs = (Map<?, ?>) visit.call("run", "m", plain(feeds));
            assertEquals(expected.keySet(), outputs.keySet());
            for (Map.Entry<String, Tensor> output : expected.entrySet()) {
                Map<?, ?> found = (Map<?, ?>) outputs.get(output.getKey());
                assertArrayEquals(output.getValue().floats(), Oracle.floats((String) found.get("bytes")), output.getKey());
            }
            visit.assertClean(harness.server().address());
        }
    }

    private static Map<String, Tensor> feeds(Case model) {
        Random random = new Random(23);
        Map<String, Tensor> feeds = new LinkedHashMap<>();
        for (Map.Entry<String, int[]> input : model.floats().entrySet()) {
            float[] values = new float[size(input.getValue())];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) random.nextGaussian() / 4;
            }
            feeds.put(input.getKey(), Tensor.floats(input.getValue(), values));
        }
        model.integers().forEach((name, value) -> feeds.put(name, Tensor.longs(new int[0], value)));
        return feeds;
    }

    private static int size(int[] dims) {
        int size = 1;
        for (int dim : dims) {
            size *= dim;
        }
        return size;
    }

    private static Map<String, Tensor> inJvm(Case model, Map<String, Tensor> feeds) throws IOException {
        byte[] bytes = Files.readAllBytes(model.source().get());
        try (V8Host host = new V8Host(Target.STRICT);
                Session session = Session.compile(
                        Model.of(Passes.optimize(OnnxImporter.importModel(ByteBuffer.wrap(bytes), null).graph())),
                        new Heap(host, HEAP_START))) {
            return session.run(feeds);
        }
    }

    /** As the test page takes them. */
    private static List<Object> plain(Map<String, Tensor> feeds) {
        List<Object> all = new ArrayList<>();
        feeds.forEach((name, tensor) -> {
            boolean floats = tensor.dtype().isFloat();
            List<Object> values = new ArrayList<>();
            for (int i = 0; i < tensor.size(); i++) {
                values.add(floats ? (Object) (double) tensor.floats()[i] : (Object) (int) tensor.getLong(i));
            }
            List<Integer> dims = Arrays.stream(tensor.dims()).boxed().toList();
            all.add(List.of(name, floats ? "float32" : "int64", values, dims));
        });
        return all;
    }
}
