package dev.infuser.op;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/**
 * {@code ai.onnx.ml.LinearRegressor} and {@code LinearClassifier}: {@code x coefficients^T + intercepts} of rows {@code [N, F]}; the
 * classifier gives the label of the greatest first. With one score for two labels the score decides against 0, and the other
 * one is added as ONNX Runtime does: {@code 1 - s}, of the score that a probit transforms, or for the logistic its complement.
 */
final class LinearModel implements Operator {

    private final String name;

    LinearModel(String name) {
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

    private boolean isClassifier() {
        return name.equals("LinearClassifier");
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Types.number(c, 0);
        if (c.rank(0) < 1 || c.rank(0) > 2) {
            throw c.fail("expected rows of features [N, F], found " + c.type(0));
        }
        Scores.transform(c.attributes(), c.fail("post_transform is none that ONNX knows"));
        float[] coefficients = c.attributes().has("coefficients") ? c.attributes().reals("coefficients") : null;
        long targets = isClassifier() ? -1 : c.attributes().integer("targets", 1);
        if (coefficients == null || targets == 0 || targets < -1) {
            throw c.fail(coefficients == null ? "there are no coefficients" : "there are " + targets + " targets");
        }
        Dim rows = c.rank(0) == 1 ? Dim.ONE : c.shape(0).dim(0);
        if (!isClassifier()) {
            return List.of(ValueType.tensor(DType.FLOAT32, Shape.of(rows, Dim.of(targets))));
        }
        Tensor labels = Scores.labels(c.attributes(), "classlabels_ints");
        Dim features = c.shape(0).dim(-1);
        Dim scores = features.isConstant() && features.value() > 0
                ? Dim.of(width(coefficients.length / features.value(), labels)) : c.unknown();
        return List.of(ValueType.tensor(labels == null ? DType.INT64 : labels.dtype(), Shape.of(rows)),
                ValueType.tensor(DType.FLOAT32, Shape.of(rows, scores)));
    }

    private static long width(long classes, Tensor labels) {
        return classes == 1 && labels != null && labels.size() == 2 ? 2 : classes;
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor x = c.tensor(0);
        float[] coefficients = c.attributes().reals("coefficients");
        int features = x.dim(-1);
        long targets = isClassifier() ? features == 0 ? 0 : coefficients.length / features : c.attributes().integer("targets", 1);
        float[] intercepts = c.attributes().has("intercepts") ? c.attributes().reals("intercepts") : new float[(int) targets];
        if (targets == 0 || targets * features != coefficients.length || intercepts.length != targets) {
            throw c.fail(coefficients.length + " coefficients and " + intercepts.length + " intercepts do not fit " + x);
        }
        Tensor labels = isClassifier() ? Scores.labels(c.attributes(), "classlabels_ints") : null;
        int width = isClassifier() ? (int) width(targets, labels) : (int) targets;
        int rows = x.rank() == 1 ? 1 : x.dim(0);
        int[] best = new int[rows];
        double[] y = new double[Tensor.count(new int[] {rows, width})];
        String transform = Scores.transform(c.attributes(), c.fail("post_transform is none that ONNX knows"));
        for (int row = 0; row < rows; row++) {
            double[] scores = new double[(int) targets];
            for (int i = 0; i < scores.length; i++) {
                scores[i] = intercepts[i];
                for (int k = 0; k < features; k++) {
                    scores[i] += x.getDouble(row * features + k) * coefficients[i * features + k];
                }
            }
            best[row] = targets > 1 ? Scores.best(scores) : scores[0] > 0 ? 1 : 0;
            System.arraycopy(transformed(transform, scores, width), 0, y, row * width, width);
        }
        Tensor out = Tensor.ofDoubles(DType.FLOAT32, new int[] {rows, width}, y);
        if (!isClassifier()) {
            return List.of(out);
        }
        Tensor named = labels != null && (targets > 1 || labels.size() == 2) ? labels
                : Scores.signs(labels == null ? DType.INT64 : labels.dtype());
        if (named.size() < targets) {
            throw c.fail(named.size() + " labels for " + targets + " scores");
        }
        return List.of(named.pick(new int[] {rows}, best), out);
    }

    private static double[] transformed(String transform, double[] scores, int width) {
        if (width == scores.length) {
            Scores.apply(transform, scores);
            return scores;
        }
        if (transform.equals("LOGISTIC") || transform.equals("PROBIT")) {
            Scores.apply(transform, scores);
        }
        return new double[] {1 - scores[0], scores[0]};
    }
}
