package dev.infuser.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.infuser.graph.Attribute;
import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.GraphBuilder;
import dev.infuser.graph.Node;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.InfuserException;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class StructureTest {

    private static final int[] SCALAR = {};

    private static void check(String expected, String op, Attributes attributes, Datum... inputs) {
        Tensor out = OperatorCheck.run(op, attributes, inputs);
        assertEquals(expected, out.shape() + " " + Arrays.toString(out.toLongs()));
    }

    private static Tensor floats(float... values) {
        return Tensor.floats(new int[] {values.length}, values);
    }

    private static Tensor scalar(long value) {
        return Tensor.longs(SCALAR, value);
    }

    private static Tensor matrix(int rows, int columns, long... values) {
        return Tensor.longs(new int[] {rows, columns}, values);
    }

    @Test
    void indicesNameElementsAndSlices() {
        Tensor data = matrix(2, 2, 1, 2, 3, 4);
        check("[2,2] [1, 1, 4, 3]", "GatherElements", Attributes.of("axis", 1), data, matrix(2, 2, 0, 0, -1, 0));
        check("[2] [4, 2]", "GatherND", Attributes.NONE, data, matrix(2, 2, 1, 1, 0, -1));
        check("[1,2] [3, 4]", "GatherND", Attributes.NONE, data, matrix(1, 1, 1));
        check("[2] [2, 3]", "GatherND", Attributes.of("batch_dims", 1), data, matrix(2, 1, 1, 0));
        check("[2,2] [1, 9, 8, 4]", "ScatterElements", Attributes.of("axis", 1), data, matrix(2, 1, 1, 0), matrix(2, 1, 9, 8));
        check("[2,2] [1, 2, 18, 24]", "ScatterND", Attributes.of("reduction", "mul"), data, matrix(1, 1, 1),
                matrix(1, 2, 6, 6));
        check("[2,2] [1, 2, 3, 9]", "ScatterND", Attributes.of("reduction", "max"), data, matrix(2, 2, 1, 1, 0, 0),
                Tensor.vector(9, 0));
    }

    @Test
    void selectionsFollowTheElements() {
        check("[2,2] [0, 1, 1, 0]", "NonZero", Attributes.NONE, matrix(2, 2, 0, 5, 6, 0));
        check("[2,1] [2, 4]", "Compress", Attributes.of("axis", 1), matrix(2, 2, 1, 2, 3, 4),
                Tensor.of(DType.BOOL, new int[] {2}, new byte[] {0, 1}));
        List<Datum> top = OperatorCheck.runAll("TopK", 2, Attributes.NONE, Tensor.vector(3, 7, 7, 1), Tensor.vector(3));
        assertArrayEquals(new long[] {7, 7, 3}, ((Tensor) top.get(0)).longs());
        assertArrayEquals(new long[] {1, 2, 0}, ((Tensor) top.get(1)).longs());
        List<Datum> unique = OperatorCheck.runAll("Unique", 4, Attributes.of("sorted", 0), Tensor.vector(5, 2, 5, 1));
        assertArrayEquals(new long[] {5, 2, 1}, ((Tensor) unique.get(0)).longs());
        assertArrayEquals(new long[] {0, 1, 3}, ((Tensor) unique.get(1)).longs());
        assertArrayEquals(new long[] {0, 1, 0, 2}, ((Tensor) unique.get(2)).longs());
        assertArrayEquals(new long[] {2, 1, 1}, ((Tensor) unique.get(3)).longs());
    }

    @Test
    void generatorsAndRearrangements() {
        check("[3] [5, 3, 1]", "Range", Attributes.NONE, scalar(5), scalar(0), scalar(-2));
        check("[] [6]", "Size", Attributes.NONE, matrix(2, 3, 0, 0, 0, 0, 0, 0));
        check("[2,3] [0, 1, 0, 0, 0, 1]", "EyeLike", Attributes.of("k", 1), matrix(2, 3, 0, 0, 0, 0, 0, 0));
        check("[2,3] [0, 7, 0, 0, 0, 7]", "OneHot", Attributes.NONE, Tensor.vector(1, -1), scalar(3), Tensor.vector(0, 7));
        check("[2,2] [1, 0, 3, 4]", "Trilu", Attributes.of("upper", 0), matrix(2, 2, 1, 2, 3, 4));
        check("[4] [0, 1, 2, 0]", "CenterCropPad", Attributes.NONE, Tensor.vector(1, 2), Tensor.vector(4));
        check("[2] [2, 3]", "CenterCropPad", Attributes.NONE, Tensor.vector(1, 2, 3, 4), Tensor.vector(2));
        check("[3,2] [3, 2, 5, 4, 1, 6]", "ReverseSequence", Attributes.NONE, matrix(3, 2, 1, 2, 5, 4, 3, 6),
                Tensor.vector(3, 1));
        Tensor deep = Tensor.longs(new int[] {1, 4, 1, 1}, 1, 2, 3, 4);
        check("[1,1,2,2] [1, 2, 3, 4]", "DepthToSpace", Attributes.of("blocksize", 2), deep);
        check("[1,4,1,1] [1, 2, 3, 4]", "SpaceToDepth", Attributes.of("blocksize", 2), deep.reshape(1, 1, 2, 2));
    }

    @Test
    void sequencesGrowAndSplit() {
        Tensor a = Tensor.vector(1);
        Tensor b = Tensor.vector(2, 3);
        Datum sequence = new Datum.Sequence(List.of(a, b));
        check("[3] [1, 2, 3]", "ConcatFromSequence", Attributes.of("axis", 0), sequence);
        check("[2] [2, 3]", "SequenceAt", Attributes.NONE, sequence, scalar(-1));
        check("[] [2]", "SequenceLength", Attributes.NONE, sequence);
        Datum.Sequence parts = (Datum.Sequence) OperatorCheck.runAll("SplitToSequence", 1, Attributes.NONE,
                Tensor.vector(1, 2, 3), scalar(2)).get(0);
        assertEquals("[int64[2], int64[1]]", parts.elements().toString());
        assertThrows(InfuserException.class, () -> OperatorCheck.run("SequenceAt", sequence, scalar(2)));
    }

    @Test
    void resizingInterpolates() {
        Tensor x = floats(0, 1, 2, 3);
        Attributes linear = Attributes.of("mode", "linear");
        assertArrayEquals(new float[] {0, 0.25f, 0.75f, 1.25f, 1.75f, 2.25f, 2.75f, 3},
                OperatorCheck.run("Resize", linear, x, null, floats(2)).floats());
        assertArrayEquals(new float[] {0.5f, 2.5f}, OperatorCheck.run("Resize", linear, x, null, null, Tensor.vector(2)).floats());
        assertArrayEquals(new float[] {0, 3}, OperatorCheck.run("Resize", linear.with("coordinate_transformation_mode",
                "align_corners"), x, null, null, Tensor.vector(2)).floats());
        assertArrayEquals(new float[] {0, 0, 1, 1, 2, 2, 3, 3}, OperatorCheck.run("Resize", Attributes.NONE, x, null,
                floats(2)).floats());
    }

    @Test
    void recurrentCellsFollowTheirEquations() {
        Tensor x = Tensor.floats(new int[] {1, 1, 1}, 1);
        Tensor one = Tensor.floats(new int[] {1, 4, 1}, 1, 2, 3, 4);
        Tensor none = Tensor.zeros(DType.FLOAT32, 1, 4, 1);
        double sigmoid1 = 1 / (1 + Math.exp(-1));
        double cell = sigmoid1 * Math.tanh(4);
        List<Datum> lstm = OperatorCheck.runAll("LSTM", 3, Attributes.of("hidden_size", 1), x, one, none);
        assertEquals(cell, ((Tensor) lstm.get(2)).getDouble(0), 1e-6);
        assertEquals(Math.tanh(cell) / (1 + Math.exp(-2)), ((Tensor) lstm.get(1)).getDouble(0), 1e-6);
        List<Datum> gru = OperatorCheck.runAll("GRU", 2, Attributes.of("hidden_size", 1, "layout", 1), x,
                Tensor.floats(new int[] {1, 3, 1}, 1, 2, 3), Tensor.zeros(DType.FLOAT32, 1, 3, 1));
        assertEquals((1 - sigmoid1) * Math.tanh(3), ((Tensor) gru.get(0)).getDouble(0), 1e-6);
        Attributes both = Attributes.of("hidden_size", 1, "direction", "bidirectional", "activations",
                new Attribute.OfStrings(List.of("Affine", "Affine")));
        Tensor y = OperatorCheck.run("RNN", both, Tensor.floats(new int[] {3, 1, 1}, 1, 10, 100),
                Tensor.floats(new int[] {2, 1, 1}, 1, 1), Tensor.floats(new int[] {2, 1, 1}, 1, 1), null,
                Tensor.ints(new int[] {1}, 2));
        assertEquals("float32[3,2,1,1]", y.toString());
        assertArrayEquals(new float[] {1, 11, 11, 10, 0, 0}, y.floats());
    }

    @Test
    void loopsCarryAndCollectAndSeeWhatIsAround() {
        ValueType number = ValueType.tensor(DType.INT64);
        GraphBuilder body = new GraphBuilder("body");
        body.input("i", number);
        body.input("go", ValueType.tensor(DType.BOOL));
        body.input("sum", ValueType.tensor(DType.INT64, 1));
        String next = body.add("Add", "sum", "step");
        String grown = body.add("Concat", Attributes.of("axis", 0), next, next);
        body.output("go").output(grown).output("i");
        GraphBuilder b = new GraphBuilder("loop");
        b.input("n", number);
        b.input("start", ValueType.tensor(DType.INT64, 1));
        b.input("step", ValueType.tensor(DType.INT64, 1));
        b.add(new Node("", "", "Add", List.of("start", "step"), List.of("used"), Attributes.NONE));
        b.add(new Node("", "", "Loop", List.of("n", "", "used"), List.of("last", "all"),
                Attributes.of("body", body.buildSubgraph())));
        b.output("last").output("all");
        Graph graph = Inference.infer(b.build());
        assertEquals(null, constantDim(graph, "last"));
        List<Datum> out = Evaluator.run(graph, List.of(scalar(2), Tensor.vector(1), Tensor.vector(10)));
        assertArrayEquals(new long[] {31, 31, 31, 31}, ((Tensor) out.get(0)).longs());
        assertArrayEquals(new long[] {0, 1}, ((Tensor) out.get(1)).longs());
    }

    private static Long constantDim(Graph graph, String value) {
        Dim dim = ((ValueType.OfTensor) graph.type(value)).shape().dim(0);
        return dim.isConstant() ? Long.valueOf(dim.value()) : null;
    }

    @Test
    void branchesAgreeOnWhatBothKeep() {
        GraphBuilder yes = new GraphBuilder("yes");
        yes.output(yes.add("Identity", "x"));
        GraphBuilder no = new GraphBuilder("no");
        no.output(no.add("Slice", "x", no.constant("s", Tensor.vector(0)), no.constant("e", Tensor.vector(1))));
        GraphBuilder b = new GraphBuilder("choice");
        b.input("flag", ValueType.tensor(DType.BOOL));
        b.input("x", ValueType.tensor(DType.FLOAT32, Shape.of(Dim.symbol("batch"), Dim.of(2))));
        String y = b.add("If", Attributes.of("then_branch", yes.buildSubgraph(), "else_branch", no.buildSubgraph()), "flag");
        Graph graph = Inference.infer(b.output(y).build());
        ValueType.OfTensor type = (ValueType.OfTensor) graph.type(y);
        assertEquals(Dim.of(2), type.shape().dim(1));
        assertEquals(false, type.shape().dim(0).isConstant());
        Tensor flag = Tensor.of(DType.BOOL, SCALAR, new byte[] {0});
        Tensor x = Tensor.floats(new int[] {2, 2}, 1, 2, 3, 4);
        assertArrayEquals(new float[] {1, 2}, ((Tensor) Evaluator.run(graph, List.of(flag, x)).get(0)).floats());
    }
}
