package dev.infuser.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RearrangeTest {

    private static Tensor apply(String op, Attributes attributes, Tensor... inputs) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < inputs.length; i++) {
            names.add(inputs[i] == null ? "" : "i" + i);
        }
        Node node = new Node("", "", op, names, List.of("y"), attributes);
        return (Tensor) OperatorCheck.run(node, Arrays.<Datum>asList(inputs)).get(0);
    }

    private static void check(String expected, String op, Attributes attributes, Tensor... inputs) {
        Tensor out = apply(op, attributes, inputs);
        assertEquals(expected, out.shape() + " " + Arrays.toString(out.toLongs()));
    }

    private static Tensor range(int... dims) {
        long[] values = new long[Tensor.count(dims)];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        return Tensor.longs(dims, values);
    }

    @Test
    void elementsLandWhereTheSpecificationPutsThem() {
        Attributes none = Attributes.NONE;
        check("[3,2] [0, 3, 1, 4, 2, 5]", "Transpose", none, range(2, 3));
        check("[2,1,2] [0, 2, 1, 3]", "Transpose", Attributes.of("perm", new long[] {2, 0, 1}), range(1, 2, 2));
        check("[2,3] [0, 1, 2, 3, 4, 5]", "Reshape", none, range(3, 2), Tensor.vector(-1, 3));
        check("[3,1,2] [0, 1, 2, 3, 4, 5]", "Reshape", none, range(3, 2), Tensor.vector(0, -1, 2));
        check("[0,3] []", "Reshape", Attributes.of("allowzero", 1), range(2, 0), Tensor.vector(0, 3));
        check("[2,3] [0, 1, 2, 3, 4, 5]", "Flatten", none, range(2, 3, 1));
        check("[1,6] [0, 1, 2, 3, 4, 5]", "Flatten", Attributes.of("axis", 0), range(2, 3));
        check("[2] [0, 1]", "Squeeze", none, range(1, 2, 1));
        check("[2,1] [0, 1]", "Squeeze", none, range(1, 2, 1), Tensor.vector(0));
        check("[1,2,1] [0, 1]", "Unsqueeze", none, range(2), Tensor.vector(-1, 0));
        check("[4] [0, 1, 0, 1]", "Concat", Attributes.of("axis", 0), range(2), range(2));
        check("[2,3] [0, 1, 0, 2, 3, 1]", "Concat", Attributes.of("axis", -1), range(2, 2), range(2, 1));
        check("[2] [3, 1]", "Slice", none, range(5), Tensor.vector(3), Tensor.vector(-5), Tensor.vector(0),
                Tensor.vector(-2));
        check("[4] [3, 2, 1, 0]", "Slice", none, range(4), Tensor.vector(-1), Tensor.vector(Long.MIN_VALUE),
                Tensor.vector(0), Tensor.vector(-1));
        check("[2,1] [1, 4]", "Slice", none, range(2, 3), Tensor.vector(1), Tensor.vector(2), Tensor.vector(-1));
        check("[0] []", "Slice", none, range(4), Tensor.vector(3), Tensor.vector(1));
        check("[2,2] [2, 1, 5, 4]", "Gather", Attributes.of("axis", 1), range(2, 3), Tensor.vector(-1, 1));
        check("[2,3] [0, 1, 2, 0, 1, 2]", "Expand", none, range(3), Tensor.vector(2, 1));
        check("[2,4] [0, 1, 0, 1, 2, 3, 2, 3]", "Tile", none, range(2, 2), Tensor.vector(1, 2));
        check("[2,2] [7, 7, 7, 7]", "ConstantOfShape", Attributes.of("value", Tensor.vector(7)), Tensor.vector(2, 2));
        check("[2] [4, 5]", "Constant", Attributes.of("value_ints", new long[] {4, 5}));
    }

    @Test
    void wrongArgumentsAreRefused() {
        assertThrows(InfuserException.class, () -> apply("Reshape", Attributes.NONE, range(4), Tensor.vector(3)));
        assertThrows(InfuserException.class, () -> apply("Reshape", Attributes.NONE, range(4), Tensor.vector(-1, -1)));
        assertThrows(InfuserException.class, () -> apply("Gather", Attributes.NONE, range(4), Tensor.vector(4)));
        assertThrows(InfuserException.class, () -> apply("Squeeze", Attributes.NONE, range(2), Tensor.vector(0)));
        assertThrows(InfuserException.class, () -> apply("Split", Attributes.NONE, range(4), Tensor.vector(3)));
        assertThrows(InfuserException.class, () -> apply("Transpose", Attributes.of("perm", new long[] {0, 0}), range(2, 2)));
        assertThrows(InfuserException.class, () -> apply("Slice", Attributes.NONE, range(4), Tensor.vector(0),
                Tensor.vector(1), Tensor.vector(0), Tensor.vector(0)));
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void everyTypeMoves(DType dtype) {
        Tensor in = dtype == DType.STRING ? Tensor.strings(new int[] {2, 2}, "0", "1", "2", "3")
                : Tensor.ofLongs(dtype, new int[] {2, 2}, new long[] {0, 1, 2, 3});
        Tensor out = apply("Transpose", Attributes.NONE, in);
        assertEquals(true, out.sameAs(in.pick(new int[] {2, 2}, new int[] {0, 2, 1, 3})));
    }

    @Test
    void splitGivesTheRestToTheLastPart() {
        Node node = new Node("", "", "Split", List.of("x"), List.of("a", "b"), Attributes.of("num_outputs", 2));
        List<Datum> out = Evaluator.apply(node, List.of(range(7)));
        assertEquals("[4][3]", ((Tensor) out.get(0)).shape().toString() + ((Tensor) out.get(1)).shape());
    }

    @Test
    void shapeArithmeticKeepsSymbols() {
        GraphBuilder b = new GraphBuilder("heads");
        b.input("x", ValueType.tensor(DType.FLOAT32,
                Shape.of(Dim.symbol("batch"), Dim.symbol("seq"), Dim.of(384))));
        String shape = b.add("Shape", "x");
        String batch = b.add("Gather", Attributes.of("axis", 0), shape, b.constant("zero", Tensor.longs(new int[0], 0)));
        String lead = b.add("Slice", shape, b.constant("s", Tensor.vector(0)), b.constant("e", Tensor.vector(2)));
        String heads = b.add("Concat", Attributes.of("axis", 0), lead, b.constant("h", Tensor.vector(12, -1)));
        String split = b.add("Reshape", "x", heads);
        String moved = b.add("Transpose", Attributes.of("perm", new long[] {0, 2, 1, 3}), split);
        String merged = b.add("Reshape", moved, b.add("Concat", Attributes.of("axis", 0),
                b.add("Unsqueeze", batch, b.constant("ax", Tensor.vector(0))), b.constant("r", Tensor.vector(-1, 384))));
        String mask = b.add("ConstantOfShape", lead);
        String wide = b.add("Expand", b.add("Unsqueeze", mask, b.constant("ax1", Tensor.vector(1))),
                b.add("Concat", Attributes.of("axis", 0), b.constant("one", Tensor.vector(1, 12)),
                        b.constant("two", Tensor.vector(1))));
        b.output(moved).output(merged).output(wide);
        Graph graph = Inference.infer(b.build());
        assertEquals("float32[batch,12,seq,32]", graph.type(moved).toString());
        assertEquals("float32[batch,seq,384]", graph.type(merged).toString());
        assertEquals("float32[batch,12,seq]", graph.type(wide).toString());
    }
}
