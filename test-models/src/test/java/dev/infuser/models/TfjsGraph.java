package dev.infuser.models;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes a small graph model as the converter of TensorFlow.js does, with what to feed to it. */
final class TfjsGraph {

    private final JsonArray nodes = new JsonArray();
    private final JsonArray functions = new JsonArray();
    private final JsonArray weights = new JsonArray();
    private final JsonObject outputs = new JsonObject();
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();
    private final Map<String, Tensor> feeds = new LinkedHashMap<>();

    Map<String, Tensor> feeds() {
        return feeds;
    }

    /** Adds an input of any extents, and what is fed to it. */
    TfjsGraph input(String name, Tensor value) {
        feeds.put(name, value);
        StringBuilder dims = new StringBuilder();
        for (int dim : value.dims()) {
            dims.append(dims.length() == 0 ? "" : ",").append("{\"size\":\"").append(dim).append("\"}");
        }
        return node(name, "Placeholder", List.of(), "dtype", type(value.dtype()), "shape",
                "{\"shape\":{\"dim\":[" + dims + "]}}");
    }

    static String type(DType dtype) {
        return switch (dtype) {
            case INT32 -> "{\"type\":\"DT_INT32\"}";
            case BOOL -> "{\"type\":\"DT_BOOL\"}";
            case STRING -> "{\"type\":\"DT_STRING\"}";
            default -> "{\"type\":\"DT_FLOAT\"}";
        };
    }

    /** Adds a constant. */
    TfjsGraph constant(String name, Tensor value) {
        weight(name, value);
        return node(name, "Const", List.of(), "dtype", type(value.dtype()));
    }

    private void weight(String name, Tensor value) {
        JsonObject weight = new JsonObject();
        weight.addProperty("name", name);
        weight.addProperty("dtype", value.dtype().label());
        JsonArray shape = new JsonArray();
        for (int dim : value.dims()) {
            shape.add(dim);
        }
        weight.add("shape", shape);
        weights.add(weight);
        for (int i = 0; i < value.size(); i++) {
            if (value.dtype() == DType.STRING) {
                byte[] text = value.strings()[i].getBytes(StandardCharsets.UTF_8);
                data.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(text.length).array());
                data.writeBytes(text);
            } else if (value.dtype() == DType.BOOL) {
                data.write((int) value.getLong(i));
            } else {
                ByteBuffer bytes = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
                data.writeBytes((value.dtype() == DType.INT32 ? bytes.putInt((int) value.getLong(i))
                        : bytes.putFloat((float) value.getDouble(i))).array());
            }
        }
    }

    /** Adds a node; attributes as names and JSON by turns. */
    TfjsGraph node(String name, String op, List<String> inputs, String... attributes) {
        nodes.add(json(name, op, inputs, attributes));
        return this;
    }

    static JsonObject json(String name, String op, List<String> inputs, String... attributes) {
        JsonObject node = new JsonObject();
        node.addProperty("name", name);
        node.addProperty("op", op);
        JsonArray list = new JsonArray();
        inputs.forEach(list::add);
        node.add("input", list);
        JsonObject attr = new JsonObject();
        for (int i = 0; i < attributes.length; i += 2) {
            attr.add(attributes[i], JsonParser.parseString(attributes[i + 1]));
        }
        node.add("attr", attr);
        return node;
    }

    /** Adds a function whose arguments and results are written {@code name:type}, and {@code name=value}. */
    TfjsGraph function(String name, List<String> arguments, List<String> results, JsonObject... body) {
        JsonObject signature = new JsonObject();
        signature.addProperty("name", name);
        JsonArray in = new JsonArray();
        arguments.forEach(argument -> in.add(argument(argument)));
        signature.add("inputArg", in);
        JsonArray out = new JsonArray();
        JsonObject ret = new JsonObject();
        for (String result : results) {
            String[] parts = result.split("=");
            out.add(argument(parts[0]));
            ret.addProperty(parts[0].split(":")[0], parts[1]);
        }
        signature.add("outputArg", out);
        JsonObject function = new JsonObject();
        function.add("signature", signature);
        JsonArray nodes = new JsonArray();
        for (JsonObject node : body) {
            nodes.add(node);
        }
        function.add("nodeDef", nodes);
        function.add("ret", ret);
        functions.add(function);
        return this;
    }

    private static JsonObject argument(String text) {
        JsonObject argument = new JsonObject();
        argument.addProperty("name", text.split(":")[0]);
        argument.addProperty("type", text.split(":")[1]);
        return argument;
    }

    /** A constant of a function, whose elements are among the weights. */
    JsonObject inner(String name, Tensor value) {
        weight(name, value);
        return json(name, "Const", List.of(), "dtype", type(value.dtype()));
    }

    /** Makes a value an output, called {@code o} and a number. */
    TfjsGraph output(String value) {
        String name = "o" + outputs.size();
        JsonObject output = new JsonObject();
        output.addProperty("name", name + ":0");
        outputs.add(name, output);
        return node(name, "Identity", List.of(value));
    }

    static String integer(long value) {
        return "{\"i\":\"" + value + "\"}";
    }

    static String integers(long... values) {
        List<String> list = new ArrayList<>();
        for (long value : values) {
            list.add("\"" + value + "\"");
        }
        return "{\"list\":{\"i\":[" + String.join(",", list) + "]}}";
    }

    static String text(String value) {
        return "{\"s\":\"" + Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8)) + "\"}";
    }

    static String texts(String... values) {
        List<String> list = new ArrayList<>();
        for (String value : values) {
            list.add("\"" + Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8)) + "\"");
        }
        return "{\"list\":{\"s\":[" + String.join(",", list) + "]}}";
    }

    /** Writes {@code model.json} and its weights. */
    Path write(Path folder) throws IOException {
        Files.createDirectories(folder);
        JsonObject topology = new JsonObject();
        topology.add("node", nodes);
        topology.add("versions", JsonParser.parseString("{\"producer\":1}"));
        if (!functions.isEmpty()) {
            JsonObject library = new JsonObject();
            library.add("function", functions);
            topology.add("library", library);
        }
        JsonObject group = new JsonObject();
        JsonArray paths = new JsonArray();
        paths.add("weights.bin");
        group.add("paths", paths);
        group.add("weights", weights);
        JsonArray manifest = new JsonArray();
        manifest.add(group);
        JsonObject signature = new JsonObject();
        signature.add("outputs", outputs);
        JsonObject model = new JsonObject();
        model.addProperty("format", "graph-model");
        model.add("modelTopology", topology);
        model.add("signature", signature);
        model.add("weightsManifest", manifest);
        Files.write(folder.resolve("weights.bin"), data.toByteArray());
        return Files.writeString(folder.resolve("model.json"), model.toString());
    }
}
