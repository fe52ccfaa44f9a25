package dev.infuser.op;

import dev.infuser.graph.Attributes;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.SmallFloat;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * {@code GridSample}: {@code x [N, C, ...]} read at the places of {@code grid [N, ..., n]}, whose coordinates run from -1 to
 * 1 over each of the {@code n} spatial axes, the last axis first. Neighbours beyond the ends are zero, the edge, or the
 * reflection about it.
 */
final class GridSample implements Operator {

    @Override
    public String name() {
        return "GridSample";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape x = c.shape(0);
        Shape grid = c.shape(1);
        if (x.rank() < 3 || grid.rank() != x.rank()) {
            throw c.fail("cannot sample " + x + " at " + grid);
        }
        List<Dim> dims = new ArrayList<>(x.dims().subList(0, 2));
        dims.addAll(grid.dims().subList(1, grid.rank() - 1));
        return List.of(ValueType.tensor(c.dtype(0), new Shape(dims)));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor x = c.tensor(0);
        Tensor grid = c.tensor(1);
        int n = x.rank() - 2;
        if (n < 1 || grid.rank() != x.rank() || grid.dim(-1) != n || grid.dim(0) != x.dim(0)) {
            throw c.fail("cannot sample " + x + " at " + grid);
        }
        int[] plane = Arrays.copyOfRange(x.dims(), 2, x.rank());
        int[] dims = x.dims().clone();
        System.arraycopy(grid.dims(), 1, dims, 2, n);
        int inSize = Tensor.count(plane);
        int outSize = Axes.count(dims, 2, dims.length);
        double[] data = x.toDoubles();
        double[] out = new double[Tensor.count(dims)];
        int[][] index = new int[n][];
        double[][] weights = new double[n][];
        for (int p = 0; p < x.dim(0) * outSize; p++) {
            for (int axis = 0; axis < n; axis++) {
                double at = grid.getDouble(p * n + n - 1 - axis);
                neighbours(c.attributes(), at, plane[axis], index, weights, axis);
            }
            for (int channel = 0; channel < x.dim(1); channel++) {
                int nc = p / outSize * x.dim(1) + channel;
                out[nc * outSize + p % outSize] = sum(data, nc, plane, index, weights, 0);
            }
        }
        return List.of(Tensor.ofDoubles(x.dtype(), dims, out));
    }

    private static double sum(double[] data, int base, int[] plane, int[][] index, double[][] weights, int axis) {
        if (axis == plane.length) {
            return data[base];
        }
        double sum = 0;
        for (int k = 0; k < index[axis].length; k++) {
            if (index[axis][k] >= 0) {
                sum += weights[axis][k] * sum(data, base * plane[axis] + index[axis][k], plane, index, weights, axis + 1);
            }
        }
        return sum;
    }

    private static void neighbours(Attributes a, double at, int extent, int[][] index, double[][] weights, int axis) {
        boolean corners = a.flag("align_corners", false);
        String padding = a.string("padding_mode", "zeros");
        String mode = a.string("mode", "linear");
        double low = corners ? 0 : -0.5;
        double high = corners ? extent - 1 : extent - 0.5;
        double x = corners ? (at + 1) / 2 * (extent - 1) : ((at + 1) * extent - 1) / 2;
        x = mode.equals("nearest") ? SmallFloat.roundEven(x) : x;
        x = padding.equals("zeros") || x >= low && x <= high ? x : continued(padding, x, low, high, extent);
        double floor = Math.floor(x);
        double t = x - floor;
        int first = (int) floor;
        switch (mode) {
            case "nearest":
                weights[axis] = new double[] {1};
                break;
            case "linear":
                weights[axis] = new double[] {1 - t, t};
                break;
            case "cubic":
                weights[axis] = new double[] {Resize.cubic(1 + t, -0.75), Resize.cubic(t, -0.75),
                    Resize.cubic(1 - t, -0.75), Resize.cubic(2 - t, -0.75)};
                first--;
                break;
            default:
                throw Axes.bad("no mode " + mode);
        }
        index[axis] = new int[weights[axis].length];
        for (int k = 0; k < index[axis].length; k++) {
            int i = first + k;
            boolean inside = i >= 0 && i < extent;
            index[axis][k] = inside ? i : padding.equals("zeros") ? -1 : (int) continued(padding, i, low, high, extent);
        }
    }

    private static double continued(String padding, double x, double low, double high, int extent) {
        if (padding.equals("border") || !(high > low) || !(Math.abs(x) < Integer.MAX_VALUE)) {
            return x > 0 ? Math.min(x, extent - 1) : 0;
        }
        if (!padding.equals("reflection")) {
            throw Axes.bad("no padding mode " + padding);
        }
        double range = high - low;
        double over = x < low ? low - x : x - high;
        double turns = Math.floor(over / range);
        double rest = over - turns * range;
        return turns % 2 == 0 == x < low ? low + rest : high - rest;
    }
}
