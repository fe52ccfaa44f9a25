package dev.infuser.op;

import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code AffineGrid}: the positions {@code theta [N, D, D + 1]} of the points {@code (x, y, z, 1)} of a grid of the extents
 * {@code size [N, C, (depth,) height, width]}, as {@code [N, (depth,) height, width, D]}. Positions go from -1 to 1, which are the
 * centres of the outer points with {@code align_corners} and their outer edges without; the only point of an axis is at 0.
 */
final class AffineGrid implements Operator {

    @Override
    public String name() {
        return "AffineGrid";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Types.real(c, 0);
        Dim axes = c.rank(0) == 3 ? c.shape(0).dim(1) : Dim.of(0);
        Dim sizes = c.rank(1) == 1 ? c.shape(1).dim(0) : Dim.of(0);
        int count = (int) (axes.isConstant() ? axes.value() : sizes.isConstant() ? sizes.value() - 2 : 2);
        if (count != 2 && count != 3 || sizes.isConstant() && sizes.value() != count + 2) {
            throw c.fail("expected matrices [N, 2, 3] and 4 extents or [N, 3, 4] and 5, found " + c.type(0) + " and " + c.type(1));
        }
        List<Dim> size = Axes.vector(c, 1);
        List<Dim> dims = new ArrayList<>();
        dims.add(c.shape(0).dim(0));
        for (int i = 0; i < count; i++) {
            dims.add(size == null ? c.unknown() : size.get(2 + i));
        }
        dims.add(Dim.of(count));
        return List.of(ValueType.tensor(c.dtype(0), new Shape(dims)));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor theta = c.tensor(0);
        long[] size = c.tensor(1).toLongs();
        int axes = size.length - 2;
        if (axes != 2 && axes != 3 || theta.rank() != 3 || theta.dim(1) != axes || theta.dim(2) != axes + 1
                || size[0] != theta.dim(0)) {
            throw c.fail("matrices " + theta + " do not fit " + size.length + " extents");
        }
        int[] dims = new int[axes + 2];
        dims[0] = theta.dim(0);
        for (int i = 0; i < axes; i++) {
            dims[1 + i] = Axes.ints(new long[] {size[2 + i]})[0];
        }
        dims[axes + 1] = axes;
        double[] out = new double[Tensor.count(dims)];
        boolean align = c.attributes().flag("align_corners", false);
        double[] point = new double[axes + 1];
        point[axes] = 1;
        for (int i = 0; i < out.length; i++) {
            int at = i / axes;
            for (int axis = 0; axis < axes; axis++) {
                int extent = dims[axes - axis];
                point[axis] = position(at % extent, extent, align);
                at /= extent;
            }
            for (int j = 0; j <= axes; j++) {
                out[i] += theta.getDouble((at * axes + i % axes) * (axes + 1) + j) * point[j];
            }
        }
        return List.of(Tensor.ofDoubles(theta.dtype(), dims, out));
    }

    private static double position(int i, int extent, boolean align) {
        return !align ? (2.0 * i + 1) / extent - 1 : extent == 1 ? 0 : 2.0 * i / (extent - 1) - 1;
    }
}
