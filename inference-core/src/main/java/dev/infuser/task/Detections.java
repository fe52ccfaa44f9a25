package dev.infuser.task;

import dev.infuser.vision.Boxes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Boxes that a model found, in pixels of its input, each with a class and a score. */
final class Detections {

    /** Where two boxes overlap by more, they are of one object, whatever their classes. */
    private static final double SAME = 0.85;

    private final double threshold;
    private final List<float[]> boxes = new ArrayList<>();
    private float[] scores = new float[16];
    private int[] classes = new int[16];

    /** Takes those that score {@code threshold} or more. */
    Detections(double threshold) {
        this.threshold = threshold;
    }

    boolean takes(float score) {
        return score >= threshold;
    }

    void add(float left, float top, float right, float bottom, float score, int label) {
        int count = boxes.size();
        if (count == scores.length) {
            scores = Arrays.copyOf(scores, 2 * count);
            classes = Arrays.copyOf(classes, 2 * count);
        }
        boxes.add(new float[] {left, top, right, bottom});
        scores[count] = score;
        classes[count] = label;
    }

    /** The numbers of those that do not overlap, see {@link Boxes#suppress}. */
    int[] best(double overlap, int limit) {
        int count = boxes.size();
        return Boxes.suppress(boxes.toArray(new float[count][]), Arrays.copyOf(scores, count), classes, overlap,
                Math.max(overlap, SAME), limit);
    }

    float[] box(int number) {
        return boxes.get(number);
    }

    float score(int number) {
        return scores[number];
    }

    int label(int number) {
        return classes[number];
    }
}
