package dev.infuser.aot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.graph.Graph;
import dev.infuser.kernel.Target;
import dev.infuser.op.Evaluator;
import dev.infuser.op.Inference;
import dev.infuser.pass.Passes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Elements;
import dev.infuser.tensor.InvalidInputException;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.UnsupportedModelException;
import dev.infuser.testing.GraphSketch;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import run.endive.runtime.ByteArrayMemory;
import run.endive.runtime.Instance;
import run.endive.wasm.Parser;

/** Modules that stand alone, in an interpreter that gives them nothing, against the definition of the operators. */
class AheadOfTimeTest {

    private static final double TOLERANCE = 1e-5;

    @ParameterizedTest
    @ValueSource(strings = {
        "x: float32[2,3]; y = Relu(x); -> y",
        "x: float32[7,5]; w: float32[5,19] = random; b: float32[19] = random; h = MatMul(x, w); z = Add(h, b); y = Sigmoid(z); -> y, h",
        "x: float32[1,3,9,8]; w: float32[6,3,3,3] = random; c = Conv(x, w) {pads=[1, 1, 1, 1]}; r = Relu(c); y = GlobalAveragePool(r); -> y",
        "x: int64[4] in 0..5; w: float32[6,5] = random; g = Gather(w, x); y = Softmax(g); -> y",
        "q: float32[1,2,5,8]; k: float32[1,2,7,8]; v: float32[1,2,7,5]; y = Attention(q, k, v); -> y",
        "x: uint8[3,4]; f = Cast(x) {to=1}; y = Exp(f); s = Shape(x); -> y, s",
        "x: float32[0,3]; y = Relu(x); -> y",
        "x: float32[3]; c: float32[2] = 5; y = Neg(x); -> y, c"})
    void computeWhatTheGraphMeansAgainAndAgain(String text) {
        GraphSketch sketch = GraphSketch.parse(text);
        Graph graph = Inference.infer(Passes.optimize(sketch.graph()));
        Standalone compiled = AheadOfTime.compile(graph, Map.of(), Target.STRICT);
        for (boolean inside : new boolean[] {true, false}) {
            Instance instance = open(compiled, inside);
            for (int seed = 0; seed < 3; seed++) {
                List<Datum> feeds = sketch.feeds("", seed);
                check(compiled, instance, Evaluator.run(sketch.graph(), feeds), feeds);
            }
        }
    }

    private static Instance open(Standalone compiled, boolean inside) {
        Instance instance = Instance.builder(Parser.parse(compiled.module(inside)))
                .withMemoryFactory(limits -> new ByteArrayMemory(limits)).build();
        if (!inside) {
            instance.memory().write((int) compiled.weightsStart(), compiled.weights());
        }
        return instance;
    }

    private static void check(Standalone compiled, Instance instance, List<Datum> expected, List<Datum> feeds) {
        for (int i = 0; i < feeds.size(); i++) {
            Tensor feed = (Tensor) feeds.get(i);
            byte[] bytes = new byte[(int) compiled.inputs().get(i).bytes()];
            Elements.encode(feed.dtype(), feed.array(), 0, feed.size(), bytes, 0);
            instance.memory().write((int) compiled.inputs().get(i).address(), bytes);
        }
        assertEquals(0, instance.export("run").apply()[0]);
        for (int i = 0; i < expected.size(); i++) {
            Standalone.Port port = compiled.outputs().get(i);
            Tensor wanted = (Tensor) expected.get(i);
            assertArrayEquals(wanted.dims(), port.dims());
            assertEquals(wanted.dtype().label(), port.type());
            byte[] bytes = instance.memory().readBytes((int) port.address(), (int) port.bytes());
            Tensor found = Tensor.of(wanted.dtype(), wanted.dims(), Elements.decode(wanted.dtype(), bytes, 0, wanted.size()));
            for (int k = 0; k < wanted.size(); k++) {
                assertEquals(wanted.getDouble(k), found.getDouble(k), TOLERANCE * Math.max(1, Math.abs(wanted.getDouble(k))));
            }
        }
    }

    @Test
    void whatIsGivenIsCompiledIn() {
        GraphSketch sketch = GraphSketch.parse("graph yes [[t = Neg(x); -> t]]; graph no [[e = Exp(x); -> e]]; x: float32[3];"
                + "c: bool[1] in 0..1; y = If(c) {then_branch=@yes, else_branch=@no}; -> y");
        for (int chosen = 0; chosen < 2; chosen++) {
            Tensor condition = Tensor.of(DType.BOOL, new int[] {1}, new byte[] {(byte) chosen});
            Standalone compiled = AheadOfTime.compile(Inference.infer(sketch.graph()), Map.of("c", condition), Target.STRICT);
            assertEquals(1, compiled.inputs().size());
            Tensor x = Tensor.floats(new int[] {3}, 1, -2, 0.5f);
            check(compiled, open(compiled, true), Evaluator.run(sketch.graph(), List.of(x, condition)), List.of(x));
        }
        assertEquals("open-input", assertThrows(InvalidInputException.class, () -> AheadOfTime.compile(
                Inference.infer(sketch.graph()), Map.of(), Target.STRICT)).code());
    }

    @Test
    void anIndexOutOfRangeIsTold() {
        Standalone compiled = AheadOfTime.compile(Inference.infer(GraphSketch.parse(
                "x: int64[1] in 0..6; w: float32[6,5] = random; y = Gather(w, x); -> y").graph()), Map.of(), Target.STRICT);
        Instance instance = open(compiled, true);
        instance.memory().writeLong((int) compiled.inputs().get(0).address(), 6);
        int fault = (int) instance.export("run").apply()[0];
        assertNotEquals(0, fault);
        assertTrue(compiled.labels().get(fault).contains("Gather"), compiled.labels().toString());
        instance.memory().writeLong((int) compiled.inputs().get(0).address(), 5);
        assertEquals(0, instance.export("run").apply()[0]);
    }

    @Test
    void whatCannotBeCompiledIsRefusedByName() {
        InvalidInputException open = assertThrows(InvalidInputException.class,
                () -> compile("x: float32[n,3]; y = Relu(x); -> y"));
        assertTrue(open.getMessage().contains(": n") && open.hint().contains("--fix n=1"), open.getMessage());
        UnsupportedModelException evaluated = assertThrows(UnsupportedModelException.class,
                () -> compile("x: float32[3,3]; a = Relu(x); y = Det(a); -> y"));
        assertTrue(evaluated.getMessage().length() > 0);
    }

    private static Standalone compile(String text) {
        return AheadOfTime.compile(Inference.infer(GraphSketch.parse(text).graph()), Map.of(), Target.STRICT);
    }
}
