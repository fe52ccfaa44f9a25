package dev.infuser.vision;

import java.util.Arrays;

/** Convex hulls, and the rectangles of least area around them. Points are x and y in turn. */
public final class Hull {

    private Hull() {
    }

    /** The corners of the smallest convex polygon around points, one after the other: Andrew's monotone chain, 1979. */
    public static double[] of(double[] points) {
        Integer[] order = new Integer[points.length / 2];
        for (int i = 0; i < order.length; i++) {
            order[i] = 2 * i;
        }
        Arrays.sort(order, (a, b) -> points[a] != points[b] ? Double.compare(points[a], points[b])
                : Double.compare(points[a + 1], points[b + 1]));
        double[] hull = new double[2 * points.length + 2];
        int size = 0;
        for (int pass = 0; pass < 2; pass++) {
            int start = size;
            for (int i = 0; i < order.length; i++) {
                int point = order[pass == 0 ? i : order.length - 1 - i];
                if (size > start && points[point] == hull[size - 2] && points[point + 1] == hull[size - 1]) {
                    continue;
                }
                while (size >= start + 4 && turn(hull, size, points[point], points[point + 1]) <= 0) {
                    size -= 2;
                }
                hull[size++] = points[point];
                hull[size++] = points[point + 1];
            }
            size -= 2;
        }
        return Arrays.copyOf(hull, Math.max(size, Math.min(points.length, 2)));
    }

    /** Positive where a point lies to the left of the last edge. */
    private static double turn(double[] hull, int size, double x, double y) {
        return (hull[size - 2] - hull[size - 4]) * (y - hull[size - 3]) - (hull[size - 1] - hull[size - 3]) * (x - hull[size - 4]);
    }

    /**
     * The rectangle of least area around a convex polygon; one of its sides lies on a side of the polygon (Freeman and Shapira,
     * 1975).
     */
    public static Region rectangle(double[] hull) {
        Region best = null;
        for (int i = 0; i < hull.length; i += 2) {
            int next = (i + 2) % hull.length;
            double dx = hull[next] - hull[i];
            double dy = hull[next + 1] - hull[i + 1];
            double length = Math.sqrt(dx * dx + dy * dy);
            double c = length == 0 ? 1 : dx / length;
            double s = length == 0 ? 0 : dy / length;
            double left = Double.POSITIVE_INFINITY;
            double right = Double.NEGATIVE_INFINITY;
            double top = left;
            double bottom = right;
            for (int k = 0; k < hull.length; k += 2) {
                double along = c * hull[k] + s * hull[k + 1];
                double across = c * hull[k + 1] - s * hull[k];
                left = Math.min(left, along);
                right = Math.max(right, along);
                top = Math.min(top, across);
                bottom = Math.max(bottom, across);
            }
            double width = right - left;
            double height = bottom - top;
            if (best == null || width * height < best.width() * best.height()) {
                double along = (left + right) / 2;
                double across = (top + bottom) / 2;
                best = new Region(c * along - s * across, s * along + c * across, width, height, Math.atan2(s, c));
            }
        }
        return best;
    }
}
