package dev.infuser.converter.quantize;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.SmallFloat;
import dev.infuser.tensor.Tensor;
import java.util.Arrays;

/** Whole numbers and scales in place of the floats of a matrix {@code [rows, columns]}. */
final class Rounding {

    private static final float[] SHRINK = {1.06f, 1, 0.95f, 0.9f, 0.85f, 0.8f, 0.74f, 0.68f};

    private static final float[] EQUAL = new float[Precision.BLOCK];

    static {
        Arrays.fill(EQUAL, 1);
    }

    private Rounding() {
    }

    /**
     * A matrix in parts.
     *
     * @param numbers one per element
     * @param scales  what they are multiplied by
     */
    record Scaled(byte[] numbers, Tensor scales) {
    }

    /** The nearest float16 numbers; null where one would become infinite. */
    static Tensor halves(Tensor weights) {
        float[] from = (float[]) weights.peek();
        short[] to = new short[from.length];
        for (int i = 0; i < to.length; i++) {
            to[i] = (short) SmallFloat.encode(DType.FLOAT16, from[i]);
            if ((to[i] & 0x7C00) == 0x7C00) {
                return null;
            }
        }
        return Tensor.of(DType.FLOAT16, weights.dims(), to);
    }

    /** int8 with a float32 scale per column, {@code [columns]}, or per row, {@code [rows, 1]}; 0 maps to 0. */
    static Scaled bytes(float[] matrix, int rows, int columns, boolean perRow) {
        float[] scales = new float[perRow ? rows : columns];
        for (int i = 0; i < matrix.length; i++) {
            int at = perRow ? i / columns : i % columns;
            scales[at] = Math.max(scales[at], Math.abs(matrix[i]));
        }
        for (int i = 0; i < scales.length; i++) {
            scales[i] = scales[i] / 127 == 0 ? 1 : scales[i] / 127;
        }
        byte[] out = new byte[matrix.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = (byte) nearest(matrix[i], scales[perRow ? i / columns : i % columns], -127, 127);
        }
        return new Scaled(out, Tensor.floats(perRow ? new int[] {rows, 1} : new int[] {columns}, scales));
    }

    /**
     * int4 with a float16 scale per block of 32 along the rows, {@code [ceil(rows / 32), columns]}, or along the columns,
     * {@code [rows, columns / 32]}. Of some scales each block has the one with the least square error, that of each row
     * multiplied by its {@code importance}.
     */
    static Scaled nibbles(float[] matrix, int rows, int columns, boolean perRow, float[] importance) {
        int across = perRow ? columns / Precision.BLOCK : columns;
        int down = perRow ? rows : (rows + Precision.BLOCK - 1) / Precision.BLOCK;
        byte[] out = new byte[matrix.length];
        short[] scales = new short[across * down];
        int step = perRow ? 1 : columns;
        for (int i = 0; i < scales.length; i++) {
            int row = i / across;
            int column = i % across;
            int from = perRow ? row * columns + column * Precision.BLOCK : row * Precision.BLOCK * columns + column;
            int count = perRow ? Precision.BLOCK : Math.min(Precision.BLOCK, rows - row * Precision.BLOCK);
            float[] weights = perRow ? EQUAL : Arrays.copyOfRange(importance, row * Precision.BLOCK, row * Precision.BLOCK + count);
            scales[i] = block(matrix, from, step, count, weights, out);
        }
        return new Scaled(out, Tensor.of(DType.FLOAT16, new int[] {down, across}, scales));
    }

    private static short block(float[] matrix, int from, int step, int count, float[] weights, byte[] out) {
        float extreme = 0;
        for (int i = 0; i < count; i++) {
            float value = matrix[from + i * step];
            extreme = Math.abs(value) > Math.abs(extreme) ? value : extreme;
        }
        short best = 0;
        double least = Double.POSITIVE_INFINITY;
        for (float shrink : SHRINK) {
            for (int levels = -8; levels <= 7; levels += 15) {
                short bits = (short) SmallFloat.encode(DType.FLOAT16, extreme * shrink / levels);
                float scale = (float) SmallFloat.decode(DType.FLOAT16, bits);
                double error = scale == 0 ? Double.POSITIVE_INFINITY : error(matrix, from, step, weights, scale, least);
                if (error < least) {
                    least = error;
                    best = bits;
                }
            }
        }
        float scale = (float) SmallFloat.decode(DType.FLOAT16, best);
        for (int i = 0; i < count; i++) {
            out[from + i * step] = (byte) (scale == 0 ? 0 : nearest(matrix[from + i * step], scale, -8, 7));
        }
        return best;
    }

    private static double error(float[] matrix, int from, int step, float[] weights, float scale, double most) {
        double sum = 0;
        for (int i = 0; i < weights.length && sum < most; i++) {
            float value = matrix[from + i * step];
            double off = value - scale * nearest(value, scale, -8, 7);
            sum += weights[i] * off * off;
        }
        return sum;
    }

    private static int nearest(float value, float scale, int lowest, int highest) {
        return Math.max(lowest, Math.min(highest, (int) Math.floor(value / scale + 0.5f)));
    }
}
