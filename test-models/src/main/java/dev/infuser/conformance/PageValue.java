package dev.infuser.conformance;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.UnsupportedModelException;
import dev.infuser.tensor.ValueType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Data as they cross into a page: elements as base64 of little-endian bytes, strings as they are. */
final class PageValue {

    private PageValue() {
    }

    /** {@code {type, dims, bytes}} or {@code {type, dims, strings}}, a list for a sequence, null for an absent optional. */
    static Object of(Datum datum) {
        if (datum instanceof Datum.Optional optional) {
            return optional.value() == null ? null : of(optional.value());
        }
        if (datum instanceof Datum.Sequence sequence) {
            List<Object> elements = new ArrayList<>();
            sequence.elements().forEach(element -> elements.add(of(element)));
            return elements;
        }
        Map<String, Object> value = new HashMap<>();
        if (datum instanceof Datum.Map map) {
            value.put("keys", of(map.keys()));
            value.put("values", of(map.values()));
            return value;
        }
        Tensor tensor = (Tensor) datum;
        value.put("type", tensor.dtype().label());
        value.put("dims", Arrays.stream(tensor.dims()).boxed().toList());
        if (tensor.dtype() == DType.STRING) {
            value.put("strings", List.of(tensor.strings()));
        } else {
            value.put("bytes", Base64.getEncoder().encodeToString(bytes(tensor)));
        }
        return value;
    }

    private static byte[] bytes(Tensor tensor) {
        ByteBuffer out = ByteBuffer.allocate(tensor.size() * tensor.dtype().bytes()).order(ByteOrder.LITTLE_ENDIAN);
        Object array = tensor.array();
        if (array instanceof float[] a) {
            out.asFloatBuffer().put(a);
        } else if (array instanceof double[] a) {
            out.asDoubleBuffer().put(a);
        } else if (array instanceof long[] a) {
            out.asLongBuffer().put(a);
        } else if (array instanceof int[] a) {
            out.asIntBuffer().put(a);
        } else if (array instanceof short[] a) {
            out.asShortBuffer().put(a);
        } else {
            out.put((byte[]) array);
        }
        return out.array();
    }

    /** The datum of {@code type} that {@link #of} makes {@code value} of; a type of null stands for a tensor or sequence. */
    static Datum datum(Object value, ValueType type) {
        if (type instanceof ValueType.OfOptional optional) {
            return value == null ? Datum.Optional.ABSENT : new Datum.Optional(datum(value, optional.element()));
        }
        if (value instanceof List<?> list) {
            List<Datum> elements = new ArrayList<>();
            list.forEach(element -> elements.add(datum(element, null)));
            return new Datum.Sequence(elements);
        }
        Map<?, ?> map = (Map<?, ?>) value;
        if (map.containsKey("keys")) {
            return new Datum.Map((Tensor) datum(map.get("keys"), null), (Tensor) datum(map.get("values"), null));
        }
        DType dtype = DType.ofLabel((String) map.get("type"));
        int[] dims = ((List<?>) map.get("dims")).stream().mapToInt(dim -> ((Number) dim).intValue()).toArray();
        if (dtype == DType.STRING) {
            return Tensor.strings(dims, ((List<?>) map.get("strings")).toArray(new String[0]));
        }
        Object array = Tensor.newArray(dtype, Tensor.count(dims));
        ByteBuffer in = ByteBuffer.wrap(Base64.getDecoder().decode((String) map.get("bytes"))).order(ByteOrder.LITTLE_ENDIAN);
        if (array instanceof float[] a) {
            in.asFloatBuffer().get(a);
        } else if (array instanceof double[] a) {
            in.asDoubleBuffer().get(a);
        } else if (array instanceof long[] a) {
            in.asLongBuffer().get(a);
        } else if (array instanceof int[] a) {
            in.asIntBuffer().get(a);
        } else if (array instanceof short[] a) {
            in.asShortBuffer().get(a);
        } else {
            in.get((byte[]) array);
        }
        return Tensor.of(dtype, dims, array);
    }

    /** The exception that an error of the page stands for. */
    static RuntimeException error(Map<?, ?> error) {
        String message = error.get("message").toString();
        return "UnsupportedModelError".equals(error.get("name"))
                ? new UnsupportedModelException(error.get("code").toString(), message)
                : new IllegalStateException(error.get("name") + ": " + message);
    }
}
