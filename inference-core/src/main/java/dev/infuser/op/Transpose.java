package dev.infuser.op;

import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/** {@code Transpose}: axis {@code i} of the output is axis {@code perm[i]} of the input; all axes reversed by default. */
final class Transpose implements Operator {

    @Override
    public String name() {
        return "Transpose";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        int[] perm = perm(c.attributes().ints("perm"), c.rank(0));
        Dim[] dims = new Dim[perm.length];
        for (int i = 0; i < perm.length; i++) {
            dims[i] = c.shape(0).dim(perm[i]);
        }
        return List.of(ValueType.tensor(c.dtype(0), Shape.of(dims)));
    }

    @Override
    public List<Dim> content(InferContext c) {
        return c.rank(0) <= 1 ? c.content(0) : null;
    }

    @Override
    public Lowering lower(InferContext c) {
        int[] perm = perm(c.attributes().ints("perm"), c.rank(0));
        int last = -1;
        for (int axis : perm) {
            if (axis < last && !c.shape(0).dim(axis).is(1)) {
                return new Lowering.Permute(perm);
            }
            last = c.shape(0).dim(axis).is(1) ? last : axis;
        }
        return new Lowering.Alias();
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        return List.of(permute(c.tensor(0), perm(c.attributes().ints("perm"), c.tensor(0).rank())));
    }

    /** {@code in} with its axes in the order of {@code perm}. */
    static Tensor permute(Tensor in, int... perm) {
        int[] strides = Broadcast.strides(in.dims());
        int[] dims = new int[perm.length];
        int[] steps = new int[perm.length];
        for (int i = 0; i < perm.length; i++) {
            dims[i] = in.dim(perm[i]);
            steps[i] = strides[perm[i]];
        }
        return in.pick(dims, Broadcast.strided(dims, steps, 0));
    }

    private static int[] perm(long[] perm, int rank) {
        if (perm == null) {
            return Axes.positions(rank - 1, -1, rank);
        }
        if (perm.length != rank) {
            throw Axes.bad("perm has " + perm.length + " axes for rank " + rank);
        }
        return Axes.normalize(perm, rank);
    }
}
