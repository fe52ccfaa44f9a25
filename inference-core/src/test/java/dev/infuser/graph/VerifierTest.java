package dev.infuser.graph;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerifierTest {

    private static final ValueType TYPE = ValueType.tensor(DType.FLOAT32);

    private static Node node(String inputs, String outputs, Object... attributes) {
        return new Node("", "", "Op", split(inputs), split(outputs), Attributes.of(attributes));
    }

    private static List<String> split(String names) {
        List<String> list = new ArrayList<>();
        for (String name : names.isEmpty() ? new String[0] : names.split(" ")) {
            list.add(name.replace("_", ""));
        }
        return list;
    }

    private static Graph graph(String inputs, String outputs, Map<String, Tensor> constants, Node... nodes) {
        List<Value> values = new ArrayList<>();
        for (String input : split(inputs)) {
            values.add(new Value(input, TYPE));
        }
        return new Graph("g", values, split(outputs), List.of(nodes), constants, Map.of());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "x   | x -> y, y -> z     | z   | ",
        "x   | x _ -> _ y         | y x | ",
        "x   | x -> y             | z   | output 'z' of graph 'g' is never computed",
        "x   | y -> z, x -> y     | z   | Op -> z reads 'y', which nothing before it defines",
        "x   | x -> y, x -> y     | y   | value 'y' is defined twice, again by Op -> y",
        "x   | x -> x             | x   | value 'x' is defined twice, again by Op -> x",
        "x   | x -> y y           | y   | value 'y' is defined twice, again by Op -> y",
        "x x | x -> y             | y   | value 'x' is defined twice, again by input",
        "w   | w -> y             | y   | value 'w' is defined twice, again by constant",
        "x   | x -> w             | w   | value 'w' is defined twice, again by Op -> w",
        "_   | w -> y             | y   | input defines a value without a name",
    })
    void everyNameIsDefinedOnceBeforeItsUse(String inputs, String nodes, String outputs, String message) {
        List<Node> list = new ArrayList<>();
        for (String node : nodes.split(", ")) {
            String[] ends = node.split(" -> ");
            list.add(node(ends[0], ends[1]));
        }
        Graph graph = graph(inputs, outputs, Map.of("w", Tensor.vector(1)), list.toArray(new Node[0]));
        if (message == null) {
            assertDoesNotThrow(() -> Verifier.verify(graph));
        } else {
            InvalidModelException e = assertThrows(InvalidModelException.class, () -> Verifier.verify(graph));
            assertEquals("bad-graph", e.code());
            assertEquals(message, e.getMessage());
        }
    }

    @Test
    void subgraphsSeeWhatIsDefinedBeforeThem() {
        Graph branch = graph("", "t", Map.of(), node("x", "t"));
        assertDoesNotThrow(() -> Verifier.verify(graph("x", "y", Map.of(), node("", "y", "body", branch))));
        Graph later = graph("c", "y", Map.of(), node("c", "y", "body", branch), node("c", "x"));
        assertEquals("Op -> t reads 'x', which nothing before it defines",
                assertThrows(InvalidModelException.class, () -> Verifier.verify(later)).getMessage());
        Graph itself = graph("c", "x", Map.of(), node("c", "x", "body", branch));
        assertThrows(InvalidModelException.class, () -> Verifier.verify(itself));
    }

    @Test
    void subgraphsDoNotHideNamesButMayShareThem() {
        Graph branch = graph("", "t", Map.of(), node("x", "t"));
        assertDoesNotThrow(() -> Verifier.verify(
                graph("x", "y", Map.of(), node("", "y", "then", branch, "else", branch),
                node("", "z", "then", branch))));
        Graph hidden = graph("x t", "y", Map.of(), node("", "y", "then", branch));
        assertEquals("value 't' is defined twice, again by Op -> t",
                assertThrows(InvalidModelException.class, () -> Verifier.verify(hidden)).getMessage());
        Graph leaking = graph("x", "t", Map.of(), node("", "y", "then", branch));
        assertThrows(InvalidModelException.class, () -> Verifier.verify(leaking));
    }

    @Test
    void nestingHasAnEnd() {
        Graph deep = graph("", "x", Map.of());
        for (int i = 0; i < 64; i++) {
            deep = graph(i == 63 ? "x" : "", i == 63 ? "y63" : "y" + i, Map.of(), node("", "y" + i, "body", deep));
        }
        Graph allowed = deep;
        assertDoesNotThrow(() -> Verifier.verify(allowed));
        Graph tooDeep = graph("x", "y", Map.of(), node("", "y", "body",
                new Graph("h", List.of(), allowed.outputs(), allowed.nodes(), Map.of(), Map.of())));
        assertEquals("subgraphs are nested more than 64 deep",
                assertThrows(InvalidModelException.class, () -> Verifier.verify(tooDeep)).getMessage());
    }
}
