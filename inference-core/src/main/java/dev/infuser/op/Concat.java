package dev.infuser.op;

import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/** {@code Concat}: tensors of one type, and of the same dims but for {@code axis}, one after the other along it. */
final class Concat implements Operator {

    @Override
    public String name() {
        return "Concat";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        int rank = c.rank(0);
        int axis = c.axis(c.attributes().integer("axis"), rank);
        List<Dim> dims = new ArrayList<>(c.shape(0).dims());
        for (int i = 1; i < c.inputs(); i++) {
            if (c.rank(i) != rank || c.dtype(i) != c.dtype(0)) {
                throw c.fail("cannot join " + c.type(0) + " and " + c.type(i));
            }
            for (int k = 0; k < rank; k++) {
                Dim dim = c.shape(i).dim(k);
                if (k == axis) {
                    dims.set(k, dims.get(k).plus(dim));
                } else if (dim.isConstant()) {
                    if (dims.get(k).isConstant() && !dims.get(k).equals(dim)) {
                        throw c.fail("cannot join " + c.type(0) + " and " + c.type(i));
                    }
                    dims.set(k, dim);
                }
            }
        }
        return List.of(ValueType.tensor(c.dtype(0), new Shape(dims)));
    }

    @Override
    public List<Dim> content(InferContext c) {
        List<Dim> all = new ArrayList<>();
        for (int i = 0; i < c.inputs(); i++) {
            List<Dim> part = c.rank(i) == 1 ? c.content(i) : null;
            if (part == null) {
                return null;
            }
            all.addAll(part);
        }
        return all;
    }

    @Override
    public Lowering lower(InferContext c) {
        int axis = c.axis(c.attributes().integer("axis"), c.rank(0));
        return new Lowering.Copy(c.inputs(), c.inputs(), c.rank(0), true, (i, bound) -> piece(bound, i, axis));
    }

    private static Lowering.Piece piece(InferContext bound, int i, int axis) {
        int start = 0;
        for (int before = 0; before < i; before++) {
            start += bound.shape(before).toInts()[axis];
        }
        int[] in = bound.shape(i).toInts();
        int[] out = in.clone();
        out[axis] = 0;
        for (int k = 0; k < bound.inputs(); k++) {
            out[axis] += bound.shape(k).toInts()[axis];
        }
        int[] strides = Broadcast.strides(out);
        return new Lowering.Piece(i, 0, in, 0, Broadcast.strides(in), (long) start * strides[axis], strides);
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        List<Tensor> parts = new ArrayList<>();
        for (int i = 0; i < c.inputs(); i++) {
            parts.add(c.tensor(i));
        }
        return List.of(join(parts, c.axis(c.attributes().integer("axis"), c.tensor(0).rank())));
    }

    /** At least one tensor, joined along {@code axis}. */
    static Tensor join(List<Tensor> parts, int axis) {
        Tensor first = parts.get(0);
        int extent = 0;
        for (Tensor part : parts) {
            boolean fits = part.rank() == first.rank() && part.dtype() == first.dtype();
            for (int k = 0; fits && k < part.rank(); k++) {
                fits = k == axis || part.dim(k) == first.dim(k);
            }
            if (!fits) {
                throw Axes.bad("cannot join " + first + " and " + part);
            }
            extent += part.dim(axis);
        }
        int[] dims = Axes.with(first.dims(), axis, extent);
        int outer = Axes.count(dims, 0, axis);
        int inner = Axes.count(dims, axis + 1, dims.length);
        Tensor out = Tensor.zeros(first.dtype(), dims);
        int start = 0;
        for (Tensor part : parts) {
            int length = part.dim(axis) * inner;
            for (int i = 0; i < outer; i++) {
                System.arraycopy(part.array(), i * length, out.array(), i * extent * inner + start, length);
            }
            start += length;
        }
        return out;
    }
}
