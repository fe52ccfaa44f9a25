package dev.infuser.converter.tfjs;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.infuser.converter.build.ElementCodec;
import dev.infuser.converter.build.ExternalData;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.SmallFloat;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.UnsupportedModelException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The weights of a model by name. Groups of tensors lie one behind the other in shards; quantised ones stand for
 * {@code min + scale * q} (uint8, uint16), or are float16. Source: TensorFlow.js, {@code io_utils.ts}.
 */
final class Weights {

    private Weights() {
    }

    /** The tensors of a {@code weightsManifest}; elements are read when they are first asked for. */
    static Map<String, Tensor> read(JsonArray manifest, ExternalData files) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (JsonElement element : manifest) {
            JsonObject group = element.getAsJsonObject();
            List<ByteBuffer> buffers = new ArrayList<>();
            for (JsonElement path : group.getAsJsonArray("paths")) {
                buffers.add(files.slice(path.getAsString(), 0, -1));
            }
            Shards shards = new Shards(buffers, String.valueOf(group.get("paths")));
            long offset = 0;
            for (JsonElement weight : group.getAsJsonArray("weights")) {
                offset = add(weight.getAsJsonObject(), shards, offset, tensors);
            }
        }
        return tensors;
    }

    private static long add(JsonObject weight, Shards shards, long offset, Map<String, Tensor> tensors) {
        String name = weight.get("name").getAsString();
        int[] dims = dims(name, weight.getAsJsonArray("shape"));
        String label = weight.get("dtype").getAsString();
        DType dtype = DType.ofLabel(label);
        if (dtype == null || label.startsWith("complex")) {
            throw new UnsupportedModelException("element-type", name, "the weight '" + name + "' is of type " + label, "", "");
        }
        JsonObject quantization = weight.getAsJsonObject("quantization");
        if (dtype == DType.STRING) {
            return strings(name, dims, shards, offset, tensors);
        }
        DType stored = quantization == null ? dtype : DType.ofLabel(quantization.get("dtype").getAsString());
        if (stored != dtype && stored != DType.FLOAT16 && stored != DType.UINT8 && stored != DType.UINT16) {
            throw new UnsupportedModelException("quantisation", name, "the weight '" + name + "' is stored as "
                    + quantization.get("dtype"), "", "");
        }
        int count = Tensor.count(dims);
        long length = ElementCodec.byteLength(stored, count);
        ByteBuffer bytes = shards.slice(name, offset, length);
        double scale = number(quantization, "scale", 1);
        double min = number(quantization, "min", 0);
        tensors.put(name, Tensor.lazy(dtype, dims, () -> {
            Object array = ElementCodec.decode(stored, count, bytes);
            return stored == dtype ? array : widened(Tensor.of(stored, dims, array), dtype, scale, min).array();
        }));
        return offset + length;
    }

    private static double number(JsonObject quantization, String key, double fallback) {
        return quantization == null || !quantization.has(key) ? fallback : quantization.get(key).getAsDouble();
    }

    private static Tensor widened(Tensor stored, DType dtype, double scale, double min) {
        double[] values = new double[stored.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = stored.dtype() == DType.FLOAT16 ? SmallFloat.decode(DType.FLOAT16, stored.shorts()[i] & 0xFFFF)
                    : min + scale * stored.getLong(i);
            if (dtype != DType.FLOAT32) {
                values[i] = Math.rint(values[i]);
            }
        }
        return Tensor.ofDoubles(dtype, stored.dims(), values);
    }

    /** Strings, each behind its length in four bytes. */
    private static long strings(String name, int[] dims, Shards shards, long start, Map<String, Tensor> tensors) {
        String[] texts = new String[Tensor.count(dims)];
        long offset = start;
        for (int i = 0; i < texts.length; i++) {
            long length = shards.slice(name, offset, 4).order(ByteOrder.LITTLE_ENDIAN).getInt() & 0xFFFFFFFFL;
            texts[i] = StandardCharsets.UTF_8.decode(shards.slice(name, offset + 4, length)).toString();
            offset += 4 + length;
        }
        tensors.put(name, Tensor.strings(dims, texts));
        return offset;
    }

    private static int[] dims(String name, JsonArray shape) {
        int[] dims = new int[shape.size()];
        long count = 1;
        for (int i = 0; i < dims.length; i++) {
            dims[i] = shape.get(i).getAsInt();
            count *= dims[i];
            if (dims[i] < 0 || count > Integer.MAX_VALUE) {
                throw new InvalidModelException("bad-shape", name, "the weight '" + name + "' has the shape " + shape, "", "");
            }
        }
        return dims;
    }
}
