package dev.infuser.op;

import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code Slice}: along each of {@code axes}, the positions from {@code starts} up to {@code ends} in {@code steps}.
 * Negative starts and ends count from the end of the axis, and both are clamped to it, as NumPy does.
 */
final class Slice implements Operator {

    @Override
    public String name() {
        return "Slice";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape in = c.shape(0);
        List<Dim> starts = Axes.vector(c, 1);
        List<Dim> ends = Axes.vector(c, 2);
        Dim count = c.shape(1).dim(0);
        long[] steps = c.longs(4, ones(count));
        long[] axes = c.longs(3, count.isConstant() ? range(count.value()) : null);
        List<Dim> dims = new ArrayList<>(in.dims());
        if (axes == null) {
            return List.of(c.unknown(c.dtype(0), in.rank()));
        }
        int[] targets = Axes.normalize(axes, in.rank());
        if (starts != null && starts.size() != axes.length || ends != null && ends.size() != axes.length
                || steps != null && steps.length != axes.length) {
            throw c.fail("starts, ends, axes and steps differ in length");
        }
        for (int i = 0; i < targets.length; i++) {
            Dim dim = in.dim(targets[i]);
            Dim extent = starts == null || ends == null || steps == null ? null
                    : extent(dim, starts.get(i), ends.get(i), steps[i]);
            dims.set(targets[i], extent == null ? c.unknown() : extent);
        }
        return List.of(ValueType.tensor(c.dtype(0), new Shape(dims)));
    }

    private static long[] range(long count) {
        long[] out = new long[(int) count];
        for (int i = 0; i < out.length; i++) {
            out[i] = i;
        }
        return out;
    }

    private static long[] ones(Dim count) {
        if (!count.isConstant()) {
            return null;
        }
        long[] out = new long[(int) count.value()];
        for (int i = 0; i < out.length; i++) {
            out[i] = 1;
        }
        return out;
    }

    /** The extent of a slice, or null where it cannot be told. */
    private static Dim extent(Dim dim, Dim start, Dim end, long step) {
        if (dim.isConstant() && start.isConstant() && end.isConstant()) {
            long[] bounds = bounds(dim.value(), start.value(), end.value(), step);
            return Dim.of(bounds[1]);
        }
        if (step == -1 && start.is(-1) && end.isConstant() && end.value() < -Integer.MAX_VALUE) {
            return dim;
        }
        if (step != 1) {
            return null;
        }
        if (start.isConstant() && start.value() < 0 && end.isConstant() && end.value() < 0) {
            return Dim.of(Math.max(0, end.value() - start.value()));
        }
        Dim from = start.isConstant() && start.value() < 0 ? dim.plus(start) : start;
        Dim to;
        if (end.isConstant() && end.value() < 0) {
            to = dim.minus(Dim.of(-end.value()));
        } else if (end.equals(dim) || end.isConstant() && end.value() >= Integer.MAX_VALUE) {
            to = dim;
        } else if (start.is(0) && !end.isConstant()) {
            return Dim.symbol("min(" + end + "; " + dim + ")");
        } else {
            return null;
        }
        return to.minus(from);
    }

    /** First position and number of positions. */
    private static long[] bounds(long dim, long start, long end, long step) {
        if (step == 0) {
            throw Axes.bad("a step of 0");
        }
        long low = step > 0 ? 0 : -1;
        long high = step > 0 ? dim : dim - 1;
        long from = Math.max(low, Math.min(high, start < 0 ? start + dim : start));
        if (step < 0) {
            from = Math.max(0, Math.min(dim - 1, start < 0 ? start + dim : start));
        }
        long to = Math.max(low, Math.min(high, end < 0 ? end + dim : end));
        long span = step > 0 ? to - from : from - to;
        long stride = Math.abs(Math.max(step, -Long.MAX_VALUE));
        return new long[] {from, span <= 0 || dim == 0 ? 0 : (span - 1) / stride + 1};
    }

    @Override
    public List<Dim> content(InferContext c) {
        List<Dim> in = c.rank(0) == 1 ? c.content(0) : null;
        long[] start = c.longs(1, null);
        long[] end = c.longs(2, null);
        long[] step = c.longs(4, new long[] {1});
        if (in == null || start == null || end == null || step == null || start.length != 1 || end.length != 1
                || step.length != 1) {
            return null;
        }
        long[] bounds = bounds(in.size(), start[0], end[0], step[0]);
        List<Dim> out = new ArrayList<>();
        for (int i = 0; i < bounds[1]; i++) {
            out.add(in.get((int) (bounds[0] + i * step[0])));
        }
        return out;
    }

    @Override
    public Lowering lower(InferContext c) {
        long[] steps = c.longs(4, new long[] {1});
        boolean contiguous = steps != null;
        for (int i = 0; contiguous && i < steps.length; i++) {
            contiguous = steps[i] == 1;
        }
        return new Lowering.Copy(1, 1, c.rank(0), contiguous, (i, bound) -> piece(bound));
    }

    private Lowering.Piece piece(InferContext bound) {
        int[] in = bound.shape(0).toInts();
        int[] strides = Broadcast.strides(in);
        int[] steps = strides.clone();
        long[] starts = bound.longs(1, null);
        long[] ends = bound.longs(2, null);
        int[] axes = Axes.normalize(bound.longs(3, range(starts.length)), in.length);
        long[] by = bound.longs(4, ones(Dim.of(starts.length)));
        int[] dims = in.clone();
        long offset = 0;
        for (int i = 0; i < axes.length; i++) {
            long[] bounds = bounds(in[axes[i]], starts[i], ends[i], by[i]);
            offset += bounds[0] * strides[axes[i]];
            steps[axes[i]] = (int) (bounds[1] > 1 ? strides[axes[i]] * by[i] : strides[axes[i]]);
            dims[axes[i]] = (int) bounds[1];
        }
        return new Lowering.Piece(0, 0, dims, offset, steps, 0, Broadcast.strides(dims));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor in = c.tensor(0);
        long[] starts = c.tensor(1).toLongs();
        long[] ends = c.tensor(2).toLongs();
        int[] axes = Axes.normalize(c.longs(3, range(starts.length)), in.rank());
        long[] steps = c.longs(4, ones(Dim.of(starts.length)));
        if (ends.length != starts.length || axes.length != starts.length || steps.length != starts.length) {
            throw c.fail("starts, ends, axes and steps differ in length");
        }
        int[][] positions = Axes.all(in);
        for (int i = 0; i < axes.length; i++) {
            long[] bounds = bounds(in.dim(axes[i]), starts[i], ends[i], steps[i]);
            int step = (int) Math.max(-Integer.MAX_VALUE, Math.min(Integer.MAX_VALUE, steps[i]));
            positions[axes[i]] = Axes.positions((int) bounds[0], step, (int) bounds[1]);
        }
        return List.of(Axes.pick(in, positions));
    }
}
