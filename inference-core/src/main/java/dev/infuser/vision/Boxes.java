package dev.infuser.vision;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Boxes that overlap. A box is a row of numbers that begins with its left, top, right and bottom; what follows may be points. */
public final class Boxes {

    private Boxes() {
    }

    /** The area that two boxes share, as part of what they cover together; 0 where that is nothing. */
    public static double overlap(float[] a, float[] b) {
        double width = Math.min(a[2], b[2]) - (double) Math.max(a[0], b[0]);
        double height = Math.min(a[3], b[3]) - (double) Math.max(a[1], b[1]);
        double shared = Math.max(width, 0) * Math.max(height, 0);
        double covered = area(a) + area(b) - shared;
        return covered > 0 ? shared / covered : 0;
    }

    private static double area(float[] box) {
        return Math.max((double) box[2] - box[0], 0) * Math.max((double) box[3] - box[1], 0);
    }

    /** The numbers of boxes from the highest score to the lowest; equal ones keep their order. */
    public static int[] order(float[] scores) {
        Integer[] order = new Integer[scores.length];
        for (int i = 0; i < order.length; i++) {
            order[i] = i;
        }
        Arrays.sort(order, (a, b) -> Float.compare(scores[b], scores[a]));
        int[] numbers = new int[order.length];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = order[i];
        }
        return numbers;
    }

    /**
     * Greedy non-maximum suppression: of boxes of a class that overlap by more than {@code most}, the one of the highest score.
     *
     * @param classes of each box
     * @param across  as {@code most}, for boxes of two classes
     * @return the numbers of at most {@code limit} boxes, from the highest score to the lowest
     */
    public static int[] suppress(float[][] boxes, float[] scores, int[] classes, double most, double across, int limit) {
        int[] order = order(scores);
        int[] kept = new int[order.length];
        int count = 0;
        for (int i = 0; i < order.length && count < limit; i++) {
            int box = order[i];
            boolean free = true;
            for (int k = 0; k < count && free; k++) {
                free = overlap(boxes[kept[k]], boxes[box]) <= (classes[kept[k]] == classes[box] ? most : across);
            }
            if (free) {
                kept[count++] = box;
            }
        }
        return Arrays.copyOf(kept, count);
    }

    /**
     * A box that stands for others.
     *
     * @param row   means, weighted by score, of all numbers of their rows
     * @param score the highest
     */
    public record Merged(float[] row, float score) {
    }

    /**
     * Weighted non-maximum suppression, as MediaPipe's face detector has it: boxes that overlap with the one of the highest
     * score by more than {@code most} are merged with it, and so on with what is left.
     *
     * @param rows of one length
     */
    public static List<Merged> merge(float[][] rows, float[] scores, double most) {
        List<Merged> merged = new ArrayList<>();
        int[] left = order(scores);
        while (left.length > 0) {
            float[] best = rows[left[0]];
            double[] sums = new double[best.length];
            double total = 0;
            int[] rest = new int[left.length];
            int count = 0;
            for (int number : left) {
                if (number != left[0] && !(overlap(rows[number], best) > most)) {
                    rest[count++] = number;
                    continue;
                }
                total += scores[number];
                for (int i = 0; i < sums.length; i++) {
                    sums[i] += (double) rows[number][i] * scores[number];
                }
            }
            float[] mean = best.clone();
            for (int i = 0; i < mean.length && total > 0; i++) {
                mean[i] = (float) (sums[i] / total);
            }
            merged.add(new Merged(mean, scores[left[0]]));
            left = Arrays.copyOf(rest, count);
        }
        return merged;
    }
}
