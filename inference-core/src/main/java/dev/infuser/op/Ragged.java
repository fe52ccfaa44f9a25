package dev.infuser.op;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * Functions of ragged tensors as TensorFlow defines them, which are vectors of splits, the outermost first, and the values
 * within: {@code infuser.RaggedRange} of starts, limits and steps; {@code infuser.RaggedGather} of splits, values and rows;
 * {@code infuser.RaggedToTensor} of dims, values, what is put where there are none, and splits.
 */
final class Ragged implements Operator {

    private final String name;

    Ragged(String name) {
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
        List<ValueType> out = new ArrayList<>();
        switch (name) {
            case "RaggedRange":
                out.add(c.unknown(DType.INT32, 1));
                out.add(c.unknown(c.dtype(0), 1));
                return out;
            case "RaggedGather":
                for (int i = 1; i < c.outputs(); i++) {
                    out.add(c.unknown(DType.INT32, 1));
                }
                Shape values = c.shape(c.inputs() - 2);
                out.add(ValueType.tensor(c.dtype(c.inputs() - 2), Axes.with(values, 0, c.unknown())));
                return out;
            default:
                int rank = c.rank(1) + c.inputs() - 3;
                return List.of(c.unknown(c.dtype(1), rank));
        }
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        return name.equals("RaggedRange") ? range(c) : name.equals("RaggedGather") ? gather(c) : List.of(dense(c));
    }

    private static List<Datum> range(EvalContext c) {
        int rows = 1;
        for (int i = 0; i < 3; i++) {
            rows = c.tensor(i).rank() == 0 ? rows : c.tensor(i).size();
        }
        int[] splits = new int[rows + 1];
        List<Double> values = new ArrayList<>();
        for (int row = 0; row < rows; row++) {
            double start = at(c, 0, row);
            double limit = at(c, 1, row);
            double step = at(c, 2, row);
            if (step == 0) {
                throw c.fail("a step is 0");
            }
            long count = Math.max(0, (long) Math.ceil((limit - start) / step));
            if (count + values.size() > Integer.MAX_VALUE / 8) {
                throw c.fail("a range has " + count + " elements");
            }
            for (long i = 0; i < count; i++) {
                values.add(start + i * step);
            }
            splits[row + 1] = values.size();
        }
        double[] all = new double[values.size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = values.get(i);
        }
        return List.of(Tensor.ints(new int[] {rows + 1}, splits), Tensor.ofDoubles(c.dtype(0), new int[] {all.length}, all));
    }

    private static double at(EvalContext c, int input, int row) {
        Tensor tensor = c.tensor(input);
        if (tensor.rank() > 0 && row >= tensor.size()) {
            throw c.fail("starts, limits and steps differ in number");
        }
        return tensor.getDouble(tensor.rank() == 0 ? 0 : row);
    }

    private static int[] splits(EvalContext c, int input, int length) {
        long[] splits = c.tensor(input).toLongs();
        int[] out = new int[splits.length];
        for (int i = 0; i < out.length; i++) {
            if (splits[i] < (i == 0 ? 0 : splits[i - 1]) || length >= 0 && splits[i] > length) {
                throw c.fail("the splits are not in order");
            }
            out[i] = (int) splits[i];
        }
        if (out.length == 0) {
            throw c.fail("there are no splits");
        }
        return out;
    }

    private static List<Datum> gather(EvalContext c) {
        int depth = c.inputs() - 2;
        Tensor values = c.tensor(depth);
        Tensor rows = c.tensor(depth + 1);
        List<Datum> out = new ArrayList<>();
        for (int axis = 0; axis + 1 < rows.rank(); axis++) {
            int[] even = new int[Tensor.count(java.util.Arrays.copyOf(rows.dims(), axis + 1)) + 1];
            for (int i = 0; i < even.length; i++) {
                even[i] = i * rows.dim(axis + 1);
            }
            out.add(Tensor.ints(new int[] {even.length}, even));
        }
        int[] picked = new int[rows.size()];
        for (int i = 0; i < picked.length; i++) {
            picked[i] = (int) rows.getLong(i);
        }
        for (int level = 0; level < depth; level++) {
            int[] splits = splits(c, level, level + 1 < depth ? c.tensor(level + 1).size() - 1 : values.dim(0));
            int[] ends = new int[picked.length + 1];
            List<Integer> inside = new ArrayList<>();
            for (int i = 0; i < picked.length; i++) {
                if (picked[i] < 0 || picked[i] + 1 >= splits.length) {
                    throw c.fail("row " + picked[i] + " is outside " + (splits.length - 1) + " rows");
                }
                for (int k = splits[picked[i]]; k < splits[picked[i] + 1]; k++) {
                    inside.add(k);
                }
                ends[i + 1] = inside.size();
            }
            if (level > 0 || rows.rank() > 0) {
                out.add(Tensor.ints(new int[] {ends.length}, ends));
            }
            picked = new int[inside.size()];
            for (int i = 0; i < picked.length; i++) {
                picked[i] = inside.get(i);
            }
        }
        int[][] positions = Axes.all(values);
        positions[0] = picked;
        out.add(Axes.pick(values, positions));
        return out;
    }

    private static Tensor dense(EvalContext c) {
        int depth = c.inputs() - 3;
        Tensor values = c.tensor(1);
        Tensor blank = c.tensor(2);
        int[][] splits = new int[depth][];
        for (int level = 0; level < depth; level++) {
            splits[level] = splits(c, 3 + level, level + 1 < depth ? c.tensor(4 + level).size() - 1 : values.dim(0));
        }
        int rank = values.rank() + depth;
        int[] dims = new int[rank];
        dims[0] = splits[0].length - 1;
        for (int level = 0; level < depth; level++) {
            for (int i = 1; i < splits[level].length; i++) {
                dims[level + 1] = Math.max(dims[level + 1], splits[level][i] - splits[level][i - 1]);
            }
        }
        int width = 1;
        for (int i = 1; i < values.rank(); i++) {
            dims[depth + i] = values.dim(i);
            width *= values.dim(i);
        }
        long[] wanted = c.tensor(0).rank() == 0 ? new long[0] : c.tensor(0).toLongs();
        for (int i = 0; i < Math.min(rank, wanted.length); i++) {
            dims[i] = wanted[i] < 0 ? dims[i] : (int) wanted[i];
        }
        int[] index = new int[Tensor.count(dims)];
        int blanks = Math.max(1, blank.size());
        for (int i = 0; i < index.length; i++) {
            index[i] = values.size() + i % blanks;
        }
        place(splits, dims, 0, 0, splits[0].length - 1, 0, width, index);
        return Concat.join(List.of(values.reshape(values.size()), blank.reshape(blank.size())), 0).pick(dims, index);
    }

    /** Notes where the elements between two rows of a level come from. */
    private static void place(int[][] splits, int[] dims, int level, int from, int to, int target, int width, int[] index) {
        int stride = width;
        for (int i = level + 1; i <= splits.length; i++) {
            stride *= dims[i];
        }
        for (int row = from; row < to && row - from < dims[level]; row++) {
            int at = target + (row - from) * stride;
            if (level == splits.length) {
                for (int k = 0; k < width; k++) {
                    index[at + k] = row * width + k;
                }
            } else {
                place(splits, dims, level + 1, splits[level][row], splits[level][row + 1], at, width, index);
            }
        }
    }
}
