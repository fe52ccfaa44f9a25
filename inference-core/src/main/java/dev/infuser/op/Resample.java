package dev.infuser.op;

import dev.infuser.graph.Attributes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/**
 * {@code infuser.Resample}: a rectangle of pixels {@code [H, W, C]}, uint8 or float32, resampled to {@code [h, w, C]} float32 as
 * {@link Resize} does it, in other arithmetic.
 *
 * <p>Attributes: {@code size}, h and w; {@code crop}, the first row, the first column, rows and columns of the rectangle, which is all
 * without it; and those of {@code Resize} that say what its weights are, where {@code mode} is {@code linear} or {@code cubic}.
 *
 * <p>Weights are computed in float64 and rounded to float32. Sums go along the first axis, then along the second, from the first
 * neighbour to the last, and each product and each sum is rounded to float32.
 */
final class Resample implements Operator {

    private static final int RANK = 3;

    @Override
    public String name() {
        return "Resample";
    }

    @Override
    public String domain() {
        return "infuser";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape in = c.shape(0);
        long[] size = c.attributes().ints("size");
        String mode = c.attributes().string("mode", "");
        if (in.rank() != RANK || c.dtype(0) != DType.UINT8 && c.dtype(0) != DType.FLOAT32) {
            throw c.fail("takes pixels [H, W, C] of uint8 or float32, found " + c.dtype(0).label() + in);
        }
        if (size == null || size.length != 2 || !(mode.equals("linear") || mode.equals("cubic"))) {
            throw c.fail("needs a size of two extents and the mode linear or cubic");
        }
        for (long extent : size) {
            if (extent < 1 || extent > 1 << 16) {
                throw c.fail("resamples to 1 to 65536 rows and columns, found " + extent);
            }
        }
        if (in.dim(0).isConstant() && in.dim(1).isConstant()) {
            if (!fits(c.attributes(), in.dim(0).value(), in.dim(1).value())) {
                throw c.fail(outside(in.dim(0).value(), in.dim(1).value()));
            }
        }
        return List.of(ValueType.tensor(DType.FLOAT32, Shape.of(Dim.of(size[0]), Dim.of(size[1]), in.dim(2))));
    }

    private static boolean fits(Attributes a, long height, long width) {
        long[] crop = a.ints("crop");
        return crop == null ? height > 0 && width > 0 : crop.length == 4 && crop[0] >= 0 && crop[1] >= 0 && crop[2] > 0 && crop[3] > 0
                && crop[0] <= height - crop[2] && crop[1] <= width - crop[3];
    }

    private static String outside(long height, long width) {
        return "its rectangle is not inside " + height + " rows of " + width + " pixels";
    }

    @Override
    public Lowering lower(InferContext c) {
        return new Lowering.Resample(bound -> {
            int[] dims = bound.shape(0).toInts();
            if (!fits(bound.attributes(), dims[0], dims[1])) {
                throw bound.fail(outside(dims[0], dims[1]));
            }
            return plan(bound.attributes(), dims);
        });
    }

    private static Lowering.ResamplePlan plan(Attributes a, int[] dims) {
        long[] crop = a.ints("crop");
        int[] from = crop == null ? new int[] {0, 0, dims[0], dims[1]} : Axes.ints(crop);
        int[] to = Axes.ints(a.ints("size"));
        return new Lowering.ResamplePlan(from[0], from[1], from[3], Resize.taps(a, from[2], to[0]), Resize.taps(a, from[3], to[1]));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor in = c.tensor(0);
        if (!fits(c.attributes(), in.dim(0), in.dim(1))) {
            throw c.fail(outside(in.dim(0), in.dim(1)));
        }
        Lowering.ResamplePlan plan = plan(c.attributes(), in.dims());
        int channels = in.dim(2);
        int columns = plan.columns() * channels;
        int[] size = Axes.ints(c.attributes().ints("size"));
        float[] out = new float[size[0] * size[1] * channels];
        float[] line = new float[columns];
        for (int y = 0; y < size[0]; y++) {
            for (int i = 0; i < columns; i++) {
                int at = i;
                line[i] = sum(plan.down(), y, size[0],
                        row -> (float) in.getDouble(((plan.top() + row) * in.dim(1) + plan.left()) * channels + at));
            }
            for (int i = 0; i < size[1] * channels; i++) {
                int channel = i % channels;
                out[y * size[1] * channels + i] = sum(plan.along(), i / channels, size[1], column -> line[column * channels + channel]);
            }
        }
        return List.of(Tensor.of(DType.FLOAT32, new int[] {size[0], size[1], channels}, out));
    }

    /** The element at a position. */
    private interface Line {
        float at(int position);
    }

    private static float sum(Lowering.AxisTaps taps, int i, int count, Line line) {
        int each = taps.positions().length / count;
        float sum = 0;
        for (int k = i * each; k < (i + 1) * each; k++) {
            float product = (float) taps.weights()[k] * line.at(taps.positions()[k]);
            sum += product;
        }
        return sum;
    }
}
