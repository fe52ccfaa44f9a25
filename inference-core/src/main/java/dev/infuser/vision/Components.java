package dev.infuser.vision;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The connected parts of a mask, where pixels touch along sides or corners.
 *
 * @param labels for each pixel the label of its part, 0 where it is not set
 * @param parts  by where they begin from the top
 */
public record Components(int[] labels, List<Component> parts) {

    /** A part: the first and last pixel of each of its rows, from {@code top} down. */
    public record Component(int label, int top, int[] first, int[] last) {

        /** The corners of the smallest convex polygon that holds the centres of its pixels, as x and y in turn. */
        public double[] hull() {
            double[] points = new double[4 * first.length];
            for (int i = 0; i < first.length; i++) {
                points[4 * i] = first[i];
                points[4 * i + 2] = last[i];
                points[4 * i + 1] = top + i;
                points[4 * i + 3] = top + i;
            }
            return Hull.of(points);
        }
    }

    /** The parts of the pixels that are set. */
    public static Components of(boolean[] mask, int width, int height) {
        int[] labels = new int[mask.length];
        int[] parents = new int[mask.length / 2 + 2];
        int count = 0;
        for (int y = 0, at = 0; y < height; y++) {
            for (int x = 0; x < width; x++, at++) {
                if (!mask[at]) {
                    continue;
                }
                int label = x > 0 ? labels[at - 1] : 0;
                for (int k = Math.max(x - 1, 0); y > 0 && k <= Math.min(x + 1, width - 1); k++) {
                    int above = labels[at - width + k - x];
                    if (above != 0) {
                        label = label == 0 ? above : join(parents, label, above);
                    }
                }
                if (label == 0) {
                    label = ++count;
                    parents[label] = label;
                }
                labels[at] = label;
            }
        }
        return collect(labels, parents, count, width, height);
    }

    private static int root(int[] parents, int label) {
        int root = label;
        while (parents[root] != root) {
            parents[root] = parents[parents[root]];
            root = parents[root];
        }
        return root;
    }

    private static int join(int[] parents, int a, int b) {
        int one = root(parents, a);
        int other = root(parents, b);
        parents[Math.max(one, other)] = Math.min(one, other);
        return Math.min(one, other);
    }

    private static Components collect(int[] labels, int[] parents, int count, int width, int height) {
        int[] tops = new int[count + 1];
        int[] rows = new int[count + 1];
        for (int y = 0, at = 0; y < height; y++) {
            for (int x = 0; x < width; x++, at++) {
                if (labels[at] != 0) {
                    int label = root(parents, labels[at]);
                    labels[at] = label;
                    tops[label] = rows[label] == 0 ? y : tops[label];
                    rows[label] = y - tops[label] + 1;
                }
            }
        }
        Component[] parts = new Component[count + 1];
        List<Component> found = new ArrayList<>();
        for (int label = 1; label <= count; label++) {
            if (rows[label] > 0) {
                parts[label] = new Component(label, tops[label], new int[rows[label]], new int[rows[label]]);
                Arrays.fill(parts[label].first, width);
                found.add(parts[label]);
            }
        }
        for (int y = 0, at = 0; y < height; y++) {
            for (int x = 0; x < width; x++, at++) {
                if (labels[at] != 0) {
                    Component part = parts[labels[at]];
                    part.first[y - part.top] = Math.min(part.first[y - part.top], x);
                    part.last[y - part.top] = x;
                }
            }
        }
        return new Components(labels, found);
    }
}
