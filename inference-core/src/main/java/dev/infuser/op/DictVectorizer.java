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
 * {@code ai.onnx.ml.DictVectorizer}: the values that a map has for the keys of {@code string_vocabulary} or {@code
 * int64_vocabulary}, as a row [1, C] in its order; 0 or an empty string where it has none.
 */
final class DictVectorizer implements Operator {

    @Override
    public String name() {
        return "DictVectorizer";
    }

    @Override
    public String domain() {
        return "ai.onnx.ml";
    }

    private static Tensor vocabulary(Attributes attributes) {
        return ZipMap.either(attributes, "string_vocabulary", "int64_vocabulary");
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Tensor vocabulary = vocabulary(c.attributes());
        if (vocabulary == null) {
            throw c.fail("needs one of string_vocabulary and int64_vocabulary");
        }
        if (!(c.type(0) instanceof ValueType.OfMap map) || map.key() != vocabulary.dtype()) {
            throw c.fail("takes a map from " + vocabulary.dtype().label() + ", found " + c.type(0));
        }
        return List.of(ValueType.tensor(map.value(), 1, vocabulary.size()));
    }

    @Override
    public List<Datum> evaluate(EvalContext c) {
        if (!(c.datum(0) instanceof Datum.Map map)) {
            throw c.fail("input 0 must be a map");
        }
        Tensor vocabulary = vocabulary(c.attributes());
        Map<Object, Integer> places = new HashMap<>();
        for (int i = 0; i < map.keys().size(); i++) {
            places.put(LabelEncoder.key(map.keys(), i), i);
        }
        int[] index = new int[vocabulary.size()];
        for (int i = 0; i < index.length; i++) {
            index[i] = places.getOrDefault(LabelEncoder.key(vocabulary, i), map.keys().size());
        }
        DType type = map.values().dtype();
        Tensor none = type == DType.STRING ? Tensor.strings(new int[] {1}, "") : Tensor.zeros(type, 1);
        return List.of(Concat.join(List.of(map.values(), none), 0).pick(new int[] {1, index.length}, index));
    }
}
