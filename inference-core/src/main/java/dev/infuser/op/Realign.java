package dev.infuser.op;

import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * Rearrangements by the elements of an input: {@code ReverseSequence} reverses the head of each sequence of a batch, and
 * {@code CenterCropPad} crops or pads axes about their centre.
 */
final class Realign implements Operator {

    private final String name;

    Realign(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        if (name.equals("ReverseSequence")) {
            return List.of(c.type(0));
        }
        Shape in = c.shape(0);
        List<Dim> wanted = c.content(1);
        List<Dim> dims = new ArrayList<>(in.dims());
        int[] axes = Axes.normalize(c.attributes().ints("axes"), in.rank());
        for (int i = 0; i < axes.length; i++) {
            dims.set(axes[i], wanted == null || i >= wanted.size() ? c.unknown() : wanted.get(i));
        }
        return List.of(ValueType.tensor(c.dtype(0), new Shape(dims)));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        return List.of(name.equals("ReverseSequence") ? reverse(c) : center(c));
    }

    private static Tensor reverse(EvalContext c) {
        Tensor in = c.tensor(0);
        long[] lengths = c.tensor(1).toLongs();
        int batch = c.axis(c.attributes().integer("batch_axis", 1), in.rank());
        int time = c.axis(c.attributes().integer("time_axis", 0), in.rank());
        if (lengths.length != in.dim(batch)) {
            throw c.fail(lengths.length + " lengths for a batch of " + in.dim(batch));
        }
        int[] strides = Broadcast.strides(in.dims());
        int[] index = new int[in.size()];
        for (int i = 0; i < index.length; i++) {
            int t = i / strides[time] % in.dim(time);
            long length = lengths[i / strides[batch] % in.dim(batch)];
            if (length > in.dim(time)) {
                throw c.fail("a length of " + length + " in " + in.dim(time) + " steps");
            }
            index[i] = t < length ? i + (int) (length - 1 - 2L * t) * strides[time] : i;
        }
        return in.pick(in.dims(), index);
    }

    private static Tensor center(EvalContext c) {
        Tensor in = c.tensor(0);
        int[] wanted = Axes.ints(c.tensor(1).toLongs());
        int[] axes = Axes.normalize(c.attributes().ints("axes"), in.rank());
        if (wanted.length != axes.length) {
            throw c.fail(wanted.length + " extents for " + axes.length + " axes");
        }
        int[][] positions = Axes.all(in);
        for (int i = 0; i < axes.length; i++) {
            int extent = in.dim(axes[i]);
            int start = extent >= wanted[i] ? (extent - wanted[i]) / 2 : -((wanted[i] - extent) / 2);
            positions[axes[i]] = Axes.positions(start, 1, wanted[i]);
            for (int k = 0; k < wanted[i]; k++) {
                positions[axes[i]][k] = start + k < extent ? Math.max(-1, start + k) : -1;
            }
        }
        return Axes.pick(in, positions);
    }
}
