package dev.infuser.view;

import dev.infuser.graph.Attribute;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/** Types, attributes and elements as text for people. */
final class Types {

    private static final int ELEMENTS = 8;
    private static final int BRIEF = 40;
    private static final int EXTENT = 16;

    private Types() {
    }

    /** The extents of a float32 tensor, {@code ?} for long ones, the type before those of others: {@code 1×64×h×w}. */
    static String brief(ValueType type) {
        if (!(type instanceof ValueType.OfTensor tensor)) {
            return type == null ? "" : cut(type.toString());
        }
        String extents = tensor.shape() == null ? "?" : extents(tensor.shape().dims());
        String dtype = tensor.dtype() == DType.FLOAT32 ? "" : tensor.dtype().label() + " ";
        return cut(extents.isEmpty() ? dtype + "scalar" : dtype + extents);
    }

    private static String extents(List<Dim> dims) {
        List<String> parts = new ArrayList<>();
        for (Dim dim : dims) {
            parts.add(dim.toString().length() <= EXTENT ? dim.toString() : "?");
        }
        return String.join("×", parts);
    }

    private static String cut(String text) {
        return text.length() <= BRIEF ? text : text.substring(0, BRIEF - 1) + "…";
    }

    static String dims(int[] dims) {
        List<String> parts = new ArrayList<>();
        for (int dim : dims) {
            parts.add(Integer.toString(dim));
        }
        return "[" + String.join(",", parts) + "]";
    }

    static String text(Attribute attribute, boolean elements) {
        return attribute instanceof Attribute.OfInt v ? Long.toString(v.value())
                : attribute instanceof Attribute.OfFloat v ? Float.toString(v.value())
                : attribute instanceof Attribute.OfString v ? '"' + v.value() + '"'
                : attribute instanceof Attribute.OfInts v ? v.values().toString()
                : attribute instanceof Attribute.OfFloats v ? v.values().toString()
                : attribute instanceof Attribute.OfStrings v ? v.values().toString()
                : attribute instanceof Attribute.OfTensor v
                        ? v.value().dtype().label() + dims(v.value().dims()) + (elements ? " " + elements(v.value()) : "")
                : attribute instanceof Attribute.OfType v ? v.value().toString() : "";
    }

    /** The first elements. */
    static String elements(Tensor tensor) {
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < Math.min(ELEMENTS, tensor.size()); i++) {
            parts.add(tensor.dtype() == DType.STRING ? '"' + tensor.strings()[i] + '"' : tensor.dtype().isFloat()
                    ? Float.toString((float) tensor.getDouble(i)) : Long.toString(tensor.getLong(i)));
        }
        return String.join(", ", parts) + (tensor.size() > ELEMENTS ? ", …" : "");
    }

    static long bytes(Tensor tensor) {
        return ((long) tensor.size() * tensor.dtype().bits() + 7) / 8;
    }

    /** The size of a tensor whose extents are known, or -1. */
    static long bytes(ValueType type) {
        return type instanceof ValueType.OfTensor tensor && tensor.shape() != null && tensor.shape().isConstant()
                && tensor.dtype() != DType.STRING ? (tensor.shape().elements().value() * tensor.dtype().bits() + 7) / 8 : -1;
    }
}
