package dev.infuser.converter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.graph.Graph;
import dev.infuser.graph.Value;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SampleInputsTest {

    private static Tensor draw(int number, Map<String, String> metadata, DType dtype, Dim... dims) {
        Graph graph = new Graph("g", List.of(new Value("x", new ValueType.OfTensor(dtype, Shape.of(dims)))), List.of(), List.of(),
                Map.of(), Map.of());
        return new SampleInputs(graph, metadata).draw(number).get("x");
    }

    /** The pairs are keys of metadata and their values; the last two are the range. */
    @ParameterizedTest
    @CsvSource({"min, 0, max, 255, 0, 255", "mean, 127.5, std, 127.5, -1, 1", "mean, 0 0 0, std, 255 255 255, 0, 1",
        "min, -2 -3, max, 5 6, -2, 5"})
    void statedRangesAreKept(String key, String value, String other, String otherValue, double low, double high) {
        Tensor tensor = draw(0, Map.of("input.x." + key, value, "input.x." + other, otherValue), DType.FLOAT32, Dim.of(1),
                Dim.of(30), Dim.of(30), Dim.of(3));
        double min = Double.MAX_VALUE;
        double max = -Double.MAX_VALUE;
        for (float element : tensor.floats()) {
            min = Math.min(min, element);
            max = Math.max(max, element);
        }
        assertTrue(min >= low && max <= high, min + " to " + max);
        assertEquals(low, min, (high - low) / 100);
        assertEquals(high, max, (high - low) / 100);
    }

    @ParameterizedTest
    @CsvSource({"min, x, max, 1", "min, 1, max, 0", "mean, 1, std, 0", "min, -1e38, max, 3.4e38"})
    void strangeRangesAreLeftAside(String key, String value, String other, String otherValue) {
        Map<String, String> metadata = Map.of("input.x." + key, value, "input.x." + other, otherValue);
        assertTrue(draw(0, metadata, DType.FLOAT32, Dim.of(9)).sameAs(draw(0, Map.of(), DType.FLOAT32, Dim.of(9))));
    }

    @Test
    void statedElementsAndExtentsAreKept() {
        Map<String, String> metadata = Map.of("input.x.dims", "1 7 0", "input.x.value", "0.5");
        Tensor tensor = draw(1, metadata, DType.FLOAT32, Dim.of(2), Dim.symbol("n"), Dim.symbol("m"));
        assertArrayEquals(new int[] {2, 7, draw(1, Map.of(), DType.FLOAT32, Dim.of(2), Dim.symbol("n"), Dim.symbol("m")).dim(2)},
                tensor.dims());
        for (float element : tensor.floats()) {
            assertEquals(0.5f, element);
        }
    }

    @Test
    void bytesCoverTheirRangeAndCasesDiffer() {
        Dim[] dims = {Dim.of(1), Dim.of(60), Dim.of(60), Dim.of(3)};
        boolean[] seen = new boolean[256];
        Tensor tensor = draw(0, Map.of(), DType.UINT8, dims);
        for (int i = 0; i < tensor.size(); i++) {
            seen[(int) tensor.getLong(i)] = true;
        }
        for (boolean one : seen) {
            assertTrue(one);
        }
        assertTrue(tensor.sameAs(draw(0, Map.of(), DType.UINT8, dims)));
        assertTrue(!tensor.sameAs(draw(1, Map.of(), DType.UINT8, dims)));
    }
}
