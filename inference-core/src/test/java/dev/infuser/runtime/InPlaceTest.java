package dev.infuser.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.infuser.graph.Graph;
import dev.infuser.kernel.Target;
import dev.infuser.op.Inference;
import dev.infuser.pass.Passes;
import dev.infuser.plan.Bound;
import dev.infuser.plan.Planner;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import dev.infuser.testing.Engines;
import dev.infuser.testing.GraphSketch;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Results that are written over inputs which nobody needs any more. */
class InPlaceTest {

    /** Values that live at once, each of 15 x 15 elements in 960 bytes, and whether results are right. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "an elementwise result | e = Exp(x); s = Softmax(e); y = Mul(s, x); -> y | 2",
        "a result of equal inputs | e = Softmax(x); y = Mul(e, e); z = Softmax(y); -> z | 2",
        "an input of the graph stays | y = Exp(x); -> y | 2",
        "what is read later stays | e = Softmax(x); f = Softmax(e); y = Sub(e, f); z = Softmax(y); -> z | 2",
        "what is read broadcast as well stays | k: int64[2] = 225 1; e = Softmax(x); r = Reshape(e, k); t: int64[1] = 0;"
                + " g = Gather(e, t); y = Sub(e, g); z = Softmax(y); -> z | 2",
        "a residual of a product | e = Softmax(x); f = MatMul(e, w); h = Relu(f); g = MatMul(h, v); y = Add(g, e);"
                + " z = Softmax(y); -> z | 2",
        "a residual that the product reads | e = Softmax(x); g = MatMul(e, w); y = Add(g, e); z = Softmax(y); -> z | 2",
        "a residual under another shape | k: int64[3] = 15 15 1; l: int64[2] = 15 15; e = Softmax(x); r = Reshape(e, k);"
                + " f = MatMul(x, w); q = Reshape(r, l); y = Add(f, q); z = Softmax(y); -> z | 2",
        "a result stays | e = Softmax(x); y = Neg(e); z = Softmax(y); -> e, z | 2"})
    void liveInTheMemoryOfInputsThatEnd(String name, String nodes, int buffers) {
        GraphSketch sketch = GraphSketch.parse("x: float32[15,15]; w: float32[15,15] = random; v: float32[15,15] = random;"
                + nodes);
        Graph graph = Passes.optimize(sketch.graph());
        List<ValueType> types = new ArrayList<>();
        List<Datum> feeds = sketch.feeds("", 1);
        feeds.forEach(feed -> types.add(((Tensor) feed).type()));
        Bound bound = Planner.compile(Inference.infer(graph), Target.STRICT, Planner.packable(graph)).bind(types, 1);
        assertEquals(buffers, bound.lowerBound() / 960, name + ": " + bound.lowerBound());
        try (Engines engines = new Engines()) {
            engines.check(graph, 1e-5, List.of(feeds, sketch.feeds("", 2)));
        }
    }

    /** Extents of x and v, and how many values of 960 bytes live at once where {@code e - f} can only be told to fit by them. */
    @ParameterizedTest
    @CsvSource({"15, 15, 2", "15, 1, 2", "1, 15, 1"})
    void liveInTheMemoryOfInputsThatHappenToHaveTheirExtents(int m, int p, int buffers) {
        GraphSketch sketch = GraphSketch.parse("x: float32[m,16]; v: float32[p,1]; w: float32[1,16] = random;"
                + " e = Softmax(x); f = MatMul(v, w); y = Sub(e, f); z = Softmax(y); -> z");
        Graph graph = Passes.optimize(sketch.graph());
        String extents = "m=" + m + " p=" + p;
        List<ValueType> types = new ArrayList<>();
        sketch.feeds(extents, 1).forEach(feed -> types.add(((Tensor) feed).type()));
        Bound bound = Planner.compile(Inference.infer(graph), Target.STRICT, Planner.packable(graph)).bind(types, 1);
        assertEquals(buffers, bound.lowerBound() / 960, extents + ": " + bound.lowerBound());
        try (Engines engines = new Engines()) {
            engines.check(graph, 1e-5, List.of(sketch.feeds("m=15 p=15", 1), sketch.feeds("m=1 p=15", 2),
                    sketch.feeds("m=15 p=1", 3), sketch.feeds(extents, 4)));
        }
    }
}
