package dev.infuser.op;

import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code Pad}: elements added before and after each of {@code axes}, or removed where the pad is negative. They are a
 * constant, or those of the nearest edge, the reflection about it, or the other end ({@code wrap}).
 */
final class Pad implements Operator {

    @Override
    public String name() {
        return "Pad";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape in = c.shape(0);
        List<Dim> pads = c.content(1);
        long[] axes = c.longs(3, null);
        if (c.has(3) && axes == null) {
            return List.of(c.unknown(c.dtype(0), in.rank()));
        }
        int[] targets = Axes.normalize(axes, in.rank());
        if (pads == null) {
            Shape shape = in;
            for (int axis : targets) {
                shape = Axes.with(shape, axis, c.unknown());
            }
            return List.of(ValueType.tensor(c.dtype(0), shape));
        }
        if (pads.size() != 2 * targets.length) {
            throw c.fail(pads.size() + " pads for " + targets.length + " axes");
        }
        List<Dim> dims = new ArrayList<>(in.dims());
        for (int i = 0; i < targets.length; i++) {
            Dim begin = pads.get(i);
            Dim end = pads.get(targets.length + i);
            Dim dim = in.dim(targets[i]);
            dims.set(targets[i], begin.isConstant() && end.isConstant() ? Window.shift(dim, begin.value() + end.value())
                    : dim.plus(begin).plus(end));
        }
        return List.of(ValueType.tensor(c.dtype(0), new Shape(dims)));
    }

    @Override
    public Lowering lower(InferContext c) {
        List<Dim> pads = c.content(1);
        long[] listed = c.longs(3, null);
        if (c.has(3) && listed == null || c.rank(0) == 0) {
            return null;
        }
        int[] axes = Axes.normalize(listed, c.rank(0));
        int first = c.rank(0) - 1;
        int last = 0;
        for (int i = 0; i < axes.length; i++) {
            if (pads == null || !pads.get(i).is(0) || !pads.get(axes.length + i).is(0)) {
                first = Math.min(first, axes[i]);
                last = Math.max(last, axes[i]);
            }
        }
        boolean constant = c.attributes().string("mode", "constant").equals("constant");
        return new Lowering.Taps(null, first, Math.max(first, last) + 1 - first, constant && c.has(2) ? 2 : 0, Pad::taps);
    }

    private static Lowering.AxisTaps taps(int axis, InferContext c) {
        long[] pads = c.longs(1, null);
        int[] axes = Axes.normalize(c.longs(3, null), c.rank(0));
        int extent = (int) c.shape(0).dim(axis).value();
        for (int i = 0; i < axes.length; i++) {
            if (axes[i] == axis) {
                return new Lowering.AxisTaps(positions(extent, pads[i], pads[axes.length + i],
                        c.attributes().string("mode", "constant")), null);
            }
        }
        return new Lowering.AxisTaps(Axes.positions(0, 1, extent), null);
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor in = c.tensor(0);
        long[] pads = c.tensor(1).toLongs();
        int[] axes = Axes.normalize(c.longs(3, null), in.rank());
        if (pads.length != 2 * axes.length) {
            throw c.fail(pads.length + " pads for " + axes.length + " axes");
        }
        String mode = c.attributes().string("mode", "constant");
        int[][] positions = Axes.all(in);
        for (int i = 0; i < axes.length; i++) {
            positions[axes[i]] = positions(in.dim(axes[i]), pads[i], pads[axes.length + i], mode);
        }
        return List.of(Axes.pick(in, positions, mode.equals("constant") ? c.tensorOrNull(2) : null));
    }

    private static int[] positions(int extent, long begin, long end, String mode) {
        int size = Axes.ints(new long[] {extent + begin + end})[0];
        int low = (int) Math.max(0, -begin);
        int n = (int) (extent - Math.max(0, -end)) - low;
        int[] out = new int[size];
        for (int i = 0; i < size; i++) {
            int at = (int) (i - begin) - low;
            if (at < 0 || at >= n) {
                at = mode.equals("constant") ? -1 : outside(at, n, mode);
            }
            out[i] = at < 0 ? -1 : at + low;
        }
        return out;
    }

    private static int outside(int at, int n, String mode) {
        if (n <= 0) {
            throw Axes.bad("nothing to pad with");
        }
        switch (mode) {
            case "edge":
                return at < 0 ? 0 : n - 1;
            case "wrap":
                return Math.floorMod(at, n);
            case "reflect":
                int folded = n == 1 ? 0 : Math.floorMod(at, 2 * (n - 1));
                return folded < n ? folded : 2 * (n - 1) - folded;
            default:
                throw Axes.bad("no pad mode " + mode);
        }
    }
}
