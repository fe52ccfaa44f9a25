package dev.infuser.op;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/**
 * {@code LinearAttention}: per head, a state {@code S [K, V]} to which each step adds {@code k v^T} and from which it reads
 * {@code scale * q^T S}. Gated rules first multiply the state by {@code exp(decay)}; delta rules add
 * {@code beta * (v - S^T k)} in place of v.
 *
 * <p>Queries are {@code [N, T, H * K]}, keys {@code [N, T, G * K]}, values {@code [N, T, G * V]}, where each of the {@code G} states
 * {@code [N, G, K, V]} serves {@code H / G} heads of queries.
 */
final class LinearAttention implements Operator {

    @Override
    public String name() {
        return "LinearAttention";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        DType type = Types.real(c, 0);
        Types.same(c, 1);
        Types.same(c, 2);
        for (int i = 0; i < 3; i++) {
            if (c.rank(i) != 3) {
                throw c.fail("expected queries, keys and values of rank 3, found " + c.type(i));
            }
        }
        long heads = c.attributes().integer("q_num_heads");
        long groups = c.attributes().integer("kv_num_heads");
        if (heads < 1 || groups < 1 || heads % groups != 0) {
            throw c.fail(heads + " heads of queries for " + groups + " of keys");
        }
        checkRule(c);
        Dim width = part(c, c.shape(2).dim(2), groups);
        Dim depth = part(c, c.shape(1).dim(2), groups);
        Shape x = c.shape(0);
        return List.of(ValueType.tensor(type, Shape.of(x.dim(0), x.dim(1), width.times(Dim.of(heads)))),
                ValueType.tensor(c.has(3) ? c.dtype(3) : type, Shape.of(x.dim(0), Dim.of(groups), depth, width)));
    }

    private static Dim part(InferContext c, Dim width, long heads) {
        return width.isConstant() ? width.floorDiv(Dim.of(heads)) : c.unknown();
    }

    private static void checkRule(InferContext c) {
        String rule = c.attributes().string("update_rule", "gated_delta");
        if (!List.of("linear", "gated", "delta", "gated_delta").contains(rule)) {
            throw c.fail("the update rule is " + rule + ", expected linear, gated, delta or gated_delta");
        }
        if (c.has(4) != rule.startsWith("gated") || c.has(5) != rule.endsWith("delta")) {
            throw c.fail("the update rule " + rule + (rule.startsWith("gated") ? " needs" : " takes no") + " decay and"
                    + (rule.endsWith("delta") ? " needs" : " takes no") + " beta");
        }
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor q = c.tensor(0);
        Tensor k = c.tensor(1);
        Tensor v = c.tensor(2);
        int heads = (int) c.attributes().integer("q_num_heads");
        int groups = (int) c.attributes().integer("kv_num_heads");
        int depth = q.dim(2) / heads;
        int width = v.dim(2) / groups;
        int batch = q.dim(0);
        int steps = q.dim(1);
        check(c, heads, groups, depth, width);
        Tensor past = c.tensorOrNull(3);
        double[] state = past == null ? new double[batch * groups * depth * width] : past.toDoubles().clone();
        double[] y = new double[batch * steps * heads * width];
        float declared = c.attributes().real("scale", 0);
        double scale = declared == 0 ? 1 / Math.sqrt(depth) : declared;
        for (int step = 0; step < batch * steps; step++) {
            for (int g = 0; g < groups; g++) {
                int at = (step / steps * groups + g) * depth * width;
                update(c, state, at, step, g, groups, depth, width);
                for (int h = g * (heads / groups); h < (g + 1) * (heads / groups); h++) {
                    for (int i = 0; i < depth; i++) {
                        double factor = scale * q.getDouble((step * heads + h) * depth + i);
                        for (int j = 0; j < width; j++) {
                            y[(step * heads + h) * width + j] += factor * state[at + i * width + j];
                        }
                    }
                }
            }
        }
        return List.of(Tensor.ofDoubles(q.dtype(), new int[] {batch, steps, heads * width}, y),
                Tensor.ofDoubles(past == null ? q.dtype() : past.dtype(), new int[] {batch, groups, depth, width}, state));
    }

    private static void check(EvalContext c, int heads, int groups, int depth, int width) {
        Tensor q = c.tensor(0);
        Tensor k = c.tensor(1);
        Tensor v = c.tensor(2);
        int rows = q.dim(0) * q.dim(1);
        boolean fit = q.dim(2) == heads * depth && k.dim(0) == q.dim(0) && k.dim(1) == q.dim(1) && k.dim(2) == groups * depth
                && v.dim(0) == q.dim(0) && v.dim(1) == q.dim(1) && v.dim(2) == groups * width
                && (!c.has(3) || c.tensor(3).size() == q.dim(0) * groups * depth * width)
                && (!c.has(4) || c.tensor(4).size() == rows * groups || c.tensor(4).size() == rows * groups * depth)
                && (!c.has(5) || c.tensor(5).size() == rows * groups || c.tensor(5).size() == rows);
        if (!fit) {
            throw c.fail("queries " + q + ", keys " + k + " and values " + v + " do not fit " + heads + " and " + groups
                    + " heads, or the state, decay or beta does not");
        }
    }

    private static void update(EvalContext c, double[] state, int at, int step, int group, int groups, int depth, int width) {
        Tensor k = c.tensor(1);
        Tensor v = c.tensor(2);
        Tensor decay = c.tensorOrNull(4);
        Tensor beta = c.tensorOrNull(5);
        int key = (step * groups + group) * depth;
        int perHead = decay == null ? 0 : decay.dim(2) / groups;
        for (int i = 0; decay != null && i < depth; i++) {
            double factor = Math.exp(decay.getDouble((step * groups + group) * perHead + (perHead == 1 ? 0 : i)));
            for (int j = 0; j < width; j++) {
                state[at + i * width + j] *= factor;
            }
        }
        double rate = beta == null ? 1 : beta.getDouble(beta.dim(2) == 1 ? step : step * groups + group);
        for (int j = 0; j < width; j++) {
            double value = v.getDouble((step * groups + group) * width + j);
            for (int i = 0; beta != null && i < depth; i++) {
                value -= state[at + i * width + j] * k.getDouble(key + i);
            }
            for (int i = 0; i < depth; i++) {
                state[at + i * width + j] += rate * value * k.getDouble(key + i);
            }
        }
    }
}
