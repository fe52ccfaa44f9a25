package dev.infuser.study;

/**
 * What a network for pictures is given: the square in the middle, resized by a triangle filter that widens as the picture shrinks,
 * normalised by ImageNet's mean and deviation, as float32 [1, 3, 224, 224]. Sums go down first, then along, tap by tap; each product
 * and each sum is rounded to float32.
 *
 * <p>TeaVM's JavaScript computes floats as float64 and rounds what is stored in an array, so each result is stored in one, and the
 * products of a weight with all bytes stand in a table.
 */
public final class ModelInput {

    /** Pixels of a side. */
    public static final int SIZE = 224;

    private static final float[] MEAN = {0.485f, 0.456f, 0.406f};
    private static final float[] STD = {0.229f, 0.224f, 0.225f};
    private static final float WHITE = 255;
    private static final int BYTES = 256;

    private final int width;
    private final int corner;
    private final int side;
    private final Taps taps;
    private final float[] products;
    private final float[] line;
    private final float[] product = new float[1];

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
        products = new float[taps.begin()[SIZE] * BYTES];
        for (int i = 0; i < products.length; i++) {
            products[i] = taps.weights()[i / BYTES] * (i % BYTES);
        }
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
            int tap = taps.begin()[i];
            first(picture, from, side, products, BYTES * tap, line);
            for (tap++, from += width; tap < taps.begin()[i + 1]; tap++, from += width) {
                next(picture, from, side, products, BYTES * tap, line);
            }
            for (int channel = 0; channel < 3; channel++) {
                along(taps, line, channel, product, out, (channel * SIZE + i) * SIZE);
            }
        }
    }

    private static void first(int[] picture, int from, int side, float[] products, int table, float[] line) {
        for (int x = 0, to = 0; x < side; x++, to += 3) {
            int p = picture[from + x];
            line[to] = products[table + (p & 255)];
            line[to + 1] = products[table + (p >>> 8 & 255)];
            line[to + 2] = products[table + (p >>> 16 & 255)];
        }
    }

    private static void next(int[] picture, int from, int side, float[] products, int table, float[] line) {
        for (int x = 0, to = 0; x < side; x++, to += 3) {
            int p = picture[from + x];
            line[to] += products[table + (p & 255)];
            line[to + 1] += products[table + (p >>> 8 & 255)];
            line[to + 2] += products[table + (p >>> 16 & 255)];
        }
    }

    private static void along(Taps taps, float[] line, int channel, float[] product, float[] out, int to) {
        float mean = MEAN[channel];
        float std = STD[channel];
        int[] begin = taps.begin();
        int[] first = taps.first();
        float[] weights = taps.weights();
        for (int i = 0; i < SIZE; i++) {
            int at = to + i;
            int from = 3 * first[i] + channel;
            out[at] = 0;
            for (int tap = begin[i]; tap < begin[i + 1]; tap++, from += 3) {
                product[0] = weights[tap] * line[from];
                out[at] += product[0];
            }
            out[at] /= WHITE;
            out[at] -= mean;
            out[at] /= std;
        }
    }
}
