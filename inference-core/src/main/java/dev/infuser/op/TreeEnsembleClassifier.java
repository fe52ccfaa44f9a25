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
 * {@code ai.onnx.ml.TreeEnsembleClassifier}: for each row of {@code [N, F]} the label of the class with the greatest sum of weights,
 * {@code [N]}, and the sums {@code [N, classes]}.
 *
 * <p>Where the trees weigh only one of two classes its score decides: against 1/2, the other score being {@code 1 - s}, where no
 * weight is negative, and against 0, the other being {@code -s}, elsewhere. The other is {@code -s} too before a logistic. It is 0
 * where all weights are of the second class. ONNX Runtime has it so; ONNX does not say.
 */
final class TreeEnsembleClassifier implements Operator {

    @Override
    public String name() {
        return "TreeEnsembleClassifier";
    }

    @Override
    public String domain() {
        return "ai.onnx.ml";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Types.number(c, 0);
        if (c.rank(0) < 1 || c.rank(0) > 2) {
            throw c.fail("expected rows of features [N, F], found " + c.type(0));
        }
        Tensor labels = labels(c.attributes(), c.fail("there are no class labels"));
        Scores.transform(c.attributes(), c.fail("post_transform is none that ONNX knows"));
        Trees.ofNodes(c.attributes(), "class", c.fail("the attributes of the trees are missing or do not fit"));
        Dim rows = c.rank(0) == 1 ? Dim.ONE : c.shape(0).dim(0);
        return List.of(ValueType.tensor(labels.dtype(), Shape.of(rows)),
                ValueType.tensor(DType.FLOAT32, Shape.of(rows, Dim.of(labels.size()))));
    }

    private static Tensor labels(Attributes a, RuntimeException wrong) {
        Tensor labels = Scores.labels(a, "classlabels_int64s");
        if (labels == null || labels.size() == 0) {
            throw wrong;
        }
        return labels;
    }

    /** What is the same for all rows. */
    private record Model(Trees trees, int classes, double[] base, String transform, boolean single, boolean positive) {
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor x = c.tensor(0);
        Tensor labels = labels(c.attributes(), c.fail("there are no class labels"));
        Model model = model(c, labels.size());
        int rows = x.rank() == 1 ? 1 : x.dim(0);
        int[] best = new int[rows];
        double[] y = new double[Tensor.count(new int[] {rows, labels.size()})];
        for (int row = 0; row < rows; row++) {
            double[] scores = new double[labels.size()];
            best[row] = decide(model, sum(c, model, x, row, scores), scores);
            System.arraycopy(scores, 0, y, row * scores.length, scores.length);
        }
        return List.of(labels.pick(new int[] {rows}, best),
                Tensor.ofDoubles(DType.FLOAT32, new int[] {rows, labels.size()}, y));
    }

    private static Model model(EvalContext c, int classes) {
        RuntimeException wrong = c.fail("the attributes of the trees are missing or do not fit");
        double[] base = Trees.reals(c.attributes(), "base_values");
        Trees trees = Trees.ofNodes(c.attributes(), "class", wrong);
        long[] ids = c.attributes().ints("class_ids");
        boolean single = classes == 2;
        for (long id : ids) {
            single &= id == ids[0];
        }
        boolean positive = true;
        for (double weight : Trees.reals(c.attributes(), "class_weights")) {
            positive &= weight >= 0;
        }
        return new Model(trees, classes, base == null ? new double[0] : base, Scores.transform(c.attributes(), wrong), single,
                positive);
    }

    /** Adds up the weights of the leaves of a row; says which classes got any. */
    private static boolean[] sum(EvalContext c, Model model, Tensor x, int row, double[] scores) {
        boolean[] has = new boolean[scores.length];
        for (int tree = 0; tree < model.trees.roots().length; tree++) {
            Trees.Leaf leaf = model.trees.find(tree, x, row, x.dim(-1));
            if (leaf == null) {
                throw c.fail("tree " + tree + " asks for a feature that " + x + " lacks, or never comes to a leaf");
            }
            for (int i = 0; i < leaf.targets().size(); i++) {
                int target = leaf.targets().get(i);
                if (target < 0 || target >= scores.length) {
                    throw c.fail("a leaf has class " + target + " of " + scores.length);
                }
                scores[target] += leaf.weights().get(i);
                has[target] = true;
            }
        }
        return has;
    }

    /** Makes the scores final and returns the class. */
    private static int decide(Model model, boolean[] has, double[] scores) {
        if (model.single) {
            return decideOne(model, has[1], has[1] ? scores[1] : scores[0], scores);
        }
        int best = -1;
        for (int i = 0; i < scores.length; i++) {
            boolean based = model.base.length == scores.length;
            scores[i] += based ? model.base[i] : 0;
            best = (has[i] || based) && (best < 0 || scores[i] > scores[best]) ? i : best;
        }
        Scores.apply(model.transform, scores);
        return Math.max(0, best);
    }

    private static int decideOne(Model model, boolean second, double sum, double[] scores) {
        double score = (float) (sum + (model.base.length == 2 ? model.base[1] : model.base.length == 1 && !second ? model.base[0] : 0));
        boolean logistic = model.transform.equals("LOGISTIC");
        boolean two = second || model.base.length == 2;
        scores[1] = score;
        scores[0] = model.base.length == 2 ? -score : second ? 0 : logistic || !model.positive ? -score : 1 - score;
        if (two || logistic) {
            Scores.apply(model.transform, scores);
        }
        return score > (model.positive ? 0.5 : 0) ? 1 : 0;
    }
}
