package dev.infuser.op;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code TfIdfVectorizer}: how often the n-grams of a pool occur in {@code [C]} or in each row of {@code [N, C]}, at the place that
 * {@code ngram_indexes} gives each. Tokens of an n-gram follow each other at one distance of 1 to {@code max_skip_count + 1}. Mode
 * {@code TF} counts, {@code IDF} gives the weight of those that occur, {@code TFIDF} the product.
 */
final class TfIdfVectorizer implements Operator {

    @Override
    public String name() {
        return "TfIdfVectorizer";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Types.require(c, 0, c.dtype(0) == DType.STRING || c.dtype(0) == DType.INT32 || c.dtype(0) == DType.INT64);
        if (c.rank(0) > 2) {
            throw c.fail("expected tokens [C] or [N, C], found " + c.type(0));
        }
        if (!c.attributes().has(c.dtype(0) == DType.STRING ? "pool_strings" : "pool_int64s")) {
            throw c.fail("the pool does not hold " + c.dtype(0).label());
        }
        String mode = c.attributes().string("mode", "");
        if (!mode.equals("TF") && !mode.equals("IDF") && !mode.equals("TFIDF")) {
            throw c.fail("mode is " + mode + ", expected TF, IDF or TFIDF");
        }
        long[] indexes = c.attributes().ints("ngram_indexes");
        if (indexes == null || c.attributes().ints("ngram_counts") == null) {
            throw c.fail("ngram_indexes and ngram_counts are missing");
        }
        Dim width = Dim.of(width(indexes, c.fail("ngram_indexes must not be negative")));
        return List.of(ValueType.tensor(DType.FLOAT32, c.rank(0) < 2 ? Shape.of(width) : Shape.of(c.shape(0).dim(0), width)));
    }

    private static int width(long[] indexes, RuntimeException wrong) {
        long width = 0;
        for (long index : indexes) {
            if (index < 0 || index >= Integer.MAX_VALUE) {
                throw wrong;
            }
            width = Math.max(width, index + 1);
        }
        return (int) width;
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor x = c.tensor(0);
        long[] indexes = c.attributes().ints("ngram_indexes");
        int width = width(indexes, c.fail("ngram_indexes must not be negative"));
        long shortest = c.attributes().integer("min_gram_length");
        long longest = c.attributes().integer("max_gram_length");
        long skips = c.attributes().integer("max_skip_count");
        Map<List<Object>, Integer> pool = pool(c, shortest, longest);
        int length = x.rank() == 0 ? 1 : x.dim(-1);
        int rows = x.rank() < 2 ? 1 : x.dim(0);
        Object[] tokens = tokens(x);
        int[] counts = new int[Tensor.count(new int[] {rows, width})];
        for (int row = 0; row < rows; row++) {
            for (int n = (int) Math.max(1, shortest); n <= Math.min(longest, length); n++) {
                for (int step = 1; step <= (n == 1 ? 1 : skips + 1) && (long) (n - 1) * step < length; step++) {
                    for (int start = 0; start + (n - 1) * step < length; start++) {
                        List<Object> gram = new ArrayList<>(n);
                        for (int k = 0; k < n; k++) {
                            gram.add(tokens[row * length + start + k * step]);
                        }
                        Integer id = pool.get(gram);
                        if (id != null) {
                            counts[row * width + (int) indexes[id]]++;
                        }
                    }
                }
            }
        }
        return List.of(Tensor.floats(x.rank() < 2 ? new int[] {width} : new int[] {rows, width}, values(c, indexes, counts, width)));
    }

    private static float[] values(EvalContext c, long[] indexes, int[] counts, int width) {
        String mode = c.attributes().string("mode", "");
        float[] declared = c.attributes().reals("weights");
        if (declared != null && declared.length != indexes.length) {
            throw c.fail(declared.length + " weights for " + indexes.length + " n-grams");
        }
        float[] weights = new float[width];
        for (int i = 0; i < indexes.length; i++) {
            weights[(int) indexes[i]] = declared == null ? 1 : declared[i];
        }
        float[] out = new float[counts.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = mode.equals("TF") ? counts[i] : mode.equals("IDF") ? counts[i] > 0 ? weights[i % width] : 0
                    : counts[i] * weights[i % width];
        }
        return out;
    }

    private static Object[] tokens(Tensor x) {
        Object[] out = new Object[x.size()];
        for (int i = 0; i < out.length; i++) {
            out[i] = x.dtype() == DType.STRING ? x.strings()[i] : (Object) Long.valueOf(x.getLong(i));
        }
        return out;
    }

    /** The number of each n-gram of the lengths asked for, counted over all lengths. */
    private static Map<List<Object>, Integer> pool(EvalContext c, long shortest, long longest) {
        boolean text = c.dtype(0) == DType.STRING;
        List<Object> items = new ArrayList<>();
        if (text) {
            items.addAll(c.attributes().strings("pool_strings"));
        } else {
            for (long item : c.attributes().ints("pool_int64s")) {
                items.add(item);
            }
        }
        long[] starts = c.attributes().ints("ngram_counts");
        int grams = c.attributes().ints("ngram_indexes").length;
        Map<List<Object>, Integer> out = new HashMap<>();
        int id = 0;
        for (int n = 1; n <= starts.length; n++) {
            long end = n < starts.length ? starts[n] : items.size();
            long start = starts[n - 1];
            if (start < 0 || start > end || end > items.size() || (end - start) % n != 0) {
                throw c.fail("ngram_counts do not divide the pool into n-grams");
            }
            for (int at = (int) start; at < end; at += n) {
                if (id >= grams) {
                    throw c.fail("the pool has more n-grams than ngram_indexes");
                }
                if (n >= shortest && n <= longest) {
                    out.putIfAbsent(List.copyOf(items.subList(at, at + n)), id);
                }
                id++;
            }
        }
        return out;
    }
}
