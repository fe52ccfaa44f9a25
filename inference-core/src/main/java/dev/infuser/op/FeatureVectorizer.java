package dev.infuser.op;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/**
 * {@code ai.onnx.ml.FeatureVectorizer}: the rows of inputs {@code [N, F]} beside each other as {@code [N, sum of inputdimensions]}, each
 * input cut or filled up with zeros to its width; a vector is one row.
 */
final class FeatureVectorizer implements Operator {

    @Override
    public String name() {
        return "FeatureVectorizer";
    }

    @Override
    public String domain() {
        return "ai.onnx.ml";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        long[] widths = c.attributes().ints("inputdimensions");
        if (widths == null || widths.length != c.inputs()) {
            throw c.fail("inputdimensions must have one width for each input");
        }
        long sum = 0;
        for (int i = 0; i < widths.length; i++) {
            Types.number(c, i);
            if (c.rank(i) < 1 || c.rank(i) > 2 || widths[i] < 0) {
                throw c.fail("expected rows of features [N, F], found " + c.type(i) + " of " + widths[i]);
            }
            sum += widths[i];
        }
        Dim rows = c.rank(0) == 1 ? Dim.ONE : c.shape(0).dim(0);
        return List.of(ValueType.tensor(DType.FLOAT32, Shape.of(rows, Dim.of(sum))));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        int[] widths = Axes.ints(c.attributes().ints("inputdimensions"));
        int sum = 0;
        for (int width : widths) {
            sum += width;
        }
        int rows = c.tensor(0).rank() == 1 ? 1 : c.tensor(0).dim(0);
        float[] out = new float[Tensor.count(new int[] {rows, sum})];
        int from = 0;
        for (int input = 0; input < widths.length; input++) {
            Tensor x = c.tensor(input);
            if ((x.rank() == 1 ? 1 : x.dim(0)) != rows) {
                throw c.fail("input " + x + " has other rows than " + rows);
            }
            for (int row = 0; row < rows; row++) {
                for (int i = 0; i < Math.min(widths[input], x.dim(-1)); i++) {
                    out[row * sum + from + i] = (float) x.getDouble(row * x.dim(-1) + i);
                }
            }
            from += widths[input];
        }
        return List.of(Tensor.floats(new int[] {rows, sum}, out));
    }
}
