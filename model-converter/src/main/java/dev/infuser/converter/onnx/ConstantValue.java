package dev.infuser.converter.onnx;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.Node;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Tensor;
import java.util.List;

/** The tensor of a {@code Constant} node, in any of the attributes that may hold it. */
final class ConstantValue {

    private ConstantValue() {
    }

    static Tensor of(Node node) {
        Attributes a = node.attributes();
        for (String name : a.map().keySet()) {
            switch (name) {
                case "value", "sparse_value":
                    return a.tensor(name);
                case "value_float":
                    return Tensor.floats(new int[0], a.real(name, 0));
                case "value_floats":
                    float[] floats = a.reals(name);
                    return Tensor.floats(new int[] {floats.length}, floats);
                case "value_int":
                    return Tensor.longs(new int[0], a.integer(name));
                case "value_ints":
                    return Tensor.vector(a.ints(name));
                case "value_string":
                    return Tensor.strings(new int[0], a.string(name, ""));
                case "value_strings":
                    List<String> strings = a.strings(name);
                    return Tensor.strings(new int[] {strings.size()}, strings.toArray(new String[0]));
                default:
            }
        }
        throw new InvalidModelException("bad-onnx", node.label(), node.label() + " has no value", "", "");
    }
}
