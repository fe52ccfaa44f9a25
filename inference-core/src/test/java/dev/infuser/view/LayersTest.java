package dev.infuser.view;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LayersTest {

    private static final double HEIGHT = 20;

    private static List<List<Integer>> random(int boxes, long seed) {
        Random random = new Random(seed);
        List<List<Integer>> successors = new ArrayList<>();
        for (int i = 0; i < boxes; i++) {
            successors.add(new ArrayList<>());
        }
        for (int i = 1; i < boxes; i++) {
            for (int edges = random.nextInt(3); edges >= 0; edges--) {
                int from = random.nextInt(10) == 0 ? random.nextInt(i) : Math.max(0, i - 1 - random.nextInt(4));
                if (!successors.get(from).contains(i)) {
                    successors.get(from).add(i);
                }
            }
        }
        return successors;
    }

    @Test
    void whatDependsOnABoxLiesBelowItAndNoBoxesTouch() {
        for (int seed = 0; seed < 20; seed++) {
            int boxes = 1 + seed * 7;
            double[] widths = new double[boxes];
            for (int i = 0; i < boxes; i++) {
                widths[i] = 30 + i % 5 * 20;
            }
            List<List<Integer>> successors = random(boxes, seed);
            Layers layers = new Layers(widths, HEIGHT, successors);
            for (int i = 0; i < boxes; i++) {
                for (int next : successors.get(i)) {
                    assertTrue(layers.y(next) >= layers.y(i) + HEIGHT);
                }
                assertTrue(layers.x(i) - widths[i] / 2 >= -1e-6 && layers.x(i) + widths[i] / 2 <= layers.width() + 1e-6);
                for (int k = 0; k < i; k++) {
                    assertTrue(layers.y(i) != layers.y(k)
                            || Math.abs(layers.x(i) - layers.x(k)) >= (widths[i] + widths[k]) / 2, "seed " + seed);
                }
            }
        }
    }

    @Test
    void aChainIsStraight() {
        Layers layers = new Layers(new double[] {40, 90, 60}, HEIGHT, List.of(List.of(1), List.of(2), List.of()));
        assertEquals(layers.x(0), layers.x(1), 0.5);
        assertEquals(layers.x(1), layers.x(2), 0.5);
        assertEquals("M45 20C45 35 45 35 45 50", layers.lines(0));
    }

    @Test
    void linesPassTheRowsBetween() {
        Layers layers = new Layers(new double[] {40, 40, 40}, HEIGHT, List.of(List.of(1, 2), List.of(2), List.of()));
        assertTrue(layers.lines(0).contains("V70"), layers.lines(0));
        assertEquals("", layers.lines(2));
    }

    @Test
    void anEmptyGraphIsDrawnToo() {
        assertEquals(0, new Layers(new double[0], HEIGHT, List.of()).height());
    }
}
