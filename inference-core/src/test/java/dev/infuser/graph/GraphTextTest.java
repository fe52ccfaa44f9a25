package dev.infuser.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.infuser.op.Inference;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GraphTextTest {

    @Test
    void graphsPrintAsOneLinePerValue() {
        GraphBuilder builder = new GraphBuilder("mlp");
        builder.input("x", ValueType.tensor(DType.FLOAT32, Shape.of(Dim.symbol("batch"), Dim.of(4))));
        builder.constant("w", Tensor.zeros(DType.FLOAT32, 4, 2));
        builder.constant("axes", Tensor.vector(-1, 2));
        builder.constant("half", Tensor.floats(new int[0], 0.5f));
        builder.constant("names", Tensor.strings(new int[] {2}, "a", "b"));
        builder.add(new Node("first", "", "MatMul", List.of("x", "w"), List.of("h"), Attributes.NONE));
        builder.add(new Node("", "", "Clip", List.of("h", "", "half"), List.of("c"), Attributes.NONE));
        builder.add(new Node("", "infuser", "Fused", List.of("c"), List.of("", "y"), new Attributes(Map.of(
                "i", new Attribute.OfInt(-3), "f", new Attribute.OfFloat(0.25f), "s", new Attribute.OfString("text"),
                "is", new Attribute.OfInts(List.of(1L, 2L)), "fs", new Attribute.OfFloats(List.of(1f)),
                "ss", new Attribute.OfStrings(List.of("p", "q")), "t",
                new Attribute.OfTensor(Tensor.ints(new int[] {2}, 3, 4)),
                "big", new Attribute.OfTensor(Tensor.zeros(DType.INT8, 9)),
                "type", new Attribute.OfType(new ValueType.OfSequence(ValueType.tensor(DType.INT8, 1)))))));
        builder.output("y").output("c");
        assertEquals("""
                graph mlp(x: float32[batch,4]) -> (y, c)
                  const w: float32[4,2]
                  const axes: int64[2] = (-1, 2)
                  const half: float32[] = (0.5)
                  const names: string[2] = ("a", "b")
                  h = MatMul(x, w)
                  c = Clip(h, _, half)
                  _, y = infuser.Fused(c) {big=int8[9], f=0.25, fs=[1.0], i=-3, is=[1,2], s="text", ss=[p,q], \
                t=int32[2](3, 4), type=sequence<int8[1]>}
                """, GraphText.print(builder.build()));
    }

    @Test
    void knownTypesAndSubgraphsAreShown() {
        GraphBuilder then = new GraphBuilder("then");
        then.add(new Node("", "", "Neg", List.of("x"), List.of("t"), Attributes.NONE)).output("t");
        GraphBuilder other = new GraphBuilder("other");
        other.output(other.constant("k", Tensor.floats(new int[] {1}, 2)));
        GraphBuilder builder = new GraphBuilder("choice");
        builder.input("x", ValueType.tensor(DType.FLOAT32, 1));
        builder.input("c", ValueType.tensor(DType.BOOL));
        builder.add(new Node("", "", "If", List.of("c"), List.of("y"),
                Attributes.of("then_branch", then.buildSubgraph(), "else_branch", other.buildSubgraph())));
        assertEquals("""
                graph choice(x: float32[1], c: bool[]) -> (y)
                  y: float32[1] = If(c)
                    else_branch =
                      graph other() -> (k)
                        const k: float32[1] = (2.0)
                    then_branch =
                      graph then() -> (t)
                        t: float32[1] = Neg(x)
                """, GraphText.print(Inference.infer(builder.output("y").build())));
    }
}
