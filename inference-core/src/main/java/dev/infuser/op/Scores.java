package dev.infuser.op;

import dev.infuser.graph.Attributes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import java.util.List;

/** What the models of {@code ai.onnx.ml} do with the scores of a row, and the labels of classes. */
final class Scores {

    /** The names of transforms, in the order of their numbers. */
    static final List<String> TRANSFORMS = List.of("NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT");

    private Scores() {
    }

    /** The transform that the attribute {@code post_transform} names. */
    static String transform(Attributes attributes, RuntimeException wrong) {
        String name = attributes.string("post_transform", "NONE");
        if (!TRANSFORMS.contains(name)) {
            throw wrong;
        }
        return name;
    }

    /** Applies a transform to the scores of one row. */
    static void apply(String transform, double[] scores) {
        switch (transform) {
            case "LOGISTIC":
                for (int i = 0; i < scores.length; i++) {
                    scores[i] = MathFunctions.sigmoid(scores[i]);
                }
                break;
            case "PROBIT":
                for (int i = 0; i < scores.length; i++) {
                    scores[i] = probit(scores[i]);
                }
                break;
            case "SOFTMAX": case "SOFTMAX_ZERO":
                softmax(scores, transform.equals("SOFTMAX_ZERO"));
                break;
            default:
        }
    }

    /** Softmax, of the scores that are not zero where {@code kept} says that zeros stay. */
    private static void softmax(double[] scores, boolean kept) {
        double max = Double.NEGATIVE_INFINITY;
        for (double score : scores) {
            max = Math.max(max, score);
        }
        double sum = 0;
        for (int i = 0; i < scores.length; i++) {
            boolean zero = kept && Math.abs(scores[i]) <= 1e-7;
            scores[i] = zero ? scores[i] * Math.exp(-max) : Math.exp(scores[i] - max);
            sum += zero ? 0 : scores[i];
        }
        for (int i = 0; i < scores.length && sum != 0; i++) {
            scores[i] /= sum;
        }
    }

    /** The quantile of the normal distribution, with Winitzki's approximation of the inverse error function as ONNX takes it. */
    private static double probit(double p) {
        double x = 2 * p - 1;
        double log = Math.log((1 - x) * (1 + x));
        double a = 2 / (Math.PI * 0.147) + 0.5 * log;
        double root = Math.sqrt(Math.sqrt(a * a - log / 0.147) - a);
        return Math.sqrt(2) * (x < 0 ? -root : root);
    }

    /** The labels of the classes as a vector, of strings or int64, or null where there are none. */
    static Tensor labels(Attributes attributes, String integers) {
        if (attributes.has("classlabels_strings") && !attributes.strings("classlabels_strings").isEmpty()) {
            String[] texts = attributes.strings("classlabels_strings").toArray(new String[0]);
            return Tensor.strings(new int[] {texts.length}, texts);
        }
        return attributes.has(integers) ? Tensor.vector(attributes.ints(integers)) : null;
    }

    /** The label of a model that has but one score and names no two classes: 1 or 0. */
    static Tensor signs(DType type) {
        return type == DType.STRING ? Tensor.strings(new int[] {2}, "0", "1") : Tensor.vector(0, 1);
    }

    /** The place of the greatest, the first of equals. */
    static int best(double[] scores) {
        int best = 0;
        for (int i = 1; i < scores.length; i++) {
            best = scores[i] > scores[best] ? i : best;
        }
        return best;
    }
}
