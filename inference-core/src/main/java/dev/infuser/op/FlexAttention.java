package dev.infuser.op;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.Arrays;
import java.util.List;

/**
 * {@code ai.onnx.preview.FlexAttention}: {@code prob_mod(softmax(score_mod(scale * q k^T))) v} for each head, where the two
 * subgraphs, each optional, map {@code [N, H, S, T]} to the same. Queries are {@code [N, H, S, D]}, keys {@code [N, G, T, D]},
 * values {@code [N, G, T, V]}; each of the {@code G} heads of keys serves {@code H / G} heads of queries. Scores are rounded to
 * the type of the inputs, and from there on to {@code softmax_precision}: float64 for float64, else float32.
 */
final class FlexAttention implements Operator {

    @Override
    public String name() {
        return "FlexAttention";
    }

    @Override
    public String domain() {
        return "ai.onnx.preview";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        DType type = Types.real(c, 0);
        for (int i = 0; i < 3; i++) {
            Types.same(c, i);
            if (c.rank(i) != 4) {
                throw c.fail("expected inputs of rank 4, found " + c.type(i));
            }
        }
        Shape q = c.shape(0);
        long number = c.attributes().integer("softmax_precision", DType.FLOAT32.number());
        DType precision = DType.ofNumber((int) number);
        if (precision == null || !Types.isReal(precision)) {
            throw c.fail("softmax_precision is " + number + ", which is no real type");
        }
        ValueType scores = ValueType.tensor(precision(c.attributes().integer("softmax_precision", 0), type),
                Shape.of(q.dim(0), q.dim(1), q.dim(2), c.shape(1).dim(2)));
        for (String name : new String[] {"score_mod", "prob_mod"}) {
            if (c.attributes().has(name)) {
                List<ValueType> out = c.infer(c.attributes().graph(name), List.of(scores));
                if (out.size() != 1) {
                    throw c.fail(name + " must give one tensor, gives " + out.size());
                }
            }
        }
        return List.of(ValueType.tensor(type, Shape.of(q.dim(0), q.dim(1), q.dim(2), c.shape(2).dim(3))));
    }

    private static DType precision(long number, DType input) {
        return number != 0 ? DType.ofNumber((int) number) : input == DType.FLOAT64 ? input : DType.FLOAT32;
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor q = c.tensor(0);
        Tensor k = c.tensor(1);
        Tensor v = c.tensor(2);
        int groups = k.dim(1);
        if (q.rank() != 4 || k.dim(0) != q.dim(0) || v.dim(0) != q.dim(0) || k.dim(3) != q.dim(3) || v.dim(1) != groups
                || v.dim(2) != k.dim(2) || groups == 0 || q.dim(1) % groups != 0) {
            throw c.fail("queries " + q + ", keys " + k + " and values " + v + " do not fit");
        }
        DType type = q.dtype();
        DType precision = precision(c.attributes().integer("softmax_precision", 0), type);
        int[] dims = {q.dim(0), q.dim(1), q.dim(2), k.dim(2)};
        double scale = c.attributes().has("scale") ? c.attributes().real("scale", 1) : 1 / Math.sqrt(q.dim(3));
        Tensor scores = scores(q, k, dims, scale);
        scores = modified(c, "score_mod", rounded(scores, precision));
        double[] probabilities = new double[scores.size()];
        Lanes lanes = Lanes.of(dims, 3);
        double[] lane = new double[dims[3]];
        for (int i = 0; i < lanes.start().length; i++) {
            lanes.read(scores, i, lane);
            softmax(lane);
            lanes.write(lane, i, probabilities);
        }
        double[] p = modified(c, "prob_mod", Tensor.ofDoubles(precision, dims, probabilities)).toDoubles();
        double[] values = rounded(v, precision).toDoubles();
        int width = v.dim(3);
        double[] out = new double[dims[0] * dims[1] * dims[2] * width];
        for (int row = 0; row < dims[0] * dims[1] * dims[2]; row++) {
            int group = group(row / dims[2], dims[1], groups);
            for (int j = 0; j < dims[3]; j++) {
                for (int x = 0; x < width; x++) {
                    out[row * width + x] += p[row * dims[3] + j] * values[(group * dims[3] + j) * width + x];
                }
            }
        }
        return List.of(Tensor.ofDoubles(type, new int[] {dims[0], dims[1], dims[2], width}, out));
    }

    /** The head of keys, batches included, of a head of queries. */
    private static int group(int head, int heads, int groups) {
        return head / heads * groups + head % heads / (heads / groups);
    }

    private static Tensor rounded(Tensor x, DType type) {
        return x.dtype() == type ? x : Tensor.ofDoubles(type, x.dims(), x.toDoubles());
    }

    /** The products of queries and keys, each scaled by the root of {@code scale}, in their type. */
    private static Tensor scores(Tensor q, Tensor k, int[] dims, double scale) {
        double root = Tensor.ofDoubles(q.dtype(), new int[0], new double[] {Math.sqrt(Math.abs(scale))}).getDouble(0);
        double sign = scale < 0 ? -1 : 1;
        double[] queries = Elementwise.map(q, q.dtype(), x -> x * root).toDoubles();
        double[] keys = Elementwise.map(k, k.dtype(), x -> x * root).toDoubles();
        double[] out = new double[Tensor.count(dims)];
        int depth = q.dim(3);
        for (int i = 0; i < out.length; i++) {
            int row = i / dims[3];
            int key = group(row / dims[2], dims[1], k.dim(1)) * dims[3] + i % dims[3];
            double sum = 0;
            for (int x = 0; x < depth; x++) {
                sum += queries[row * depth + x] * keys[key * depth + x];
            }
            out[i] = sign * sum;
        }
        return Tensor.ofDoubles(q.dtype(), dims, out);
    }

    private static Tensor modified(EvalContext c, String name, Tensor x) {
        if (!c.attributes().has(name)) {
            return x;
        }
        Datum out = c.run(c.attributes().graph(name), List.of(x)).get(0);
        if (!(out instanceof Tensor y) || !Arrays.equals(y.dims(), x.dims()) || y.dtype() != x.dtype()) {
            throw c.fail(name + " must give " + x + ", gives " + out);
        }
        return y;
    }

    private static void softmax(double[] lane) {
        double max = Double.NEGATIVE_INFINITY;
        for (double x : lane) {
            max = Math.max(max, x);
        }
        double sum = 0;
        for (int i = 0; i < lane.length; i++) {
            lane[i] = Math.exp(lane[i] - max);
            sum += lane[i];
        }
        for (int i = 0; i < lane.length; i++) {
            lane[i] /= sum;
        }
    }
}
