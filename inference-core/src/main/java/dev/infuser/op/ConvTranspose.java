package dev.infuser.op;

import dev.infuser.graph.Attributes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * {@code ConvTranspose}: {@code x [N, C, ...]} with {@code w [C, M / group, ...]} to {@code [N, M, ...]}, the gradient of a
 * convolution with respect to its input. float32 sums in float32, other types in float64.
 */
final class ConvTranspose implements Operator {

    @Override
    public String name() {
        return "ConvTranspose";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape x = c.shape(0);
        Shape w = c.shape(1);
        if (x.rank() < 3 || w.rank() != x.rank()) {
            throw c.fail("cannot convolve " + x + " with " + w);
        }
        Dim group = Dim.of(c.attributes().integer("group", 1));
        Shape kernel = new Shape(w.dims().subList(2, w.rank()));
        if (!kernel.isConstant()) {
            return List.of(c.unknown(c.dtype(0), x.rank()));
        }
        List<Dim> dims = new ArrayList<>(List.of(x.dim(0), w.dim(1).times(group)));
        dims.addAll(extents(c.attributes(), kernel.toInts(), x.dims().subList(2, x.rank())));
        return List.of(ValueType.tensor(c.dtype(0), new Shape(dims)));
    }

    /** The extent of an output axis before anything is cut off its ends. */
    private static Dim full(Attributes a, int[] kernel, List<Dim> in, int i) {
        int n = kernel.length;
        int stride = Window.ints(a, "strides", n, 1, 1)[i];
        int reach = (kernel[i] - 1) * Window.ints(a, "dilations", n, 1, 1)[i] + 1;
        int extra = Window.ints(a, "output_padding", n, 0, 0)[i];
        return Window.shift(in.get(i).times(Dim.of(stride)), reach + extra - stride);
    }

    /** The extents of the output. */
    static List<Dim> extents(Attributes a, int[] kernel, List<Dim> in) {
        int n = kernel.length;
        long[] shape = a.ints("output_shape");
        if (shape != null && shape.length < n) {
            throw Axes.bad("output_shape is not made for " + n + " spatial axes");
        }
        int[] strides = Window.ints(a, "strides", n, 1, 1);
        int[] pads = Window.ints(a, "pads", 2 * n, 0, 0);
        List<Dim> out = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            Dim dim = full(a, kernel, in, i);
            if (shape != null) {
                dim = Dim.of(shape[shape.length - n + i]);
            } else if (Window.isSame(a)) {
                dim = in.get(i).times(Dim.of(strides[i]));
            } else if (!a.string("auto_pad", "NOTSET").equals("VALID")) {
                int reach = (kernel[i] - 1) * Window.ints(a, "dilations", n, 1, 1)[i] + 1;
                int extra = Window.ints(a, "output_padding", n, 0, 0)[i];
                dim = Window.shift(in.get(i).times(Dim.of(strides[i])), reach + extra - strides[i] - pads[i] - pads[n + i]);
            }
            out.add(dim);
        }
        return out;
    }

    /** The window that each input position opens on the output. */
    static Window window(Attributes a, int[] kernel, List<Dim> in, List<Dim> out) {
        int n = kernel.length;
        int[] pads = Window.ints(a, "pads", 2 * n, 0, 0);
        int[] begin = new int[n];
        boolean implied = a.has("output_shape") || Window.isSame(a);
        for (int i = 0; i < n; i++) {
            begin[i] = a.string("auto_pad", "NOTSET").equals("VALID") ? 0 : pads[i];
            if (implied) {
                int total = (int) Math.max(0, full(a, kernel, in, i).value() - out.get(i).value());
                begin[i] = a.string("auto_pad", "").equals("SAME_UPPER") ? total / 2 : total - total / 2;
            }
        }
        return new Window(kernel, Window.ints(a, "strides", n, 1, 1), Window.ints(a, "dilations", n, 1, 1), begin, begin);
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor x = c.tensor(0);
        Tensor w = c.tensor(1);
        int group = (int) c.attributes().integer("group", 1);
        if (x.rank() < 3 || w.rank() != x.rank() || group < 1 || x.dim(1) % group != 0 || w.dim(0) != x.dim(1)
                || w.dtype() != x.dtype()) {
            throw c.fail("cannot convolve " + x + " with " + w + " in " + group + " groups");
        }
        int[] kernel = Arrays.copyOfRange(w.dims(), 2, w.rank());
        List<Dim> spatial = x.shape().dims().subList(2, x.rank());
        List<Dim> extents = extents(c.attributes(), kernel, spatial);
        List<Dim> dims = new ArrayList<>(List.of(Dim.of(x.dim(0)), Dim.of(w.dim(1) * group)));
        dims.addAll(extents);
        int[] out = new Shape(dims).toInts();
        Window window = window(c.attributes(), kernel, spatial, extents);
        Tensor bias = c.tensorOrNull(2);
        if (bias != null && bias.size() != out[1]) {
            throw c.fail("a bias of " + bias.size() + " for " + out[1] + " channels");
        }
        if (x.dtype() == DType.FLOAT32) {
            return List.of(Tensor.floats(out, floats(x, w, bias, out, window, group)));
        }
        return List.of(Tensor.ofDoubles(x.dtype(), out, doubles(x, w, bias, out, window, group)));
    }

    private static float[] floats(Tensor x, Tensor w, Tensor bias, int[] out, Window window, int group) {
        int[] grid = Arrays.copyOfRange(x.dims(), 2, x.rank());
        int[] plane = Arrays.copyOfRange(out, 2, out.length);
        int inSize = Tensor.count(grid);
        int outSize = Tensor.count(plane);
        int channels = x.dim(1) / group;
        int filters = out[1] / group;
        int elements = window.size();
        float[] y = new float[Tensor.count(out)];
        for (int i = 0; bias != null && i < y.length; i++) {
            y[i] = bias.floats()[i / outSize % out[1]];
        }
        float[] sums = new float[Math.min(inSize, 1024)];
        for (int from = 0; from < inSize; from += sums.length) {
            int count = Math.min(sums.length, inSize - from);
            int[][] table = window.table(grid, plane, from, count);
            for (int nm = 0; nm < x.dim(0) * out[1]; nm++) {
                int filter = nm % out[1];
                int first = filter / filters * channels;
                for (int k = 0; k < elements; k++) {
                    Arrays.fill(sums, 0);
                    for (int channel = first; channel < first + channels; channel++) {
                        float weight = w.floats()[(channel * filters + filter % filters) * elements + k];
                        int base = (nm / out[1] * x.dim(1) + channel) * inSize + from;
                        accumulate(weight, x.floats(), base, sums, count);
                    }
                    for (int p = 0; p < count; p++) {
                        if (table[k][p] >= 0) {
                            y[nm * outSize + table[k][p]] += sums[p];
                        }
                    }
                }
            }
        }
        return y;
    }

    private static void accumulate(float weight, float[] x, int base, float[] sums, int count) {
        for (int p = 0; p < count; p++) {
            sums[p] += weight * x[base + p];
        }
    }

    private static double[] doubles(Tensor x, Tensor w, Tensor bias, int[] out, Window window, int group) {
        int[] grid = Arrays.copyOfRange(x.dims(), 2, x.rank());
        int[] plane = Arrays.copyOfRange(out, 2, out.length);
        int inSize = Tensor.count(grid);
        int outSize = Tensor.count(plane);
        int channels = x.dim(1) / group;
        int filters = out[1] / group;
        int[][] table = window.table(grid, plane, 0, inSize);
        double[] y = new double[Tensor.count(out)];
        for (int i = 0; bias != null && i < y.length; i++) {
            y[i] = bias.getDouble(i / outSize % out[1]);
        }
        for (int nm = 0; nm < x.dim(0) * out[1]; nm++) {
            int filter = nm % out[1];
            for (int i = 0; i < channels * table.length * inSize; i++) {
                int channel = filter / filters * channels + i / inSize / table.length;
                int k = i / inSize % table.length;
                int target = table[k][i % inSize];
                if (target >= 0) {
                    y[nm * outSize + target] += x.getDouble((nm / out[1] * x.dim(1) + channel) * inSize + i % inSize)
                            * w.getDouble((channel * filters + filter % filters) * table.length + k);
                }
            }
        }
        return y;
    }
}
