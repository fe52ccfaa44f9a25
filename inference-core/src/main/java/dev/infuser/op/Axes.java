package dev.infuser.op;

import dev.infuser.tensor.Dim;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** What operators that rearrange elements share: axes, dimension lists, and copies that pick positions along axes. */
final class Axes {

    private Axes() {
    }

    static InvalidModelException bad(String message) {
        return new InvalidModelException("bad-node", message);
    }

    /** {@code axis} counted from the front. */
    static int normalize(long axis, int rank) {
        if (axis < -rank || axis >= rank) {
            throw bad("axis " + axis + " is outside rank " + rank);
        }
        return (int) (axis < 0 ? axis + rank : axis);
    }

    /** {@code axes} counted from the front, all different; every axis where {@code axes} is null. */
    static int[] normalize(long[] axes, int rank) {
        int[] out = new int[axes == null ? rank : axes.length];
        boolean[] seen = new boolean[rank];
        for (int i = 0; i < out.length; i++) {
            out[i] = axes == null ? i : normalize(axes[i], rank);
            if (seen[out[i]]) {
                throw bad("axis " + out[i] + " is listed twice");
            }
            seen[out[i]] = true;
        }
        return out;
    }

    static List<Dim> dims(long[] values) {
        return values == null ? null : Shape.of(values).dims();
    }

    /** The values of constant dimensions, or null if {@code dims} is null or holds a symbol. */
    static long[] longs(List<Dim> dims) {
        if (dims == null) {
            return null;
        }
        long[] out = new long[dims.size()];
        for (int i = 0; i < out.length; i++) {
            if (!dims.get(i).isConstant()) {
                return null;
            }
            out[i] = dims.get(i).value();
        }
        return out;
    }

    /** {@code values} as extents, which must fit an int. */
    static int[] ints(long[] values) {
        return Shape.of(values).toInts();
    }

    /** {@code shape} with the dimension at {@code axis} replaced. */
    static Shape with(Shape shape, int axis, Dim dim) {
        List<Dim> dims = new ArrayList<>(shape.dims());
        dims.set(axis, dim);
        return new Shape(dims);
    }

    /** {@code dims} with the extent at {@code axis} replaced. */
    static int[] with(int[] dims, int axis, int extent) {
        int[] out = dims.clone();
        out[axis] = extent;
        return out;
    }

    /** {@code shape} less the dimensions {@code from} up to {@code to}, with {@code middle} in their place. */
    static Shape splice(Shape shape, int from, int to, List<Dim> middle) {
        List<Dim> dims = new ArrayList<>(shape.dims().subList(0, from));
        dims.addAll(middle);
        dims.addAll(shape.dims().subList(to, shape.rank()));
        return new Shape(dims);
    }

    /** The product of {@code dims[from]} up to {@code dims[to]}. */
    static int count(int[] dims, int from, int to) {
        int count = 1;
        for (int i = from; i < to; i++) {
            count *= dims[i];
        }
        return count;
    }

    /** {@code index} counted from the front of {@code extent} elements. */
    static int index(long index, int extent) {
        if (index < -extent || index >= extent) {
            throw bad("index " + index + " is outside extent " + extent);
        }
        return (int) (index < 0 ? index + extent : index);
    }

    /** The positions {@code from}, {@code from + step}, ... {@code count} of them. */
    static int[] positions(int from, int step, int count) {
        int[] out = new int[count];
        for (int i = 0; i < count; i++) {
            out[i] = from + i * step;
        }
        return out;
    }

    /** The only element of an integer or bool tensor. */
    static long integer(Tensor tensor) {
        return single(tensor).getLong(0);
    }

    /** The only element of a numeric tensor. */
    static double real(Tensor tensor) {
        return single(tensor).getDouble(0);
    }

    private static Tensor single(Tensor tensor) {
        if (tensor.size() != 1) {
            throw bad("expected one element, found " + tensor);
        }
        return tensor;
    }

    /** The elements of a vector input as far as they are known, or null, having made sure that it is a vector. */
    static List<Dim> vector(InferContext c, int input) {
        if (c.rank(input) != 1) {
            throw bad("input " + input + " is not a vector");
        }
        return c.content(input);
    }

    /** One null per axis, which leaves all of them as they are. */
    static int[][] all(Tensor tensor) {
        return new int[tensor.rank()][];
    }

    /**
     * The tensor whose element at {@code (i, j, ...)} is the element of {@code in} at
     * {@code (positions[0][i], positions[1][j], ...)}; null keeps an axis, a position of -1 gives zero.
     */
    static Tensor pick(Tensor in, int[][] positions) {
        return pick(in, positions, null);
    }

    /** As {@link #pick(Tensor, int[][])}, but a position of -1 gives the one element of {@code fill} unless that is null. */
    static Tensor pick(Tensor in, int[][] positions, Tensor fill) {
        int[] dims = in.dims().clone();
        int last = -1;
        for (int axis = 0; axis < dims.length; axis++) {
            if (positions[axis] != null) {
                dims[axis] = positions[axis].length;
                last = axis;
            }
        }
        if (fill != null && (fill.size() != 1 || fill.dtype() != in.dtype())) {
            throw bad("cannot fill " + in + " with " + fill);
        }
        Tensor out = fill == null ? Tensor.zeros(in.dtype(), dims) : fill.pick(dims, new int[Tensor.count(dims)]);
        if (out.size() > 0) {
            int block = count(dims, last + 1, dims.length);
            copy(in.array(), in.dims(), 0, out.array(), dims, 0, positions, 0, last, block);
        }
        return out;
    }

    private static void copy(Object in, int[] inDims, int from, Object out, int[] outDims, int to, int[][] positions,
            int axis, int last, int block) {
        if (last < 0) {
            System.arraycopy(in, from, out, to, block);
            return;
        }
        int[] map = positions[axis];
        if (axis < last) {
            for (int i = 0; i < outDims[axis]; i++) {
                int at = map == null ? i : map[i];
                if (at >= 0) {
                    copy(in, inDims, (from + at) * inDims[axis + 1], out, outDims, (to + i) * outDims[axis + 1],
                            positions, axis + 1, last, block);
                }
            }
            return;
        }
        for (int i = 0; i < map.length;) {
            int end = i + 1;
            while (end < map.length && map[end] == map[end - 1] + 1 && map[i] >= 0) {
                end++;
            }
            if (map[i] >= 0) {
                System.arraycopy(in, (from + map[i]) * block, out, (to + i) * block, (end - i) * block);
            }
            i = end;
        }
    }
}
