package dev.infuser.op;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.Arrays;
import java.util.List;

/**
 * {@code BatchNormalization}, {@code InstanceNormalization} and {@code GroupNormalization} of real numbers
 * {@code [N, C, ...]}: {@code (x - mean) / sqrt(variance + epsilon) * scale + bias}, with scale and bias {@code [C]}, and mean
 * and variance given for each channel, or taken over each channel of an example, or each group of channels. In training mode
 * the first takes them over the batch and gives running ones too.
 */
final class Normalization implements Operator {

    private final String name;

    Normalization(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        DType type = Types.real(c, 0);
        if (c.rank(0) < (name.startsWith("B") ? 1 : 2)) {
            throw c.fail("input must be [N, C, ...], found " + c.type(0));
        }
        for (int i = 1; i < c.inputs(); i++) {
            Types.real(c, i);
        }
        if (!name.startsWith("B")) {
            Types.same(c);
        }
        ValueType y = ValueType.tensor(type, c.shape(0));
        if (!name.startsWith("B") || c.outputs() == 1) {
            return List.of(y);
        }
        if (c.rank(3) != 1) {
            throw c.fail("the mean must be a vector, found " + c.type(3));
        }
        ValueType running = ValueType.tensor(c.dtype(3), Shape.of(c.shape(3).dim(0)));
        return List.of(y, running, running);
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor x = c.tensor(0);
        int channels = x.rank() < 2 ? 1 : x.dim(1);
        int batch = x.rank() == 0 ? 1 : x.dim(0);
        int plane = batch * channels == 0 ? 0 : x.size() / batch / channels;
        for (int i = 1; i < c.inputs(); i++) {
            if (c.tensor(i).size() != channels) {
                throw c.fail("input " + i + " must have " + channels + " elements, found " + c.tensor(i));
            }
        }
        double epsilon = c.attributes().real("epsilon", 1e-5f);
        double[] in = x.toDoubles();
        double[] out = new double[in.length];
        double[] scale = c.tensor(1).toDoubles();
        double[] bias = c.tensor(2).toDoubles();
        if (name.startsWith("B")) {
            return batch(c, x, in, out, plane, epsilon, scale, bias);
        }
        int groups = name.startsWith("I") ? channels : (int) c.attributes().integer("num_groups");
        if (groups <= 0 || channels % groups != 0) {
            throw c.fail(groups + " groups do not divide " + channels + " channels");
        }
        int lane = channels / groups * plane;
        for (int start = 0; start < in.length; start += lane) {
            double[] moments = moments(in, new int[] {start}, lane);
            double inverse = 1 / Math.sqrt(moments[1] + epsilon);
            for (int i = start; i < start + lane; i++) {
                int channel = i / plane % channels;
                out[i] = (in[i] - moments[0]) * inverse * scale[channel] + bias[channel];
            }
        }
        return List.of(Tensor.ofDoubles(x.dtype(), x.dims(), out));
    }

    private static List<Datum> batch(EvalContext c, Tensor x, double[] in, double[] out, int plane, double epsilon,
            double[] scale, double[] bias) {
        int channels = scale.length;
        double[] mean = c.tensor(3).toDoubles();
        double[] variance = c.tensor(4).toDoubles();
        if (c.attributes().flag("training_mode", false)) {
            mean = new double[channels];
            variance = new double[channels];
            int[] starts = new int[channels * plane == 0 ? 0 : in.length / channels / plane];
            for (int channel = 0; channel < channels; channel++) {
                for (int i = 0; i < starts.length; i++) {
                    starts[i] = (i * channels + channel) * plane;
                }
                double[] moments = moments(in, starts, plane);
                mean[channel] = moments[0];
                variance[channel] = moments[1];
            }
        }
        for (int i = 0; i < in.length; i++) {
            int channel = i / plane % channels;
            out[i] = (in[i] - mean[channel]) / Math.sqrt(variance[channel] + epsilon) * scale[channel] + bias[channel];
        }
        Tensor y = Tensor.ofDoubles(x.dtype(), x.dims(), out);
        double momentum = c.attributes().real("momentum", 0.9f);
        return c.outputs() == 1 ? List.of(y) : List.of(y, running(c.tensor(3), mean, momentum),
                running(c.tensor(4), variance, momentum));
    }

    private static Tensor running(Tensor before, double[] now, double momentum) {
        return Elementwise.zip(before, Tensor.of(DType.FLOAT64, before.dims(), Arrays.copyOf(now, now.length)),
                before.dtype(), (x, y) -> x * momentum + y * (1 - momentum));
    }

    /** Mean and variance of {@code count} elements from each of {@code starts} on. */
    private static double[] moments(double[] in, int[] starts, int count) {
        double sum = 0;
        for (int start : starts) {
            for (int i = start; i < start + count; i++) {
                sum += in[i];
            }
        }
        double mean = sum / starts.length / count;
        double squares = 0;
        for (int start : starts) {
            for (int i = start; i < start + count; i++) {
                squares += (in[i] - mean) * (in[i] - mean);
            }
        }
        return new double[] {mean, squares / starts.length / count};
    }
}
