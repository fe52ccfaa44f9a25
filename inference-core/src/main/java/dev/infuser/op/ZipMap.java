package dev.infuser.op;

import dev.infuser.graph.Attributes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code ai.onnx.ml.ZipMap}: a sequence of maps from the labels of classes, {@code classlabels_strings} or {@code
 * classlabels_int64s}, to the scores in each row of a tensor [N, C], or in one of C scores.
 */
final class ZipMap implements Operator {

    @Override
    public String name() {
        return "ZipMap";
    }

    @Override
    public String domain() {
        return "ai.onnx.ml";
    }

    /** The strings of one attribute or the integers of the other, or null where there are none or both kinds. */
    static Tensor either(Attributes attributes, String texts, String integers) {
        if (attributes.has(texts) == attributes.has(integers)) {
            return null;
        }
        if (attributes.has(integers)) {
            return Tensor.vector(attributes.ints(integers));
        }
        String[] values = attributes.strings(texts).toArray(new String[0]);
        return Tensor.strings(new int[] {values.length}, values);
    }

    private static Tensor labels(Attributes attributes) {
        return either(attributes, "classlabels_strings", "classlabels_int64s");
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Types.require(c, 0, c.dtype(0) == DType.FLOAT32);
        Tensor labels = labels(c.attributes());
        if (labels == null) {
            throw c.fail("needs one of classlabels_strings and classlabels_int64s");
        }
        if (c.rank(0) < 1 || c.rank(0) > 2) {
            throw c.fail("takes scores [N, C] or [C], found " + c.shape(0));
        }
        return List.of(new ValueType.OfSequence(new ValueType.OfMap(labels.dtype(), DType.FLOAT32)));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor x = c.tensor(0);
        Tensor labels = labels(c.attributes());
        int classes = x.dim(x.rank() - 1);
        if (classes != labels.size()) {
            throw c.fail("has " + labels.size() + " labels for " + classes + " scores");
        }
        List<Datum> maps = new ArrayList<>();
        for (int row = 0; row < (x.rank() == 1 ? 1 : x.dim(0)); row++) {
            int[] index = new int[classes];
            for (int i = 0; i < classes; i++) {
                index[i] = row * classes + i;
            }
            maps.add(new Datum.Map(labels, x.pick(new int[] {classes}, index)));
        }
        return List.of(new Datum.Sequence(maps));
    }
}
