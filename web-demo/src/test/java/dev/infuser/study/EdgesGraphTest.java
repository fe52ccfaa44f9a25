package dev.infuser.study;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.op.Evaluator;
import dev.infuser.pass.Passes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EdgesGraphTest {

    /** Blocks of colors with soft borders and some grain, so that there are edges of all strengths and directions. */
    private static int[] picture(int width, int height) {
        Random random = new Random(width);
        int[] picture = new int[width * height];
        for (int i = 0; i < picture.length; i++) {
            int x = i % width;
            int y = i / width;
            int light = (x / 9 * 37 + y / 7 * 53 + (x + y) / 11 * 29) % 200;
            int soft = (int) (40 * Math.sin(x / 6.0) * Math.cos(y / 5.0));
            int grain = random.nextInt(24);
            picture[i] = random.nextInt() & 0xff000000 | clamp(light + soft) << 16 | clamp(light - soft + grain) << 8 | clamp(light + grain);
        }
        return picture;
    }

    private static int clamp(int value) {
        return Math.max(0, Math.min(255, value));
    }

    @ParameterizedTest
    @CsvSource({"97,61", "64,40", "33,3", "160,120", "5,4"})
    void everyPixelIsThatOfThePlainJava(int width, int height) {
        int[] picture = picture(width, height);
        int[] expected = new int[picture.length];
        new Edges(width, height).run(picture, expected);
        Tensor rgba = Tensor.of(DType.UINT32, new int[] {height, width}, picture);
        Graph graph = EdgesGraph.of(width, height);
        assertArrayEquals(expected, ((Tensor) Evaluator.run(graph, List.of(rgba)).get(0)).ints(), "as it is written");
        assertArrayEquals(expected, ((Tensor) Evaluator.run(Passes.optimize(graph), List.of(rgba)).get(0)).ints(), "as it is compiled");
        if (width > 60) {
            long green = java.util.Arrays.stream(expected).filter(pixel -> pixel == 0xff00ff00).count();
            assertTrue(green > picture.length / 100 && green < picture.length / 2, green + " pixels of edges");
        }
    }

    @Test
    void threeNodesAreLeft() {
        Graph graph = Passes.optimize(EdgesGraph.of(1920, 1080));
        assertEquals(List.of("Stencil", "Reconstruct", "Stencil"), graph.nodes().stream().map(Node::op).toList());
    }
}
