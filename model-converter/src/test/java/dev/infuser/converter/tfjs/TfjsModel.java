package dev.infuser.converter.tfjs;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.infuser.converter.build.ExternalData;
import dev.infuser.graph.Graph;
import dev.infuser.op.Evaluator;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/** Writes graph models as tensorflowjs_converter does, for tests. */
final class TfjsModel {

    private final JsonArray nodes = new JsonArray();
    private final JsonArray weights = new JsonArray();
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();

    /** Adds a float input; -1 for extents that are not known. */
    TfjsModel input(String name, long... dims) {
        StringBuilder shape = new StringBuilder();
        for (long dim : dims) {
            shape.append(shape.length() == 0 ? "" : ",").append("{\"size\":\"").append(dim).append("\"}");
        }
        return node(name, "Placeholder", List.of(), "dtype", "{\"type\":\"DT_FLOAT\"}", "shape",
                "{\"shape\":{\"dim\":[" + shape + "]}}");
    }

    /** Adds a node; attributes as names and JSON by turns. */
    TfjsModel node(String name, String op, List<String> inputs, String... attributes) {
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
        nodes.add(node);
        return this;
    }

    TfjsModel floats(String name, int[] dims, float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return weight(name, "float32", dims, "", bytes.array());
    }

    TfjsModel ints(String name, int[] dims, int... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(values);
        return weight(name, "int32", dims, "", bytes.array());
    }

    /** Adds a constant with what the shard holds of it; {@code quantization} is JSON, or "". */
    TfjsModel weight(String name, String dtype, int[] dims, String quantization, byte[] bytes) {
        JsonObject weight = new JsonObject();
        weight.addProperty("name", name);
        weight.addProperty("dtype", dtype);
        JsonArray shape = new JsonArray();
        for (int dim : dims) {
            shape.add(dim);
        }
        weight.add("shape", shape);
        if (!quantization.isEmpty()) {
            weight.add("quantization", JsonParser.parseString(quantization));
        }
        weights.add(weight);
        data.writeBytes(bytes);
        return node(name, "Const", List.of());
    }

    static String integers(long... values) {
        StringBuilder list = new StringBuilder();
        for (long value : values) {
            list.append(list.length() == 0 ? "" : ",").append('"').append(value).append('"');
        }
        return "{\"list\":{\"i\":[" + list + "]}}";
    }

    static String text(String value) {
        return "{\"s\":\"" + base64(value) + "\"}";
    }

    static String texts(String... values) {
        List<String> list = new ArrayList<>();
        for (String value : values) {
            list.add('"' + base64(value) + '"');
        }
        return "{\"list\":{\"s\":[" + String.join(",", list) + "]}}";
    }

    private static String base64(String value) {
        return Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8));
    }

    /** The {@code model.json}, whose weights lie in shards of so many bytes. */
    String json(int shard) {
        JsonObject topology = new JsonObject();
        topology.add("node", nodes);
        JsonArray paths = new JsonArray();
        for (int i = 0; i == 0 || i * shard < data.size(); i++) {
            paths.add("shard" + i + ".bin");
        }
        JsonObject group = new JsonObject();
        group.add("paths", paths);
        group.add("weights", weights);
        JsonArray manifest = new JsonArray();
        manifest.add(group);
        JsonObject model = new JsonObject();
        model.addProperty("format", "graph-model");
        model.add("modelTopology", topology);
        model.add("weightsManifest", manifest);
        return model.toString();
    }

    /** Writes {@code model.json} and its shards into a folder. */
    Path write(Path folder, int shard) {
        try {
            byte[] all = data.toByteArray();
            for (int i = 0; i == 0 || i * shard < all.length; i++) {
                Files.write(folder.resolve("shard" + i + ".bin"),
                        Arrays.copyOfRange(all, i * shard, Math.min(all.length, (i + 1) * shard)));
            }
            return Files.writeString(folder.resolve("model.json"), json(shard));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The graph that the model becomes, its weights in shards of seven bytes. */
    Graph graph() {
        byte[] all = data.toByteArray();
        ExternalData files = (location, offset, length) -> {
            int i = Integer.parseInt(location.substring(5, location.length() - 4));
            return ByteBuffer.wrap(all, i * 7, Math.min(7, all.length - i * 7)).slice();
        };
        return TfjsImporter.importModel(ByteBuffer.wrap(json(7).getBytes(StandardCharsets.UTF_8)), files).graph();
    }

    /** The first output for inputs in order. */
    Tensor run(Tensor... inputs) {
        List<Datum> feeds = new ArrayList<>(List.of(inputs));
        return (Tensor) Evaluator.run(graph(), feeds).get(0);
    }
}
