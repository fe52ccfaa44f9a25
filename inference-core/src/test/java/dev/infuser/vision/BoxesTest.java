package dev.infuser.vision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class BoxesTest {

    @Test
    void overlapIsSharedAreaByCoveredArea() {
        float[] box = {0, 0, 4, 2};
        assertEquals(1, Boxes.overlap(box, box));
        assertEquals(1.0 / 3, Boxes.overlap(box, new float[] {2, 0, 6, 2}), 1e-9);
        assertEquals(0, Boxes.overlap(box, new float[] {4, 0, 6, 2}));
        assertEquals(0, Boxes.overlap(box, new float[] {5, 5, 4, 4}));
        assertEquals(0, Boxes.overlap(new float[4], new float[4]));
    }

    @Test
    void suppressionKeepsTheBestOfThoseThatOverlap() {
        float[][] boxes = {{0, 0, 10, 10}, {1, 0, 11, 10}, {20, 0, 30, 10}, {0, 1, 10, 11}, {0, 0, 2, 2}};
        float[] scores = {0.5f, 0.9f, 0.6f, 0.9f, 0.1f};
        int[] same = new int[5];
        assertArrayEquals(new int[] {1, 2, 4}, Boxes.suppress(boxes, scores, same, 0.5, 1, 10));
        assertArrayEquals(new int[] {1, 2}, Boxes.suppress(boxes, scores, same, 0.5, 1, 2));
        assertArrayEquals(new int[] {1, 3, 2, 0, 4}, Boxes.suppress(boxes, scores, same, 1, 0, 10));
        int[] classes = {7, 2, 2, 2, 7};
        assertArrayEquals(new int[] {1, 2, 0, 4}, Boxes.suppress(boxes, scores, classes, 0.5, 1, 10));
        assertArrayEquals(new int[] {1, 2, 4}, Boxes.suppress(boxes, scores, classes, 0.5, 0.8, 10));
    }

    @Test
    void mergedBoxesAreMeansWeightedByScore() {
        float[][] rows = {{0, 0, 10, 10, 5, 5}, {2, 0, 12, 10, 7, 5}, {40, 40, 50, 50, 45, 45}};
        List<Boxes.Merged> merged = Boxes.merge(rows, new float[] {0.3f, 0.9f, 0.5f}, 0.3);
        assertEquals(2, merged.size());
        assertArrayEquals(new float[] {1.5f, 0, 11.5f, 10, 6.5f, 5}, merged.get(0).row(), 1e-5f);
        assertEquals(0.9f, merged.get(0).score());
        assertArrayEquals(rows[2], merged.get(1).row());
    }
}
