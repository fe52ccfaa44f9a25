package dev.infuser.vision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class HullTest {

    private static double[] points(long seed) {
        Random random = new Random(seed);
        double[] points = new double[2 * (1 + random.nextInt(30))];
        for (int i = 0; i < points.length; i++) {
            points[i] = random.nextInt(seed % 2 == 0 ? 5 : 1000);
        }
        return points;
    }

    /** Twice the area to the left of an edge. */
    private static double left(double[] hull, int edge, double x, double y) {
        int next = (edge + 2) % hull.length;
        return (hull[next] - hull[edge]) * (y - hull[edge + 1]) - (hull[next + 1] - hull[edge + 1]) * (x - hull[edge]);
    }

    @RepeatedTest(40)
    void allPointsLieWithinAndItsCornersAreSomeOfThem(RepetitionInfo repetition) {
        double[] points = points(repetition.getCurrentRepetition());
        double[] hull = Hull.of(points);
        for (int i = 0; i < hull.length; i += 2) {
            boolean found = false;
            for (int k = 0; k < points.length; k += 2) {
                assertTrue(left(hull, i, points[k], points[k + 1]) >= 0);
                found |= hull[i] == points[k] && hull[i + 1] == points[k + 1];
            }
            assertTrue(found);
            if (hull.length > 4) {
                int after = (i + 4) % hull.length;
                assertTrue(left(hull, i, hull[after], hull[after + 1]) > 0, "every corner turns");
            }
        }
    }

    @Test
    void pointsInARowHaveTwoCorners() {
        assertArrayEquals(new double[] {0, 0, 3, 6}, Hull.of(new double[] {1, 2, 3, 6, 0, 0, 2, 4}));
        assertArrayEquals(new double[] {5, 7}, Hull.of(new double[] {5, 7}));
        assertArrayEquals(new double[] {5, 7}, Hull.of(new double[] {5, 7, 5, 7, 5, 7}));
    }

    @RepeatedTest(40)
    void noTurnedRectangleAroundThePointsIsSmaller(RepetitionInfo repetition) {
        double[] points = points(repetition.getCurrentRepetition());
        Region box = Hull.rectangle(Hull.of(points));
        double least = Double.POSITIVE_INFINITY;
        for (int step = 0; step < 9000; step++) {
            least = Math.min(least, area(points, step * Math.PI / 2 / 9000));
        }
        double area = box.width() * box.height();
        assertTrue(area <= least + 1e-9, area + " against " + least);
        assertEquals(area, area(points, box.angle()), 1e-6 * (1 + area));
        for (int k = 0; k < points.length; k += 2) {
            double x = points[k] - box.centerX();
            double y = points[k + 1] - box.centerY();
            assertTrue(Math.abs(x * Math.cos(box.angle()) + y * Math.sin(box.angle())) <= box.width() / 2 + 1e-9);
            assertTrue(Math.abs(y * Math.cos(box.angle()) - x * Math.sin(box.angle())) <= box.height() / 2 + 1e-9);
        }
    }

    /** Of the rectangle around points whose sides are turned by {@code angle}. */
    private static double area(double[] points, double angle) {
        double[] ends = {1e300, -1e300, 1e300, -1e300};
        for (int k = 0; k < points.length; k += 2) {
            double u = points[k] * Math.cos(angle) + points[k + 1] * Math.sin(angle);
            double v = points[k + 1] * Math.cos(angle) - points[k] * Math.sin(angle);
            ends = new double[] {Math.min(ends[0], u), Math.max(ends[1], u), Math.min(ends[2], v), Math.max(ends[3], v)};
        }
        return (ends[1] - ends[0]) * (ends[3] - ends[2]);
    }
}
