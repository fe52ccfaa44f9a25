package dev.infuser.op;

import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code Split}: consecutive parts along {@code axis}, of the extents that input 1 gives, or else as equal as
 * {@code num_outputs} allows with a smaller last one.
 */
final class Split implements Operator {

    @Override
    public String name() {
        return "Split";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        int axis = c.axis(c.attributes().integer("axis", 0), c.rank(0));
        List<Dim> extents = c.has(1) ? c.content(1) : null;
        if (!c.has(1)) {
            extents = equal(c.shape(0).dim(axis), parts(c.attributes().integer("num_outputs", c.outputs()), c.outputs()));
        }
        if (extents != null && extents.size() != c.outputs()) {
            throw c.fail(extents.size() + " extents for " + c.outputs() + " outputs");
        }
        List<ValueType> types = new ArrayList<>();
        for (int i = 0; i < c.outputs(); i++) {
            Dim extent = extents == null ? c.unknown() : extents.get(i);
            types.add(ValueType.tensor(c.dtype(0), Axes.with(c.shape(0), axis, extent)));
        }
        return types;
    }

    @Override
    public Lowering lower(InferContext c) {
        int axis = c.axis(c.attributes().integer("axis", 0), c.rank(0));
        return new Lowering.Copy(c.outputs(), 1, c.rank(0), true, (i, bound) -> piece(bound, i, axis));
    }

    private Lowering.Piece piece(InferContext bound, int i, int axis) {
        List<ValueType> parts = infer(bound);
        int start = 0;
        for (int before = 0; before < i; before++) {
            start += ((ValueType.OfTensor) parts.get(before)).shape().toInts()[axis];
        }
        int[] in = Broadcast.strides(bound.shape(0).toInts());
        int[] dims = ((ValueType.OfTensor) parts.get(i)).shape().toInts();
        return new Lowering.Piece(0, i, dims, (long) start * in[axis], in, 0, Broadcast.strides(dims));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor in = c.tensor(0);
        int axis = c.axis(c.attributes().integer("axis", 0), in.rank());
        long[] extents = c.longs(1, null);
        if (extents == null) {
            int parts = parts(c.attributes().integer("num_outputs", c.outputs()), c.outputs());
            extents = Axes.longs(equal(Dim.of(in.dim(axis)), parts));
        }
        return new ArrayList<>(parts(in, axis, extents));
    }

    /** Consecutive parts of {@code in} along {@code axis}, whose extents must add up to that of {@code in}. */
    static List<Tensor> parts(Tensor in, int axis, long[] extents) {
        List<Tensor> out = new ArrayList<>();
        long at = 0;
        for (long extent : extents) {
            if (extent < 0 || at + extent > in.dim(axis)) {
                throw Axes.bad("extents " + new Shape(Axes.dims(extents)) + " do not split " + in.dim(axis));
            }
            int[][] positions = Axes.all(in);
            positions[axis] = Axes.positions((int) at, 1, (int) extent);
            out.add(Axes.pick(in, positions));
            at += extent;
        }
        if (at != in.dim(axis)) {
            throw Axes.bad("extents " + new Shape(Axes.dims(extents)) + " do not split " + in.dim(axis));
        }
        return out;
    }

    private static int parts(long wanted, int outputs) {
        if (wanted != outputs || wanted < 1) {
            throw Axes.bad("num_outputs is " + wanted + " for " + outputs + " outputs");
        }
        return outputs;
    }

    private static List<Dim> equal(Dim extent, int parts) {
        Dim chunk = extent.plus(Dim.of(parts - 1)).floorDiv(Dim.of(parts));
        List<Dim> out = new ArrayList<>();
        for (int i = 1; i < parts; i++) {
            out.add(chunk);
        }
        out.add(extent.minus(chunk.times(Dim.of(parts - 1))));
        if (extent.isConstant() && out.get(parts - 1).value() < 0) {
            throw Axes.bad("cannot split " + extent + " into " + parts);
        }
        return out;
    }
}
