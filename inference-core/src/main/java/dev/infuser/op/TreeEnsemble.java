package dev.infuser.op;

import dev.infuser.graph.Attributes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/**
 * {@code ai.onnx.ml.TreeEnsemble} and {@code TreeEnsembleRegressor}: for each row of {@code [N, F]} and each target the sum, average,
 * least or greatest of what the trees give, as {@code [N, targets]}.
 */
final class TreeEnsemble implements Operator {

    private static final List<String> AGGREGATES = List.of("AVERAGE", "SUM", "MIN", "MAX");

    private final String name;

    TreeEnsemble(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String domain() {
        return "ai.onnx.ml";
    }

    private boolean isRegressor() {
        return name.equals("TreeEnsembleRegressor");
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Types.number(c, 0);
        if (c.rank(0) < 1 || c.rank(0) > 2) {
            throw c.fail("expected rows of features [N, F], found " + c.type(0));
        }
        targets(c.attributes(), c.fail("n_targets must be at least 1"));
        aggregate(c.attributes(), c.fail("aggregate_function is none that ONNX knows"));
        transform(c.attributes(), c.fail("post_transform is none that ONNX knows"));
        trees(c.attributes(), c.fail("the attributes of the trees are missing or do not fit"));
        Dim rows = c.rank(0) == 1 ? Dim.ONE : c.shape(0).dim(0);
        return List.of(ValueType.tensor(isRegressor() ? DType.FLOAT32 : c.dtype(0),
                Shape.of(rows, Dim.of(c.attributes().integer("n_targets", 1)))));
    }

    private static int targets(Attributes a, RuntimeException wrong) {
        long targets = a.integer("n_targets", 1);
        if (targets < 1 || targets > 1 << 24) {
            throw wrong;
        }
        return (int) targets;
    }

    private String aggregate(Attributes a, RuntimeException wrong) {
        long number = isRegressor() ? AGGREGATES.indexOf(a.string("aggregate_function", "SUM")) : a.integer("aggregate_function", 1);
        if (number < 0 || number >= AGGREGATES.size()) {
            throw wrong;
        }
        return AGGREGATES.get((int) number);
    }

    private String transform(Attributes a, RuntimeException wrong) {
        if (isRegressor()) {
            return Scores.transform(a, wrong);
        }
        long number = a.integer("post_transform", 0);
        if (number < 0 || number >= Scores.TRANSFORMS.size()) {
            throw wrong;
        }
        return Scores.TRANSFORMS.get((int) number);
    }

    private Trees trees(Attributes a, RuntimeException wrong) {
        return isRegressor() ? Trees.ofNodes(a, "target", wrong) : Trees.of(a, wrong);
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        RuntimeException wrong = c.fail("the attributes of the trees are missing or do not fit");
        Tensor x = c.tensor(0);
        Trees trees = trees(c.attributes(), wrong);
        int targets = targets(c.attributes(), wrong);
        String aggregate = aggregate(c.attributes(), wrong);
        String transform = transform(c.attributes(), wrong);
        double[] base = isRegressor() ? Trees.reals(c.attributes(), "base_values") : null;
        int rows = x.rank() == 1 ? 1 : x.dim(0);
        double[] y = new double[Tensor.count(new int[] {rows, targets})];
        for (int row = 0; row < rows; row++) {
            double[] scores = sum(c, trees, x, row, targets, aggregate);
            for (int i = 0; i < targets; i++) {
                scores[i] = aggregate.equals("AVERAGE") ? scores[i] / Math.max(1, trees.roots().length) : scores[i];
                scores[i] += base != null && base.length == targets ? base[i] : 0;
            }
            Scores.apply(transform, scores);
            System.arraycopy(scores, 0, y, row * targets, targets);
        }
        return List.of(Tensor.ofDoubles(isRegressor() ? DType.FLOAT32 : x.dtype(), new int[] {rows, targets}, y));
    }

    private static double[] sum(EvalContext c, Trees trees, Tensor x, int row, int targets, String aggregate) {
        double[] scores = new double[targets];
        boolean[] has = new boolean[targets];
        for (int tree = 0; tree < trees.roots().length; tree++) {
            Trees.Leaf leaf = trees.find(tree, x, row, x.dim(-1));
            for (int i = 0; leaf != null && i < leaf.targets().size(); i++) {
                int target = leaf.targets().get(i);
                if (target < 0 || target >= targets) {
                    throw c.fail("a leaf has target " + target + " of " + targets);
                }
                double weight = leaf.weights().get(i);
                scores[target] = !has[target] ? weight : aggregate.equals("MIN") ? Math.min(scores[target], weight)
                        : aggregate.equals("MAX") ? Math.max(scores[target], weight) : scores[target] + weight;
                has[target] = true;
            }
            if (leaf == null) {
                throw c.fail("tree " + tree + " asks for a feature that " + x + " lacks, or never comes to a leaf");
            }
        }
        return scores;
    }
}
