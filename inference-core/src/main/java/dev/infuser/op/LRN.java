package dev.infuser.op;

import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/**
 * {@code LRN}: {@code x [N, C, ...]} over {@code (bias + alpha / size * s) ^ beta}, where {@code s} is the sum of squares
 * over the {@code size} channels around each.
 */
final class LRN implements Operator {

    @Override
    public String name() {
        return "LRN";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        if (c.rank(0) < 2) {
            throw c.fail("input " + c.type(0) + " has no channels");
        }
        return List.of(c.type(0));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor x = c.tensor(0);
        double alpha = c.attributes().real("alpha", 0.0001f);
        double beta = c.attributes().real("beta", 0.75f);
        double bias = c.attributes().real("bias", 1);
        long size = c.attributes().integer("size");
        if (size < 1 || x.rank() < 2) {
            throw c.fail("a size of " + size + " for " + x);
        }
        int plane = Axes.count(x.dims(), 2, x.rank());
        double[] data = x.toDoubles();
        double[] out = new double[data.length];
        for (int i = 0; i < data.length; i++) {
            int channel = i / plane % x.dim(1);
            int first = (int) Math.max(0, channel - (size - 1) / 2);
            int last = (int) Math.min(x.dim(1) - 1, channel + size / 2);
            double squares = 0;
            for (int k = first; k <= last; k++) {
                double value = data[i + (k - channel) * plane];
                squares += value * value;
            }
            out[i] = data[i] / Math.pow(bias + alpha / size * squares, beta);
        }
        return List.of(Tensor.ofDoubles(x.dtype(), x.dims(), out));
    }
}
