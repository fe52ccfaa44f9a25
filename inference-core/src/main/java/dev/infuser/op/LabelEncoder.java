package dev.infuser.op;

import dev.infuser.graph.Attributes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code ai.onnx.ml.LabelEncoder}: each element that is a key as the value at its place, others as the default. NaN is a key
 * like others. With {@code classes_strings} alone, as its first version has, strings become their places and places strings.
 * {@code CategoryMapper} does the same with {@code cats_strings} and {@code cats_int64s}.
 */
final class LabelEncoder implements Operator {

    private final String name;

    LabelEncoder(String name) {
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

    /** What becomes what: vectors of one length, and one element for all else. */
    private record Table(Tensor keys, Tensor values, Tensor other) {
    }

    private Table table(Attributes attributes, DType input, RuntimeException wrong) {
        Tensor keys = list(attributes, "keys");
        Tensor values = list(attributes, "values");
        boolean old = attributes.has("classes_strings") || name.equals("CategoryMapper");
        if (old) {
            Tensor texts = strings(attributes, attributes.has("classes_strings") ? "classes_strings" : "cats_strings");
            Tensor numbers = name.equals("CategoryMapper") ? integers(attributes, "cats_int64s") : places(texts);
            keys = input == DType.STRING ? texts : numbers;
            values = input == DType.STRING ? numbers : texts;
        }
        if (keys == null || values == null || keys.size() != values.size() || keys.dtype() != input) {
            throw wrong;
        }
        return new Table(keys, values, other(attributes, values.dtype(), wrong));
    }

    private static Tensor places(Tensor texts) {
        long[] out = new long[texts == null ? 0 : texts.size()];
        for (int i = 0; i < out.length; i++) {
            out[i] = i;
        }
        return Tensor.vector(out);
    }

    private static Tensor list(Attributes attributes, String kind) {
        if (attributes.has(kind + "_tensor")) {
            return attributes.tensor(kind + "_tensor");
        }
        float[] reals = attributes.has(kind + "_floats") ? attributes.reals(kind + "_floats") : null;
        return reals != null ? Tensor.floats(new int[] {reals.length}, reals) : attributes.has(kind + "_int64s")
                ? integers(attributes, kind + "_int64s") : strings(attributes, kind + "_strings");
    }

    private static Tensor integers(Attributes attributes, String attribute) {
        return attributes.has(attribute) ? Tensor.vector(attributes.ints(attribute)) : null;
    }

    private static Tensor strings(Attributes attributes, String attribute) {
        String[] texts = attributes.has(attribute) ? attributes.strings(attribute).toArray(new String[0]) : null;
        return texts == null ? null : Tensor.strings(new int[] {texts.length}, texts);
    }

    private static Tensor other(Attributes attributes, DType type, RuntimeException wrong) {
        if (attributes.has("default_tensor")) {
            Tensor other = attributes.tensor("default_tensor");
            if (other.size() != 1 || other.dtype() != type) {
                throw wrong;
            }
            return other.reshape(1);
        }
        int[] one = {1};
        return type == DType.STRING ? Tensor.strings(one, attributes.string("default_string", "_Unused"))
                : type.isFloat() ? Tensor.ofDoubles(type, one, new double[] {attributes.real("default_float", -0f)})
                : Tensor.ofLongs(type, one, new long[] {attributes.integer("default_int64", -1)});
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Table table = table(c.attributes(), c.dtype(0), c.fail("the keys are not of " + c.dtype(0).label() + ", or do not fit the values"));
        return List.of(ValueType.tensor(table.values.dtype(), c.shape(0)));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor x = c.tensor(0);
        Table table = table(c.attributes(), x.dtype(), c.fail("the keys are not of " + x.dtype().label() + ", or do not fit the values"));
        Map<Object, Integer> places = new HashMap<>();
        for (int i = 0; i < table.keys.size(); i++) {
            places.putIfAbsent(key(table.keys, i), i);
        }
        int[] index = new int[x.size()];
        for (int i = 0; i < index.length; i++) {
            index[i] = places.getOrDefault(key(x, i), table.keys.size());
        }
        return List.of(Concat.join(List.of(table.values.reshape(table.values.size()), table.other), 0).pick(x.dims(), index));
    }

    /** An object that equals that of equal elements: zeros have one sign, and NaN one pattern. */
    static Object key(Tensor x, int i) {
        return x.dtype() == DType.STRING ? x.strings()[i] : x.dtype().isFloat()
                ? (Object) Long.valueOf(Double.doubleToLongBits(x.getDouble(i) + 0.0)) : Long.valueOf(x.getLong(i));
    }
}
