package dev.infuser.op;

import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.Arrays;
import java.util.List;

/** {@code Det}: the determinants of the matrices {@code [..., M, M]}, by elimination with partial pivoting in float64. */
final class Determinant implements Operator {

    @Override
    public String name() {
        return "Det";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Types.real(c, 0);
        int rank = c.rank(0);
        Dim rows = rank < 2 ? Dim.ONE : c.shape(0).dim(-2);
        Dim columns = rank < 2 ? Dim.of(0) : c.shape(0).dim(-1);
        if (rows.isConstant() && columns.isConstant() && !rows.equals(columns)) {
            throw c.fail("expected square matrices, found " + c.type(0));
        }
        return List.of(ValueType.tensor(c.dtype(0), Axes.splice(c.shape(0), rank - 2, rank, List.of())));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor x = c.tensor(0);
        if (x.rank() < 2 || x.dim(-1) != x.dim(-2)) {
            throw c.fail("expected square matrices, found " + x);
        }
        int n = x.dim(-1);
        int[] dims = Arrays.copyOf(x.dims(), x.rank() - 2);
        double[] out = new double[Tensor.count(dims)];
        for (int i = 0; i < out.length; i++) {
            double[][] rows = new double[n][n];
            for (int j = 0; j < n * n; j++) {
                rows[j / n][j % n] = x.getDouble(i * n * n + j);
            }
            out[i] = determinant(rows);
        }
        return List.of(Tensor.ofDoubles(x.dtype(), dims, out));
    }

    private static double determinant(double[][] rows) {
        double product = 1;
        for (int k = 0; k < rows.length; k++) {
            int pivot = k;
            for (int i = k + 1; i < rows.length; i++) {
                pivot = Math.abs(rows[i][k]) > Math.abs(rows[pivot][k]) ? i : pivot;
            }
            double[] row = rows[pivot];
            rows[pivot] = rows[k];
            rows[k] = row;
            product *= pivot == k ? row[k] : -row[k];
            for (int i = k + 1; i < rows.length && row[k] != 0; i++) {
                double factor = rows[i][k] / row[k];
                for (int j = k; j < rows.length; j++) {
                    rows[i][j] -= factor * row[j];
                }
            }
        }
        return product;
    }
}
