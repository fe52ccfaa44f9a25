package dev.infuser.converter.tfjs;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.stream.JsonReader;
import dev.infuser.converter.build.Emitter;
import dev.infuser.converter.build.ExternalData;
import dev.infuser.converter.build.ImportedModel;
import dev.infuser.converter.keras.LayersImporter;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Verifier;
import dev.infuser.op.Inference;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.UnsupportedModelException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Turns models of TensorFlow.js into the graph language. */
public final class TfjsImporter {

    private static final int SCRIPT_START = 1 << 16;
    private static final long LONGEST_SCRIPT = 1 << 28;

    private TfjsImporter() {
    }

    /** The names of the operators of graph models that can be imported. */
    public static Set<String> operators() {
        Set<String> names = Rules.names();
        names.addAll(GraphTranslator.STRUCTURE);
        return names;
    }

    /**
     * Reads and imports a {@code model.json}.
     *
     * @param files where to find the shards
     * @throws InvalidModelException     when the file or a shard is damaged
     * @throws UnsupportedModelException naming every operator or layer that is missing, with its nodes
     */
    public static ImportedModel importModel(ByteBuffer json, ExternalData files) {
        try {
            JsonElement parsed = JsonParser.parseString(StandardCharsets.UTF_8.decode(json).toString());
            if (!parsed.isJsonObject() || !parsed.getAsJsonObject().has("modelTopology")) {
                throw new InvalidModelException("bad-tfjs", "modelTopology", "the file is not a model of TensorFlow.js", "",
                        "give the model.json that tensorflowjs_converter wrote");
            }
            return read(parsed.getAsJsonObject(), files);
        } catch (JsonParseException | IllegalStateException | UnsupportedOperationException | NullPointerException
                | ClassCastException | IllegalArgumentException | IndexOutOfBoundsException | ArithmeticException
                | NegativeArraySizeException e) {
            throw new InvalidModelException("bad-tfjs", "", "the model.json is damaged", String.valueOf(e.getMessage()),
                    "copy or export it again");
        }
    }

    /**
     * Reads and imports a script that exports what is in a {@code model.json}; scripts beside it may export the shards, as
     * base64.
     *
     * @param files where to find the shards
     * @throws InvalidModelException     when the script exports no such, or it or a shard is damaged
     * @throws UnsupportedModelException naming every operator or layer that is missing, with its nodes
     */
    public static ImportedModel importScript(ByteBuffer script, ExternalData files) {
        JsonElement model = Script.exported(script);
        if (model == null || !isModel(model)) {
            throw new InvalidModelException("bad-tfjs", "modelTopology", "the script does not export a model of TensorFlow.js", "",
                    "give the script with the model.json in it");
        }
        return importModel(StandardCharsets.UTF_8.encode(model.toString()), new ScriptData(files));
    }

    private static boolean isModel(JsonElement data) {
        return data.isJsonObject() && data.getAsJsonObject().has("modelTopology");
    }

    /** Whether a file is a script that exports a model of TensorFlow.js. */
    public static boolean isScript(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            String start = new String(in.readNBytes(SCRIPT_START), StandardCharsets.UTF_8);
            if (!start.contains("modelTopology") || Files.size(file) > LONGEST_SCRIPT) {
                return false;
            }
            JsonElement data = Script.exported(ByteBuffer.wrap(Files.readAllBytes(file)));
            return data != null && isModel(data);
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether a file is JSON with a model of TensorFlow.js at its top level. */
    public static boolean isModel(Path file) {
        try (JsonReader json = new JsonReader(Files.newBufferedReader(file))) {
            json.beginObject();
            while (json.hasNext()) {
                if (json.nextName().equals("modelTopology")) {
                    return true;
                }
                json.skipValue();
            }
            return false;
        } catch (IOException | IllegalStateException | JsonParseException e) {
            return false;
        }
    }

    private static ImportedModel read(JsonObject model, ExternalData files) {
        JsonObject topology = model.getAsJsonObject("modelTopology");
        Map<String, Tensor> weights = Weights.read(model.getAsJsonArray("weightsManifest"), files);
        if (LayersImporter.isLayers(topology)) {
            return new ImportedModel(LayersImporter.importModel(topology, weights), metadata(model, "tfjs-layers"));
        }
        TfGraph graph = TfGraph.read(topology);
        Emitter out = new Emitter(null);
        JsonObject first = model.getAsJsonObject("modelInitializer");
        Tables tables = new Tables(model, graph, first == null || !first.has("node") ? null : TfGraph.read(first));
        List<String> outputs = new GraphTranslator(graph, weights, tables, out).translate(outputs(model, graph));
        if (outputs.isEmpty()) {
            throw new InvalidModelException("bad-tfjs", "modelTopology", "the graph has no result: every node is read by another",
                    "", "copy or export it again");
        }
        Graph made = out.graph("", outputs);
        Verifier.verify(made);
        return new ImportedModel(Inference.infer(made), metadata(model, "tfjs-graph"));
    }

    /** The values that the model gives, by the name that TensorFlow.js knows them by. */
    private static Map<String, String> outputs(JsonObject model, TfGraph graph) {
        JsonObject signature = model.getAsJsonObject("signature");
        JsonObject declared = signature == null ? null : signature.getAsJsonObject("outputs");
        if (declared == null || declared.size() == 0) {
            return GraphTranslator.ends(graph);
        }
        Map<String, String> outputs = new LinkedHashMap<>();
        for (Map.Entry<String, JsonElement> output : declared.entrySet()) {
            String name = output.getValue().getAsJsonObject().get("name").getAsString();
            outputs.put(name.endsWith(":0") ? name.substring(0, name.length() - 2) : name, name);
        }
        return outputs;
    }

    private static Map<String, String> metadata(JsonObject model, String format) {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("format", format);
        for (String key : List.of("generatedBy", "convertedBy")) {
            if (model.has(key) && model.get(key).isJsonPrimitive()) {
                metadata.put(key.equals("generatedBy") ? "producer" : "converter.source", model.get(key).getAsString());
            }
        }
        return metadata;
    }
}
