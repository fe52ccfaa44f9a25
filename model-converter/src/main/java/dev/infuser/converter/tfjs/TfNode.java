package dev.infuser.converter.tfjs;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.UnsupportedModelException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * A node of a TensorFlow graph as JSON spells its protocol buffer: numbers of 64 bits as strings, bytes in base64.
 *
 * @param inputs {@code node}, {@code node:index}, {@code node:output:index} in functions, or {@code ^node} for what only
 *               has to run before
 */
record TfNode(String name, String op, List<String> inputs, JsonObject attributes) {

    private static final Map<String, DType> TYPES = Map.ofEntries(Map.entry("DT_FLOAT", DType.FLOAT32),
            Map.entry("DT_HALF", DType.FLOAT32), Map.entry("DT_BFLOAT16", DType.FLOAT32), Map.entry("DT_DOUBLE", DType.FLOAT32),
            Map.entry("DT_INT8", DType.INT32), Map.entry("DT_INT16", DType.INT32), Map.entry("DT_INT32", DType.INT32),
            Map.entry("DT_INT64", DType.INT32), Map.entry("DT_UINT8", DType.INT32), Map.entry("DT_UINT16", DType.INT32),
            Map.entry("DT_UINT32", DType.INT32), Map.entry("DT_UINT64", DType.INT32), Map.entry("DT_BOOL", DType.BOOL),
            Map.entry("DT_STRING", DType.STRING));

    static TfNode read(JsonObject node) {
        List<String> inputs = new ArrayList<>();
        if (node.has("input")) {
            node.getAsJsonArray("input").forEach(input -> inputs.add(input.getAsString()));
        }
        return new TfNode(node.get("name").getAsString(), node.get("op").getAsString(), inputs,
                node.has("attr") ? node.getAsJsonObject("attr") : new JsonObject());
    }

    /** The node that an input names. */
    static String source(String input) {
        int colon = input.indexOf(':');
        return colon < 0 ? input : input.substring(0, colon);
    }

    /** The inputs without those that only have to run before. */
    List<String> data() {
        return inputs.stream().filter(input -> !input.startsWith("^")).toList();
    }

    /** One of these. */
    String data(int i) {
        if (i >= data().size()) {
            throw new InvalidModelException("bad-tfjs", name, op + " '" + name + "' has " + data().size() + " inputs", "",
                    "the file is damaged: export it again");
        }
        return data().get(i);
    }

    boolean has(String attribute) {
        return attributes.has(attribute);
    }

    private JsonElement value(String attribute, String kind) {
        JsonElement value = attributes.get(attribute);
        return value == null ? null : value.getAsJsonObject().get(kind);
    }

    private JsonArray list(String attribute, String kind) {
        JsonElement list = value(attribute, "list");
        JsonElement values = list == null ? null : list.getAsJsonObject().get(kind);
        return values == null ? new JsonArray() : values.getAsJsonArray();
    }

    long integer(String attribute, long fallback) {
        JsonElement value = value(attribute, "i");
        return value == null ? fallback : value.getAsLong();
    }

    float real(String attribute, float fallback) {
        JsonElement value = value(attribute, "f");
        return value == null ? fallback : value.getAsFloat();
    }

    boolean flag(String attribute) {
        JsonElement value = value(attribute, "b");
        return value != null && value.getAsBoolean();
    }

    boolean flag(String attribute, boolean fallback) {
        return has(attribute) ? flag(attribute) : fallback;
    }

    String string(String attribute, String fallback) {
        JsonElement value = value(attribute, "s");
        return value == null ? fallback : text(value);
    }

    /** The integers of a list; empty where there is none. */
    long[] integers(String attribute) {
        JsonArray values = list(attribute, "i");
        long[] out = new long[values.size()];
        for (int i = 0; i < out.length; i++) {
            out[i] = values.get(i).getAsLong();
        }
        return out;
    }

    List<String> strings(String attribute) {
        List<String> out = new ArrayList<>();
        list(attribute, "s").forEach(value -> out.add(text(value)));
        return out;
    }

    private static String text(JsonElement base64) {
        return new String(Base64.getDecoder().decode(base64.getAsString()), StandardCharsets.UTF_8);
    }

    /** The name of a function. */
    String function(String attribute) {
        JsonElement value = value(attribute, "func");
        if (value == null) {
            throw new InvalidModelException("missing-attribute", name, "node '" + name + "' has no function " + attribute, "",
                    "export the model again");
        }
        return value.getAsJsonObject().get("name").getAsString();
    }

    /** An element type; null where the attribute is missing or names something that is no tensor. */
    DType dtype(String attribute) {
        JsonElement value = value(attribute, "type");
        return value == null ? null : dtype(value);
    }

    /** The type that TensorFlow.js has for one that is written by its name or number: all integers are int32, all reals float32. */
    static DType dtype(JsonElement type) {
        String text = type.getAsString();
        if (!text.isEmpty() && Character.isDigit(text.charAt(0))) {
            return switch (text) {
                case "1", "2", "14", "19" -> DType.FLOAT32;
                case "3", "4", "5", "6", "9", "17", "22", "23" -> DType.INT32;
                case "7" -> DType.STRING;
                case "10" -> DType.BOOL;
                default -> throw new UnsupportedModelException("element-type", "", "the graph uses TensorFlow's type " + text,
                        "", "");
            };
        }
        return TYPES.get(text);
    }

    /**
     * A shape; null where its rank is not known.
     *
     * @param symbols what to call extents that are not known, by axis
     */
    Shape shape(String attribute, List<String> symbols) {
        JsonElement value = value(attribute, "shape");
        return value == null ? null : shape(value.getAsJsonObject(), symbols);
    }

    static Shape shape(JsonObject value, List<String> symbols) {
        if (value.has("unknownRank") && value.get("unknownRank").getAsBoolean()) {
            return null;
        }
        List<Dim> dims = new ArrayList<>();
        if (value.has("dim")) {
            for (JsonElement dim : value.getAsJsonArray("dim")) {
                JsonElement size = dim.getAsJsonObject().get("size");
                long extent = size == null ? 0 : size.getAsLong();
                dims.add(extent < 0 ? Dim.symbol(symbols.get(dims.size())) : Dim.of(extent));
            }
        }
        return new Shape(dims);
    }
}
