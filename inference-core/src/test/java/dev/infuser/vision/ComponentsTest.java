package dev.infuser.vision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ComponentsTest {

    @ParameterizedTest
    @CsvSource({"1, 1, 0.5", "1, 9, 0.5", "9, 1, 0.5", "31, 17, 0.2", "31, 17, 0.4", "40, 40, 0.5", "64, 33, 0.7", "12, 12, 1", "5, 5, 0"})
    void partsAreThoseThatFloodingReaches(int width, int height, double density) {
        for (int seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            boolean[] mask = new boolean[width * height];
            for (int i = 0; i < mask.length; i++) {
                mask[i] = random.nextDouble() < density;
            }
            Components parts = Components.of(mask, width, height);
            int[] flooded = new int[mask.length];
            int count = 0;
            for (int i = 0; i < mask.length; i++) {
                if (!mask[i]) {
                    assertEquals(0, parts.labels()[i]);
                } else if (flooded[i] == 0) {
                    flood(mask, flooded, i, ++count, width, height, parts);
                }
            }
            assertEquals(count, parts.parts().size());
        }
    }

    /** Fills one part, all of which must have one label that no other has, and the extents that are told of it. */
    private static void flood(boolean[] mask, int[] flooded, int start, int number, int width, int height, Components parts) {
        Components.Component part = parts.parts().stream().filter(p -> p.label() == parts.labels()[start]).findFirst().orElseThrow();
        assertEquals(start / width, part.top());
        int[] first = new int[part.first().length];
        int[] last = new int[first.length];
        Arrays.fill(first, width);
        Arrays.fill(last, -1);
        ArrayDeque<Integer> open = new ArrayDeque<>(Set.of(start));
        flooded[start] = number;
        Set<Integer> seen = new HashSet<>();
        while (!open.isEmpty()) {
            int at = open.pop();
            seen.add(at);
            assertEquals(part.label(), parts.labels()[at]);
            int row = at / width - part.top();
            first[row] = Math.min(first[row], at % width);
            last[row] = Math.max(last[row], at % width);
            for (int y = Math.max(at / width - 1, 0); y <= Math.min(at / width + 1, height - 1); y++) {
                for (int x = Math.max(at % width - 1, 0); x <= Math.min(at % width + 1, width - 1); x++) {
                    if (mask[y * width + x] && flooded[y * width + x] == 0) {
                        flooded[y * width + x] = number;
                        open.push(y * width + x);
                    }
                }
            }
        }
        for (int i = 0; i < mask.length; i++) {
            assertTrue(seen.contains(i) || parts.labels()[i] != part.label());
        }
        assertArrayEquals(first, part.first());
        assertArrayEquals(last, part.last());
    }

    @Test
    void theHullOfAPartIsThatOfItsPixels() {
        boolean[] ring = {
            false, true, true, false,
            true, false, false, true,
            true, false, false, true,
            false, true, true, false};
        Components parts = Components.of(ring, 4, 4);
        assertEquals(1, parts.parts().size());
        assertArrayEquals(new double[] {0, 1, 1, 0, 2, 0, 3, 1, 3, 2, 2, 3, 1, 3, 0, 2}, parts.parts().get(0).hull());
    }
}
