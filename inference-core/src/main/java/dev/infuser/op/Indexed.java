package dev.infuser.op;

import dev.infuser.expr.Fn;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.Arrays;
import java.util.List;

/**
 * {@code GatherElements}, {@code GatherND}, {@code ScatterElements} and {@code ScatterND}: elements or slices read from, or
 * written to, the places that an index tensor names. Negative indices count from the end. Scattering with a
 * {@code reduction} combines an update with what is there.
 */
final class Indexed implements Operator {

    private final String name;
    private final boolean slices;
    private final boolean scatter;

    Indexed(String name) {
        this.name = name;
        slices = name.endsWith("ND");
        scatter = name.startsWith("Scatter");
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape data = c.shape(0);
        Shape indices = c.shape(1);
        if (scatter) {
            return List.of(c.type(0));
        }
        if (!slices) {
            return List.of(ValueType.tensor(c.dtype(0), indices));
        }
        int batch = (int) c.attributes().integer("batch_dims", 0);
        Dim depth = indices.rank() == 0 ? Dim.of(0) : indices.dim(-1);
        if (!depth.isConstant()) {
            return List.of(ValueType.tensor(c.dtype(0), (Shape) null));
        }
        int from = batch + (int) depth.value();
        if (indices.rank() == 0 || batch < 0 || batch >= indices.rank() || from > data.rank()) {
            throw c.fail("cannot index " + data + " with " + indices);
        }
        return List.of(ValueType.tensor(c.dtype(0),
                Axes.splice(indices, indices.rank() - 1, indices.rank(), data.dims().subList(from, data.rank()))));
    }

    @Override
    public Lowering lower(InferContext c) {
        String reduction = c.attributes().string("reduction", "none");
        Fn combine = switch (reduction) {
            case "add" -> Fn.ADD;
            case "mul" -> Fn.MUL;
            case "max" -> Fn.MAX;
            case "min" -> Fn.MIN;
            default -> null;
        };
        boolean fits = combine == null ? reduction.equals("none") : c.dtype(0) == DType.FLOAT32;
        int axis = slices ? -1 : c.axis(c.attributes().integer("axis", 0), c.rank(0));
        for (int i = 0; !slices && i < c.rank(0); i++) {
            fits &= c.rank(1) == c.rank(0) && (i == axis || c.shape(1).dim(i).equals(c.shape(0).dim(i)));
        }
        fits &= !slices || c.rank(1) > 0 && c.shape(1).dim(-1).isConstant();
        return !fits ? null : new Lowering.Indexed(scatter, axis,
                slices && !scatter ? (int) c.attributes().integer("batch_dims", 0) : 0, combine);
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor data = c.tensor(0);
        Tensor indices = c.tensor(1);
        int batch = slices && !scatter ? (int) c.attributes().integer("batch_dims", 0) : 0;
        int[] places = slices ? slices(data, indices, batch)
                : elements(data, indices, c.axis(c.attributes().integer("axis", 0), data.rank()));
        if (!scatter) {
            int depth = slices ? indices.dim(-1) + batch : 0;
            int[] dims = !slices ? indices.dims() : Axes.splice(indices.shape(), indices.rank() - 1, indices.rank(),
                    data.shape().dims().subList(depth, data.rank())).toInts();
            return List.of(data.pick(dims, places));
        }
        Tensor updates = c.tensor(2);
        if (updates.size() != places.length || updates.dtype() != data.dtype()) {
            throw c.fail("cannot write " + updates + " to " + places.length + " places of " + data);
        }
        return List.of(write(data, places, updates, c.attributes().string("reduction", "none")));
    }

    /** For each index, the place of the element that it names along {@code axis}. */
    private static int[] elements(Tensor data, Tensor indices, int axis) {
        boolean fits = indices.rank() == data.rank();
        for (int i = 0; fits && i < data.rank(); i++) {
            fits = i == axis || indices.dim(i) <= data.dim(i);
        }
        if (!fits) {
            throw Axes.bad("cannot index " + data + " with " + indices);
        }
        int[] strides = Broadcast.strides(data.dims());
        int[] places = Broadcast.strided(indices.dims(), Axes.with(strides, axis, 0), 0);
        for (int i = 0; i < places.length; i++) {
            places[i] += Axes.index(indices.getLong(i), data.dim(axis)) * strides[axis];
        }
        return places;
    }

    /** For each row of indices, the places of all elements of the slice that it names. */
    private static int[] slices(Tensor data, Tensor indices, int batch) {
        int depth = indices.rank() == 0 ? 0 : indices.dim(-1);
        if (indices.rank() == 0 || batch < 0 || batch >= indices.rank() || batch + depth > data.rank()) {
            throw Axes.bad("cannot index " + data + " with " + indices);
        }
        int[] dims = data.dims();
        int block = Axes.count(dims, batch + depth, dims.length);
        int rows = Axes.count(indices.dims(), 0, indices.rank() - 1);
        int batches = Axes.count(indices.dims(), 0, batch);
        if (batches != Axes.count(dims, 0, batch)) {
            throw Axes.bad("cannot index " + data + " with " + indices);
        }
        int[] places = new int[rows * block];
        for (int row = 0; row < rows; row++) {
            int at = batches == 0 ? 0 : row / (rows / batches);
            for (int k = 0; k < depth; k++) {
                at = at * dims[batch + k] + Axes.index(indices.getLong(row * depth + k), dims[batch + k]);
            }
            for (int i = 0; i < block; i++) {
                places[row * block + i] = at * block + i;
            }
        }
        return places;
    }

    private static Tensor write(Tensor data, int[] places, Tensor updates, String reduction) {
        if (reduction.equals("none")) {
            Tensor out = Tensor.zeros(data.dtype(), data.dims());
            System.arraycopy(data.array(), 0, out.array(), 0, data.size());
            for (int i = 0; i < places.length; i++) {
                System.arraycopy(updates.array(), i, out.array(), places[i], 1);
            }
            return out;
        }
        if (data.dtype().isFloat()) {
            double[] out = Arrays.copyOf(data.toDoubles(), data.size());
            for (int i = 0; i < places.length; i++) {
                out[places[i]] = reduce(reduction, out[places[i]], updates.getDouble(i));
            }
            return Tensor.ofDoubles(data.dtype(), data.dims(), out);
        }
        long flip = data.dtype().isSigned() ? 0 : Long.MIN_VALUE;
        long[] out = Arrays.copyOf(data.toLongs(), data.size());
        for (int i = 0; i < places.length; i++) {
            out[places[i]] = reduce(reduction, out[places[i]], updates.getLong(i), flip);
        }
        return Tensor.ofLongs(data.dtype(), data.dims(), out);
    }

    private static double reduce(String reduction, double a, double b) {
        switch (reduction) {
            case "add":
                return a + b;
            case "mul":
                return a * b;
            case "max":
                return Math.max(a, b);
            case "min":
                return Math.min(a, b);
            default:
                throw Axes.bad("no reduction " + reduction);
        }
    }

    private static long reduce(String reduction, long a, long b, long flip) {
        switch (reduction) {
            case "add":
                return a + b;
            case "mul":
                return a * b;
            case "max":
                return Math.max(a ^ flip, b ^ flip) ^ flip;
            case "min":
                return Math.min(a ^ flip, b ^ flip) ^ flip;
            default:
                throw Axes.bad("no reduction " + reduction);
        }
    }
}
