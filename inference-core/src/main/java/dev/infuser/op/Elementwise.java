package dev.infuser.op;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;

/** Applies scalar functions to whole tensors, rounding each result once to the type asked for. */
final class Elementwise {

    private Elementwise() {
    }

    static Tensor map(Tensor x, DType out, DoubleUnaryOperator f) {
        if (out == DType.FLOAT32) {
            float[] in = x.dtype() == out ? x.floats() : null;
            float[] values = new float[x.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) f.applyAsDouble(in == null ? x.getDouble(i) : in[i]);
            }
            return Tensor.of(out, x.dims(), values);
        }
        double[] values = new double[x.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = f.applyAsDouble(x.getDouble(i));
        }
        return Tensor.ofDoubles(out, x.dims(), values);
    }

    static Tensor mapLongs(Tensor x, DType out, LongUnaryOperator f) {
        long[] values = new long[x.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = f.applyAsLong(x.getLong(i));
        }
        return Tensor.ofLongs(out, x.dims(), values);
    }

    /** {@code f} of two tensors broadcast together. */
    static Tensor zip(Tensor a, Tensor b, DType out, DoubleBinaryOperator f) {
        int[] dims = Broadcast.dims(a.dims(), b.dims());
        int[] ia = index(a, dims);
        int[] ib = index(b, dims);
        int size = Tensor.count(dims);
        if (a.dtype() == DType.FLOAT32 && b.dtype() == DType.FLOAT32 && out == DType.FLOAT32) {
            float[] x = a.floats();
            float[] y = b.floats();
            float[] values = new float[size];
            for (int i = 0; i < size; i++) {
                values[i] = (float) f.applyAsDouble(x[ia == null ? i : ia[i]], y[ib == null ? i : ib[i]]);
            }
            return Tensor.of(out, dims, values);
        }
        double[] values = new double[size];
        for (int i = 0; i < size; i++) {
            values[i] = f.applyAsDouble(a.getDouble(ia == null ? i : ia[i]), b.getDouble(ib == null ? i : ib[i]));
        }
        return Tensor.ofDoubles(out, dims, values);
    }

    /** {@code f} of two integer or bool tensors broadcast together. */
    static Tensor zipLongs(Tensor a, Tensor b, DType out, LongBinaryOperator f) {
        int[] dims = Broadcast.dims(a.dims(), b.dims());
        int[] ia = index(a, dims);
        int[] ib = index(b, dims);
        long[] values = new long[Tensor.count(dims)];
        for (int i = 0; i < values.length; i++) {
            values[i] = f.applyAsLong(a.getLong(ia == null ? i : ia[i]), b.getLong(ib == null ? i : ib[i]));
        }
        return Tensor.ofLongs(out, dims, values);
    }

    /** {@link Broadcast#index}, or null where every element reads the one at its own place. */
    private static int[] index(Tensor from, int[] to) {
        return Arrays.equals(from.dims(), to) ? null : Broadcast.index(from.dims(), to);
    }

    /** Whether {@code x} is less than {@code y}, both elements of the integer type {@code type}. */
    static boolean less(DType type, long x, long y) {
        return type == DType.UINT64 ? x + Long.MIN_VALUE < y + Long.MIN_VALUE : x < y;
    }
}
