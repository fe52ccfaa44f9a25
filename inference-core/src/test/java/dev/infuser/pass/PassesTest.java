package dev.infuser.pass;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.GraphBuilder;
import dev.infuser.graph.Node;
import dev.infuser.graph.Verifier;
import dev.infuser.op.Evaluator;
import dev.infuser.op.Inference;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import dev.infuser.testing.GraphSketch;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class PassesTest {

    /** The fused operators are evaluated in double precision where the spelt out ones round each step to float32. */
    private static final double TOLERANCE = 1e-5;

    record Case(String pass, String name, String sketch, String extents, String operators) {
        @Override
        public String toString() {
            return pass + ": " + name;
        }
    }

    static List<Case> cases() throws IOException {
        List<Case> cases = new ArrayList<>();
        try (InputStream in = PassesTest.class.getResourceAsStream("passes.txt")) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
                String[] cells = line.split("\\|");
                if (!line.startsWith("#")) {
                    cases.add(new Case(cells[0].trim(), cells[1].trim(), cells[2], cells[3].trim(), cells[4].trim()));
                }
            }
        }
        return cases;
    }

    private static String operators(Graph graph) {
        List<String> names = new ArrayList<>();
        graph.nodes().forEach(node -> names.add(node.op()));
        return String.join(" ", names);
    }

    private static void assertSameResults(Graph before, Graph after, List<Datum> feeds) {
        List<Datum> expected = Evaluator.run(before, feeds);
        List<Datum> actual = Evaluator.run(after, feeds);
        for (int o = 0; o < expected.size(); o++) {
            Tensor e = (Tensor) expected.get(o);
            Tensor a = (Tensor) actual.get(o);
            assertEquals(e.dtype(), a.dtype());
            assertArrayEquals(e.dims(), a.dims());
            for (int i = 0; i < e.size(); i++) {
                assertEquals(e.getDouble(i), a.getDouble(i), TOLERANCE);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void rulesMatchWhatTheyShouldAndKeepResults(Case c) {
        GraphSketch sketch = GraphSketch.parse(c.sketch());
        Graph graph = Inference.infer(sketch.graph());
        Pass pass = Passes.ALL.stream().filter(p -> p.name().equals(c.pass())).findFirst().orElseThrow();
        Graph rewritten = pass.run(graph);
        Verifier.verify(rewritten);
        assertEquals(c.operators(), operators(rewritten));
        if (operators(graph).equals(c.operators())) {
            assertSame(graph, rewritten, "nothing matched");
        }
        assertSameResults(graph, rewritten, sketch.feeds(c.extents(), 1));
        assertSame(rewritten, pass.run(rewritten), "a second run finds nothing");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void allPassesTogetherKeepResults(Case c) {
        GraphSketch sketch = GraphSketch.parse(c.sketch());
        Graph rewritten = Passes.optimize(sketch.graph(), Set.of(), Verifier::verify);
        assertSameResults(sketch.graph(), rewritten, sketch.feeds(c.extents(), 1));
        assertEquals(Inference.infer(sketch.graph()).type(sketch.graph().outputs().get(0)),
                rewritten.type(rewritten.outputs().get(0)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "a: uint8[n,6] in 0..255; b: uint8[6,4] = random in 0..255; y: uint8[] = 120; o = MatMulInteger(a, b, _, y) | 4",
        "a: uint8[n,6] in 0..255; b: uint8[6,4] = random in 0..255; o = MatMulInteger(a, b) | 4",
        "a: uint8[n,6] in 0..255; b: uint8[6,4] = random in 0..255; y: uint8[4] = 128; o = MatMulInteger(a, b, _, y) | 2",
        "a: uint8[n,6] in 0..255; b: int8[6,4] = random; z: uint8[] = 9; y: int8[4] = 0; o = MatMulInteger(a, b, z, y) | 3",
        "a: uint8[n,6,5,4] in 0..255; b: uint8[8,6,3,2] = random in 0..255; y: uint8[] = 120; o = ConvInteger(a, b, _, y) | 4",
        "a: uint8[n,6,5,4] in 0..255; b: uint8[8,6,3,2] = random in 0..255; o = ConvInteger(a, b) | 4",
        "a: uint8[n,6,5,4] in 0..255; z: uint8[] = 9; b: int8[8,6,3,2] = random; y: int8[8] = 0; o = ConvInteger(a, b, z, y) | 3"
    })
    void weightsOfIntegerProductsBecomeInt8AndZeroPointsOfZeroGo(String text, int inputs) {
        GraphSketch sketch = GraphSketch.parse(text + "; -> o");
        Graph rewritten = Passes.optimize(sketch.graph());
        assertEquals(inputs, product(rewritten).inputs().size());
        assertEquals(DType.INT8, rewritten.constants().get(product(rewritten).input(1)).dtype());
        assertSameResults(Inference.infer(sketch.graph()), rewritten, sketch.feeds("n=5", 1));
        assertSame(product(rewritten), product(Passes.optimize(rewritten)), "a second run finds nothing");
    }

    private static Node product(Graph graph) {
        return graph.nodes().stream().filter(node -> node.op().endsWith("Integer")).findFirst().orElseThrow();
    }

    @Test
    void passesCanBeSwitchedOff() {
        Graph graph = GraphSketch.parse("x: float32[n]; a = Identity(x); b = Neg(x); y = Neg(a); -> y").graph();
        assertEquals("Neg", operators(Passes.optimize(graph)));
        assertEquals("Identity Neg", operators(Passes.optimize(graph, Set.of("drop-identities"), g -> { })));
        List<String> seen = new ArrayList<>();
        Passes.optimize(graph, Set.of("fold-constants", "recognize-gelu"), g -> seen.add(operators(g)));
        assertEquals(Passes.ALL.size() - 2, seen.size());
        assertEquals(List.of("Identity Neg Neg", "Neg Neg", "Neg"), seen.stream().distinct().toList());
    }

    /** A graph whose branch captures {@code a}, made by {@code op}, and {@code k}, folded from constants. */
    private static Graph branching(String op) {
        GraphBuilder then = new GraphBuilder("then");
        then.add(new Node("", "", "Add", List.of("a", "k"), List.of("t"), Attributes.NONE)).output("t");
        GraphBuilder other = new GraphBuilder("other");
        other.output("a");
        GraphBuilder whole = new GraphBuilder("whole");
        whole.input("x", ValueType.tensor(DType.FLOAT32, 2));
        whole.input("c", ValueType.tensor(DType.BOOL));
        whole.constant("w", Tensor.floats(new int[] {2}, 10, 20));
        whole.add(new Node("", "", op, List.of("x"), List.of("first"), Attributes.NONE));
        whole.add(new Node("", "", op, List.of("x"), List.of("a"), Attributes.NONE));
        whole.add(new Node("", "", "Neg", List.of("w"), List.of("k"), Attributes.NONE));
        whole.add(new Node("", "", "If", List.of("c"), List.of("r"),
                Attributes.of("then_branch", then.buildSubgraph(), "else_branch", other.buildSubgraph())));
        whole.add(new Node("", "", "Add", List.of("r", "first"), List.of("y"), Attributes.NONE));
        return whole.output("y").build();
    }

    @Test
    void whatSubgraphsCaptureIsRenamedFoldedAndKept() {
        for (String op : new String[] {"Identity", "Abs"}) {
            Graph graph = branching(op);
            Graph rewritten = Passes.optimize(graph, Set.of(), Verifier::verify);
            assertEquals(op.equals("Abs") ? "Abs If Add" : "If Add", operators(rewritten));
            assertTrue(rewritten.constants().containsKey("k"));
            assertFalse(rewritten.constants().containsKey("w"));
            for (int condition = 0; condition < 2; condition++) {
                assertSameResults(graph, rewritten, List.of(Tensor.floats(new int[] {2}, -1, 2),
                        Tensor.ofLongs(DType.BOOL, new int[0], new long[] {condition})));
            }
        }
    }

    @Test
    void deadNodesTakeTheirConstantsAlong() {
        Graph graph = GraphSketch.parse("x: float32[n]; v: float32[] = 1; w: float32[] = 2; "
                + "a = Mul(x, v); y = Mul(x, w); -> y").graph();
        assertEquals(Set.of("w"), Passes.optimize(graph).constants().keySet());
    }
}
