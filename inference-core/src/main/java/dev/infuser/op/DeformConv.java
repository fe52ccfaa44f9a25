package dev.infuser.op;

import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * {@code DeformConv}: a convolution of {@code x [N, C, ...]} with weights {@code [M, C / group, ...kernel]} whose taps are moved by
 * {@code offset [N, offset_group * taps * axes, ...]}, read by linear interpolation with zeros outside, and weighted by
 * {@code mask [N, offset_group * taps, ...]}.
 */
final class DeformConv implements Operator {

    @Override
    public String name() {
        return "DeformConv";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Types.real(c, 0);
        for (int i = 1; i < c.inputs(); i++) {
            Types.same(c, i);
        }
        int rank = c.rank(0);
        if (rank < 3 || c.rank(1) != rank || c.rank(2) != rank) {
            throw c.fail("expected inputs of one rank, found " + c.type(0) + ", " + c.type(1) + " and " + c.type(2));
        }
        List<Dim> dims = new ArrayList<>(c.shape(2).dims());
        dims.set(0, c.shape(0).dim(0));
        dims.set(1, c.shape(1).dim(0));
        return List.of(ValueType.tensor(c.dtype(0), new Shape(dims)));
    }

    /** What one evaluation reads. */
    private record Run(double[] x, double[] weights, double[] offset, double[] mask, int[] image, int[] kernel, int[] out,
            long[] strides, long[] dilations, long[] pads) {
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor x = c.tensor(0);
        Tensor w = c.tensor(1);
        Tensor offset = c.tensor(2);
        int axes = x.rank() - 2;
        if (axes < 1 || w.rank() != x.rank() || offset.rank() != x.rank()) {
            throw c.fail("expected inputs of one rank, found " + x + ", " + w + " and " + offset);
        }
        long[] ones = new long[axes];
        Arrays.fill(ones, 1);
        Run run = new Run(x.toDoubles(), w.toDoubles(), offset.toDoubles(), c.has(4) ? c.tensor(4).toDoubles() : null,
                spatial(x), spatial(w), spatial(offset), attribute(c, "strides", ones), attribute(c, "dilations", ones),
                attribute(c, "pads", new long[2 * axes]));
        long groups = c.attributes().integer("group", 1);
        long offsetGroups = c.attributes().integer("offset_group", 1);
        check(c, run, groups, offsetGroups);
        int taps = Tensor.count(run.kernel);
        int places = Tensor.count(run.out);
        int inputs = x.dim(1);
        int outputs = w.dim(0);
        int[] dims = offset.dims().clone();
        dims[1] = outputs;
        double[] y = new double[Tensor.count(dims)];
        double[] columns = new double[inputs * taps];
        for (int n = 0; n < x.dim(0); n++) {
            for (int place = 0; place < places; place++) {
                for (int i = 0; i < columns.length; i++) {
                    int deformed = (int) (i / taps / (inputs / offsetGroups));
                    columns[i] = tap(run, n * inputs + i / taps, (int) (n * offsetGroups + deformed), i % taps, place, places);
                }
                for (int m = 0; m < outputs; m++) {
                    int from = (int) (m / (outputs / groups)) * w.dim(1) * taps;
                    double sum = c.has(3) ? c.tensor(3).getDouble(m) : 0;
                    for (int i = 0; i < w.dim(1) * taps; i++) {
                        sum += run.weights[m * w.dim(1) * taps + i] * columns[from + i];
                    }
                    y[(n * outputs + m) * places + place] = sum;
                }
            }
        }
        return List.of(Tensor.ofDoubles(x.dtype(), dims, y));
    }

    private static int[] spatial(Tensor x) {
        return Arrays.copyOfRange(x.dims(), 2, x.rank());
    }

    private static long[] attribute(EvalContext c, String name, long[] fallback) {
        long[] values = c.attributes().ints(name);
        if (values != null && values.length != fallback.length) {
            throw c.fail(name + " has " + values.length + " values, expected " + fallback.length);
        }
        return values == null ? fallback : values;
    }

    private static void check(EvalContext c, Run run, long groups, long offsetGroups) {
        Tensor x = c.tensor(0);
        Tensor w = c.tensor(1);
        int taps = Tensor.count(run.kernel);
        long[] declared = c.attributes().ints("kernel_shape");
        boolean good = groups > 0 && offsetGroups > 0 && x.dim(1) == w.dim(1) * groups && w.dim(0) % groups == 0
                && x.dim(1) % offsetGroups == 0 && c.tensor(2).dim(0) == x.dim(0)
                && c.tensor(2).dim(1) == offsetGroups * taps * run.kernel.length
                && (declared == null || Arrays.equals(Axes.ints(declared), run.kernel))
                && (!c.has(3) || c.tensor(3).size() == w.dim(0))
                && (run.mask == null || run.mask.length == x.dim(0) * offsetGroups * taps * Tensor.count(run.out));
        for (int i = 0; good && i < run.kernel.length; i++) {
            long span = run.image[i] + run.pads[i] + run.pads[run.kernel.length + i] - run.dilations[i] * (run.kernel[i] - 1L) - 1;
            good = run.strides[i] > 0 && span >= 0 && run.out[i] == span / run.strides[i] + 1;
        }
        if (!good) {
            throw c.fail("input " + x + ", weights " + w + " and offsets " + c.tensor(2) + " do not fit");
        }
    }

    /** What tap {@code tap} of a channel reads at {@code place}. */
    private static double tap(Run run, int channel, int deformed, int tap, int place, int places) {
        int axes = run.image.length;
        double[] at = new double[axes];
        int taps = Tensor.count(run.kernel);
        int k = tap;
        int p = place;
        for (int axis = axes - 1; axis >= 0; axis--) {
            at[axis] = p % run.out[axis] * run.strides[axis] - run.pads[axis] + k % run.kernel[axis] * run.dilations[axis]
                    + run.offset[((deformed * taps + tap) * axes + axis) * places + place];
            p /= run.out[axis];
            k /= run.kernel[axis];
        }
        double weight = run.mask == null ? 1 : run.mask[(deformed * taps + tap) * places + place];
        return weight * interpolated(run, channel, at);
    }

    private static double interpolated(Run run, int channel, double[] at) {
        double sum = 0;
        for (int corner = 0; corner < 1 << at.length; corner++) {
            double weight = 1;
            int index = channel;
            for (int axis = 0; axis < at.length && weight != 0; axis++) {
                double floor = Math.floor(at[axis]);
                int up = corner >> axis & 1;
                double position = floor + up;
                weight *= !(position >= 0 && position < run.image[axis]) ? 0 : up == 1 ? at[axis] - floor : 1 - (at[axis] - floor);
                index = index * run.image[axis] + (int) position;
            }
            sum += weight == 0 ? 0 : weight * run.x[index];
        }
        return sum;
    }
}
