package dev.infuser.bundle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.infuser.format.Golden;
import dev.infuser.format.Model;
import dev.infuser.format.TeaWriter;
import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.GraphBuilder;
import dev.infuser.graph.Node;
import dev.infuser.pass.Passes;
import dev.infuser.runtime.Session;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The packaged bundle against the same Java on the JVM. Skipped where the package has not been built. */
class BundleTest {

    private static final String HTML = "<!doctype html><html><body>404</body></html>";

    private static Bundle bundle;

    @BeforeAll
    static void open() {
        assumeTrue(Bundle.exists(), "inference-core/target/npm is not there: mvn package builds it");
        bundle = Bundle.open();
    }

    @AfterAll
    static void close() {
        if (bundle != null) {
            bundle.close();
        }
    }

    private static Tensor random(int... dims) {
        float[] values = new float[Tensor.count(dims)];
        Random random = new Random(7);
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Tensor.floats(dims, values);
    }

    /** softmax(x W + b), with x of shape [batch, 24]. */
    private static Graph layer() {
        GraphBuilder builder = new GraphBuilder("layer");
        builder.input("x", ValueType.tensor(DType.FLOAT32, Shape.of(Dim.symbol("batch"), Dim.of(24))));
        builder.constant("w", random(24, 40));
        builder.constant("b", random(40));
        builder.output(builder.add("Softmax", builder.add("Add", builder.add("MatMul", "x", "w"), "b")));
        return builder.build();
    }

    private static byte[] file(Model model) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            TeaWriter.write(model, Map.of(), out);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return out.toByteArray();
    }

    private static Map<String, Tensor> evaluate(Graph graph, Map<String, Tensor> feeds) {
        try (Session session = Session.of(Model.of(graph))) {
            return session.run(feeds);
        }
    }

    private static String load(String options) {
        return "const m = await infuser.load(file, { runtime, fullRuntime, worker: false, " + options + " }); ";
    }

    private static float[] floats(String joined) {
        String[] parts = joined.split(",");
        float[] out = new float[parts.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = Float.parseFloat(parts[i]);
        }
        return out;
    }

    private static String array(Tensor tensor) {
        String text = Arrays.toString(tensor.floats());
        return "new infuser.Tensor('float32', " + text + ", " + Arrays.toString(tensor.dims()) + ")";
    }

    @ParameterizedTest
    @CsvSource({"auto, auto, 1e-6", "strict, auto, 1e-6", "auto, reference, 1e-6"})
    void oneLoadedModelServesEveryBatchSize(String simd, String backend, float tolerance) {
        bundle.set("file", file(Model.of(layer())));
        bundle.call(load("simd: '" + simd + "', backend: '" + backend + "'") + "globalThis.model = m");
        for (int batch : new int[] {1, 5, 2, 17, 5}) {
            Tensor x = random(batch, 24);
            Tensor expected = evaluate(layer(), Map.of("x", x)).values().iterator().next();
            String found = bundle.call("const r = await model.run({ x: " + array(x) + " });"
                    + "return Object.values(r)[0].data.join()");
            assertArrayEquals(expected.floats(), floats(found), tolerance);
        }
    }

    private static Graph branch(Node node) {
        return new GraphBuilder(node.output(0)).add(node).output(node.output(0)).buildSubgraph();
    }

    private static Node node(String op, String output, Attributes attributes, String... inputs) {
        return new Node("", "", op, List.of(inputs), List.of(output), attributes);
    }

    private static Node choose(String condition, String output, Node then, Node otherwise) {
        return node("If", output, Attributes.of("then_branch", branch(then), "else_branch", branch(otherwise)), condition);
    }

    /** x or -x, whichever has the greater sum, or twice x where k is 1. */
    private static Graph branching() {
        GraphBuilder builder = new GraphBuilder("branching");
        builder.input("x", ValueType.tensor(DType.FLOAT32, Shape.of(Dim.symbol("n"))));
        builder.input("k", ValueType.tensor(DType.INT64));
        builder.constant("zero", Tensor.floats(new int[] {1}, 0));
        builder.constant("one", Tensor.longs(new int[0], 1));
        builder.add(node("ReduceSum", "sum", Attributes.NONE, "x"));
        builder.add(node("Greater", "positive", Attributes.NONE, "sum", "zero"));
        builder.add(node("Equal", "is_one", Attributes.NONE, "k", "one"));
        Node greater = choose("positive", "greater", node("Identity", "same", Attributes.NONE, "x"),
                node("Neg", "negative", Attributes.NONE, "x"));
        builder.add(choose("is_one", "y", node("Add", "twice", Attributes.NONE, "x", "x"), greater));
        return builder.output("y").build();
    }

    @Test
    void branchesAreTakenAsInputsAndDataSay() {
        Graph graph = Passes.optimize(branching());
        bundle.set("file", file(Model.of(graph)));
        bundle.call(load("") + "globalThis.model = m");
        for (int run = 0; run < 8; run++) {
            Tensor x = random(3 + run % 2);
            Tensor fed = run % 4 < 2 ? x : Tensor.floats(x.dims(), negated(x));
            Map<String, Tensor> feeds = Map.of("x", fed, "k", Tensor.longs(new int[0], run / 4));
            Tensor expected = evaluate(graph, feeds).values().iterator().next();
            String found = bundle.call("const r = await model.run({ x: " + array(fed) + ", k: new infuser.Tensor('int64', ["
                    + run / 4 + "n], []) }); return Object.values(r)[0].data.join()");
            assertArrayEquals(expected.floats(), floats(found), 0);
        }
    }

    private static float[] negated(Tensor x) {
        float[] out = x.floats().clone();
        for (int i = 0; i < out.length; i++) {
            out[i] = -out[i];
        }
        return out;
    }

    /** Rows of a table, and a number, added up. */
    private static Graph lookup() {
        GraphBuilder builder = new GraphBuilder("lookup");
        builder.input("i", ValueType.tensor(DType.INT64, Shape.of(Dim.symbol("n"))));
        builder.input("x", ValueType.tensor(DType.FLOAT32, Shape.of(Dim.of(1))));
        builder.constant("table", random(9, 3));
        builder.add(new Node("", "", "Gather", List.of("table", "i"), List.of("rows"), Attributes.NONE));
        builder.add(new Node("", "", "Add", List.of("rows", "x"), List.of("y"), Attributes.NONE));
        return builder.output("y").output("rows").build();
    }

    @ParameterizedTest
    @CsvSource({"1, '', 0 1 2 8", "2, '', 4 4 4 4", "3, '{ outputs: [\"y\"] }', 3 1 2 0", "4, '', 7 8", "5, '', 0 1 2 8"})
    void whatRunsAgainTakesItsOwnElements(int x, String options, String rows) {
        Graph graph = lookup();
        long[] indices = Arrays.stream(rows.split(" ")).mapToLong(Long::parseLong).toArray();
        Tensor fed = Tensor.floats(new int[] {1}, x);
        Tensor expected = evaluate(graph, Map.of("i", Tensor.longs(new int[] {indices.length}, indices), "x", fed)).get("y");
        bundle.set("file", file(Model.of(graph)));
        bundle.call("const T = infuser.Tensor;" + load("") + "globalThis.lookup = (i, x, o) => m.run({ i: new T('int64', i.map(BigInt)),"
                + " x: new T('float32', [x]) }, o); globalThis.model = m");
        for (int run = 0; run < 4; run++) {
            String found = bundle.call("await lookup([1, 2, 3, 5], -1); await lookup([5, 2, 3, 5], 1); await lookup([0, 0, 0, 0], 0);"
                    + "const r = await lookup([" + rows.replace(' ', ',') + "], " + x + (options.isEmpty() ? "" : ", " + options)
                    + "); return r.y.data.join()");
            assertArrayEquals(expected.floats(), floats(found), 1e-6f);
            String wrong = "await lookup([1, 2, 3, 9], 0)";
            assertTrue(bundle.call(wrong).startsWith("InvalidInputError|index-out-of-range|"), bundle.call(wrong));
            assertTrue(bundle.call("await lookup([0, 0, 0, 0], 0, { outputs: ['z'] })").startsWith("InvalidInputError|unknown-output|"));
            bundle.call("await model.profile({ i: new infuser.Tensor('int64', [1n]), x: new infuser.Tensor('float32', [0]) })");
        }
        bundle.call("model.dispose()");
        assertTrue(bundle.call("await lookup([1, 2, 3, 5], -1)").startsWith("InvalidInputError|disposed|"));
    }

    @Test
    void tenThousandRunsLeaveNothingBehind() {
        Tensor x = random(3, 24);
        bundle.set("file", file(Model.of(layer())));
        bundle.call("const Memory = WebAssembly.Memory;"
                + "WebAssembly.Memory = class extends Memory { constructor(limits) { super(limits); globalThis.last = this; } };"
                + load("") + "WebAssembly.Memory = Memory; globalThis.model = m; globalThis.feed = " + array(x));
        String run = "for (let i = 0; i < COUNT; i++) await model.run({ x: feed }); return `${last.buffer.byteLength}`";
        String bytes = bundle.call(run.replace("COUNT", "500"));
        long before = bundle.usedHeap();
        assertEquals(bytes, bundle.call(run.replace("COUNT", "10000")));
        assertTrue(bundle.usedHeap() - before < 100_000, before + " bytes before, " + bundle.usedHeap() + " after");
        bundle.call("model.dispose(); globalThis.model = globalThis.last = null");
    }

    /** The sum of x along its last axis, by an operator that few models have. */
    private static Graph rare() {
        GraphBuilder builder = new GraphBuilder("rare");
        builder.input("x", ValueType.tensor(DType.FLOAT32, Shape.of(Dim.symbol("batch"), Dim.of(24))));
        builder.constant("w", random(24, 40));
        builder.output(builder.add("Einsum", Attributes.of("equation", "ij,jk->ik"), "x", "w"));
        return builder.build();
    }

    @ParameterizedTest
    @CsvSource({"auto", "reference"})
    void modelsWithRareOperatorsRunToo(String backend) {
        bundle.set("file", file(Model.of(rare())));
        Tensor x = random(3, 24);
        Tensor expected = evaluate(rare(), Map.of("x", x)).values().iterator().next();
        String found = bundle.call(load("backend: '" + backend + "'") + "const r = await m.run({ x: " + array(x) + " });"
                + "return Object.values(r)[0].data.join()");
        assertArrayEquals(expected.floats(), floats(found), 1e-5f);
    }

    @Test
    void rareOperatorsRunAsKernels() {
        GraphBuilder builder = new GraphBuilder("best");
        builder.input("x", ValueType.tensor(DType.FLOAT32, Shape.of(Dim.symbol("batch"), Dim.of(24))));
        builder.constant("k", Tensor.longs(new int[] {1}, 3));
        builder.add(new Node("", "", "TopK", List.of("x", "k"), List.of("values", "indices"), Attributes.NONE));
        Graph graph = builder.output("values").output("indices").build();
        bundle.set("file", file(Model.of(graph)));
        Tensor x = random(2, 24);
        Map<String, Tensor> expected = evaluate(graph, Map.of("x", x));
        String found = bundle.call(load("") + "const feeds = { x: " + array(x) + " }; const r = await m.run(feeds);"
                + "return [r.indices.data.join(), ...(await m.profile(feeds)).map((s) => s.kernel)].join(' ')");
        assertEquals(Arrays.toString(expected.get("indices").longs()).replaceAll("[\\[\\] ]", "") + " topk_largest_F32", found);
    }

    @Test
    void onlyModelsWithRareOperatorsFetchThem() {
        String unusable = load("fullRuntime: new Uint8Array(8)") + "return 'loaded'";
        bundle.set("file", file(Model.of(layer())));
        assertEquals("loaded", bundle.call(unusable));
        bundle.set("file", file(Model.of(rare())));
        assertTrue(bundle.call(unusable).startsWith("ResourceError|bad-runtime|"));
    }

    @Test
    void operatorsThatAreNowhereAreNamed() {
        GraphBuilder builder = new GraphBuilder("unknown");
        builder.input("x", ValueType.tensor(DType.FLOAT32, Shape.of(Dim.of(2))));
        builder.output(builder.add("Bernoulli", "x"));
        bundle.set("file", file(Model.of(builder.build())));
        String found = bundle.call(load("") + "return 'loaded'");
        assertTrue(found.startsWith("UnsupportedModelError|unsupported-operator|") && found.contains("Bernoulli"), found);
    }

    @Test
    void describesItself() {
        bundle.set("file", file(new Model(layer(), Map.of("author", "Zoë"), Map.of(), List.of())));
        String name = layer().outputs().get(0);
        assertEquals("{\"inputs\":[{\"name\":\"x\",\"type\":\"float32\",\"dims\":[\"batch\",24]}],\"outputs\":[{\"name\":\""
                + name + "\",\"type\":\"float32\",\"dims\":[\"batch\",40]}],\"metadata\":{\"author\":\"Zoë\"}}",
                bundle.call(load("") + "return JSON.stringify({ inputs: m.inputs, outputs: m.outputs, metadata: m.metadata })"));
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void carriesEveryElementType(DType dtype) {
        GraphBuilder builder = new GraphBuilder("same");
        builder.input("x", ValueType.tensor(dtype, Shape.of(Dim.symbol("n"))));
        builder.output(builder.add("Identity", "x"));
        bundle.set("file", file(Model.of(builder.build())));
        String values = dtype == DType.STRING ? "['', 'a', 'ünï', '漢字', '😀!']"
                : dtype == DType.INT64 ? "[0n, 1n, -1n, 2n ** 62n, -(2n ** 63n)]"
                : dtype == DType.UINT64 ? "[0n, 1n, 2n ** 64n - 1n]"
                : dtype.isFloat() && dtype.bits() >= 32 ? "[0, 1.5, -2.25, NaN, Infinity]"
                : dtype.isSigned() && dtype.isInteger() ? "[0, 1, -1, -2]" : "[0, 1, 1, 0, 1]";
        String elements = dtype == DType.FLOAT16 || dtype == DType.BFLOAT16 ? "Uint16Array.from(" + values + ")" : values;
        assertEquals("true", bundle.call(load("") + "const x = new infuser.Tensor('" + dtype.label() + "', " + elements + ");"
                + "const [y] = Object.values(await m.run({ x }));"
                + "return String(y.type === x.type && y.data.constructor === x.data.constructor"
                + " && y.data.join() === x.data.join() && y.dims.join() === x.dims.join())"));
    }

    static Stream<Arguments> wrongFiles() {
        byte[] good = file(Model.of(layer()));
        byte[] altered = good.clone();
        altered[altered.length - 100] ^= 1;
        byte[] alteredHead = good.clone();
        alteredHead[100] ^= 1;
        return Stream.of(Arguments.of("empty", new byte[0], "InvalidModelError|empty-file|"),
                Arguments.of("a page", HTML.getBytes(StandardCharsets.UTF_8), "InvalidModelError|foreign-file||this is an HTML"),
                Arguments.of("truncated header", Arrays.copyOf(good, 20), "InvalidModelError|truncated-file|"),
                Arguments.of("truncated head", Arrays.copyOf(good, 200), "InvalidModelError|truncated-file|"),
                Arguments.of("truncated weights", Arrays.copyOf(good, good.length - 1), "InvalidModelError|truncated-file|"),
                Arguments.of("longer", Arrays.copyOf(good, good.length + 1), "InvalidModelError|bad-length|"),
                Arguments.of("altered head", alteredHead, "InvalidModelError|checksum-mismatch|"),
                Arguments.of("altered weights", altered, "InvalidModelError|checksum-mismatch|weights|"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongFiles")
    void refusesWrongFiles(String name, byte[] file, String error) {
        bundle.set("file", file);
        String found = bundle.call(load("") + "return 'loaded'");
        assertTrue(found.startsWith(error), found);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "{}; InvalidInputError|missing-feed|x|",
        "{ x: new T('float32', new Float32Array(24), [1, 24]), y: null }; InvalidInputError|unknown-feed|y|",
        "{ x: new T('int32', new Int32Array(24), [1, 24]) }; InvalidInputError|wrong-feed|x|",
        "{ x: new T('float32', new Float32Array(23), [1, 23]) }; InvalidInputError|wrong-feed|x|",
        "{ x: new T('float32', new Float32Array(24)) }; InvalidInputError|wrong-feed|x|",
        "{ x: new T('float32', new Float32Array(24), [2, 24]) }; InvalidInputError|bad-tensor|",
        "{ x: new T('decimal', [1]) }; InvalidInputError|bad-tensor|",
        "{ x: new Float32Array(24) }; InvalidInputError|bad-tensor|x|"})
    void refusesWrongFeeds(String feeds, String error) {
        bundle.set("file", file(Model.of(layer())));
        String found = bundle.call(load("") + "const T = infuser.Tensor; await m.run(" + feeds + "); return 'ran'");
        assertTrue(found.startsWith(error), found);
    }

    @Test
    void refusesUnknownOutputsAndDisposedModels() {
        bundle.set("file", file(Model.of(layer())));
        String x = "{ x: " + array(random(1, 24)) + " }";
        assertTrue(bundle.call(load("") + "await m.run(" + x + ", { outputs: ['z'] })")
                .startsWith("InvalidInputError|unknown-output|z|"));
        assertTrue(bundle.call(load("") + "m.dispose(); await m.run(" + x + ")").startsWith("InvalidInputError|disposed|"));
    }

    @Test
    void keepsModelsApart() {
        bundle.set("file", file(Model.of(layer())));
        String x = array(random(3, 24));
        assertEquals("true", bundle.call("const o = { runtime, worker: false };"
                + "const [a, b] = await Promise.all([infuser.load(file, o), infuser.load(file, o)]);"
                + "const [p, q] = await Promise.all([a.run({ x: " + x + " }), b.run({ x: " + x + " })]); a.dispose();"
                + "const r = await b.run({ x: " + x + " }); const text = (y) => Object.values(y)[0].data.join();"
                + "return String(text(p) === text(q) && text(q) === text(r))"));
    }

    @Test
    void replaysGoldenVectorsAndProfiles() {
        Tensor x = random(4, 24);
        Map<String, Tensor> expected = evaluate(layer(), Map.of("x", x));
        Tensor wrong = random(4, 40);
        Golden right = new Golden("right", Map.of("x", x), expected, 1e-5f, 0);
        Golden off = new Golden("off", Map.of("x", x), Map.of(layer().outputs().get(0), wrong), 1e-5f, 0);
        bundle.set("file", file(new Model(layer(), Map.of(), Map.of(), List.of(right, off))));
        assertEquals("false right:true off:false", bundle.call(load("") + "const { passed, vectors } = await m.verify();"
                + "return [passed, ...vectors.map((v) => v.name + ':' + v.passed)].join(' ')"));
        String profile = bundle.call(load("") + "return (await m.profile({ x: " + array(x) + " })).map((s) => s.kernel).join()");
        assertTrue(profile.contains("gemm") && profile.contains("softmax") && !profile.contains("evaluate"), profile);
    }

    @Test
    void reportsProgressAndObeysSignals() {
        bundle.set("file", file(Model.of(layer())));
        assertEquals("download,prepare,compile,ready", bundle.call("const stages = [];"
                + load("onProgress: (p) => stages.push(p.stage)") + "return stages.join()"));
        assertEquals("stop", bundle.call("const signal = { aborted: true, reason: 'stop', throwIfAborted() { throw 'stop'; },"
                + "addEventListener() {}, removeEventListener() {} };"
                + "try { " + load("signal") + " return 'loaded'; } catch (e) { return e; }"));
    }
}
