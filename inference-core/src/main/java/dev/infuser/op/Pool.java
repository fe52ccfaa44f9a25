package dev.infuser.op;

import dev.infuser.expr.Fn;
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
 * {@code MaxPool}, {@code AveragePool}, {@code LpPool} and their global forms over {@code [N, C, ...]}.
 *
 * <p>With {@code ceil_mode} a last window may hang over the end, unless it would begin in the padding there. Sums are made
 * in float64. {@code MaxPool} has the flat positions of the maxima as a second output, counted row by row, or column by
 * column with {@code storage_order} 1.
 */
final class Pool implements Operator {

    private final String name;
    private final boolean global;

    Pool(String name) {
        this.name = name;
        global = name.startsWith("Global");
    }

    @Override
    public String name() {
        return name;
    }

    private static Window window(Attributes a, List<Dim> spatial) {
        long[] kernel = a.ints("kernel_shape");
        if (kernel == null || kernel.length != spatial.size()) {
            throw Axes.bad("kernel_shape is not made for " + spatial.size() + " spatial axes");
        }
        return Window.of(a, Window.ints(a, "kernel_shape", kernel.length, 1, 1), spatial);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape x = c.shape(0);
        if (x.rank() < 3) {
            throw c.fail("cannot pool " + x);
        }
        List<Dim> spatial = x.dims().subList(2, x.rank());
        List<Dim> dims = new ArrayList<>(x.dims().subList(0, 2));
        if (global) {
            for (int i = 0; i < spatial.size(); i++) {
                dims.add(Dim.ONE);
            }
        } else {
            boolean ceil = c.attributes().flag("ceil_mode", false);
            for (Dim dim : window(c.attributes(), spatial).count(c.attributes(), spatial, ceil)) {
                dims.add(dim == null ? c.unknown() : dim);
            }
        }
        Shape out = new Shape(dims);
        return List.of(ValueType.tensor(c.dtype(0), out), ValueType.tensor(DType.INT64, out));
    }

    /** How a pool runs over {@code [N, ..., C]}, or null. */
    Lowering channelsLast(InferContext c) {
        return c.dtype(0) != DType.FLOAT32 ? null : new Lowering.Taps(name.equals("MaxPool") ? Fn.MAX : Fn.ADD, 1,
                c.rank(0) - 2, 0, (axis, bound) -> taps(axis - 1, bound));
    }

    /** The windows along a spatial axis; their weights are what is left of the number of elements averaged over. */
    private static Lowering.AxisTaps taps(int axis, InferContext c) {
        Attributes a = c.attributes();
        List<Dim> spatial = c.shape(0).dims().subList(1, c.rank(0) - 1);
        Window window = window(a, spatial);
        int extent = (int) spatial.get(axis).value();
        int kernel = window.kernel()[axis];
        int begin = window.begin()[axis];
        boolean padding = a.flag("count_include_pad", false);
        int low = padding ? -begin : 0;
        int high = padding ? extent + window.end()[axis] : extent;
        int count = (int) window.count(a, spatial, a.flag("ceil_mode", false)).get(axis).value();
        int[] positions = new int[count * kernel];
        double[] weights = new double[positions.length];
        for (int i = 0; i < count; i++) {
            int counted = 0;
            for (int k = 0; k < kernel; k++) {
                int at = i * window.strides()[axis] + k * window.dilations()[axis] - begin;
                positions[i * kernel + k] = at >= 0 && at < extent ? at : -1;
                counted += at >= low && at < high ? 1 : 0;
            }
            Arrays.fill(weights, i * kernel, (i + 1) * kernel, 1.0 / counted);
        }
        return new Lowering.AxisTaps(positions, weights);
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor x = c.tensor(0);
        Attributes a = c.attributes();
        if (x.rank() < 3) {
            throw c.fail("cannot pool " + x);
        }
        int n = x.rank() - 2;
        int[] plane = Arrays.copyOfRange(x.dims(), 2, x.rank());
        int[] zeros = new int[n];
        int[] ones = new int[n];
        Arrays.fill(ones, 1);
        List<Dim> spatial = x.shape().dims().subList(2, x.rank());
        Window window = global ? new Window(plane, ones, ones, zeros, zeros) : window(a, spatial);
        int[] grid = global ? ones : new Shape(window.count(a, spatial, a.flag("ceil_mode", false))).toInts();
        int[] dims = x.dims().clone();
        System.arraycopy(grid, 0, dims, 2, n);
        if (name.endsWith("MaxPool")) {
            int[] index = maxima(x, window, grid, plane);
            Tensor y = x.pick(dims, index);
            return c.outputs() < 2 ? List.of(y) : List.of(y, Tensor.longs(dims, positions(index, plane, a)));
        }
        return List.of(Tensor.ofDoubles(x.dtype(), dims, sums(x, window, grid, plane, a)));
    }

    private static int stretch(Window window, int size) {
        return Math.max(1, Math.min(size, (1 << 16) / Math.max(1, window.size())));
    }

    private static int[] maxima(Tensor x, Window window, int[] grid, int[] plane) {
        float[] floats = x.dtype() == DType.FLOAT64 ? null : x.toFloats();
        double[] doubles = floats == null ? x.doubles() : null;
        int inSize = Tensor.count(plane);
        int outSize = Tensor.count(grid);
        int[] index = new int[x.dim(0) * x.dim(1) * outSize];
        int stretch = stretch(window, outSize);
        for (int from = 0; from < outSize; from += stretch) {
            int count = Math.min(stretch, outSize - from);
            int[][] table = window.table(grid, plane, from, count);
            for (int nc = 0; nc < x.dim(0) * x.dim(1); nc++) {
                for (int p = 0; p < count; p++) {
                    int best = -1;
                    double max = 0;
                    for (int[] row : table) {
                        int at = row[p] < 0 ? -1 : nc * inSize + row[p];
                        double value = at < 0 ? 0 : floats == null ? doubles[at] : floats[at];
                        if (at >= 0 && (best < 0 || value > max)) {
                            best = at;
                            max = value;
                        }
                    }
                    index[nc * outSize + from + p] = best;
                }
            }
        }
        return index;
    }

    private static long[] positions(int[] index, int[] plane, Attributes a) {
        long[] out = new long[index.length];
        int size = Tensor.count(plane);
        for (int i = 0; i < out.length; i++) {
            out[i] = index[i];
            if (a.integer("storage_order", 0) == 1 && index[i] >= 0) {
                int rest = index[i] % size;
                int column = 0;
                int[] at = new int[plane.length];
                for (int k = plane.length - 1; k >= 0; k--) {
                    at[k] = rest % plane[k];
                    rest /= plane[k];
                }
                for (int k = plane.length - 1; k >= 0; k--) {
                    column = column * plane[k] + at[k];
                }
                out[i] = index[i] / size * size + column;
            }
        }
        return out;
    }

    private double[] sums(Tensor x, Window window, int[] grid, int[] plane, Attributes a) {
        boolean mean = name.endsWith("AveragePool");
        boolean padding = a.flag("count_include_pad", false);
        double p = a.integer("p", 2);
        int inSize = Tensor.count(plane);
        int outSize = Tensor.count(grid);
        double[] out = new double[x.dim(0) * x.dim(1) * outSize];
        int[] padded = new int[plane.length];
        for (int i = 0; i < padded.length; i++) {
            padded[i] = plane[i] + window.begin()[i] + window.end()[i];
        }
        Window shifted = new Window(window.kernel(), window.strides(), window.dilations(), new int[plane.length],
                new int[plane.length]);
        int stretch = stretch(window, outSize);
        for (int from = 0; from < outSize; from += stretch) {
            int count = Math.min(stretch, outSize - from);
            int[][] table = window.table(grid, plane, from, count);
            int[][] counted = mean && padding ? shifted.table(grid, padded, from, count) : table;
            for (int nc = 0; nc < x.dim(0) * x.dim(1); nc++) {
                for (int i = 0; i < count; i++) {
                    double sum = 0;
                    int elements = 0;
                    for (int k = 0; k < table.length; k++) {
                        elements += counted[k][i] < 0 ? 0 : 1;
                        if (table[k][i] >= 0) {
                            double value = x.getDouble(nc * inSize + table[k][i]);
                            sum += mean ? value : p == 1 ? Math.abs(value) : p == 2 ? value * value
                                    : Math.pow(Math.abs(value), p);
                        }
                    }
                    out[nc * outSize + from + i] = mean ? sum / elements : p == 1 ? sum : p == 2 ? Math.sqrt(sum)
                            : Math.pow(sum, 1 / p);
                }
            }
        }
        return out;
    }
}
