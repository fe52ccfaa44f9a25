package dev.infuser.study;

/**
 * What a network for pictures is given: the square in the middle, resized by a triangle filter that widens as the picture shrinks,
 * normalised by ImageNet's mean and deviation, as float32 [1, 3, 224, 224]. Sums go down first, then along, tap by tap; each product
 * and each sum is rounded to float32.
 */
public final class ModelInput {

    /** Pixels of a side. */
    public static final int SIZE = 224;

    private static final float[] MEAN = {0.485f, 0.456f, 0.406f};
    private static final float[] STD = {0.229f, 0.224f, 0.225f};
    private static final float WHITE = 255;

    private final int width;
    private final int corner;
    private final int side;
    private final Taps taps;
    private final float[] line;

    /**
     * @param width  pixels, at least 1
     * @param height pixels, at least 1
     */
    public ModelInput(int width, int height) {
        this.width = width;
        side = Math.min(width, height);
        corner = (height - side) / 2 * width + (width - side) / 2;
        taps = Taps.of(side, SIZE);
        line = new float[3 * side];
    }

    /**
     * Makes a picture a tensor.
     *
     * @param picture [height * width] pixels, red in the lowest byte
     * @param out     [3 * 224 * 224]
     */
    public void run(int[] picture, float[] out) {
        for (int i = 0; i < SIZE; i++) {
            int from = corner + taps.first()[i] * width;
            int end = taps.begin()[i + 1];
            for (int tap = taps.begin()[i]; tap < end; tap++, from += width) {
                down(picture, from, side, taps.weights()[tap], tap == taps.begin()[i], line);
            }
            for (int channel = 0; channel < 3; channel++) {
                along(taps, line, channel, out, (channel * SIZE + i) * SIZE);
            }
        }
    }

    private static void down(int[] picture, int from, int side, float weight, boolean first, float[] line) {
        if (first) {
            for (int x = 0, to = 0; x < side; x++, to += 3) {
                int p = picture[from + x];
                line[to] = weight * (p & 255);
                line[to + 1] = weight * (p >>> 8 & 255);
                line[to + 2] = weight * (p >>> 16 & 255);
            }
        } else {
            for (int x = 0, to = 0; x < side; x++, to += 3) {
                int p = picture[from + x];
                line[to] += weight * (p & 255);
                line[to + 1] += weight * (p >>> 8 & 255);
                line[to + 2] += weight * (p >>> 16 & 255);
            }
        }
    }

    private static void along(Taps taps, float[] line, int channel, float[] out, int to) {
        float mean = MEAN[channel];
        float std = STD[channel];
        int[] begin = taps.begin();
        int[] first = taps.first();
        float[] weights = taps.weights();
        for (int i = 0; i < SIZE; i++) {
            int from = 3 * first[i] + channel;
            float sum = 0;
            for (int tap = begin[i]; tap < begin[i + 1]; tap++, from += 3) {
                sum += weights[tap] * line[from];
            }
            out[to + i] = (sum / WHITE - mean) / std;
        }
    }
}
