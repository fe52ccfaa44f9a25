package dev.infuser.op;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Operators whose output extents depend on the elements: {@code NonZero}, {@code Compress} and {@code TopK}. Equal elements
 * keep their order.
 */
final class Select implements Operator {

    private final String name;

    Select(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape in = c.shape(0);
        switch (name) {
            case "NonZero":
                return List.of(ValueType.tensor(DType.INT64, Shape.of(Dim.of(in.rank()), c.unknown())));
            case "TopK":
                List<Dim> k = c.content(1);
                Shape out = Axes.with(in, c.axis(c.attributes().integer("axis", -1), in.rank()),
                        k == null || k.size() != 1 ? c.unknown() : k.get(0));
                return List.of(ValueType.tensor(c.dtype(0), out), ValueType.tensor(DType.INT64, out));
            default:
                return List.of(ValueType.tensor(c.dtype(0), kept(c, c.unknown())));
        }
    }

    @Override
    public Lowering lower(InferContext c) {
        return !name.equals("TopK") ? null : new Lowering.TopK(c.attributes().flag("largest", true),
                c.axis(c.attributes().integer("axis", -1), c.rank(0)));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        switch (name) {
            case "NonZero":
                return List.of(nonZero(c.tensor(0)));
            case "TopK":
                return topK(c);
            default:
                return List.of(compress(c));
        }
    }

    private static Tensor nonZero(Tensor in) {
        String[] strings = in.array() instanceof String[] s ? s : null;
        int[] found = new int[in.size()];
        int count = 0;
        for (int i = 0; i < in.size(); i++) {
            if (strings != null ? !strings[i].isEmpty() : in.getDouble(i) != 0) {
                found[count++] = i;
            }
        }
        int[] strides = Broadcast.strides(in.dims());
        long[] out = new long[in.rank() * count];
        for (int axis = 0; axis < in.rank(); axis++) {
            for (int i = 0; i < count; i++) {
                out[axis * count + i] = found[i] / strides[axis] % in.dim(axis);
            }
        }
        return Tensor.longs(new int[] {in.rank(), count}, out);
    }

    /** The shape of the input with {@code count} of its axis, or of all its elements, kept. */
    static Shape kept(InferContext c, Dim count) {
        Shape in = c.shape(0);
        return c.attributes().has("axis")
                ? Axes.with(in, c.axis(c.attributes().integer("axis"), in.rank()), count) : Shape.of(count);
    }

    static Tensor flat(EvalContext c) {
        return c.attributes().has("axis") ? c.tensor(0) : c.tensor(0).reshape(c.tensor(0).size());
    }

    private static Tensor compress(EvalContext c) {
        Tensor in = flat(c);
        Tensor condition = c.tensor(1);
        int axis = c.axis(c.attributes().integer("axis", 0), in.rank());
        if (condition.rank() != 1) {
            throw c.fail("the condition is not a vector");
        }
        int[] kept = new int[Math.min(condition.size(), in.dim(axis))];
        int count = 0;
        for (int i = 0; i < kept.length; i++) {
            if (condition.getLong(i) != 0) {
                kept[count++] = i;
            }
        }
        int[][] positions = Axes.all(in);
        positions[axis] = Arrays.copyOf(kept, count);
        return Axes.pick(in, positions);
    }

    /** Orders two elements of any type. */
    static int compare(Tensor t, int i, int j) {
        if (t.array() instanceof String[] s) {
            return s[i].compareTo(s[j]);
        }
        if (t.dtype().isFloat()) {
            double a = t.getDouble(i);
            double b = t.getDouble(j);
            return a < b ? -1 : a > b ? 1 : a == b ? 0 : Double.compare(a, b);
        }
        long flip = t.dtype().isSigned() ? 0 : Long.MIN_VALUE;
        return Long.compare(t.getLong(i) ^ flip, t.getLong(j) ^ flip);
    }

    static List<Integer> range(int n) {
        List<Integer> out = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            out.add(i);
        }
        return out;
    }

    private static List<Datum> topK(EvalContext c) {
        Tensor in = c.tensor(0);
        int axis = c.axis(c.attributes().integer("axis", -1), in.rank());
        long k = Axes.integer(c.tensor(1));
        int extent = in.dim(axis);
        if (k < 0 || k > extent) {
            throw c.fail("the top " + k + " of " + extent);
        }
        int sign = c.attributes().flag("largest", true) ? -1 : 1;
        int[] dims = Axes.with(in.dims(), axis, (int) k);
        int inner = Axes.count(dims, axis + 1, dims.length);
        int[] index = new int[Tensor.count(dims)];
        long[] positions = new long[index.length];
        for (int row = 0; row < Axes.count(dims, 0, axis) * inner; row++) {
            int base = row / inner * extent * inner + row % inner;
            List<Integer> order = range(extent);
            order.sort((i, j) -> sign * compare(in, base + i * inner, base + j * inner));
            for (int n = 0; n < k; n++) {
                int to = (row / inner * (int) k + n) * inner + row % inner;
                positions[to] = order.get(n);
                index[to] = base + order.get(n) * inner;
            }
        }
        return List.of(in.pick(dims, index), Tensor.longs(dims, positions));
    }
}
