package dev.infuser.op;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code ai.onnx.ml.CastMap}: the values of a map from integers, cast to the type that {@code cast_to} names, as a row [1, C] in
 * the order of their keys. With {@code map_form} SPARSE there are {@code max_map} of them, each at the place that its key is, and
 * 0 at others; keys beyond have no place.
 */
final class CastMap implements Operator {

    @Override
    public String name() {
        return "CastMap";
    }

    @Override
    public String domain() {
        return "ai.onnx.ml";
    }

    private static DType to(String name) {
        return switch (name) {
            case "TO_FLOAT" -> DType.FLOAT32;
            case "TO_INT64" -> DType.INT64;
            case "TO_STRING" -> DType.STRING;
            default -> null;
        };
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        if (!(c.type(0) instanceof ValueType.OfMap map) || map.key() != DType.INT64
                || map.value() != DType.STRING && map.value() != DType.FLOAT32) {
            throw c.fail("takes a map from int64 to string or float32, found " + c.type(0));
        }
        DType to = to(c.attributes().string("cast_to", "TO_FLOAT"));
        String form = c.attributes().string("map_form", "DENSE");
        if (to == null || !form.equals("DENSE") && !form.equals("SPARSE")) {
            throw c.fail("cast_to is " + c.attributes().string("cast_to", "TO_FLOAT") + " and map_form " + form);
        }
        long size = c.attributes().integer("max_map", 1);
        if (form.equals("DENSE")) {
            return List.of(ValueType.tensor(to, Shape.of(Dim.of(1), c.unknown())));
        }
        if (size < 1 || size > Integer.MAX_VALUE) {
            throw c.fail("max_map is " + size);
        }
        return List.of(ValueType.tensor(to, 1, size));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        if (!(c.datum(0) instanceof Datum.Map map)) {
            throw c.fail("input 0 must be a map");
        }
        boolean sparse = c.attributes().string("map_form", "DENSE").equals("SPARSE");
        int size = map.keys().size();
        int count = sparse ? (int) c.attributes().integer("max_map", 1) : size;
        DType to = to(c.attributes().string("cast_to", "TO_FLOAT"));
        Tensor values = map.values().dtype() == to ? map.values()
                : map.values().dtype() != DType.STRING && to != DType.STRING ? Tensor.ofLongs(to, new int[] {size}, longs(map.values()))
                : StringCast.convert(c, map.values(), to);
        int[] index = new int[count];
        List<Integer> order = order(map.keys());
        for (int i = 0; i < count; i++) {
            index[i] = sparse ? size : order.get(i);
        }
        for (int i = 0; i < size && sparse; i++) {
            long key = map.keys().getLong(i);
            if (key < 0) {
                throw c.fail("the key " + key + " is no place");
            }
            if (key < count) {
                index[(int) key] = i;
            }
        }
        Tensor none = to == DType.STRING ? Tensor.strings(new int[] {1}, "0") : Tensor.zeros(to, 1);
        return List.of(Concat.join(List.of(values, none), 0).pick(new int[] {1, count}, index));
    }

    private static long[] longs(Tensor reals) {
        long[] out = new long[reals.size()];
        for (int i = 0; i < out.length; i++) {
            out[i] = (long) reals.getDouble(i);
        }
        return out;
    }

    /** The places of keys from the least to the greatest. */
    private static List<Integer> order(Tensor keys) {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            order.add(i);
        }
        order.sort((a, b) -> Long.compare(keys.getLong(a), keys.getLong(b)));
        return order;
    }
}
