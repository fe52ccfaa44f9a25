package dev.infuser.task;

import dev.infuser.tensor.InvalidInputException;

/**
 * From one vector per token to one vector per text, as the sentence-transformers library does it.
 *
 * <p>All arrays are row-major; {@code mask} is the attention mask {@code [batch, sequence]}, in which everything
 * but 0 counts as 1.
 */
public final class Pooling {
    private static final double SMALLEST_NORM = 1e-12;

    private Pooling() {
    }

    /**
     * The mean of the vectors of the unmasked tokens; zeros where every token is masked.
     *
     * @param states {@code [batch, sequence, hidden]}
     * @return {@code [batch, hidden]}
     * @throws InvalidInputException where the lengths of the arrays do not fit the dimensions
     */
    public static float[] mean(float[] states, long[] mask, int batch, int sequence, int hidden) {
        check(batch >= 0 && sequence >= 0 && hidden >= 0 && mask.length == (long) batch * sequence
                && states.length == (long) mask.length * hidden, states.length, mask.length);
        float[] means = new float[batch * hidden];
        double[] sum = new double[hidden];
        for (int b = 0; b < batch; b++) {
            for (int h = 0; h < hidden; h++) {
                sum[h] = 0;
            }
            int count = 0;
            for (int s = b * sequence; s < (b + 1) * sequence; s++) {
                if (mask[s] != 0) {
                    count++;
                    for (int h = 0; h < hidden; h++) {
                        sum[h] += states[s * hidden + h];
                    }
                }
            }
            for (int h = 0; h < hidden && count > 0; h++) {
                means[b * hidden + h] = (float) (sum[h] / count);
            }
        }
        return means;
    }

    /**
     * The vector of the first token, as models that pool by {@code [CLS]} are trained.
     *
     * @param states {@code [batch, sequence, hidden]}, with a sequence of at least 1
     * @return {@code [batch, hidden]}
     * @throws InvalidInputException where the length of the array does not fit the dimensions
     */
    public static float[] first(float[] states, int batch, int sequence, int hidden) {
        check(batch >= 0 && sequence > 0 && hidden >= 0
                && states.length == (double) batch * sequence * hidden, states.length, 0);
        float[] vectors = new float[batch * hidden];
        for (int b = 0; b < batch; b++) {
            System.arraycopy(states, b * sequence * hidden, vectors, b * hidden, hidden);
        }
        return vectors;
    }

    /**
     * Divides each vector by its Euclidean length, in place; vectors shorter than 1e-12 by 1e-12.
     *
     * @param vectors {@code [batch, hidden]}
     * @throws InvalidInputException where the array is not a whole number of vectors
     */
    public static void normalize(float[] vectors, int hidden) {
        check(hidden > 0 && vectors.length % hidden == 0, vectors.length, 0);
        for (int start = 0; start < vectors.length; start += hidden) {
            double squares = 0;
            for (int i = start; i < start + hidden; i++) {
                squares += (double) vectors[i] * vectors[i];
            }
            double norm = Math.max(Math.sqrt(squares), SMALLEST_NORM);
            for (int i = start; i < start + hidden; i++) {
                vectors[i] = (float) (vectors[i] / norm);
            }
        }
    }

    private static void check(boolean fits, int states, int mask) {
        if (!fits) {
            throw new InvalidInputException("shape", "", "the dimensions do not fit the arrays to pool",
                    states + " values, mask of " + mask, "");
        }
    }
}
