package dev.infuser.converter.keras;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.infuser.converter.build.Emitter;
import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.graph.Value;
import dev.infuser.graph.Verifier;
import dev.infuser.op.Inference;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.UnsupportedModelException;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Turns models of Keras layers, as TensorFlow.js describes them in JSON, into the graph language. */
public final class LayersImporter {

    private static final int NAMED = 3;
    private static final int DEEPEST = 64;
    private static final String[][] PLACES = {{}, {"batch"}, {"batch", "time"}, {"batch", "time", "channels"},
        {"batch", "height", "width", "channels"}, {"batch", "depth", "height", "width", "channels"}};

    private LayersImporter() {
    }

    /** The classes of layers that can be imported. */
    public static Set<String> layers() {
        return Layers.names();
    }

    /** Whether a {@code modelTopology} is made of layers. */
    public static boolean isLayers(JsonObject topology) {
        return topology.has("model_config") || topology.has("class_name");
    }

    /**
     * Imports a model; its inputs and outputs are called as its layers are.
     *
     * @param topology the {@code modelTopology} of a {@code model.json}
     * @param weights  by name
     * @throws dev.infuser.tensor.InvalidModelException when layers, calls or weights are missing or do not fit
     * @throws UnsupportedModelException                naming every layer that is not supported
     */
    public static Graph importModel(JsonObject topology, Map<String, Tensor> weights) {
        JsonObject root = topology.has("model_config") ? topology.getAsJsonObject("model_config") : topology;
        String kind = root.get("class_name").getAsString();
        Map<String, Set<String>> missing = new TreeMap<>();
        unknown(kind, root.get("config"), missing, 0);
        require(kind, root, missing);
        Emitter out = new Emitter(null);
        ModelTranslator translator = new ModelTranslator(out, new LayerWeights(weights, out));
        boolean sequential = kind.equals("Sequential");
        JsonArray layers = ModelTranslator.layers(root.get("config"));
        List<Masked> inputs = new ArrayList<>();
        List<Config> entries = sequential ? entries(layers, 0) : entries(root.getAsJsonObject("config"), layers);
        for (Config entry : entries) {
            inputs.add(new Masked(input(entry, entries.size() == 1, out)));
        }
        List<String> names = sequential ? List.of(ModelTranslator.name(last(layers)))
                : names(root.getAsJsonObject("config").getAsJsonArray("output_layers"));
        List<String> outputs = names.stream().map(out::unique).toList();
        List<Masked> values = sequential ? translator.sequential(layers, List.of(), inputs)
                : translator.functional(new Config(root.getAsJsonObject("config")), List.of(), inputs);
        if (values.size() < outputs.size()) {
            throw ModelTranslator.damaged("", "the model gives " + values.size() + " values for " + outputs.size() + " outputs");
        }
        for (int i = 0; i < outputs.size(); i++) {
            out.add(new Node(outputs.get(i), "", "Identity", List.of(values.get(i).value()), List.of(outputs.get(i)),
                    Attributes.NONE));
        }
        Graph graph = out.graph("", outputs);
        Verifier.verify(graph);
        return Inference.infer(graph);
    }

    private static void require(String kind, JsonObject root, Map<String, Set<String>> missing) {
        if (!ModelTranslator.isModel(kind)) {
            throw new UnsupportedModelException("unsupported-layer", kind, "the model is of the class " + kind
                    + ", which is not supported", "", "save it as a functional or sequential model");
        }
        if (missing.isEmpty()) {
            return;
        }
        StringBuilder text = new StringBuilder();
        missing.forEach((layer, names) -> text.append(text.length() == 0 ? "" : "; ").append(layer).append(" (")
                .append(String.join(", ", names.stream().limit(NAMED).toList()))
                .append(names.size() > NAMED ? ", " + (names.size() - NAMED) + " more)" : ")"));
        throw new UnsupportedModelException("unsupported-layer", missing.values().iterator().next().iterator().next(),
                (missing.size() == 1 ? "a layer is" : missing.size() + " layers are") + " not supported: " + text,
                String.join(", ", missing.keySet()), "save the model without them, or ask for them to be added");
    }

    /** Collects the classes without a rule, and the names of their layers, in models and wrappers too. */
    private static void unknown(String kind, JsonElement config, Map<String, Set<String>> missing, int depth) {
        if (!ModelTranslator.isModel(kind) || depth > DEEPEST) {
            return;
        }
        for (JsonElement element : ModelTranslator.layers(config)) {
            Config spec = new Config(element.getAsJsonObject());
            String inner = spec.text("class_name", "");
            if (!inner.equals("InputLayer") && !Layers.knows(inner)) {
                missing.computeIfAbsent(inner, key -> new LinkedHashSet<>()).add(ModelTranslator.name(spec));
            }
            unknown(inner, spec.get("config"), missing, depth + 1);
        }
    }

    private static Config last(JsonArray layers) {
        return new Config(layers.get(layers.size() - 1).getAsJsonObject());
    }

    private static List<String> names(JsonArray references) {
        List<String> names = new ArrayList<>();
        if (references.get(0).isJsonPrimitive()) {
            names.add(references.get(0).getAsString());
            return names;
        }
        references.forEach(reference -> names.add(reference.getAsJsonArray().get(0).getAsString()));
        return names;
    }

    /** The layer that says what a sequence is fed. */
    private static List<Config> entries(JsonArray layers, int depth) {
        if (depth > DEEPEST) {
            throw ModelTranslator.damaged("", "models are nested more than " + DEEPEST + " deep");
        }
        Config first = new Config(layers.get(0).getAsJsonObject());
        JsonElement config = first.get("config");
        if (ModelTranslator.isModel(first.text("class_name", ""))) {
            return first.text("class_name", "").equals("Sequential") ? entries(ModelTranslator.layers(config), depth + 1)
                    : entries(config.getAsJsonObject(), ModelTranslator.layers(config));
        }
        return List.of(first);
    }

    private static List<Config> entries(JsonObject config, JsonArray layers) {
        List<Config> entries = new ArrayList<>();
        for (String name : names(config.getAsJsonArray("input_layers"))) {
            for (JsonElement element : layers) {
                Config spec = new Config(element.getAsJsonObject());
                if (ModelTranslator.name(spec).equals(name)) {
                    entries.add(spec);
                }
            }
        }
        return entries;
    }

    /** Adds an input; extents that are not known are called by their places, and by the input's name where there are more. */
    private static String input(Config entry, boolean alone, Emitter out) {
        Config config = entry.object("config");
        String name = ModelTranslator.name(entry);
        String key = config.has("batch_input_shape") ? "batch_input_shape" : "batch_shape";
        boolean embedding = entry.text("class_name", "").equals("Embedding");
        if (!config.has(key) && !embedding) {
            throw new UnsupportedModelException("input-shape", name, "layer '" + name + "' does not say what it is fed", "",
                    "save the model after it has been built");
        }
        long[] dims = config.has(key) ? config.integers(key) : new long[] {-1, config.integer("input_length", -1)};
        if (dims.length == 0 || dims.length >= PLACES.length) {
            throw new UnsupportedModelException("input-shape", name, "input '" + name + "' has " + dims.length + " dimensions",
                    "", "");
        }
        List<Dim> shape = new ArrayList<>();
        for (int i = 0; i < dims.length; i++) {
            String place = PLACES[dims.length][i];
            shape.add(dims[i] >= 0 ? Dim.of(dims[i]) : Dim.symbol(alone || i == 0 ? place : name + "_" + place));
        }
        boolean isLayer = !entry.text("class_name", "").equals("InputLayer");
        DType dtype = config.has("dtype") && config.get("dtype").isJsonPrimitive() ? DType.ofLabel(config.text("dtype", ""))
                : DType.FLOAT32;
        if (dtype == null) {
            throw new UnsupportedModelException("input-type", name, "input '" + name + "' is of the type "
                    + config.get("dtype"), "", "");
        }
        String value = out.unique(isLayer ? name + "_input" : name);
        out.input(new Value(value, new ValueType.OfTensor(dtype, new Shape(shape))));
        return value;
    }
}
