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
 * {@code Resize}: resampling along some axes by {@code scales} or to {@code sizes}, nearest, linear or cubic, one axis
 * after the other in float64.
 *
 * <p>Each output position maps to a coordinate of the input by {@code coordinate_transformation_mode}, whose neighbours are
 * weighted; beyond the ends the last element continues, or does not count with {@code exclude_outside}. With
 * {@code antialias} the weights widen when shrinking.
 */
final class Resize implements Operator {

    @Override
    public String name() {
        return "Resize";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape in = c.shape(0);
        int[] axes = Axes.normalize(c.attributes().ints("axes"), in.rank());
        List<Dim> dims = new ArrayList<>(in.dims());
        Tensor scales = c.constant(2);
        List<Dim> sizes = c.content(3);
        String policy = c.attributes().string("keep_aspect_ratio_policy", "stretch");
        boolean scaled = !c.has(3);
        for (int i = 0; i < axes.length; i++) {
            Dim dim = in.dim(axes[i]);
            if (scaled && scales != null && scales.size() == axes.length) {
                dims.set(axes[i], scaled(dim, scales.getDouble(i), c));
            } else {
                dims.set(axes[i], scaled || sizes == null || sizes.size() != axes.length || !policy.equals("stretch")
                        ? c.unknown() : sizes.get(i));
            }
        }
        Shape out = new Shape(dims);
        if (!policy.equals("stretch") && Axes.longs(sizes) != null && in.isConstant()) {
            out = Shape.of(plan(c.attributes(), in.toInts(), axes, null, Axes.longs(sizes)).dims);
        }
        return List.of(ValueType.tensor(c.dtype(0), out));
    }

    private static Dim scaled(Dim dim, double scale, InferContext c) {
        if (dim.isConstant()) {
            return Dim.of((long) Math.floor(dim.value() * scale));
        }
        double inverse = 1 / scale;
        return scale == Math.floor(scale) ? dim.times(Dim.of((long) scale))
                : inverse == Math.floor(inverse) ? dim.floorDiv(Dim.of((long) inverse)) : c.unknown();
    }

    /** Output extents, and the scale of each axis. */
    private record Plan(int[] dims, double[] scales) {
    }

    private static Plan plan(Attributes a, int[] in, int[] axes, double[] factors, long[] sizes) {
        int[] dims = in.clone();
        double[] scales = new double[in.length];
        Arrays.fill(scales, 1);
        if ((factors == null ? sizes.length : factors.length) != axes.length) {
            throw Axes.bad("scales or sizes are not made for " + axes.length + " axes");
        }
        String policy = a.string("keep_aspect_ratio_policy", "stretch");
        double common = 0;
        for (int i = 0; i < axes.length; i++) {
            int axis = axes[i];
            scales[axis] = factors != null ? factors[i] : in[axis] == 0 ? 1 : (double) sizes[i] / in[axis];
            dims[axis] = factors != null ? (int) Math.floor(in[axis] * scales[axis]) : Axes.ints(sizes)[i];
            if (!(scales[axis] >= 0)) {
                throw Axes.bad("a scale below 0");
            }
            common = i == 0 ? scales[axis] : policy.equals("not_larger") ? Math.min(common, scales[axis])
                    : Math.max(common, scales[axis]);
        }
        for (int axis : axes) {
            if (factors == null && !policy.equals("stretch")) {
                scales[axis] = common;
                dims[axis] = (int) Math.floor(in[axis] * common + 0.5);
            }
        }
        return new Plan(dims, scales);
    }

    @Override
    public Lowering lower(InferContext c) {
        Attributes a = c.attributes();
        Shape in = c.shape(0);
        Tensor scales = c.constant(2);
        List<Dim> sizes = c.content(3);
        if (!c.has(3) && scales == null || in.rank() == 0 || c.dtype(0) != DType.FLOAT32 && !isNearest(a)
                || a.string("coordinate_transformation_mode", "").startsWith("tf")) {
            return null;
        }
        int[] axes = Axes.normalize(a.ints("axes"), in.rank());
        int first = in.rank() - 1;
        int last = 0;
        for (int i = 0; i < axes.length; i++) {
            if (c.has(3) ? sizes == null || !sizes.get(i).equals(in.dim(axes[i])) : scales.getDouble(i) != 1) {
                first = Math.min(first, axes[i]);
                last = Math.max(last, axes[i]);
            }
        }
        return new Lowering.Taps(isNearest(a) ? null : Fn.ADD, first, Math.max(first, last) + 1 - first, 0, Resize::taps);
    }

    private static Lowering.AxisTaps taps(int axis, InferContext c) {
        Attributes a = c.attributes();
        int[] in = c.shape(0).toInts();
        Plan plan = plan(a, in, Axes.normalize(a.ints("axes"), in.length), c.has(3) ? null : c.constant(2).toDoubles(),
                c.longs(3, null));
        return taps(a, in[axis], coordinates(a, in[axis], plan.dims[axis], plan.scales[axis], 0, 1), plan.scales[axis]);
    }

    /** The elements and weights that make {@code to} of {@code from} elements, both above 0. */
    static Lowering.AxisTaps taps(Attributes a, int from, int to) {
        double scale = (double) to / from;
        return taps(a, from, coordinates(a, from, to, scale, 0, 1), scale);
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor in = c.tensor(0);
        Attributes a = c.attributes();
        int rank = in.rank();
        int[] axes = Axes.normalize(a.ints("axes"), rank);
        Tensor scales = c.tensorOrNull(2);
        boolean scaled = !c.has(3);
        if (scaled && scales == null) {
            throw c.fail("neither scales nor sizes");
        }
        if (in.size() == 0) {
            throw c.fail("nothing to resample");
        }
        Plan plan = plan(a, in.dims(), axes, scaled ? scales.toDoubles() : null, c.longs(3, null));
        double[] roi = new double[2 * rank];
        Arrays.fill(roi, rank, 2 * rank, 1);
        boolean crop = a.string("coordinate_transformation_mode", "half_pixel").equals("tf_crop_and_resize");
        if (crop && c.tensorOrNull(1) != null && c.tensor(1).size() == 2 * axes.length) {
            for (int i = 0; i < axes.length; i++) {
                roi[axes[i]] = c.tensor(1).getDouble(i);
                roi[rank + axes[i]] = c.tensor(1).getDouble(axes.length + i);
            }
        }
        double[][] at = new double[rank][];
        for (int axis : axes) {
            if (plan.scales[axis] != 1 || plan.dims[axis] != in.dim(axis) || crop) {
                at[axis] = coordinates(a, in.dim(axis), plan.dims[axis], plan.scales[axis], roi[axis], roi[rank + axis]);
            }
        }
        Tensor out = isNearest(a) ? nearest(a, in, at) : weighted(a, in, at, plan.scales);
        return List.of(crop ? extrapolate(a, in, at, out) : out);
    }

    private static double[] coordinates(Attributes a, int in, int out, double scale, double from, double to) {
        double length = scale * in;
        double[] at = new double[out];
        String mode = a.string("coordinate_transformation_mode", "half_pixel");
        for (int x = 0; x < out; x++) {
            switch (mode) {
                case "half_pixel":
                    at[x] = (x + 0.5) / scale - 0.5;
                    break;
                case "half_pixel_symmetric":
                    at[x] = in / 2.0 * (1 - out / length) + (x + 0.5) / scale - 0.5;
                    break;
                case "pytorch_half_pixel":
                    at[x] = out > 1 ? (x + 0.5) / scale - 0.5 : 0;
                    break;
                case "align_corners":
                    at[x] = length == 1 ? 0 : x * (in - 1) / (length - 1);
                    break;
                case "asymmetric":
                    at[x] = x / scale;
                    break;
                case "tf_crop_and_resize":
                    at[x] = length == 1 ? (from + to) * (in - 1) / 2
                            : from * (in - 1) + x * (to - from) * (in - 1) / (length - 1);
                    break;
                default:
                    throw Axes.bad("no coordinate transformation " + mode);
            }
        }
        return at;
    }

    private static boolean isNearest(Attributes a) {
        return a.string("mode", "nearest").equals("nearest");
    }

    /** The elements of an axis around each coordinate, with their weights. */
    private static Lowering.AxisTaps taps(Attributes a, int extent, double[] at, double scale) {
        boolean nearest = isNearest(a);
        int taps = nearest ? 1 : weights(a, 0.5, scale).length;
        int[] positions = new int[at.length * taps];
        double[] all = new double[positions.length];
        String mode = a.string("nearest_mode", "round_prefer_floor");
        for (int i = 0; i < at.length; i++) {
            double x = at[i];
            double origin = Math.ceil(x) - 1;
            double[] weights = nearest ? new double[] {1} : weights(a, x - origin, scale);
            int first = (int) (!nearest ? origin + 1 - taps / 2 : mode.equals("floor") ? Math.floor(x)
                    : mode.equals("ceil") ? Math.ceil(x) : mode.equals("round_prefer_ceil") ? Math.floor(x + 0.5)
                    : Math.ceil(x - 0.5));
            if (a.flag("exclude_outside", false) && !nearest) {
                for (int k = 0; k < taps; k++) {
                    weights[k] = first + k < 0 || first + k >= extent ? 0 : weights[k];
                }
                normalize(weights);
            }
            for (int k = 0; k < taps; k++) {
                positions[i * taps + k] = Math.max(0, Math.min(extent - 1, first + k));
                all[i * taps + k] = weights[k];
            }
        }
        return new Lowering.AxisTaps(positions, nearest ? null : all);
    }

    private static Tensor nearest(Attributes a, Tensor in, double[][] at) {
        int[][] positions = Axes.all(in);
        for (int axis = 0; axis < at.length; axis++) {
            positions[axis] = at[axis] == null ? null : taps(a, in.dim(axis), at[axis], 1).positions();
        }
        return Axes.pick(in, positions);
    }

    private static Tensor weighted(Attributes a, Tensor in, double[][] at, double[] scales) {
        double[] data = in.toDoubles();
        int[] dims = in.dims();
        for (int axis = 0; axis < at.length; axis++) {
            if (at[axis] != null) {
                data = along(data, dims, axis, taps(a, dims[axis], at[axis], scales[axis]), at[axis].length);
                dims = Axes.with(dims, axis, at[axis].length);
            }
        }
        return Tensor.ofDoubles(in.dtype(), dims, data);
    }

    private static double[] along(double[] data, int[] dims, int axis, Lowering.AxisTaps taps, int count) {
        int outer = Axes.count(dims, 0, axis);
        int inner = Axes.count(dims, axis + 1, dims.length);
        double[] out = new double[outer * count * inner];
        for (int k = 0; k < taps.positions().length; k++) {
            int i = k / (taps.positions().length / count);
            for (int o = 0; o < outer && taps.weights()[k] != 0; o++) {
                for (int n = 0; n < inner; n++) {
                    out[(o * count + i) * inner + n] += taps.weights()[k]
                            * data[(o * dims[axis] + taps.positions()[k]) * inner + n];
                }
            }
        }
        return out;
    }

    /** The weights of an even number of neighbours around a coordinate that is {@code ratio} after the one left of it. */
    private static double[] weights(Attributes a, double ratio, double scale) {
        boolean cubic = a.string("mode", "nearest").equals("cubic");
        double shrink = a.flag("antialias", false) ? Math.min(1, scale) : 1;
        int first = (int) Math.floor((cubic ? -2 : -1) / shrink) + 1;
        double[] weights = new double[2 - 2 * first];
        for (int k = 0; k < weights.length; k++) {
            double x = Math.abs((first + k - ratio) * shrink);
            weights[k] = cubic ? cubic(x, a.real("cubic_coeff_a", -0.75f)) : Math.max(0, 1 - x);
        }
        normalize(weights);
        return weights;
    }

    /** The convolution kernel of R. Keys, "Cubic convolution interpolation", 1981. */
    static double cubic(double x, double a) {
        return x <= 1 ? ((a + 2) * x - (a + 3)) * x * x + 1 : x < 2 ? ((x - 5) * x + 8) * x * a - 4 * a : 0;
    }

    private static void normalize(double[] weights) {
        double sum = 0;
        for (double weight : weights) {
            sum += weight;
        }
        for (int k = 0; k < weights.length; k++) {
            weights[k] /= sum;
        }
    }

    private static Tensor extrapolate(Attributes a, Tensor in, double[][] at, Tensor out) {
        int[][] positions = Axes.all(out);
        for (int axis = 0; axis < at.length; axis++) {
            if (at[axis] != null) {
                positions[axis] = new int[at[axis].length];
                for (int i = 0; i < at[axis].length; i++) {
                    positions[axis][i] = at[axis][i] < 0 || at[axis][i] > in.dim(axis) - 1 ? -1 : i;
                }
            }
        }
        return Axes.pick(out, positions,
                Tensor.ofDoubles(in.dtype(), new int[0], new double[] {a.real("extrapolation_value", 0)}));
    }
}
