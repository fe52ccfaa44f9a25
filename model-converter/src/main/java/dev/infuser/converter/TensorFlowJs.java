package dev.infuser.converter;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.infuser.graph.Graph;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Elements;
import dev.infuser.tensor.InvalidInputException;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.UnsupportedModelException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** TensorFlow.js itself, on its plain JavaScript backend in Node, from a folder of the user's in which npm installed it. */
final class TensorFlowJs implements Verification.Framework {

    private static final String PACKAGE = "node_modules/@tensorflow/tfjs/package.json";
    private static final long MINUTES = 30;

    private final Path model;
    private final Path folder;
    private final Graph imported;
    private final String version;

    /**
     * The framework of a model.
     *
     * @param model    the {@code model.json}, with its shards beside it
     * @param folder   has {@code node_modules/@tensorflow/tfjs}
     * @param imported the model as imported, which tells the names of inputs and outputs
     */
    TensorFlowJs(Path model, Path folder, Graph imported) throws IOException {
        this.model = model;
        this.folder = folder;
        this.imported = imported;
        Path manifest = folder.resolve(PACKAGE);
        if (!Files.isRegularFile(manifest)) {
            throw new InvalidInputException("no-runtime", folder.toString(), "TensorFlow.js is not installed in " + folder,
                    "there is no " + manifest, "run npm install @tensorflow/tfjs there");
        }
        version = JsonParser.parseString(Files.readString(manifest)).getAsJsonObject().get("version").getAsString();
    }

    @Override
    public String name() {
        return "TensorFlow.js " + version;
    }

    @Override
    public Verification.Running open(boolean optimised) {
        return this::run;
    }

    private List<Tensor> run(List<Tensor> inputs) {
        try {
            Path work = Files.createTempDirectory("infuser");
            try {
                write(inputs, work);
                execute(work);
                return read(work);
            } finally {
                Source.delete(work);
            }
        } catch (IOException | JsonParseException | IllegalStateException e) {
            throw failed(String.valueOf(e.getMessage()));
        }
    }

    private void execute(Path work) throws IOException {
        Path script = work.resolve("tensorflow.cjs");
        try (InputStream in = TensorFlowJs.class.getResourceAsStream("tensorflow.cjs")) {
            Files.copy(in, script);
        }
        Path log = work.resolve("log");
        Process node = new ProcessBuilder("node", script.toString(), folder.toAbsolutePath().toString(),
                model.toAbsolutePath().toString(), work.toString()).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        try {
            if (!node.waitFor(MINUTES, TimeUnit.MINUTES)) {
                throw failed("it takes more than " + MINUTES + " minutes");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed("interrupted");
        } finally {
            node.destroyForcibly();
        }
        if (node.exitValue() != 0) {
            String[] lines = Files.readString(log).strip().split("\n");
            throw failed(lines[lines.length - 1]);
        }
    }

    private static UnsupportedModelException failed(String why) {
        return new UnsupportedModelException("source-framework", "", "TensorFlow.js cannot run the model: " + why, "", "");
    }

    private void write(List<Tensor> inputs, Path work) throws IOException {
        JsonArray list = new JsonArray();
        for (int i = 0; i < inputs.size(); i++) {
            Tensor tensor = inputs.get(i);
            JsonObject input = new JsonObject();
            input.addProperty("name", imported.inputs().get(i).name());
            input.addProperty("dtype", tensor.dtype().label());
            JsonArray dims = new JsonArray();
            for (int dim : tensor.dims()) {
                dims.add(dim);
            }
            input.add("dims", dims);
            if (tensor.dtype() == DType.STRING) {
                JsonArray strings = new JsonArray();
                for (String string : tensor.strings()) {
                    strings.add(string);
                }
                input.add("strings", strings);
            } else {
                byte[] bytes = new byte[tensor.size() * tensor.dtype().bytes()];
                Elements.encode(tensor.dtype(), tensor.array(), 0, tensor.size(), bytes, 0);
                Files.write(work.resolve("in" + i), bytes);
            }
            list.add(input);
        }
        JsonArray names = new JsonArray();
        imported.outputs().forEach(names::add);
        JsonObject all = new JsonObject();
        all.add("inputs", list);
        all.add("outputs", names);
        Files.writeString(work.resolve("inputs.json"), all.toString());
    }

    private static List<Tensor> read(Path work) throws IOException {
        List<Tensor> outputs = new ArrayList<>();
        for (JsonElement element : JsonParser.parseString(Files.readString(work.resolve("outputs.json"))).getAsJsonArray()) {
            JsonObject output = element.getAsJsonObject();
            JsonArray shape = output.getAsJsonArray("dims");
            int[] dims = new int[shape.size()];
            for (int i = 0; i < dims.length; i++) {
                dims[i] = shape.get(i).getAsInt();
            }
            DType dtype = DType.ofLabel(output.get("dtype").getAsString());
            if (dtype == DType.STRING) {
                String[] strings = new String[Tensor.count(dims)];
                for (int i = 0; i < strings.length; i++) {
                    strings[i] = output.getAsJsonArray("strings").get(i).getAsString();
                }
                outputs.add(Tensor.strings(dims, strings));
            } else {
                byte[] bytes = Files.readAllBytes(work.resolve("out" + outputs.size()));
                outputs.add(Tensor.of(dtype, dims, Elements.decode(dtype, bytes, 0, Tensor.count(dims))));
            }
        }
        return outputs;
    }
}
