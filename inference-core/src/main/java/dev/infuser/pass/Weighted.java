package dev.infuser.pass;

import dev.infuser.graph.Node;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.SmallFloat;
import dev.infuser.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * A matrix product, or a convolution with channels last, by weights that it alone reads.
 *
 * @param weights  {@code [C, M]}, {@code [k..., C / group, M]}, or transposed {@code [k..., C, M / group]}
 * @param channels how many it reads, C
 * @param filters  how many it has, M
 */
record Weighted(Node node, Tensor weights, int channels, int filters) {

    /** What {@code node} is if it reads {@code value} as that which it multiplies with constant weights, or null. */
    static Weighted of(Editor editor, Node node, String value) {
        Tensor w = editor.constant(node.input(1));
        boolean conv = node.domain().equals("infuser") && node.op().equals("Conv");
        boolean transposed = node.domain().equals("infuser") && node.op().equals("ConvTranspose");
        if (w == null || w.dtype() != DType.FLOAT32 || w.size() == 0 || editor.uses(node.input(1)) != 1
                || !node.input(0).equals(value) || node.input(2).equals(value)
                || !(conv || transposed ? w.rank() > 2 : node.is("MatMul") && w.rank() == 2)) {
            return null;
        }
        int group = (int) node.attributes().integer("group", 1);
        return new Weighted(node, w, w.dim(-2) * (conv ? group : 1), w.dim(-1) * (transposed ? group : 1));
    }

    /** The weights for input multiplied by {@code by}; null where they would not be numbers, or lose being float16. */
    Tensor scaled(float[] by, boolean divides) {
        float[] w = weights.floats().clone();
        boolean halves = isHalf(w);
        for (int i = 0; i < w.length; i++) {
            w[i] = divides ? w[i] / by[channel(i)] : w[i] * by[channel(i)];
            if (!Float.isFinite(w[i])) {
                return null;
            }
        }
        return halves && !isHalf(w) ? null : Tensor.floats(weights.dims(), w);
    }

    private static boolean isHalf(float[] values) {
        for (float value : values) {
            if (SmallFloat.decode(DType.FLOAT16, SmallFloat.encode(DType.FLOAT16, value)) != value) {
                return false;
            }
        }
        return true;
    }

    /** The channel that an element of the weights is multiplied with. */
    private int channel(int element) {
        int within = element / weights.dim(-1) % weights.dim(-2);
        int groups = channels / weights.dim(-2);
        return element % weights.dim(-1) / (weights.dim(-1) / groups) * weights.dim(-2) + within;
    }

    /** Whether what is added to all of its input is a sum in its bias: there are no zeros around it. */
    boolean takesAddends(Editor editor) {
        if (!node.op().equals("Conv") || !node.input(2).isEmpty() && editor.constant(node.input(2)) == null) {
            return false;
        }
        boolean point = true;
        for (int axis = 0; axis < weights.rank() - 2; axis++) {
            point &= weights.dim(axis) == 1;
        }
        long[] pads = node.attributes().ints("pads");
        String auto = node.attributes().string("auto_pad", "NOTSET");
        return (pads == null || Arrays.stream(pads).allMatch(pad -> pad == 0))
                && (point || auto.equals("NOTSET") || auto.equals("VALID"));
    }

    /** The bias for input that {@code by} is added to, or subtracted from. */
    Tensor bias(Editor editor, float[] by, boolean subtracts) {
        double[] sums = new double[filters];
        Tensor old = editor.constant(node.input(2));
        for (int m = 0; old != null && m < filters; m++) {
            sums[m] = old.getDouble(m);
        }
        float[] w = weights.floats();
        for (int i = 0; i < w.length; i++) {
            sums[i % filters] += (double) w[i] * by[channel(i)] * (subtracts ? -1 : 1);
        }
        return Tensor.ofDoubles(DType.FLOAT32, new int[] {filters}, sums);
    }

    /** Reads {@code x}, with other weights or another bias where these are not null. */
    void replace(Editor editor, String x, Tensor newWeights, Tensor newBias) {
        String out = node.output(0);
        String w = newWeights == null ? node.input(1) : editor.constantOf(out + ".weight", newWeights);
        String b = newBias == null ? node.input(2) : editor.constantOf(out + ".bias", newBias);
        editor.replace(node, node.withInputs(b.isEmpty() ? List.of(x, w) : List.of(x, w, b)));
    }
}
