package dev.infuser.op;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/** {@code ConstantOfShape}: a tensor of the dims given, filled with the one element of {@code value} (float32 0). */
final class ConstantOfShape implements Operator {

    @Override
    public String name() {
        return "ConstantOfShape";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Tensor value = c.attributes().tensor("value");
        DType dtype = value == null ? DType.FLOAT32 : value.dtype();
        List<Dim> dims = Axes.vector(c, 0);
        if (dims != null) {
            return List.of(ValueType.tensor(dtype, new Shape(dims)));
        }
        Dim rank = c.shape(0).dim(0);
        return List.of(rank.isConstant() ? c.unknown(dtype, (int) rank.value()) : ValueType.tensor(dtype, (Shape) null));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor value = c.attributes().tensor("value");
        int[] dims = Axes.ints(c.tensor(0).toLongs());
        if (value == null) {
            return List.of(Tensor.zeros(DType.FLOAT32, dims));
        }
        if (value.size() != 1) {
            throw c.fail("value must hold one element");
        }
        return List.of(value.pick(dims, new int[Tensor.count(dims)]));
    }
}
