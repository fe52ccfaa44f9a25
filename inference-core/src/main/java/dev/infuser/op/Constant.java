package dev.infuser.op;

import dev.infuser.graph.Attributes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/** {@code Constant}: the tensor that its one {@code value...} attribute holds. */
final class Constant implements Operator {

    @Override
    public String name() {
        return "Constant";
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        return List.of(value(c.attributes()).type());
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        return List.of(value(c.attributes()));
    }

    private static Tensor value(Attributes a) {
        int[] scalar = {};
        if (a.has("value")) {
            return a.tensor("value");
        }
        if (a.has("value_int")) {
            return Tensor.longs(scalar, a.integer("value_int"));
        }
        if (a.has("value_ints")) {
            return Tensor.vector(a.ints("value_ints"));
        }
        if (a.has("value_float")) {
            return Tensor.floats(scalar, a.real("value_float", 0));
        }
        if (a.has("value_floats")) {
            float[] values = a.reals("value_floats");
            return Tensor.floats(new int[] {values.length}, values);
        }
        if (a.has("value_string")) {
            return Tensor.strings(scalar, a.string("value_string", ""));
        }
        if (a.has("value_strings")) {
            String[] values = a.strings("value_strings").toArray(new String[0]);
            return Tensor.of(DType.STRING, new int[] {values.length}, values);
        }
        throw Axes.bad("the value of a Constant is missing");
    }
}
