package dev.infuser.pass;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.ValueType;

/**
 * Makes {@code Attention} products around a softmax, which a plan runs as one kernel. Heads of queries that share keys become
 * an axis of their own, over which the keys broadcast.
 */
final class LowerAttention implements Pass {

    private static final Attributes FIRST = Attributes.of("axis", 0);

    @Override
    public String name() {
        return "lower-attention";
    }

    @Override
    public String description() {
        return "Attention becomes products around a softmax, which run as one kernel";
    }

    @Override
    public Graph run(Graph graph) {
        Editor editor = new Editor(graph);
        for (Node node : graph.nodes()) {
            if (node.is("Attention")) {
                Shape q = shape(graph, node.input(0), DType.FLOAT32);
                Shape k = shape(graph, node.input(1), DType.FLOAT32);
                Shape v = shape(graph, node.input(2), DType.FLOAT32);
                boolean fits = q != null && k != null && v != null && q.rank() > 2 && q.rank() == k.rank()
                        && q.rank() == v.rank() && node.attributes().integer("softmax_precision", 1) == 1
                        && editor.constant(node.input(0)) == null && !node.output(0).isEmpty();
                Lowered lowered = fits ? Lowered.of(graph, editor, node, q, k, v) : null;
                if (lowered != null) {
                    lowered.write();
                }
            }
        }
        return editor.build();
    }

    private static Shape shape(Graph graph, String value, DType dtype) {
        return graph.type(value) instanceof ValueType.OfTensor type && type.dtype() == dtype ? type.shape() : null;
    }

    /**
     * One node.
     *
     * @param heads  of the queries
     * @param groups of heads, each with keys and values of its own
     * @param depth  of queries and keys
     * @param width  of values
     * @param keys   how many there are, with past ones
     * @param mask   the type of the mask, or null
     */
    private record Lowered(Expansion e, Node node, boolean flat, long heads, long groups, long depth, long width,
            Dim keys, ValueType.OfTensor mask) {

        static Lowered of(Graph graph, Editor editor, Node node, Shape q, Shape k, Shape v) {
            boolean flat = q.rank() == 3;
            int last = q.rank() - 1;
            if (!q.dim(last).isConstant() || !v.dim(last).isConstant()
                    || !flat && !(q.dim(1).isConstant() && k.dim(1).isConstant())) {
                return null;
            }
            long heads = flat ? node.attributes().integer("q_num_heads") : q.dim(1).value();
            long groups = flat ? node.attributes().integer("kv_num_heads") : k.dim(1).value();
            if (groups < 1 || heads < 1 || heads % groups != 0) {
                return null;
            }
            Dim keys = k.dim(flat ? 1 : 2);
            if (!node.input(4).isEmpty()) {
                Shape past = shape(graph, node.input(4), DType.FLOAT32);
                if (past == null || past.rank() != 4) {
                    return null;
                }
                keys = past.dim(2).plus(keys);
            }
            ValueType.OfTensor mask = graph.type(node.input(3)) instanceof ValueType.OfTensor type && type.shape() != null
                    ? type : null;
            boolean known = node.input(3).isEmpty() || mask != null && mask.shape().rank() > 0 && mask.shape().rank() <= 4
                    && (mask.dtype() == DType.BOOL || mask.dtype() == DType.FLOAT32)
                    && (mask.shape().rank() < 3 || mask.shape().dim(mask.shape().rank() - 3).isConstant());
            return known ? new Lowered(new Expansion(editor, node), node, flat, heads, groups,
                    q.dim(last).value() / (flat ? heads : 1), v.dim(last).value() / (flat ? groups : 1), keys,
                    mask) : null;
        }

        private boolean shares() {
            return heads != groups;
        }

        void write() {
            String q = queries();
            String k = keys(1, depth, 4);
            String v = keys(2, width, 5);
            give(1, k);
            give(2, v);
            String axis = e.vector(2);
            String right = shares() ? e.add("Unsqueeze", k, axis) : k;
            String transposed = e.add("Transpose",
                    Attributes.of("perm", shares() ? new long[] {0, 1, 2, 4, 3} : new long[] {0, 1, 3, 2}), right);
            String scores = e.add("MatMul", q, transposed);
            float scale = node.attributes().real("scale", (float) (1 / Math.sqrt(depth)));
            scores = stage(0, e.add("Mul", scores, e.scalar(scale)));
            float cap = node.attributes().real("softcap", 0);
            if (cap > 0) {
                scores = e.add("Mul", e.add("Tanh", e.add("Div", scores, e.scalar(cap))), e.scalar(cap));
            }
            scores = stage(2, masked(stage(1, scores), q, k));
            String weights = stage(3, e.add("Softmax", Attributes.of("axis", -1), scores));
            String y = e.add("MatMul", weights, shares() ? e.add("Unsqueeze", v, axis) : v);
            if (flat) {
                String moved = e.add("Transpose",
                        Attributes.of("perm", shares() ? new long[] {0, 3, 1, 2, 4} : new long[] {0, 2, 1, 3}), y);
                y = e.add("Reshape", moved, e.vector(0, 0, heads * width));
            } else {
                y = whole(y);
            }
            e.add("Identity", y);
            e.replace();
        }

        /** The queries as [N, heads, S, D] or [N, groups, heads of each, S, D]. */
        private String queries() {
            String q = node.input(0);
            if (flat) {
                String split = e.add("Reshape", q, shares() ? e.vector(0, 0, groups, heads / groups, depth)
                        : e.vector(0, 0, heads, depth));
                return e.add("Transpose",
                        Attributes.of("perm", shares() ? new long[] {0, 2, 3, 1, 4} : new long[] {0, 2, 1, 3}), split);
            }
            return shares() ? grouped(q) : q;
        }

        /** [N, heads, ...] as [N, groups, heads of each, ...]. */
        private String grouped(String x) {
            String end = e.add("Shape", Attributes.of("start", 2), x);
            return e.add("Reshape", x, e.add("Concat", FIRST, e.add("Shape", Attributes.of("end", 1), x),
                    e.vector(groups, heads / groups), end));
        }

        /** [N, groups, heads of each, S, T] as [N, heads, S, T]. */
        private String whole(String x) {
            return shares() ? e.add("Reshape", x, e.add("Concat", FIRST, e.add("Shape", Attributes.of("end", 1), x),
                    e.vector(heads), e.add("Shape", Attributes.of("start", 3), x))) : x;
        }

        private String keys(int input, long size, int past) {
            String x = node.input(input);
            if (flat) {
                x = e.add("Transpose", Attributes.of("perm", new long[] {0, 2, 1, 3}),
                        e.add("Reshape", x, e.vector(0, 0, groups, size)));
            }
            return node.input(past).isEmpty() ? x : e.add("Concat", Attributes.of("axis", 2), node.input(past), x);
        }

        private void give(int output, String value) {
            if (!node.output(output).isEmpty()) {
                e.give(node.output(output), value);
            }
        }

        private String stage(int mode, String scores) {
            if (node.attributes().integer("qk_matmul_output_mode", 0) == mode && !node.output(3).isEmpty()) {
                give(3, whole(scores));
            }
            return scores;
        }

        private String masked(String scores, String q, String k) {
            String out = mask == null ? scores : e.add("Add", scores, given(k));
            boolean causal = node.attributes().flag("is_causal", false);
            String lengths = node.input(6);
            if (!causal && lengths.isEmpty()) {
                return out;
            }
            String position = range(extent(k, 2));
            String each = lengths.isEmpty() ? "" : e.add("Unsqueeze", number(lengths),
                    shares() ? e.vector(1, 2, 3, 4) : e.vector(1, 2, 3));
            if (!lengths.isEmpty()) {
                out = e.add("Where", e.add("Less", position, each), out, e.scalar(Float.NEGATIVE_INFINITY));
            }
            if (causal) {
                String queries = extent(q, shares() ? 3 : 2);
                String last = e.add("Unsqueeze", range(queries), e.vector(1));
                if (!node.input(4).isEmpty()) {
                    last = e.add("Add", last, number(extent(node.input(4), 2)));
                } else if (!lengths.isEmpty()) {
                    last = e.add("Add", last, e.add("Sub", each, number(queries)));
                }
                out = e.add("Where", e.add("LessOrEqual", position, last), out, e.scalar(Float.NEGATIVE_INFINITY));
            }
            return out;
        }

        /** The mask as something to add, as long as the keys. */
        private String given(String k) {
            String x = node.input(3);
            Shape shape = mask.shape();
            int rank = shape.rank();
            if (mask.dtype() == DType.BOOL) {
                x = e.add("Where", x, e.scalar(0), e.scalar(Float.NEGATIVE_INFINITY));
            }
            if (!shape.dim(rank - 1).equals(keys)) {
                String missing = e.add("Sub", e.add("Shape", Attributes.of("start", 2, "end", 3), k),
                        e.add("Shape", Attributes.of("start", rank - 1), node.input(3)));
                x = e.add("Pad", x, e.add("Concat", FIRST, e.vector(0), missing), e.scalar(Float.NEGATIVE_INFINITY),
                        e.vector(rank - 1));
            }
            if (!shares() || rank < 3) {
                return x;
            }
            if (rank == 3) {
                x = e.add("Unsqueeze", x, e.vector(0));
            }
            return shape.dim(rank - 3).is(1) ? e.add("Unsqueeze", x, e.vector(2)) : grouped(x);
        }

        private String extent(String x, int axis) {
            return e.add("Squeeze", e.add("Shape", Attributes.of("start", axis, "end", axis + 1), x), e.vector(0));
        }

        /** 0, 1, ... as floats, which kernels compare. */
        private String range(String limit) {
            return number(e.add("Range", e.index(0), limit, e.index(1)));
        }

        private String number(String x) {
            return e.add("Cast", Attributes.of("to", DType.FLOAT32.number()), x);
        }
    }
}
