package dev.infuser.converter.quantize;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.SmallFloat;
import dev.infuser.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * The numbers that uint8 stands for: {@code (q - zero) * scale}.
 *
 * @param scale positive
 * @param zero  0 to 255
 */
public record Range(float scale, int zero) {

    private static final double MOST = 0.9999;
    private static final int STEPS = 12;

    /** How the range of a value is found. */
    public enum Method { MINMAX, PERCENTILE, MSE }

    /** The range from {@code least} to {@code greatest} and 0, as DynamicQuantizeLinear has it. */
    static Range of(float least, float greatest) {
        float min = Math.min(0, least);
        float max = Math.max(0, greatest);
        float scale = max == min ? 1 : (max - min) / 255;
        return new Range(scale, (int) Math.max(0, Math.min(255, SmallFloat.roundEven(-min / scale))));
    }

    /**
     * The range of samples of a value: all of it, all but the outermost ten-thousandth of the elements at either end, or the
     * part of it with the least square error.
     */
    static Range of(List<Tensor> samples, Method method) {
        float least = 0;
        float greatest = 0;
        for (Tensor sample : samples) {
            float[] sorted = sample.toFloats().clone();
            Arrays.sort(sorted);
            int last = sorted.length - 1;
            int cut = method == Method.PERCENTILE ? (int) Math.floor(last * (1 - MOST)) : 0;
            if (last >= 0 && Float.isFinite(sorted[0]) && Float.isFinite(sorted[last])) {
                least = Math.min(least, sorted[cut]);
                greatest = Math.max(greatest, sorted[last - cut]);
            }
        }
        Range best = of(least, greatest);
        for (int step = 1; method == Method.MSE && step < STEPS; step++) {
            float part = 1 - (float) step / (2 * STEPS);
            Range narrower = of(least * part, greatest * part);
            best = narrower.error(samples) < best.error(samples) ? narrower : best;
        }
        return best;
    }

    private double error(List<Tensor> samples) {
        double sum = 0;
        for (Tensor sample : samples) {
            for (float value : sample.toFloats()) {
                double off = value - rounded(value);
                sum += off * off;
            }
        }
        return sum;
    }

    private float rounded(float value) {
        double number = Math.max(0, Math.min(255, SmallFloat.roundEven(value / scale) + zero));
        return (float) (number - zero) * scale;
    }

    /** A tensor of the numbers that stand for those of {@code x}. */
    Tensor rounded(Tensor x) {
        float[] out = new float[x.size()];
        for (int i = 0; i < out.length; i++) {
            out[i] = rounded((float) x.getDouble(i));
        }
        return Tensor.floats(x.dims(), out);
    }

    Tensor zeroPoint() {
        return Tensor.of(DType.UINT8, new int[0], new byte[] {(byte) zero});
    }
}
