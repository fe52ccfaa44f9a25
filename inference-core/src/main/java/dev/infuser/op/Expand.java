package dev.infuser.op;

import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * {@code Expand}, which broadcasts a tensor and the shape of input 1 to one another, and {@code Tile}, which repeats a
 * tensor along each axis as often as input 1 says.
 */
final class Expand implements Operator {

    private final boolean tile;

    Expand(String name) {
        tile = name.equals("Tile");
    }

    @Override
    public String name() {
        return tile ? "Tile" : "Expand";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        List<Dim> argument = Axes.vector(c, 1);
        if (argument == null) {
            Dim length = c.shape(1).dim(0);
            return List.of(tile ? c.unknown(c.dtype(0), c.rank(0))
                    : length.isConstant() ? c.unknown(c.dtype(0), Math.max(c.rank(0), (int) length.value()))
                    : ValueType.tensor(c.dtype(0), (Shape) null));
        }
        return List.of(ValueType.tensor(c.dtype(0), tile ? tiled(c.shape(0), argument)
                : Broadcast.shape(c.shape(0), new Shape(argument))));
    }

    private static Shape tiled(Shape in, List<Dim> repeats) {
        if (repeats.size() != in.rank()) {
            throw Axes.bad(repeats.size() + " repeats for rank " + in.rank());
        }
        List<Dim> dims = new ArrayList<>();
        for (int i = 0; i < in.rank(); i++) {
            dims.add(in.dim(i).times(repeats.get(i)));
        }
        return new Shape(dims);
    }

    @Override
    public List<Dim> content(InferContext c) {
        List<Dim> in = c.content(0);
        Shape out = ((ValueType.OfTensor) infer(c).get(0)).shape();
        return in == null || out.rank() > 1 || in.size() != 1 ? null
                : Collections.nCopies((int) out.elements().value(), in.get(0));
    }

    @Override
    public Lowering lower(InferContext c) {
        ValueType.OfTensor out = (ValueType.OfTensor) infer(c).get(0);
        if (tile) {
            return new Lowering.Taps(null, 0, c.rank(0), 0, (axis, bound) -> {
                int[] positions = new int[((ValueType.OfTensor) infer(bound).get(0)).shape().toInts()[axis]];
                int extent = bound.shape(0).toInts()[axis];
                for (int i = 0; i < positions.length; i++) {
                    positions[i] = i % extent;
                }
                return new Lowering.AxisTaps(positions, null);
            });
        }
        return out.shape() == null ? null : new Lowering.Copy(1, 1, out.shape().rank(), false, (i, bound) -> {
            int[] dims = ((ValueType.OfTensor) infer(bound).get(0)).shape().toInts();
            int[] own = bound.shape(0).toInts();
            int[] in = new int[dims.length];
            int[] strides = Broadcast.strides(own);
            for (int axis = 0; axis < own.length; axis++) {
                in[axis + dims.length - own.length] = own[axis] == 1 ? 0 : strides[axis];
            }
            return new Lowering.Piece(0, 0, dims, 0, in, 0, Broadcast.strides(dims));
        });
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor in = c.tensor(0);
        List<Dim> argument = Axes.dims(c.tensor(1).toLongs());
        if (!tile) {
            int[] dims = Broadcast.shape(in.shape(), new Shape(argument)).toInts();
            return List.of(in.pick(dims, Broadcast.index(in.dims(), dims)));
        }
        int[] dims = tiled(in.shape(), argument).toInts();
        int[][] positions = Axes.all(in);
        for (int axis = 0; axis < dims.length; axis++) {
            if (dims[axis] != in.dim(axis)) {
                positions[axis] = new int[dims[axis]];
                for (int i = 0; i < dims[axis]; i++) {
                    positions[axis][i] = i % in.dim(axis);
                }
            }
        }
        return List.of(Axes.pick(in, positions));
    }
}
