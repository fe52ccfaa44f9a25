package dev.infuser.task;

import dev.infuser.vision.Components;
import dev.infuser.vision.Hull;
import dev.infuser.vision.Region;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Lines of text in a map of how likely each place belongs to the inner part of one, which is what models trained by
 * differentiable binarisation give (Liao et al., 2020). Where the map is above {@code threshold}, each connected part gets a
 * rectangle, which grows by its area times {@code unclip} over its circumference on all sides, since models see shrunken lines.
 */
final class TextLines {

    /** What is thinner than this many pixels of the map is no text. */
    private static final double THINNEST = 3;
    /** Lines whose upper corners differ by no more than this part of their height are side by side. */
    private static final double LEVEL = 0.5;

    private final double threshold;
    private final double boxThreshold;
    private final double unclip;

    /** @param boxThreshold what the mean of the map over a part has to reach */
    TextLines(double threshold, double boxThreshold, double unclip) {
        this.threshold = threshold;
        this.boxThreshold = boxThreshold;
        this.unclip = unclip;
    }

    /**
     * The lines of a map, in the order of reading.
     *
     * @param map of {@code height} rows
     * @return for each, x and y of the upper left, upper right, lower right and lower left corner, from 0 to 1 across the map
     */
    List<double[]> of(float[] map, int width, int height) {
        List<double[]> lines = new ArrayList<>();
        Components parts = Components.of(grown(map, width, height), width, height);
        double[] means = means(map, parts);
        for (Components.Component part : parts.parts()) {
            double[] hull = part.hull();
            for (int i = 0; i < hull.length; i++) {
                hull[i] += 0.5;
            }
            Region box = Hull.rectangle(hull);
            if (Math.min(box.width(), box.height()) < THINNEST || means[part.label()] < boxThreshold) {
                continue;
            }
            double margin = box.width() * box.height() * unclip / (2 * (box.width() + box.height()));
            double[] corners = corners(new Region(box.centerX(), box.centerY(), box.width() + 2 * margin,
                    box.height() + 2 * margin, box.angle()));
            for (int i = 0; i < corners.length; i++) {
                int extent = i % 2 == 0 ? width : height;
                corners[i] = Math.min(Math.max(corners[i], 0), extent) / extent;
            }
            lines.add(corners);
        }
        return sorted(lines);
    }

    /** Where the map is above the threshold, and the pixels to the right, below, and below to the right of those. */
    private boolean[] grown(float[] map, int width, int height) {
        boolean[] mask = new boolean[map.length];
        for (int y = 0, at = 0; y < height; y++) {
            for (int x = 0; x < width; x++, at++) {
                if (map[at] > threshold) {
                    mask[at] = true;
                    if (x + 1 < width) {
                        mask[at + 1] = true;
                    }
                    if (y + 1 < height) {
                        mask[at + width] = true;
                        if (x + 1 < width) {
                            mask[at + width + 1] = true;
                        }
                    }
                }
            }
        }
        return mask;
    }

    /** By label: the mean of the map over the part, which is not lower where lines are curved. */
    private static double[] means(float[] map, Components parts) {
        double[] sums = new double[map.length / 2 + 2];
        int[] counts = new int[sums.length];
        for (int i = 0; i < map.length; i++) {
            sums[parts.labels()[i]] += map[i];
            counts[parts.labels()[i]]++;
        }
        for (int i = 0; i < sums.length; i++) {
            sums[i] /= Math.max(counts[i], 1);
        }
        return sums;
    }

    /** The corners of a rectangle: of the two on the left the upper one first, then clockwise. */
    private static double[] corners(Region box) {
        double[][] points = new double[4][];
        for (int i = 0; i < 4; i++) {
            points[i] = new double[] {box.x(i & 1, i >> 1), box.y(i & 1, i >> 1)};
        }
        Arrays.sort(points, (a, b) -> Double.compare(a[0], b[0]));
        double[][] left = {points[0], points[1]};
        double[][] right = {points[2], points[3]};
        int up = left[0][1] <= left[1][1] ? 0 : 1;
        int over = right[0][1] <= right[1][1] ? 0 : 1;
        return new double[] {left[up][0], left[up][1], right[over][0], right[over][1], right[1 - over][0], right[1 - over][1],
            left[1 - up][0], left[1 - up][1]};
    }

    /** From the top down, and from left to right where lines are side by side. */
    private static List<double[]> sorted(List<double[]> lines) {
        List<double[]> rest = new ArrayList<>(lines);
        rest.sort((a, b) -> Double.compare(middle(a), middle(b)));
        List<double[]> sorted = new ArrayList<>();
        while (!rest.isEmpty()) {
            double[] first = rest.get(0);
            double height = Math.abs(first[7] - first[1] + first[5] - first[3]) / 2;
            List<double[]> row = new ArrayList<>();
            for (double[] line : rest) {
                if (middle(line) - middle(first) <= LEVEL * height) {
                    row.add(line);
                }
            }
            row.sort((a, b) -> Double.compare(a[0], b[0]));
            sorted.addAll(row);
            rest.removeAll(row);
        }
        return sorted;
    }

    private static double middle(double[] corners) {
        return (corners[1] + corners[3] + corners[5] + corners[7]) / 4;
    }
}
