package dev.infuser.op;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/**
 * Functions of sparse tensors as TensorFlow defines them, which are places {@code [count, rank]}, values {@code [count]} and
 * dims {@code [rank]}: {@code infuser.SparseFillEmptyRows}, {@code infuser.SparseReshape}; and sums and means of rows that
 * belong together, {@code infuser.SparseSegmentSum} and {@code infuser.SparseSegmentMean} of data, rows and their segments.
 */
final class Sparse implements Operator {

    private final String name;

    Sparse(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String domain() {
        return "infuser";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        if (name.equals("SparseFillEmptyRows")) {
            Dim count = c.unknown();
            return List.of(ValueType.tensor(DType.INT32, Shape.of(count, c.shape(0).dim(1))),
                    ValueType.tensor(c.dtype(1), Shape.of(count)), ValueType.tensor(DType.BOOL, Shape.of(c.unknown())),
                    ValueType.tensor(DType.INT32, Shape.of(c.shape(0).dim(0))));
        }
        if (name.equals("SparseReshape")) {
            return List.of(ValueType.tensor(DType.INT32, Shape.of(c.shape(0).dim(0), c.shape(2).dim(0))),
                    ValueType.tensor(DType.INT32, c.shape(2)));
        }
        return List.of(ValueType.tensor(c.dtype(0), Axes.with(c.shape(0), 0, c.unknown())));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        return name.equals("SparseFillEmptyRows") ? fill(c) : name.equals("SparseReshape") ? reshape(c) : List.of(segments(c));
    }

    private static List<Datum> fill(EvalContext c) {
        Tensor places = c.tensor(0);
        Tensor values = c.tensor(1);
        int rank = places.dim(1);
        int count = places.dim(0);
        int rows = Math.max(0, (int) c.tensor(2).getLong(0));
        int[] starts = new int[rows + 1];
        byte[] empty = new byte[rows];
        for (int i = 0; i < count; i++) {
            long row = places.getLong(i * rank);
            if (row < 0 || row >= rows) {
                throw c.fail("row " + row + " is outside " + rows + " rows");
            }
            starts[(int) row + 1]++;
        }
        for (int row = 0; row < rows; row++) {
            empty[row] = (byte) (starts[row + 1] == 0 ? 1 : 0);
            starts[row + 1] = starts[row] + Math.max(1, starts[row + 1]);
        }
        int[] out = new int[starts[rows] * rank];
        int[] from = new int[starts[rows]];
        int[] back = new int[count];
        int[] next = starts.clone();
        for (int row = 0; row < rows; row++) {
            if (empty[row] != 0) {
                out[starts[row] * rank] = row;
                from[starts[row]] = count;
            }
        }
        for (int i = 0; i < count; i++) {
            int at = next[(int) places.getLong(i * rank)]++;
            for (int axis = 0; axis < rank; axis++) {
                out[at * rank + axis] = (int) places.getLong(i * rank + axis);
            }
            from[at] = i;
            back[i] = at;
        }
        Tensor all = Concat.join(List.of(values, c.tensor(3).reshape(1)), 0);
        return List.of(Tensor.ints(new int[] {starts[rows], rank}, out), all.pick(new int[] {starts[rows]}, from),
                Tensor.of(DType.BOOL, new int[] {rows}, empty), Tensor.ints(new int[] {count}, back));
    }

    private static List<Datum> reshape(EvalContext c) {
        long[] before = c.tensor(1).toLongs();
        long[] after = c.tensor(2).toLongs();
        long size = 1;
        for (long extent : before) {
            size *= extent;
        }
        long known = 1;
        int open = -1;
        for (int i = 0; i < after.length; i++) {
            if (after[i] < 0) {
                open = i;
            } else {
                known *= after[i];
            }
        }
        if (open >= 0) {
            after[open] = known == 0 ? 0 : size / known;
            known *= after[open];
        }
        if (known != size) {
            throw c.fail("a tensor of " + size + " elements cannot have " + known);
        }
        Tensor places = c.tensor(0);
        int count = places.dim(0);
        int[] out = new int[count * after.length];
        for (int i = 0; i < count; i++) {
            long at = 0;
            for (int axis = 0; axis < before.length; axis++) {
                at = at * before[axis] + places.getLong(i * before.length + axis);
            }
            for (int axis = after.length - 1; axis >= 0; axis--) {
                long extent = Math.max(1, after[axis]);
                out[i * after.length + axis] = (int) (at % extent);
                at /= extent;
            }
        }
        int[] dims = new int[after.length];
        for (int i = 0; i < dims.length; i++) {
            dims[i] = (int) after[i];
        }
        return List.of(Tensor.ints(new int[] {count, dims.length}, out), Tensor.ints(new int[] {dims.length}, dims));
    }

    private Tensor segments(EvalContext c) {
        Tensor data = c.tensor(0);
        Tensor rows = c.tensor(1);
        Tensor segments = c.tensor(2);
        int count = rows.size();
        if (segments.size() != count) {
            throw c.fail("there are " + count + " rows and " + segments.size() + " segments");
        }
        int n = count == 0 ? 0 : (int) segments.getLong(count - 1) + 1;
        int width = data.dim(0) == 0 ? 0 : data.size() / data.dim(0);
        double[] sums = new double[Math.max(0, n) * width];
        int[] sizes = new int[Math.max(0, n)];
        for (int i = 0; i < count; i++) {
            long row = rows.getLong(i);
            long segment = segments.getLong(i);
            if (row < 0 || row >= data.dim(0) || segment < 0 || segment >= n) {
                throw c.fail("row " + row + " of segment " + segment + " is out of range");
            }
            sizes[(int) segment]++;
            for (int k = 0; k < width; k++) {
                sums[(int) segment * width + k] += data.getDouble((int) row * width + k);
            }
        }
        for (int i = 0; i < sums.length && name.equals("SparseSegmentMean"); i++) {
            sums[i] /= Math.max(1, sizes[i / width]);
        }
        int[] dims = data.dims().clone();
        dims[0] = n;
        return Tensor.ofDoubles(data.dtype(), dims, sums);
    }
}
