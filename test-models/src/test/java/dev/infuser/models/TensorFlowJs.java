package dev.infuser.models;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** TensorFlow.js itself in Node.js, one process for any number of models. */
final class TensorFlowJs {

    private static final int MINUTES = 5;

    /**
     * What to run.
     *
     * @param backend {@code cpu}, which has every operator, or {@code wasm}, which is quick
     * @param runs    what to feed, once or several times
     * @param carried by input: the output that it takes from the run before
     */
    record Job(Path model, String backend, List<Map<String, Tensor>> runs, Map<String, String> carried) {
    }

    /** What came out, by run, or an error. */
    record Result(List<String> inputs, List<Map<String, Tensor>> runs, String error) {
    }

    private TensorFlowJs() {
    }

    /**
     * The results of jobs, in order.
     *
     * @throws UnavailableException where Node.js or the package is missing
     */
    static List<Result> run(Path folder, List<Job> jobs) throws IOException, InterruptedException {
        Path library = Models.peerPackage("@tensorflow/tfjs-core").getParent();
        JsonArray all = new JsonArray();
        for (Job job : jobs) {
            all.add(json(folder, job, all.size()));
        }
        Files.writeString(folder.resolve("job.json"), all.toString());
        Path script = folder.resolve("tfjs.cjs");
        try (InputStream in = TensorFlowJs.class.getResourceAsStream("tfjs.cjs")) {
            Files.write(script, in.readAllBytes());
        }
        Path log = folder.resolve("log");
        Process node;
        try {
            node = new ProcessBuilder("node", script.toString(), library.toString(), folder.toString())
                    .redirectErrorStream(true).redirectOutput(log.toFile()).start();
        } catch (IOException e) {
            throw new UnavailableException("Node.js is not installed", e);
        }
        if (!node.waitFor(MINUTES, TimeUnit.MINUTES)) {
            node.destroyForcibly();
        }
        if (node.waitFor() != 0) {
            throw new IOException("TensorFlow.js failed: " + Files.readString(log));
        }
        List<Result> results = new ArrayList<>();
        for (JsonElement result : JsonParser.parseString(Files.readString(folder.resolve("results.json"))).getAsJsonArray()) {
            results.add(result(folder, result.getAsJsonObject(), results.size()));
        }
        return results;
    }

    private static JsonObject json(Path folder, Job job, int number) throws IOException {
        JsonObject json = new JsonObject();
        json.addProperty("model", job.model.toString());
        json.addProperty("backend", job.backend);
        json.add("carried", new Gson().toJsonTree(job.carried));
        JsonArray runs = new JsonArray();
        for (Map<String, Tensor> feeds : job.runs) {
            JsonObject inputs = new JsonObject();
            for (Map.Entry<String, Tensor> feed : feeds.entrySet()) {
                JsonObject value = new JsonObject();
                Tensor tensor = feed.getValue();
                value.addProperty("dtype", tensor.dtype().label());
                value.add("shape", new Gson().toJsonTree(tensor.dims()));
                if (tensor.dtype() == DType.STRING) {
                    value.add("values", new Gson().toJsonTree(tensor.strings()));
                } else {
                    String file = "in-" + number + "-" + runs.size() + "-" + inputs.size();
                    Files.write(folder.resolve(file), bytes(tensor));
                    value.addProperty("file", file);
                }
                inputs.add(feed.getKey(), value);
            }
            runs.add(inputs);
        }
        json.add("runs", runs);
        return json;
    }

    private static byte[] bytes(Tensor tensor) {
        ByteBuffer bytes = ByteBuffer.allocate(tensor.size() * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        if (tensor.dtype() == DType.INT32) {
            bytes.asIntBuffer().put(tensor.ints());
        } else {
            bytes.asFloatBuffer().put(tensor.floats());
        }
        return bytes.array();
    }

    private static Result result(Path folder, JsonObject json, int number) throws IOException {
        if (json.has("error")) {
            return new Result(List.of(), List.of(), json.get("error").getAsString());
        }
        Gson gson = new Gson();
        List<Map<String, Tensor>> runs = new ArrayList<>();
        for (JsonElement run : json.getAsJsonArray("runs")) {
            Map<String, Tensor> outputs = new LinkedHashMap<>();
            for (JsonElement element : run.getAsJsonArray()) {
                JsonObject output = element.getAsJsonObject();
                int[] dims = gson.fromJson(output.get("shape"), int[].class);
                String dtype = output.get("dtype").getAsString();
                String name = output.get("name").getAsString();
                if (dtype.equals("string")) {
                    outputs.put(name, Tensor.strings(dims, gson.fromJson(output.get("values"), String[].class)));
                    continue;
                }
                ByteBuffer data = ByteBuffer.wrap(Files.readAllBytes(folder.resolve(number + "-" + runs.size() + "-"
                        + outputs.size()))).order(ByteOrder.LITTLE_ENDIAN);
                int count = data.remaining() / Integer.BYTES;
                if (dtype.equals("float32")) {
                    float[] values = new float[count];
                    data.asFloatBuffer().get(values);
                    outputs.put(name, Tensor.floats(dims, values));
                } else {
                    int[] values = new int[count];
                    data.asIntBuffer().get(values);
                    outputs.put(name, Tensor.ints(dims, values));
                }
            }
            runs.add(outputs);
        }
        return new Result(List.of(gson.fromJson(json.get("inputs"), String[].class)), runs, "");
    }
}
