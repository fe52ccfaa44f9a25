package dev.infuser.converter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.GraphBuilder;
import dev.infuser.graph.Node;
import dev.infuser.graph.Subgraphs;
import dev.infuser.graph.Verifier;
import dev.infuser.op.Evaluator;
import dev.infuser.op.Inference;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ShortNamesTest {

    /** {@code y = (c ? |x| + w : x) + 1}, with an input whose name is the first short one. */
    private static Graph graph() {
        GraphBuilder then = new GraphBuilder("then");
        then.add(new Node("model/branch/Add", "", "Add", List.of("model/a", "model/w"), List.of("model/t"), Attributes.NONE))
                .output("model/t");
        GraphBuilder other = new GraphBuilder("else");
        other.output("model/a");
        GraphBuilder whole = new GraphBuilder("whole");
        whole.input("0", ValueType.tensor(DType.FLOAT32, 2));
        whole.input("c", ValueType.tensor(DType.BOOL));
        whole.constant("model/w", Tensor.floats(new int[] {2}, 10, 20));
        whole.constant("model/one", Tensor.floats(new int[0], 1));
        whole.add(new Node("model/Abs", "", "Abs", List.of("0"), List.of("model/a"), Attributes.NONE));
        whole.add(new Node("", "", "If", List.of("c"), List.of("model/r"),
                Attributes.of("then_branch", then.buildSubgraph(), "else_branch", other.buildSubgraph())));
        whole.add(new Node("Add", "", "Add", List.of("model/r", "model/one"), List.of("model/y"), Attributes.NONE));
        return Inference.infer(whole.output("model/y").build());
    }

    @Test
    void valuesThatNobodyCanAskForAreRenamedEverywhere() {
        Graph graph = graph();
        Graph renamed = ShortNames.of(graph);
        Verifier.verify(renamed);
        assertEquals(graph.inputs(), renamed.inputs());
        assertEquals(graph.outputs(), renamed.outputs());
        assertEquals(Set.of("1", "2"), Set.copyOf(Subgraphs.captured(renamed.nodes().get(1))));
        for (String name : renamed.constants().keySet()) {
            assertTrue(name.length() == 1, name);
        }
        Tensor x = Tensor.floats(new int[] {2}, -3, 4);
        for (boolean c : new boolean[] {false, true}) {
            Tensor condition = Tensor.ofDoubles(DType.BOOL, new int[0], new double[] {c ? 1 : 0});
            assertEquals(((Tensor) Evaluator.run(graph, List.of(x, condition)).get(0)).getDouble(0),
                    ((Tensor) Evaluator.run(renamed, List.of(x, condition)).get(0)).getDouble(0));
        }
    }

    @Test
    void nodesKeepTheirNamesWithoutTheScopeOfMost() {
        Graph renamed = ShortNames.of(graph());
        assertEquals(List.of("Abs", "", "Add"), renamed.nodes().stream().map(Node::name).toList());
        List<String> inside = new ArrayList<>();
        Subgraphs.of(renamed.nodes().get(1)).forEach(branch -> branch.nodes().forEach(node -> inside.add(node.name())));
        assertEquals(List.of("branch/Add"), inside);
    }

    @Test
    void typesAreKeptOfWhatIsComputedAlone() {
        Graph graph = graph();
        Graph renamed = ShortNames.of(graph);
        assertFalse(renamed.types().containsKey("0"));
        for (int i = 0; i < graph.nodes().size(); i++) {
            assertEquals(graph.type(graph.nodes().get(i).output(0)), renamed.type(renamed.nodes().get(i).output(0)));
        }
    }
}
