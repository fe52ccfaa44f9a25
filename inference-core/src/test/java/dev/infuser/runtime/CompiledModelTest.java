package dev.infuser.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.infuser.plan.Program;
import dev.infuser.plan.Step;
import dev.infuser.tensor.Datum;
import dev.infuser.testing.Engines;
import dev.infuser.testing.GraphSketch;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CompiledModelTest {

    /**
     * Kernels add in float32 and in another order than evaluation, which rounds once; sums here have up to 100 terms.
     */
    private static final double TOLERANCE = 1e-5;

    /** What kernels promise of a function of one element, see {@link dev.infuser.expr.Fn}. */
    private static final double RELATIVE = 4e-6;

    private static Engines engines;

    @BeforeAll
    static void open() {
        engines = new Engines();
    }

    @AfterAll
    static void close() {
        engines.close();
    }

    record Case(String name, String sketch, String extents, String steps, String hostSteps) {
        @Override
        public String toString() {
            return name;
        }
    }

    /** Lines of name, graph, extents of each run, steps if that matters, and nodes to be evaluated. */
    static List<Case> cases() throws IOException {
        List<Case> cases = new ArrayList<>();
        for (String file : new String[] {"operators.txt", "fusion.txt", "convolutions.txt", "control.txt", "quantized.txt", "rare.txt"}) {
            try (InputStream in = CompiledModelTest.class.getResourceAsStream(file)) {
                for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
                    String[] cells = (line + "||||").split("\\|");
                    if (!line.startsWith("#")) {
                        cases.add(new Case(cells[0].trim(), cells[1], cell(cells, 2), cell(cells, 3), cell(cells, 4)));
                    }
                }
            }
        }
        return cases;
    }

    private static String cell(String[] cells, int i) {
        return i < cells.length ? cells[i].trim() : "";
    }

    @ParameterizedTest
    @MethodSource("cases")
    void computesWhatEvaluationDoes(Case c) {
        GraphSketch sketch = GraphSketch.parse(c.sketch());
        List<List<Datum>> runs = new ArrayList<>();
        for (String extents : c.extents().split("/")) {
            runs.add(sketch.feeds(extents, runs.size()));
        }
        Program program = engines.check(sketch.graph(), TOLERANCE, runs);
        if (!c.steps().isEmpty()) {
            assertEquals(Integer.parseInt(c.steps()), program.steps().size(), "steps in " + program.steps());
        }
        assertEquals(c.hostSteps().isEmpty() ? 0 : Integer.parseInt(c.hostSteps()), program.hostSteps(),
                "evaluated nodes in " + program.steps().stream().filter(step -> step instanceof Step.HostStep).toList());
    }

    @ParameterizedTest
    @CsvSource({"Abs,-9,9", "Acos,-1,1", "Atan,-9,9", "Ceil,-9,9", "Celu,-4,4", "Cos,-9,9", "Cosh,-3,3", "Elu,-4,4",
            "Erf,-4,4",
            "Exp,-9,9", "Floor,-9,9", "Gelu,-6,6", "HardSigmoid,-9,9", "HardSwish,-9,9", "LeakyRelu,-9,9", "Log,0.01,9",
            "Mish,-9,9", "Neg,-9,9", "Reciprocal,0.5,9", "Relu,-9,9", "Round,-9,9", "Selu,-4,4", "Shrink,-2,2",
            "Sigmoid,-99,99", "Sign,-9,9", "Sin,-9,9", "Sinh,-3,3", "Softplus,-9,9", "Softsign,-9,9", "Sqrt,-1,9",
            "Swish,-9,9", "Tan,-1,1", "Tanh,-9,9", "ThresholdedRelu,-9,9"})
    void functionsOfOneArgument(String op, String low, String high) {
        GraphSketch sketch = GraphSketch.parse("x: float32[n] in " + low + ".." + high + "; y = " + op + "(x); -> y");
        engines.check(sketch.graph(), RELATIVE, List.of(sketch.feeds("n=7", 1), sketch.feeds("n=100", 2)));
        GraphSketch doubles = GraphSketch.parse("x: float64[n] in " + low + ".." + high + "; y = " + op + "(x); -> y");
        assertEquals(1, engines.check(doubles.graph(), 0, List.of(doubles.feeds("n=7", 1))).hostSteps());
    }

    @ParameterizedTest
    @ValueSource(strings = {"Add", "Sub", "Mul", "Div", "Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual",
            "Max", "Min", "Mean", "Sum", "PRelu", "Pow"})
    void functionsOfTwoArguments(String op) {
        for (String types : new String[] {"[n,m];[n,m]", "[n,m];[m]", "[n,m];[n,1]", "[n,m];[]", "[n,1];[1,1]",
                "[n,1];[m]",
            "[];[]", "[n,m];[k,m]", "[n,m];[n,k]", "[b,n,m];[n,m]", "[b,n,m];[b,1,m]", "[b,1,m];[1,n,1]"}) {
            String[] both = types.split(";");
            if (op.equals("PRelu") && (both[0].length() < both[1].length() || both[0].contains("1"))) {
                continue;
            }
            GraphSketch sketch = GraphSketch.parse("x: float32" + both[0] + " in 0.5..3; y: float32" + both[1]
                    + " in 0.5..3; z = " + op + "(x, y); -> z");
            List<List<Datum>> runs = new ArrayList<>();
            for (String extents : new String[] {"n=3 m=5 k=1 b=2", "n=1 m=1 k=1 b=1", "n=1 m=7 k=1 b=3",
                    "n=5 m=1 k=1 b=2"}) {
                runs.add(sketch.feeds(extents, runs.size()));
            }
            engines.check(sketch.graph(), RELATIVE, runs);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceMax", "ReduceMean", "ReduceMin",
            "ReduceProd", "ReduceSum", "ReduceSumSquare"})
    void reductions(String op) {
        for (String axes : new String[] {"[1] = 0", "[1] = 1", "[1] = -1", "[2] = 0 1", "[2] = 2 1", "[3] = 0 1 2"}) {
            for (int keep = 0; keep < 2; keep++) {
                GraphSketch sketch = GraphSketch.parse("x: float32[a,b,c] in 0.1..2; d: int64" + axes + "; y = " + op
                        + "(x, d) {keepdims=" + keep + "}; -> y");
                List<List<Datum>> runs = new ArrayList<>();
                for (String extents : new String[] {"a=3 b=4 c=5", "a=1 b=1 c=1", "a=2 b=1 c=9", "a=2 b=3 c=0"}) {
                    runs.add(sketch.feeds(extents, runs.size()));
                }
                assertEquals(0, engines.check(sketch.graph(), TOLERANCE, runs).hostSteps());
            }
        }
    }
}
