package dev.infuser.op;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.Arrays;
import java.util.List;

/**
 * {@code Attention}: {@code softmax(softcap(scale * q k^T) + mask) v} for each head.
 *
 * <p>Queries are {@code [N, H, S, D]}, keys {@code [N, G, T, D]}, values {@code [N, G, T, V]}, where each of the {@code G}
 * heads of keys serves {@code H / G} heads of queries, one after the other; or all of them {@code [N, S, H * D]}. Past keys and
 * values go before the present ones. The mask is added, or true where a key counts; it broadcasts to {@code [N, H, S, T]},
 * and keys past its last are masked, as are those past {@code nonpad_kv_seqlen}. {@code is_causal} masks the keys after each
 * query, of which the first stands where the past ends or, where there is none, so that the last is the last not padded.
 */
final class Attention implements Operator {

    @Override
    public String name() {
        return "Attention";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        DType type = Types.real(c, 0);
        boolean flat = c.rank(0) == 3;
        if (c.rank(0) != c.rank(1) || c.rank(0) != c.rank(2) || !flat && c.rank(0) != 4) {
            throw c.fail("expected three inputs of rank 3 or 4, found " + c.type(0) + ", " + c.type(1) + ", " + c.type(2));
        }
        Dim heads = flat ? heads(c, "q_num_heads") : c.shape(0).dim(1);
        Dim groups = flat ? heads(c, "kv_num_heads") : c.shape(1).dim(1);
        Dim batch = c.shape(0).dim(0);
        int axis = flat ? 1 : 2;
        Dim queries = c.shape(0).dim(axis);
        Dim depth = flat ? c.shape(1).dim(2).floorDiv(groups) : c.shape(1).dim(3);
        Dim width = flat ? c.shape(2).dim(2).floorDiv(groups) : c.shape(2).dim(3);
        Dim keys = past(c, 4).plus(c.shape(1).dim(axis));
        Dim values = past(c, 5).plus(c.shape(2).dim(axis));
        Shape y = flat ? Shape.of(batch, queries, width.times(heads)) : Shape.of(batch, heads, queries, width);
        return List.of(ValueType.tensor(type, y), ValueType.tensor(type, Shape.of(batch, groups, keys, depth)),
                ValueType.tensor(c.dtype(2), Shape.of(batch, groups, values, width)),
                ValueType.tensor(type, Shape.of(batch, heads, queries, keys)));
    }

    private static Dim heads(InferContext c, String name) {
        long heads = c.attributes().integer(name, 0);
        if (heads < 1) {
            throw c.fail("inputs of rank 3 need " + name);
        }
        return Dim.of(heads);
    }

    private static Dim past(InferContext c, int input) {
        if (c.has(input) && c.rank(input) != 4) {
            throw c.fail("expected a past of rank 4, found " + c.type(input));
        }
        return c.has(input) ? c.shape(input).dim(2) : Dim.of(0);
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor q = split(c, 0, "q_num_heads");
        Tensor k = joined(c, split(c, 1, "kv_num_heads"), c.tensorOrNull(4));
        Tensor v = joined(c, split(c, 2, "kv_num_heads"), c.tensorOrNull(5));
        int groups = k.dim(1);
        if (k.dim(0) != q.dim(0) || v.dim(0) != q.dim(0) || k.dim(3) != q.dim(3) || v.dim(1) != groups
                || v.dim(2) != k.dim(2) || groups == 0 || q.dim(1) % groups != 0) {
            throw c.fail("queries " + q + ", keys " + k + " and values " + v + " do not fit");
        }
        int[] dims = {q.dim(0), q.dim(1), q.dim(2), k.dim(2)};
        double[] bias = bias(c, dims);
        double[] scores = new double[bias.length];
        double[] shown = new double[bias.length];
        double[] out = new double[dims[0] * dims[1] * dims[2] * v.dim(3)];
        double[] queries = q.toDoubles();
        double[] keys = k.toDoubles();
        double[] values = v.toDoubles();
        for (int row = 0; row < dims[0] * dims[1] * dims[2]; row++) {
            int head = row / dims[2];
            int group = head / dims[1] * groups + head % dims[1] / (dims[1] / groups);
            int from = row * dims[3];
            score(c, queries, row, keys, group, dims[3], q.dim(3), scores);
            stage(c, 0, scores, shown, from, dims[3]);
            cap(c.attributes().real("softcap", 0), scores, from, dims[3]);
            stage(c, 1, scores, shown, from, dims[3]);
            for (int j = from; j < from + dims[3]; j++) {
                scores[j] += bias[j];
            }
            stage(c, 2, scores, shown, from, dims[3]);
            normalize(scores, from, dims[3]);
            stage(c, 3, scores, shown, from, dims[3]);
            for (int j = 0; j < dims[3]; j++) {
                for (int x = 0; x < v.dim(3); x++) {
                    out[row * v.dim(3) + x] += scores[from + j] * values[(group * dims[3] + j) * v.dim(3) + x];
                }
            }
        }
        Tensor y = Tensor.ofDoubles(q.dtype(), new int[] {dims[0], dims[1], dims[2], v.dim(3)}, out);
        return List.of(c.tensor(0).rank() == 3 ? merged(y) : y, k, v, Tensor.ofDoubles(q.dtype(), dims, shown));
    }

    /** An input as {@code [N, heads, S, D]}. */
    private static Tensor split(EvalContext c, int input, String name) {
        Tensor x = c.tensor(input);
        if (x.rank() == 4) {
            return x;
        }
        long heads = c.attributes().integer(name, 0);
        if (x.rank() != 3 || heads < 1 || x.dim(2) % heads != 0) {
            throw c.fail(x + " has no " + heads + " heads");
        }
        int[] dims = {x.dim(0), (int) heads, x.dim(1), x.dim(2) / (int) heads};
        return Tensor.ofDoubles(x.dtype(), dims, swapped(x.toDoubles(), dims[0], dims[2], dims[1], dims[3]));
    }

    private static Tensor merged(Tensor x) {
        return Tensor.ofDoubles(x.dtype(), new int[] {x.dim(0), x.dim(2), x.dim(1) * x.dim(3)},
                swapped(x.toDoubles(), x.dim(0), x.dim(1), x.dim(2), x.dim(3)));
    }

    /** {@code [batch, a, b, d]} as {@code [batch, b, a, d]}. */
    private static double[] swapped(double[] data, int batch, int a, int b, int d) {
        int[] index = Broadcast.strided(new int[] {batch, b, a, d}, new int[] {a * b * d, d, b * d, 1}, 0);
        double[] out = new double[data.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = data[index[i]];
        }
        return out;
    }

    private static Tensor joined(EvalContext c, Tensor x, Tensor past) {
        if (past == null) {
            return x;
        }
        if (past.rank() != 4 || past.dim(0) != x.dim(0) || past.dim(1) != x.dim(1) || past.dim(3) != x.dim(3)) {
            throw c.fail("a past of " + past + " does not fit " + x);
        }
        int[] dims = Axes.with(x.dims(), 2, past.dim(2) + x.dim(2));
        double[] out = new double[past.size() + x.size()];
        double[] before = past.toDoubles();
        double[] after = x.toDoubles();
        int old = past.dim(2) * x.dim(3);
        int fresh = x.dim(2) * x.dim(3);
        for (int i = 0; i < x.dim(0) * x.dim(1); i++) {
            System.arraycopy(before, i * old, out, i * (old + fresh), old);
            System.arraycopy(after, i * fresh, out, i * (old + fresh) + old, fresh);
        }
        return Tensor.ofDoubles(x.dtype(), dims, out);
    }

    /** What is added to the scores of dims {@code [N, H, S, T]}. */
    private static double[] bias(EvalContext c, int[] dims) {
        double[] bias = new double[Math.multiplyExact(dims[0] * dims[1] * dims[2], dims[3])];
        Tensor mask = c.tensorOrNull(3);
        if (mask != null && (mask.rank() == 0 || mask.dim(mask.rank() - 1) > dims[3])) {
            throw c.fail("a mask of " + mask + " for " + dims[3] + " keys");
        }
        int width = mask == null ? dims[3] : mask.dim(mask.rank() - 1);
        int[] rows = mask == null ? null : Broadcast.index(Arrays.copyOf(mask.dims(), mask.rank() - 1), Arrays.copyOf(dims, 3));
        long[] lengths = c.longs(6, null);
        if (lengths != null && lengths.length != dims[0]) {
            throw c.fail("expected " + dims[0] + " lengths, found " + lengths.length);
        }
        boolean causal = c.attributes().flag("is_causal", false);
        for (int i = 0; i < bias.length; i++) {
            int key = i % dims[3];
            int row = i / dims[3];
            long length = lengths == null ? dims[3] : lengths[row / (dims[1] * dims[2])];
            long first = c.has(4) ? c.tensor(4).dim(2) : lengths == null ? 0 : length - dims[2];
            if (key >= width || key >= length || causal && key > first + row % dims[2]) {
                bias[i] = Double.NEGATIVE_INFINITY;
            } else if (mask != null) {
                double value = mask.getDouble(rows[row] * width + key);
                bias[i] = mask.dtype() != DType.BOOL ? value : value != 0 ? 0 : Double.NEGATIVE_INFINITY;
            }
        }
        return bias;
    }

    private static void score(EvalContext c, double[] queries, int row, double[] keys, int group, int count, int depth,
            double[] scores) {
        double scale = c.attributes().has("scale") ? c.attributes().real("scale", 1) : 1 / Math.sqrt(depth);
        for (int j = 0; j < count; j++) {
            double sum = 0;
            for (int x = 0; x < depth; x++) {
                sum += queries[row * depth + x] * keys[(group * count + j) * depth + x];
            }
            scores[row * count + j] = scale * sum;
        }
    }

    private static void cap(float limit, double[] scores, int from, int count) {
        for (int j = from; limit > 0 && j < from + count; j++) {
            scores[j] = limit * Math.tanh(scores[j] / limit);
        }
    }

    private static void stage(EvalContext c, int mode, double[] scores, double[] shown, int from, int count) {
        if (c.attributes().integer("qk_matmul_output_mode", 0) == mode) {
            System.arraycopy(scores, from, shown, from, count);
        }
    }

    private static void normalize(double[] scores, int from, int count) {
        double max = Double.NEGATIVE_INFINITY;
        for (int j = from; j < from + count; j++) {
            max = Math.max(max, scores[j]);
        }
        double sum = 0;
        for (int j = from; j < from + count; j++) {
            scores[j] = Math.exp(scores[j] - max);
            sum += scores[j];
        }
        for (int j = from; j < from + count; j++) {
            scores[j] /= sum;
        }
    }
}
