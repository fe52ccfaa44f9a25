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
 * {@code MatMul}: matrix products {@code [..., M, K] x [..., K, N] -> [..., M, N]} as NumPy's {@code matmul}: leading axes
 * broadcast, a vector is a row on the left and a column on the right. Real numbers and 32- and 64-bit integers.
 *
 * <p>float32 accumulates in float32, the other floats in float64; integers wrap around.
 */
final class MatMul implements Operator {

    @Override
    public String name() {
        return "MatMul";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        DType type = Types.same(c);
        Types.require(c, 0, Types.isReal(type) || type.isInteger() && type.bits() >= 32);
        return List.of(ValueType.tensor(type, shape(c, c.shape(0), c.shape(1))));
    }

    /** The shape of the product of tensors of shapes {@code a} and {@code b}. */
    static Shape shape(InferContext c, Shape a, Shape b) {
        if (a.rank() == 0 || b.rank() == 0) {
            throw c.fail("scalars cannot be multiplied as matrices");
        }
        Dim k = a.dim(-1);
        Dim l = b.dim(b.rank() == 1 ? 0 : -2);
        if (k.isConstant() && l.isConstant() && !k.equals(l)) {
            throw c.fail("inner extents of " + a + " and " + b + " differ");
        }
        List<Dim> dims = new ArrayList<>(Broadcast.shape(
                new Shape(a.dims().subList(0, Math.max(0, a.rank() - 2))),
                new Shape(b.dims().subList(0, Math.max(0, b.rank() - 2)))).dims());
        if (a.rank() > 1) {
            dims.add(a.dim(-2));
        }
        if (b.rank() > 1) {
            dims.add(b.dim(-1));
        }
        return new Shape(dims);
    }

    @Override
    public Lowering lower(InferContext c) {
        return c.dtype(0) == DType.FLOAT32 && c.rank(0) > 1 && c.rank(1) > 1
                ? new Lowering.MatMul(false, false, 1, 1, 0) : null;
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        return List.of(product(c, c.tensor(0), c.tensor(1), c.dtype(0)));
    }

    /** The product of two tensors of one type, rounded to {@code out}. */
    static Tensor product(EvalContext c, Tensor a, Tensor b, DType out) {
        int[] da = a.rank() == 1 ? new int[] {1, a.dim(0)} : a.dims();
        int[] db = b.rank() == 1 ? new int[] {b.dim(0), 1} : b.dims();
        if (da.length == 0 || db.length == 0 || da[da.length - 1] != db[db.length - 2]) {
            throw c.fail("inner extents of " + a + " and " + b + " differ");
        }
        int m = da[da.length - 2];
        int k = da[da.length - 1];
        int n = db[db.length - 1];
        int[] ba = Arrays.copyOf(da, da.length - 2);
        int[] bb = Arrays.copyOf(db, db.length - 2);
        int[] batch = Broadcast.dims(ba, bb);
        int[] ia = Broadcast.index(ba, batch);
        int[] ib = Broadcast.index(bb, batch);
        int[] dims = Arrays.copyOf(batch, batch.length + (a.rank() > 1 ? 1 : 0) + (b.rank() > 1 ? 1 : 0));
        if (a.rank() > 1) {
            dims[batch.length] = m;
        }
        if (b.rank() > 1) {
            dims[dims.length - 1] = n;
        }
        int size = Tensor.count(dims);
        if (a.dtype() == DType.FLOAT32) {
            float[] values = new float[size];
            for (int i = 0; i < ia.length; i++) {
                multiply(a.floats(), ia[i] * m * k, b.floats(), ib[i] * k * n, values, i * m * n, m, k, n);
            }
            Tensor product = Tensor.of(DType.FLOAT32, dims, values);
            return out == DType.FLOAT32 ? product : Tensor.ofDoubles(out, dims, product.toDoubles());
        }
        if (a.dtype().isFloat()) {
            double[] x = a.toDoubles();
            double[] y = b.toDoubles();
            double[] values = new double[size];
            for (int i = 0; i < ia.length; i++) {
                multiply(x, ia[i] * m * k, y, ib[i] * k * n, values, i * m * n, m, k, n);
            }
            return out == DType.FLOAT64 ? Tensor.of(out, dims, values) : Tensor.ofDoubles(out, dims, values);
        }
        long[] x = a.toLongs();
        long[] y = b.toLongs();
        long[] values = new long[size];
        for (int i = 0; i < ia.length; i++) {
            multiply(x, ia[i] * m * k, y, ib[i] * k * n, values, i * m * n, m, k, n);
        }
        return Tensor.ofLongs(out, dims, values);
    }

    private static void multiply(float[] a, int ao, float[] b, int bo, float[] c, int co, int m, int k, int n) {
        for (int i = 0; i < m; i++) {
            for (int p = 0; p < k; p++) {
                float x = a[ao + i * k + p];
                int row = bo + p * n;
                int out = co + i * n;
                for (int j = 0; j < n; j++) {
                    c[out + j] += x * b[row + j];
                }
            }
        }
    }

    private static void multiply(double[] a, int ao, double[] b, int bo, double[] c, int co, int m, int k, int n) {
        for (int i = 0; i < m; i++) {
            for (int p = 0; p < k; p++) {
                double x = a[ao + i * k + p];
                int row = bo + p * n;
                int out = co + i * n;
                for (int j = 0; j < n; j++) {
                    c[out + j] += x * b[row + j];
                }
            }
        }
    }

    private static void multiply(long[] a, int ao, long[] b, int bo, long[] c, int co, int m, int k, int n) {
        for (int i = 0; i < m; i++) {
            for (int p = 0; p < k; p++) {
                long x = a[ao + i * k + p];
                int row = bo + p * n;
                int out = co + i * n;
                for (int j = 0; j < n; j++) {
                    c[out + j] += x * b[row + j];
                }
            }
        }
    }
}
