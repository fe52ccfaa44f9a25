package dev.infuser.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.infuser.graph.Graph;
import dev.infuser.graph.GraphBuilder;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.InvalidInputException;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import dev.infuser.testing.GraphSketch;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FeedsTest {

    private static final Graph GRAPH = GraphSketch.parse("x: float32[n,4]; y: float32[n,m]; k: int64[]; -> x").graph();

    @Test
    void feedsComeInTheOrderOfInputs() {
        Map<String, Datum> feeds = feeds("k=int64 y=float32:2,3 x=float32:2,4");
        assertEquals(List.of(feeds.get("x"), feeds.get("y"), feeds.get("k")), Feeds.order(GRAPH, feeds));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "x=float32:2,4 y=float32:2,3 | missing-feed | k | input 'k' is not fed",
        "x=float32:2,4 y=float32:2,3 k=int64 z=int64 | unknown-feed | z | the model has no input named 'z'",
        "x=float64:2,4 y=float32:2,3 k=int64 | wrong-feed | x | input 'x' must be float32[n,4], found float64[2,4]",
        "x=float32:2,5 y=float32:2,3 k=int64 | wrong-feed | x | input 'x' must be float32[n,4], found float32[2,5]",
        "x=float32:2 y=float32:2,3 k=int64 | wrong-feed | x | input 'x' must be float32[n,4], found float32[2]",
        "x=float32:2,4 y=float32:2,3 k=int64:1 | wrong-feed | k | input 'k' must be int64[], found int64[1]",
        "x=float32:2,4 y=float32:3,3 k=int64 | wrong-shape | y | input 'y' makes n 3 where another input made it 2",
    })
    void wrongFeedsAreRefused(String feeds, String code, String input, String message) {
        InvalidInputException e = assertThrows(InvalidInputException.class, () -> Feeds.order(GRAPH, feeds(feeds)));
        assertEquals(code, e.code());
        assertEquals(input, e.node());
        assertEquals(message, e.getMessage());
    }

    @Test
    void anUnknownRankTakesAnyTensorOfTheType() {
        GraphBuilder builder = new GraphBuilder("any");
        Graph graph = builder.output(builder.input("x", ValueType.tensor(DType.INT8, (Shape) null))).build();
        assertEquals(1, Feeds.order(graph, feeds("x=int8:1,2,3")).size());
        assertEquals("wrong-feed", assertThrows(InvalidInputException.class,
                () -> Feeds.order(graph, feeds("x=int4:1"))).code());
    }

    private static Map<String, Datum> feeds(String text) {
        Map<String, Datum> feeds = new LinkedHashMap<>();
        for (String feed : text.trim().split(" ")) {
            String[] parts = feed.split("[=:]");
            String[] extents = parts.length < 3 ? new String[0] : parts[2].split(",");
            int[] dims = new int[extents.length];
            for (int i = 0; i < dims.length; i++) {
                dims[i] = Integer.parseInt(extents[i]);
            }
            feeds.put(parts[0], Tensor.zeros(DType.ofLabel(parts[1]), dims));
        }
        return feeds;
    }
}
