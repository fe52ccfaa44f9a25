package dev.infuser.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.format.Model;
import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.GraphBuilder;
import dev.infuser.graph.Node;
import dev.infuser.op.Evaluator;
import dev.infuser.op.Inference;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.InvalidInputException;
import dev.infuser.tensor.ResourceException;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import dev.infuser.testing.EndiveHost;
import dev.infuser.testing.Engines;
import dev.infuser.testing.GraphSketch;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SessionTest {

    private static final int START = 4096;

    private final List<String> calls = new ArrayList<>();
    private final Heap heap = new Heap(recording(new EndiveHost(16)), START);

    /** The host, noting every call; those that write words tell how many. */
    private Host recording(Host host) {
        return (Host) Proxy.newProxyInstance(Host.class.getClassLoader(), new Class<?>[] {Host.class},
                (proxy, method, arguments) -> {
            boolean words = method.getName().equals("write") && arguments[1] instanceof int[];
            calls.add(words ? "write " + arguments[2] + " words" : method.getName());
            try {
                return method.invoke(host, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        });
    }

    private Session compile(String sketch) {
        return Session.compile(Model.of(GraphSketch.parse(sketch).graph()), heap);
    }

    private static Map<String, Tensor> named(Graph graph, List<Datum> feeds) {
        Map<String, Tensor> named = new LinkedHashMap<>();
        for (int i = 0; i < feeds.size(); i++) {
            named.put(graph.inputs().get(i).name(), (Tensor) feeds.get(i));
        }
        return named;
    }

    @Test
    void sizesMayGrowAndShrinkInOneSession() {
        GraphSketch sketch = GraphSketch.parse("x: float32[n,8]; w: float32[8,8] = random in -0.5..0.5; "
                + "p = MatMul(x, w); t = Transpose(p); s = Softmax(t); c = LpNormalization(s); y = Neg(c); -> y, t");
        try (Session session = Session.compile(Model.of(sketch.graph()), heap)) {
            int seed = 0;
            for (int n : new int[] {1, 5, 200, 5, 1, 0, 90, 91, 3}) {
                List<Datum> feeds = sketch.feeds("n=" + n, seed++);
                List<Datum> expected = Evaluator.run(session.graph(), feeds);
                Map<String, Tensor> found = session.run(named(sketch.graph(), feeds));
                for (int o = 0; o < 2; o++) {
                    Tensor e = (Tensor) expected.get(o);
                    Tensor f = found.get(sketch.graph().outputs().get(o));
                    assertEquals(e.type(), f.type());
                    for (int i = 0; i < e.size(); i++) {
                        assertEquals(e.getDouble(i), f.getDouble(i), 1e-5, "n=" + n);
                    }
                }
            }
            assertTrue(heap.used() < 16 << 10, "the memory of the greatest size is given back: " + heap.used());
        }
        assertEquals(0, heap.used());
    }

    @Test
    void anOptionalThatIsThereIsTaken() {
        ValueType type = ValueType.tensor(DType.FLOAT32, Shape.of(Dim.of(3)));
        GraphBuilder graph = new GraphBuilder("g");
        graph.input("x", new ValueType.OfOptional(type));
        graph.output(graph.add("OptionalGetElement", "x"));
        try (Session session = Session.compile(Model.of(graph.build()), heap)) {
            Tensor x = Tensor.floats(new int[] {3}, 1, 2, 3);
            assertArrayEquals(x.floats(), session.run(Map.of("x", x)).values().iterator().next().floats());
        }
    }

    @Test
    void theSameSizeAgainIsNotLaidOutAgain() {
        GraphSketch sketch = GraphSketch.parse("x: float32[n]; a = Abs(x); "
                + "c = LpNormalization(a); y = Neg(c); -> y");
        try (Session session = Session.compile(Model.of(sketch.graph()), heap)) {
            session.run(named(sketch.graph(), sketch.feeds("n=5", 1)));
            assertEquals(1, calls.stream().filter("instantiate"::equals).count());
            calls.clear();
            session.run(named(sketch.graph(), sketch.feeds("n=5", 2)));
            assertEquals(List.of("write", "write 1 words", "run", "read", "write", "run", "read", "view"), calls);
            calls.clear();
            session.run(named(sketch.graph(), sketch.feeds("n=6", 3)));
            assertTrue(calls.contains("write 12 words"), calls.toString());
            assertFalse(calls.contains("instantiate"));
        }
    }

    @Test
    void inputsAreReadAfreshEachTime() {
        try (Session session = compile("x: float32[n]; y: float32[n]; z = Sub(x, y); -> z")) {
            for (int i = 0; i < 3; i++) {
                Tensor z = session.run(Map.of("x", Tensor.floats(new int[] {1}, 5 + i), "y",
                        Tensor.floats(new int[] {1}, 3)))
                        .get("z");
                assertEquals(2 + i, z.floats()[0]);
            }
        }
    }

    @Test
    void modelsShareOneHeap() {
        try (Session a = compile("x: float32[n]; w: float32[3] = 1 2 3; z = Mul(x, w); -> z");
                Session b = compile("x: float32[n]; w: float32[3] = 4 5 6; z = Mul(x, w); -> z")) {
            Map<String, Tensor> feeds = Map.of("x", Tensor.floats(new int[] {3}, 1, 1, 1));
            for (int i = 0; i < 2; i++) {
                assertEquals(2, a.run(feeds).get("z").floats()[1]);
                assertEquals(5, b.run(feeds).get("z").floats()[1]);
            }
            a.close();
            assertEquals(5, b.run(feeds).get("z").floats()[1]);
        }
        assertEquals(0, heap.used());
    }

    @Test
    void shapesThatDependOnElementsAreEvaluated() {
        GraphSketch sketch = GraphSketch.parse("x: float32[n]; a = Abs(x); i = NonZero(a); "
                + "y = Cast(i) {to=1}; z = Neg(y); -> z");
        try (Session session = Session.compile(Model.of(sketch.graph()), heap)) {
            Tensor z = session.run(Map.of("x", Tensor.floats(new int[] {4}, 0, 1, 0, -2))).get("z");
            assertEquals(Shape.of(1, 2), z.shape());
            assertEquals(-3, z.floats()[1]);
        }
        assertEquals(0, heap.used());
    }

    @Test
    void whatIsBehindExtentsOfElementsIsCompiled() {
        GraphSketch sketch = GraphSketch.parse("x: float32[n]; a = Abs(x); i = NonZero(a); f = Cast(i) {to=1}; y = Exp(f); "
                + "g = Floor(f); j = NonZero(g); h = Cast(j) {to=1}; z = Neg(h); -> z, y");
        try (Session session = Session.compile(Model.of(sketch.graph()), heap)) {
            for (float[] x : new float[][] {{0, 1, 0, -2}, {1, 2, 3, 4}, {0, 0}, {5}, {0, 1, 0, -2}}) {
                Map<String, Tensor> feeds = Map.of("x", Tensor.floats(new int[] {x.length}, x));
                Map<String, Datum> expected = Session.of(Model.of(sketch.graph())).runAny(feeds);
                session.run(feeds).forEach((name, found) -> {
                    assertEquals(((Tensor) expected.get(name)).shape(), found.shape());
                    assertArrayEquals(((Tensor) expected.get(name)).floats(), found.floats(), 1e-4f);
                });
                assertEquals(List.of("NonZero", "NonZero"), evaluated(session, feeds));
            }
        }
        assertEquals(0, heap.used());
    }

    @Test
    void whatHasNoStringsIsCompiled() {
        try (Session session = compile("x: float32[n]; t: string[n]; u: string[n]; a = Exp(x); e = Equal(t, u); "
                + "f = Cast(e) {to=1}; y = Add(f, a); -> y")) {
            Map<String, Tensor> feeds = Map.of("x", Tensor.floats(new int[] {2}, 0, 0), "t", Tensor.strings(new int[] {2}, "a", "b"),
                    "u", Tensor.strings(new int[] {2}, "a", "c"));
            assertArrayEquals(new float[] {2, 1}, session.run(feeds).get("y").floats());
            assertEquals(List.of("Equal"), evaluated(session, feeds));
        }
        assertEquals(0, heap.used());
    }

    private static List<String> evaluated(Session session, Map<String, Tensor> feeds) {
        double[] now = {0};
        return session.profile(feeds, () -> now[0] += 10).stream().filter(step -> step.kernel().equals("evaluate")).map(StepTime::op).toList();
    }

    @Test
    void shapesThatAreFedAreEvaluated() {
        try (Session session = compile("x: float32[n]; s: int64[2]; a = Abs(x); y = Reshape(a, s); z = Neg(y); -> z")) {
            Tensor z = session.run(Map.of("x", Tensor.floats(new int[] {4}, 0, 1, 0, -2), "s", Tensor.vector(2, 2)))
                    .get("z");
            assertEquals(Shape.of(2, 2), z.shape());
            assertEquals(-2, z.floats()[3]);
        }
    }

    @Test
    void branchesSeeValuesAroundThem() {
        GraphBuilder then = new GraphBuilder("then");
        then.add(new Node("", "", "Add", List.of("a", "w"), List.of("t"), Attributes.NONE)).output("t");
        GraphBuilder other = new GraphBuilder("other");
        other.add(new Node("", "", "Mul", List.of("a", "n"), List.of("e"), Attributes.NONE)).output("e");
        GraphBuilder whole = new GraphBuilder("whole");
        ValueType.OfTensor rows = ValueType.tensor(DType.FLOAT32, Shape.of(Dim.symbol("n"), Dim.of(2)));
        whole.input("x", rows);
        whole.input("c", ValueType.tensor(DType.BOOL));
        whole.constant("w", Tensor.floats(new int[] {2}, 10, 20));
        whole.add(new Node("", "", "Abs", List.of("x"), List.of("a"), Attributes.NONE));
        whole.add(new Node("", "", "Size", List.of("x"), List.of("count"), Attributes.NONE));
        whole.add(new Node("", "", "Cast", List.of("count"), List.of("n"), Attributes.of("to", 1)));
        whole.add(new Node("", "", "If", List.of("c"), List.of("r"),
                Attributes.of("then_branch", then.buildSubgraph(), "else_branch", other.buildSubgraph())));
        whole.add(new Node("", "", "Neg", List.of("r"), List.of("y"), Attributes.NONE));
        Graph graph = whole.output("y").build();
        List<List<Datum>> runs = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            runs.add(List.of(Tensor.ofLongs(DType.FLOAT32, new int[] {1 + i % 2, 2}, new long[2 + i % 2 * 2]),
                    Tensor.ofLongs(DType.BOOL, new int[0], new long[] {i / 2})));
        }
        try (Engines engines = new Engines()) {
            engines.check(graph, 0, runs);
        }
    }

    @Test
    void graphsOfStringsAndSequencesRun() {
        try (Session session = compile("x: string[n]; y = Identity(x); -> y")) {
            assertNull(session.compiled());
            assertEquals("b", session.run(Map.of("x", Tensor.strings(new int[] {2}, "a", "b"))).get("y").strings()[1]);
        }
        try (Session session = compile("x: float32[n]; s = SequenceConstruct(x, x); k: int64[] = 1; "
                + "y = SequenceAt(s, k); -> y")) {
            assertEquals(3, session.run(Map.of("x", Tensor.floats(new int[] {1}, 3))).get("y").floats()[0]);
        }
        try (Session session = compile("x: float32[n]; s = SequenceConstruct(x, x); -> s")) {
            Map<String, Tensor> feeds = Map.of("x", Tensor.floats(new int[] {1}, 3));
            assertNotNull(session.runAny(feeds).get("s"));
            assertEquals("not-a-tensor", assertThrows(InvalidInputException.class, () -> session.run(feeds)).code());
        }
    }

    @Test
    void anIndexOutOfRangeNamesTheNode() {
        try (Session session = compile("x: float32[4,2] = random; t: int64[n]; a = Gather(x, t); b = Neg(a); -> b")) {
            for (long bad : new long[] {4, -5, Long.MAX_VALUE, 1L << 32}) {
                InvalidInputException e = assertThrows(InvalidInputException.class,
                        () -> session.run(Map.of("t", Tensor.vector(0, bad, 1))));
                assertEquals("index-out-of-range", e.code());
                assertEquals("Gather -> a", e.node());
            }
            Tensor right = session.run(Map.of("t", Tensor.vector(-4, 3, 1))).get("b");
            assertEquals(Shape.of(3, 2), right.shape());
        }
    }

    @Test
    void closedSessionsRefuseToRun() {
        Session session = compile("x: float32[n]; y = Neg(x); -> y");
        Map<String, Tensor> feeds = Map.of("x", Tensor.floats(new int[] {1}, 3));
        session.run(feeds);
        assertTrue(heap.used() > 0);
        session.close();
        session.close();
        assertEquals(0, heap.used());
        assertEquals("closed", assertThrows(InvalidInputException.class, () -> session.run(feeds)).code());
        assertEquals("closed", assertThrows(InvalidInputException.class,
                () -> session.compiled().bind(List.of(feeds.get("x").type()))).code());
    }

    @Test
    void tooLargeSizesLeaveTheSessionUsable() {
        try (Session session = compile("x: float32[n]; y = Neg(x); -> y")) {
            assertEquals("out-of-memory", assertThrows(ResourceException.class,
                    () -> session.run(Map.of("x", Tensor.zeros(DType.FLOAT32, 1 << 20)))).code());
            assertEquals(-3, session.run(Map.of("x", Tensor.floats(new int[] {1}, 3))).get("y").floats()[0]);
        }
        assertEquals(0, heap.used());
    }

    @Test
    void constantsThatDoNotFitLeaveNothingBehind() {
        Graph graph = GraphSketch.parse("x: float32[n]; v: float32[3] = random; w: float32[1000,1000] = random; "
                + "y = MatMul(w, w); z = Mul(x, v); -> z, y").graph();
        assertThrows(ResourceException.class, () -> Session.compile(Model.of(graph), heap));
        assertEquals(0, heap.used());
        assertTrue(calls.contains("release"), calls.toString());
    }

    @Test
    void outputsAreListedWithTheirTypes() {
        try (Session session = compile("x: float32[n,2]; y = Transpose(x); -> y, x")) {
            assertEquals(ValueType.tensor(DType.FLOAT32, Shape.of(Dim.of(2), Dim.symbol("n"))),
                    session.outputs().get(0).type());
            assertEquals("x", session.outputs().get(1).name());
            assertEquals(Inference.infer(session.graph()).inputs(), session.inputs());
        }
    }
}
