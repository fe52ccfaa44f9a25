package dev.infuser.op;

import dev.infuser.graph.Attributes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.Arrays;
import java.util.List;

/**
 * {@code ai.onnx.ml.SVMClassifier}: for each row of {@code [N, F]} the label that most of the decisions between two classes are for,
 * and the scores: decisions, or probabilities where {@code prob_a} and {@code prob_b} are given.
 *
 * <p>Probabilities of classes come from those of pairs as LIBSVM finds them (Wu, Lin and Weng, "Probability estimates for
 * multi-class classification by pairwise coupling", method 2). What ONNX leaves open is as in ONNX Runtime.
 */
final class SVMClassifier implements Operator {

    @Override
    public String name() {
        return "SVMClassifier";
    }

    @Override
    public String domain() {
        return "ai.onnx.ml";
    }

    /** The attributes; {@code first} has where the vectors of each class start. */
    private record Model(SVMRegressor.Kernel kernel, Tensor labels, int classes, int vectors, int[] first, double[] support,
            double[] coefficients, double[] rho, double[] a, double[] b, String transform) {

        boolean isProbable() {
            return vectors > 0 && a.length > 0;
        }

        int scores() {
            return vectors > 0 && !isProbable() && classes > 2 ? classes * (classes - 1) / 2 : classes;
        }
    }

    private static Model model(Attributes a, RuntimeException wrong) {
        Tensor labels = Scores.labels(a, "classlabels_ints");
        long[] counts = a.has("vectors_per_class") ? a.ints("vectors_per_class") : new long[0];
        int classes = counts.length > 0 ? counts.length : labels == null ? 0 : labels.size();
        int[] first = new int[classes + 1];
        for (int i = 0; i < classes; i++) {
            long count = i < counts.length ? counts[i] : 0;
            if (count < 0 || count > Integer.MAX_VALUE - first[i]) {
                throw wrong;
            }
            first[i + 1] = first[i] + (int) count;
        }
        int vectors = first[classes];
        double[] support = reals(a, "support_vectors");
        double[] coefficients = reals(a, "coefficients");
        double[] rho = reals(a, "rho");
        double[] probA = reals(a, "prob_a");
        double[] probB = reals(a, "prob_b");
        int pairs = classes * (classes - 1) / 2;
        boolean fits = labels != null && labels.size() == classes && classes > 0 && probA.length == probB.length
                && (vectors == 0 ? rho.length > 0 && coefficients.length % classes == 0
                : classes > 1 && support.length % vectors == 0 && coefficients.length == (classes - 1) * vectors && rho.length == pairs
                        && (probA.length == 0 || probA.length == pairs));
        if (!fits) {
            throw wrong;
        }
        return new Model(SVMRegressor.Kernel.of(a, wrong), labels, classes, vectors, first, support, coefficients, rho, probA, probB,
                Scores.transform(a, wrong));
    }

    private static double[] reals(Attributes a, String attribute) {
        double[] values = Trees.reals(a, attribute);
        return values == null ? new double[0] : values;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Types.number(c, 0);
        if (c.rank(0) < 1 || c.rank(0) > 2) {
            throw c.fail("expected rows of features [N, F], found " + c.type(0));
        }
        Model model = model(c.attributes(), c.fail("the attributes of the model are missing or do not fit"));
        Dim rows = c.rank(0) == 1 ? Dim.ONE : c.shape(0).dim(0);
        return List.of(ValueType.tensor(model.labels.dtype(), Shape.of(rows)),
                ValueType.tensor(DType.FLOAT32, Shape.of(rows, Dim.of(model.scores()))));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor x = c.tensor(0);
        RuntimeException wrong = c.fail("the attributes of the model are missing or do not fit " + x);
        Model model = model(c.attributes(), wrong);
        int features = x.dim(-1);
        if (model.vectors > 0 ? model.support.length != model.vectors * features
                : model.coefficients.length != model.classes * features) {
            throw wrong;
        }
        int rows = x.rank() == 1 ? 1 : x.dim(0);
        int width = model.scores();
        int[] best = new int[rows];
        double[] y = new double[Tensor.count(new int[] {rows, width})];
        for (int row = 0; row < rows; row++) {
            int[] votes = new int[model.classes];
            double[] scores = model.vectors > 0 ? decisions(model, x, row, features, votes) : products(model, x, row, features);
            if (model.isProbable()) {
                scores = probabilities(model, scores);
            }
            best[row] = model.vectors == 0 ? Scores.best(scores) : most(votes);
            double[] out = finished(model, scores);
            System.arraycopy(out, 0, y, row * width, width);
        }
        return List.of(model.labels.pick(new int[] {rows}, best), Tensor.ofDoubles(DType.FLOAT32, new int[] {rows, width}, y));
    }

    private static int most(int[] votes) {
        int best = 0;
        for (int i = 1; i < votes.length; i++) {
            best = votes[i] > votes[best] ? i : best;
        }
        return best;
    }

    /** The transformed scores; a single decision between two classes gets its opposite. */
    private static double[] finished(Model model, double[] scores) {
        boolean single = scores.length == 1 && model.classes == 2;
        boolean opposite = model.transform.equals("NONE") || model.transform.equals("LOGISTIC");
        double[] out = !single ? scores : new double[] {opposite ? -scores[0] : 1 - scores[0], scores[0]};
        if (!single || opposite) {
            Scores.apply(model.transform, out);
        }
        return out;
    }

    private static double[] products(Model model, Tensor x, int row, int features) {
        double[] out = new double[model.classes];
        for (int i = 0; i < out.length; i++) {
            out[i] = model.kernel.of(x, row, features, model.coefficients, i) + model.rho[0];
        }
        return out;
    }

    /** What is decided between each two classes; above 0 the first of them gets a vote. */
    private static double[] decisions(Model model, Tensor x, int row, int features, int[] votes) {
        double[] kernels = new double[model.vectors];
        for (int i = 0; i < kernels.length; i++) {
            kernels[i] = model.kernel.of(x, row, features, model.support, i);
        }
        double[] out = new double[model.rho.length];
        int pair = 0;
        for (int i = 0; i < model.classes; i++) {
            for (int j = i + 1; j < model.classes; j++, pair++) {
                double sum = model.rho[pair];
                for (int k = model.first[i]; k < model.first[i + 1]; k++) {
                    sum += model.coefficients[(j - 1) * model.vectors + k] * kernels[k];
                }
                for (int k = model.first[j]; k < model.first[j + 1]; k++) {
                    sum += model.coefficients[i * model.vectors + k] * kernels[k];
                }
                out[pair] = sum;
                votes[sum > 0 ? i : j]++;
            }
        }
        return out;
    }

    private static double[] probabilities(Model model, double[] decisions) {
        int n = model.classes;
        double[][] r = new double[n][n];
        int pair = 0;
        for (int i = 0; i < n; i++) {
            for (int j = i + 1; j < n; j++, pair++) {
                double p = MathFunctions.sigmoid(-(decisions[pair] * model.a[pair] + model.b[pair]));
                r[i][j] = Math.min(Math.max(p, 1e-7), 1 - 1e-7);
                r[j][i] = 1 - r[i][j];
            }
        }
        double[][] q = new double[n][n];
        for (int t = 0; t < n; t++) {
            for (int j = 0; j < n; j++) {
                q[t][t] += j == t ? 0 : r[j][t] * r[j][t];
                q[t][j] = j == t ? q[t][t] : -r[j][t] * r[t][j];
            }
        }
        double[] p = new double[n];
        Arrays.fill(p, 1.0 / n);
        for (int round = 0; round < Math.max(100, n) && !isNear(q, p); round++) {
            for (int t = 0; t < n; t++) {
                double step = (value(q, p) - product(q[t], p)) / q[t][t];
                p[t] += step;
                for (int j = 0; j < n; j++) {
                    p[j] /= 1 + step;
                }
            }
        }
        return p;
    }

    private static double product(double[] row, double[] p) {
        double sum = 0;
        for (int i = 0; i < p.length; i++) {
            sum += row[i] * p[i];
        }
        return sum;
    }

    private static double value(double[][] q, double[] p) {
        double sum = 0;
        for (int i = 0; i < p.length; i++) {
            sum += p[i] * product(q[i], p);
        }
        return sum;
    }

    private static boolean isNear(double[][] q, double[] p) {
        double value = value(q, p);
        double error = 0;
        for (double[] row : q) {
            error = Math.max(error, Math.abs(product(row, p) - value));
        }
        return error < 0.005 / p.length;
    }
}
