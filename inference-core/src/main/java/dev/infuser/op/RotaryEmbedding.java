package dev.infuser.op;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/**
 * {@code RotaryEmbedding}: turns pairs of numbers of each head by an angle of their position, whose cosine and sine the caches
 * hold. Inputs are {@code [N, heads, T, D]} or {@code [N, T, heads * D]}; a pair is {@code (i, i + R / 2)} of the first
 * {@code R = rotary_embedding_dim} numbers, or {@code (2 i, 2 i + 1)} where {@code interleaved}. Caches are
 * {@code [positions, R / 2]} with position ids {@code [N, T]}, or {@code [N, T, R / 2]} without.
 */
final class RotaryEmbedding implements Operator {

    @Override
    public String name() {
        return "RotaryEmbedding";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        DType type = Types.real(c, 0);
        Types.same(c, 1);
        Types.same(c, 2);
        int cache = c.has(3) ? 2 : 3;
        if (c.rank(0) != 3 && c.rank(0) != 4 || c.rank(1) != cache || c.rank(2) != cache) {
            throw c.fail("expected an input of rank 3 or 4 and caches of rank " + cache + ", found " + c.type(0) + ", "
                    + c.type(1) + " and " + c.type(2));
        }
        if (c.rank(0) == 3 && c.attributes().integer("num_heads", 0) < 1) {
            throw c.fail("an input of rank 3 needs num_heads");
        }
        return List.of(ValueType.tensor(type, c.shape(0)));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor x = c.tensor(0);
        boolean flat = x.rank() == 3;
        int heads = flat ? (int) c.attributes().integer("num_heads", 0) : x.dim(1);
        int steps = x.dim(flat ? 1 : 2);
        int depth = flat ? x.dim(2) / Math.max(1, heads) : x.dim(3);
        long declared = c.attributes().integer("rotary_embedding_dim", 0);
        int rotated = (int) (declared == 0 ? depth : declared);
        if (heads < 1 && x.size() > 0 || flat && x.dim(2) != heads * depth || rotated < 0 || rotated > depth || rotated % 2 != 0) {
            throw c.fail("cannot turn " + rotated + " numbers of each of " + heads + " heads of " + x);
        }
        int half = rotated / 2;
        int[] row = rows(c, x.dim(0) * steps, half);
        boolean interleaved = c.attributes().flag("interleaved", false);
        double[] in = x.toDoubles();
        double[] out = in.clone();
        double[] cos = c.tensor(1).toDoubles();
        double[] sin = c.tensor(2).toDoubles();
        for (int vector = 0; half > 0 && vector < x.size() / depth; vector++) {
            int step = flat ? vector / heads : vector / (heads * steps) * steps + vector % steps;
            for (int i = 0; i < half; i++) {
                int a = vector * depth + (interleaved ? 2 * i : i);
                int b = interleaved ? a + 1 : a + half;
                int angle = row[step] * half + i;
                out[a] = cos[angle] * in[a] - sin[angle] * in[b];
                out[b] = sin[angle] * in[a] + cos[angle] * in[b];
            }
        }
        return List.of(Tensor.ofDoubles(x.dtype(), x.dims(), out));
    }

    /** The row of the caches for each step of each sequence. */
    private static int[] rows(EvalContext c, int steps, int half) {
        Tensor cos = c.tensor(1);
        Tensor sin = c.tensor(2);
        Tensor ids = c.tensorOrNull(3);
        int count = half == 0 ? 0 : cos.size() / half;
        if (cos.dim(-1) != half || sin.dim(-1) != half || cos.size() != sin.size()
                || (ids == null ? count : ids.size()) != steps && half > 0) {
            throw c.fail("caches " + cos + " and " + sin + " do not fit " + steps + " positions of " + half + " angles");
        }
        int[] out = new int[steps];
        for (int i = 0; half > 0 && i < steps; i++) {
            long id = ids == null ? i : ids.getLong(i);
            if (id < 0 || id >= count) {
                throw c.fail("position " + id + " is outside a cache of " + count);
            }
            out[i] = (int) id;
        }
        return out;
    }
}
