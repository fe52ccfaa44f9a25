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
 * {@code ai.onnx.ml.SVMRegressor}: for each row of {@code [N, F]} the sum of {@code coefficients} times the kernel of the row and each
 * support vector, or the product with the coefficients where there are none, plus {@code rho}; 1 or -1 by its sign where
 * {@code one_class}. As {@code [N, 1]}.
 */
final class SVMRegressor implements Operator {

    @Override
    public String name() {
        return "SVMRegressor";
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
        Scores.transform(c.attributes(), c.fail("post_transform is none that ONNX knows"));
        Kernel.of(c.attributes(), c.fail("the kernel is none that ONNX knows, or lacks its parameters"));
        return List.of(ValueType.tensor(DType.FLOAT32, Shape.of(c.rank(0) == 1 ? Dim.ONE : c.shape(0).dim(0), Dim.ONE)));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor x = c.tensor(0);
        Attributes a = c.attributes();
        RuntimeException wrong = c.fail("the attributes of the model are missing or do not fit " + x);
        Kernel kernel = Kernel.of(a, wrong);
        String transform = Scores.transform(a, wrong);
        int features = x.dim(-1);
        double[] vectors = Trees.reals(a, "support_vectors");
        double[] coefficients = Trees.reals(a, "coefficients");
        double[] rho = Trees.reals(a, "rho");
        long count = a.integer("n_supports", 0);
        if (coefficients == null || rho == null || rho.length < 1 || coefficients.length != (count > 0 ? count : features)
                || count > 0 && (vectors == null || vectors.length != count * features)) {
            throw wrong;
        }
        double[] out = new double[x.rank() == 1 ? 1 : x.dim(0)];
        for (int row = 0; row < out.length; row++) {
            double[] sum = {rho[0]};
            for (int i = 0; i < count; i++) {
                sum[0] += coefficients[i] * kernel.of(x, row, features, vectors, i);
            }
            sum[0] += count > 0 ? 0 : kernel.of(x, row, features, coefficients, 0);
            if (a.flag("one_class", false)) {
                sum[0] = sum[0] > 0 ? 1 : -1;
            }
            Scores.apply(transform, sum);
            out[row] = sum[0];
        }
        return List.of(Tensor.ofDoubles(DType.FLOAT32, new int[] {out.length, 1}, out));
    }

    /** A kernel of support vector machines. */
    record Kernel(String type, double gamma, double offset, double degree) {

        static Kernel of(Attributes a, RuntimeException wrong) {
            String type = a.string("kernel_type", "LINEAR");
            double[] given = Trees.reals(a, "kernel_params");
            boolean bare = given == null || given.length == 0;
            if (!List.of("LINEAR", "POLY", "RBF", "SIGMOID").contains(type) || !bare && given.length != 3) {
                throw wrong;
            }
            return bare ? new Kernel(type, 0, 0, 0) : new Kernel(type, given[0], given[1], given[2]);
        }

        /** Of row {@code row} of {@code x} and vector {@code i} of {@code vectors}. */
        double of(Tensor x, int row, int features, double[] vectors, int i) {
            double dot = 0;
            double distance = 0;
            for (int k = 0; k < features; k++) {
                double a = x.getDouble(row * features + k);
                double b = vectors[i * features + k];
                dot += a * b;
                distance += (a - b) * (a - b);
            }
            switch (type) {
                case "POLY":
                    return MathFunctions.pow(gamma * dot + offset, degree);
                case "RBF":
                    return Math.exp(-gamma * distance);
                case "SIGMOID":
                    return MathFunctions.tanh(gamma * dot + offset);
                default:
                    return dot;
            }
        }
    }
}
