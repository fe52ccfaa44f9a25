package dev.infuser.op;

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
 * {@code Conv}, {@code ConvInteger} and {@code QLinearConv}: {@code x [N, C, ...]} with {@code w [M, C / group, ...]} to
 * {@code [N, M, ...]}, over any number of spatial axes.
 *
 * <p>float32 sums in float32, every other type in float64 (exact for integers below 2^53). {@code ConvInteger} takes the
 * zero points away first and gives int32; {@code QLinearConv} rounds half to even and saturates.
 */
final class Conv implements Operator {

    private static final int COLUMNS = 1 << 18;

    private final String name;

    Conv(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    private int weight() {
        return name.equals("QLinearConv") ? 3 : 1;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape x = c.shape(0);
        Shape w = c.shape(weight());
        DType dtype = name.equals("ConvInteger") ? DType.INT32 : c.dtype(name.equals("QLinearConv") ? 7 : 0);
        if (x.rank() < 3 || w.rank() != x.rank()) {
            throw c.fail("cannot convolve " + x + " with " + w);
        }
        Dim channels = w.dim(1).times(Dim.of(c.attributes().integer("group", 1)));
        if (channels.isConstant() && x.dim(1).isConstant() && !channels.equals(x.dim(1))) {
            throw c.fail("cannot convolve " + x + " with " + w + " in " + c.attributes().integer("group", 1) + " groups");
        }
        Shape kernel = new Shape(w.dims().subList(2, w.rank()));
        List<Dim> spatial = x.dims().subList(2, x.rank());
        List<Dim> dims = new ArrayList<>(List.of(x.dim(0), w.dim(0)));
        if (kernel.isConstant()) {
            dims.addAll(Window.of(c.attributes(), kernel.toInts(), spatial).count(c.attributes(), spatial, false));
        } else {
            for (int i = 0; i < spatial.size(); i++) {
                dims.add(c.unknown());
            }
        }
        return List.of(ValueType.tensor(dtype, new Shape(dims)));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor x = c.tensor(0);
        Tensor w = c.tensor(weight());
        int group = (int) c.attributes().integer("group", 1);
        boolean fits = x.rank() >= 3 && w.rank() == x.rank() && group >= 1 && w.dim(0) % group == 0
                && (long) w.dim(1) * group == x.dim(1);
        if (!fits || name.equals("Conv") && w.dtype() != x.dtype()) {
            throw c.fail("cannot convolve " + x + " with " + w + " in " + group + " groups");
        }
        List<Dim> spatial = x.shape().dims().subList(2, x.rank());
        Window window = Window.of(c.attributes(), new Shape(w.shape().dims().subList(2, w.rank())).toInts(), spatial);
        List<Dim> dims = new ArrayList<>(List.of(Dim.of(x.dim(0)), Dim.of(w.dim(0))));
        dims.addAll(window.count(c.attributes(), spatial, false));
        int[] out = new Shape(dims).toInts();
        if (name.equals("Conv")) {
            Tensor bias = bias(c, 2, w);
            return List.of(x.dtype() == DType.FLOAT32
                    ? Tensor.floats(out, convolve(x.floats(), w.floats(), x.dims(), out, window, group, bias))
                    : Tensor.ofDoubles(x.dtype(), out, convolve(x.toDoubles(), w.toDoubles(), x.dims(), out, window, group,
                            bias)));
        }
        return List.of(name.equals("ConvInteger") ? integer(c, x, w, out, window, group)
                : quantized(c, x, w, out, window, group));
    }

    private static Tensor bias(EvalContext c, int input, Tensor w) {
        Tensor bias = c.tensorOrNull(input);
        if (bias != null && bias.size() != w.dim(0)) {
            throw c.fail("a bias of " + bias.size() + " for " + w.dim(0) + " channels");
        }
        return bias;
    }

    private static Tensor integer(EvalContext c, Tensor x, Tensor w, int[] out, Window window, int group) {
        double[] sums = convolve(centre(x, c.tensorOrNull(2)), centre(w, c.tensorOrNull(3)), x.dims(), out, window, group,
                null);
        return Tensor.ofDoubles(DType.INT32, out, sums);
    }

    private static Tensor quantized(EvalContext c, Tensor x, Tensor w, int[] out, Window window, int group) {
        double[] sums = convolve(centre(x, c.tensor(2)), centre(w, c.tensor(5)), x.dims(), out, window, group,
                bias(c, 8, w));
        Tensor wScale = c.tensor(4);
        if (wScale.size() != 1 && wScale.size() != out[1]) {
            throw c.fail("scales " + wScale + " for " + out[1] + " filters");
        }
        Tensor zero = c.tensor(7);
        float xScale = (float) Axes.real(c.tensor(1));
        float yScale = (float) Axes.real(c.tensor(6));
        int plane = Axes.count(out, 2, out.length);
        for (int i = 0; i < sums.length; i++) {
            float scale = xScale * (float) wScale.getDouble(wScale.size() == 1 ? 0 : i / plane % out[1]);
            sums[i] = Quantization.quantize(zero.dtype(), sums[i] * scale / yScale, Axes.integer(zero));
        }
        return Tensor.ofDoubles(zero.dtype(), out, sums);
    }

    /** The elements less their zero point, which is one for all or one per slice of axis 0. */
    private static double[] centre(Tensor in, Tensor zero) {
        double[] out = new double[in.size()];
        if (zero != null && zero.size() != 1 && zero.size() != in.dim(0)) {
            throw Axes.bad("zero points " + zero + " for " + in);
        }
        int slice = zero == null || zero.size() == 1 ? out.length : out.length / zero.size();
        for (int i = 0; i < out.length; i++) {
            out[i] = in.getLong(i) - (zero == null ? 0 : zero.getLong(i / slice));
        }
        return out;
    }

    /** Columns of the input for a stretch of windows, so that each stretch is one matrix product per group. */
    private static float[] convolve(float[] x, float[] w, int[] in, int[] out, Window window, int group, Tensor bias) {
        int[] plane = Arrays.copyOfRange(in, 2, in.length);
        int[] grid = Arrays.copyOfRange(out, 2, out.length);
        int inSize = Tensor.count(plane);
        int outSize = Tensor.count(grid);
        int channels = in[1] / group;
        int filters = out[1] / group;
        int depth = channels * window.size();
        float[] y = new float[Tensor.count(out)];
        int stretch = stretch(depth, outSize);
        float[] columns = new float[depth * stretch];
        for (int from = 0; from < outSize; from += stretch) {
            int count = Math.min(stretch, outSize - from);
            int[][] table = window.table(grid, plane, from, count);
            for (int ng = 0; ng < in[0] * group; ng++) {
                for (int k = 0; k < depth; k++) {
                    int[] row = table[k % table.length];
                    int base = (ng * channels + k / table.length) * inSize;
                    for (int p = 0; p < count; p++) {
                        columns[k * count + p] = row[p] < 0 ? 0 : x[base + row[p]];
                    }
                }
                for (int m = 0; m < filters; m++) {
                    int filter = ng % group * filters + m;
                    multiply(w, filter * depth, columns, depth, count, y, (ng / group * out[1] + filter) * outSize + from,
                            bias == null ? 0 : (float) bias.getDouble(filter));
                }
            }
        }
        return y;
    }

    private static void multiply(float[] w, int at, float[] columns, int depth, int count, float[] y, int to, float bias) {
        for (int p = 0; p < count; p++) {
            y[to + p] = bias;
        }
        int k = 0;
        for (; k + 3 < depth; k += 4) {
            float w0 = w[at + k];
            float w1 = w[at + k + 1];
            float w2 = w[at + k + 2];
            float w3 = w[at + k + 3];
            int c = k * count;
            for (int p = 0; p < count; p++) {
                y[to + p] += w0 * columns[c + p] + w1 * columns[c + count + p] + w2 * columns[c + 2 * count + p]
                        + w3 * columns[c + 3 * count + p];
            }
        }
        for (; k < depth; k++) {
            float w0 = w[at + k];
            for (int p = 0; p < count; p++) {
                y[to + p] += w0 * columns[k * count + p];
            }
        }
    }

    private static int stretch(int depth, int outSize) {
        return Math.max(1, Math.min(outSize, Math.max(16, Math.min(1024, COLUMNS / Math.max(1, depth)))));
    }

    private static double[] convolve(double[] x, double[] w, int[] in, int[] out, Window window, int group, Tensor bias) {
        int[] plane = Arrays.copyOfRange(in, 2, in.length);
        int[] grid = Arrays.copyOfRange(out, 2, out.length);
        int inSize = Tensor.count(plane);
        int outSize = Tensor.count(grid);
        int channels = in[1] / group;
        int filters = out[1] / group;
        double[] y = new double[Tensor.count(out)];
        int stretch = stretch(window.size(), outSize);
        for (int from = 0; from < outSize; from += stretch) {
            int count = Math.min(stretch, outSize - from);
            int[][] table = window.table(grid, plane, from, count);
            for (int nm = 0; nm < in[0] * out[1]; nm++) {
                int filter = nm % out[1];
                int channel = nm / out[1] * in[1] + filter / filters * channels;
                for (int p = 0; p < count; p++) {
                    double sum = bias == null ? 0 : bias.getDouble(filter);
                    for (int k = 0; k < channels * table.length; k++) {
                        int source = table[k % table.length][p];
                        if (source >= 0) {
                            sum += w[filter * channels * table.length + k] * x[(channel + k / table.length) * inSize + source];
                        }
                    }
                    y[nm * outSize + from + p] = sum;
                }
            }
        }
        return y;
    }
}
