package dev.infuser.op;

import dev.infuser.graph.Attributes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@code ai.onnx.ml} does to features {@code [..., F]}: {@code Binarizer} tells which are above a threshold, {@code Imputer} replaces
 * one value, {@code Scaler} gives {@code (x - offset) * scale}, {@code Normalizer} divides by the greatest, the sum of absolute values or
 * the root of the sum of squares of a row, where that is not 0, {@code OneHotEncoder} gives an axis of a one at the category.
 */
final class Features implements Operator {

    private final String name;

    Features(String name) {
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

    @Override
    public List<ValueType> infer(InferContext c) {
        int rank = c.rank(0);
        if (name.equals("OneHotEncoder")) {
            Tensor categories = categories(c.attributes(), c.dtype(0), c.fail("there are no categories of " + c.dtype(0).label()));
            return List.of(ValueType.tensor(DType.FLOAT32,
                    Axes.splice(c.shape(0), rank, rank, List.of(Dim.of(categories.size())))));
        }
        DType type = Types.number(c, 0);
        if (name.equals("Normalizer")) {
            norm(c.attributes(), c.fail("norm must be MAX, L1 or L2"));
        }
        return List.of(ValueType.tensor(name.equals("Scaler") || name.equals("Normalizer") ? DType.FLOAT32 : type, c.shape(0)));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        Tensor x = c.tensor(0);
        switch (name) {
            case "Binarizer":
                double threshold = c.attributes().real("threshold", 0);
                return List.of(Elementwise.map(x, x.dtype(), v -> v > threshold ? 1 : 0));
            case "Imputer":
                return List.of(impute(c, x));
            case "Scaler":
                return List.of(scale(c, x));
            case "Normalizer":
                return List.of(normalize(c, x));
            default:
                return List.of(encode(c, x));
        }
    }

    private static Tensor impute(EvalContext c, Tensor x) {
        boolean real = x.dtype().isFloat();
        float[] reals = real && c.attributes().has("imputed_value_floats") ? c.attributes().reals("imputed_value_floats") : null;
        long[] integers = !real && c.attributes().has("imputed_value_int64s") ? c.attributes().ints("imputed_value_int64s") : null;
        int count = reals != null ? reals.length : integers != null ? integers.length : 0;
        int width = x.rank() == 0 ? 1 : x.dim(-1);
        if (count != 1 && count != width || count == 0) {
            throw c.fail(count + " imputed values for " + x);
        }
        if (!real) {
            long replaced = c.attributes().integer("replaced_value_int64", 0);
            long[] out = x.toLongs().clone();
            for (int i = 0; i < out.length; i++) {
                out[i] = out[i] == replaced ? integers[count == 1 ? 0 : i % width] : out[i];
            }
            return Tensor.ofLongs(x.dtype(), x.dims(), out);
        }
        float replaced = c.attributes().real("replaced_value_float", 0);
        double[] out = x.toDoubles().clone();
        for (int i = 0; i < out.length; i++) {
            boolean same = out[i] == replaced || out[i] != out[i] && replaced != replaced;
            out[i] = same ? reals[count == 1 ? 0 : i % width] : out[i];
        }
        return Tensor.ofDoubles(x.dtype(), x.dims(), out);
    }

    private static Tensor scale(EvalContext c, Tensor x) {
        float[] offset = c.attributes().has("offset") ? c.attributes().reals("offset") : new float[1];
        float[] scale = c.attributes().has("scale") ? c.attributes().reals("scale") : new float[] {1};
        int width = x.rank() == 0 ? 1 : x.dim(-1);
        if (offset.length != 1 && offset.length != width || scale.length != 1 && scale.length != width) {
            throw c.fail(offset.length + " offsets and " + scale.length + " scales for " + x);
        }
        double[] out = new double[x.size()];
        for (int i = 0; i < out.length; i++) {
            out[i] = (x.getDouble(i) - offset[offset.length == 1 ? 0 : i % width]) * scale[scale.length == 1 ? 0 : i % width];
        }
        return Tensor.ofDoubles(DType.FLOAT32, x.dims(), out);
    }

    private static String norm(Attributes attributes, RuntimeException wrong) {
        String norm = attributes.string("norm", "MAX");
        if (!norm.equals("MAX") && !norm.equals("L1") && !norm.equals("L2")) {
            throw wrong;
        }
        return norm;
    }

    private static Tensor normalize(EvalContext c, Tensor x) {
        String norm = norm(c.attributes(), c.fail("norm must be MAX, L1 or L2"));
        int width = x.rank() == 0 ? 1 : x.dim(-1);
        double[] out = x.toDoubles().clone();
        for (int row = 0; row < out.length; row += width) {
            double divisor = norm.equals("MAX") ? Double.NEGATIVE_INFINITY : 0;
            for (int i = row; i < row + width; i++) {
                divisor = norm.equals("MAX") ? Math.max(divisor, out[i])
                        : divisor + (norm.equals("L1") ? Math.abs(out[i]) : out[i] * out[i]);
            }
            divisor = norm.equals("L2") ? Math.sqrt(divisor) : divisor;
            for (int i = row; i < row + width && divisor != 0; i++) {
                out[i] /= divisor;
            }
        }
        return Tensor.ofDoubles(DType.FLOAT32, x.dims(), out);
    }

    private static Tensor categories(Attributes attributes, DType type, RuntimeException wrong) {
        String attribute = type == DType.STRING ? "cats_strings" : "cats_int64s";
        if (!attributes.has(attribute) || type != DType.STRING && !Types.isNumber(type)) {
            throw wrong;
        }
        if (type != DType.STRING) {
            return Tensor.vector(attributes.ints(attribute));
        }
        String[] texts = attributes.strings(attribute).toArray(new String[0]);
        return Tensor.strings(new int[] {texts.length}, texts);
    }

    private static Tensor encode(EvalContext c, Tensor x) {
        Tensor categories = categories(c.attributes(), x.dtype(), c.fail("there are no categories of " + x.dtype().label()));
        Map<Object, Integer> places = new HashMap<>();
        for (int i = 0; i < categories.size(); i++) {
            places.putIfAbsent(LabelEncoder.key(categories, i), i);
        }
        int[] dims = Arrays.copyOf(x.dims(), x.rank() + 1);
        dims[x.rank()] = categories.size();
        float[] out = new float[Tensor.count(dims)];
        for (int i = 0; i < x.size(); i++) {
            Integer place = places.get(x.dtype() == DType.STRING ? x.strings()[i] : (Object) Long.valueOf(x.getLong(i)));
            if (place == null && !c.attributes().flag("zeros", true)) {
                throw c.fail("element " + i + " of " + x + " is in no category");
            }
            if (place != null) {
                out[i * categories.size() + place] = 1;
            }
        }
        return Tensor.floats(dims, out);
    }
}
