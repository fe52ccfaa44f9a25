package dev.infuser.op;

import dev.infuser.tensor.Dim;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import java.util.Arrays;

/** Multidirectional broadcasting, as ONNX takes it from NumPy. */
public final class Broadcast {

    private Broadcast() {
    }

    /** The shape that both broadcast to. Two different symbols are taken to be equal when the model runs, or one of them 1. */
    public static Shape shape(Shape a, Shape b) {
        int rank = Math.max(a.rank(), b.rank());
        Dim[] dims = new Dim[rank];
        for (int i = 0; i < rank; i++) {
            Dim x = i < rank - a.rank() ? Dim.ONE : a.dim(i - rank + a.rank());
            Dim y = i < rank - b.rank() ? Dim.ONE : b.dim(i - rank + b.rank());
            dims[i] = dim(x, y, a, b);
        }
        return Shape.of(dims);
    }

    private static Dim dim(Dim x, Dim y, Shape a, Shape b) {
        if (x.equals(y) || y.is(1)) {
            return x;
        }
        if (x.is(1)) {
            return y;
        }
        if (x.isConstant() && y.isConstant()) {
            throw new InvalidModelException("bad-shape", "shapes " + a + " and " + b + " do not broadcast");
        }
        if (x.isConstant() || isClamped(x, y)) {
            return x.isConstant() ? x : y;
        }
        return y.isConstant() ? y : isClamped(y, x) ? x : Dim.symbol("max(" + x + "; " + y + ")");
    }

    /** Whether {@code x} is the smaller of {@code y} and something: they broadcast only where they are equal or it is 1. */
    private static boolean isClamped(Dim x, Dim y) {
        return x.symbol() != null && x.symbol().startsWith("min(" + y + "; ");
    }

    /** The concrete dims that both broadcast to. */
    public static int[] dims(int[] a, int[] b) {
        return Arrays.equals(a, b) ? a : shape(Shape.of(a), Shape.of(b)).toInts();
    }

    /** For each element of a tensor of dims {@code to}, the index of the element of {@code from} that it reads. */
    public static int[] index(int[] from, int[] to) {
        int[] strides = new int[to.length];
        int stride = 1;
        for (int i = from.length - 1, j = to.length - 1; i >= 0; i--, j--) {
            if (j < 0 || from[i] != 1 && from[i] != to[j]) {
                throw new InvalidModelException("bad-shape",
                        "shape " + Shape.of(from) + " does not broadcast to " + Shape.of(to));
            }
            strides[j] = from[i] == 1 ? 0 : stride;
            stride *= from[i];
        }
        return strided(to, strides, 0);
    }

    /** For each element of a tensor of {@code dims}, {@code offset} plus its coordinates times {@code strides}. */
    public static int[] strided(int[] dims, int[] strides, int offset) {
        int size = Tensor.count(dims);
        int[] index = new int[size];
        int[] at = new int[dims.length];
        int position = offset;
        for (int i = 0; i < size; i++) {
            index[i] = position;
            for (int axis = dims.length - 1; axis >= 0; axis--) {
                position += strides[axis];
                if (++at[axis] < dims[axis]) {
                    break;
                }
                position -= strides[axis] * dims[axis];
                at[axis] = 0;
            }
        }
        return index;
    }

    /** Row-major strides of {@code dims}, in elements. */
    public static int[] strides(int[] dims) {
        int[] strides = new int[dims.length];
        int stride = 1;
        for (int i = dims.length - 1; i >= 0; i--) {
            strides[i] = stride;
            stride *= dims[i];
        }
        return strides;
    }
}
