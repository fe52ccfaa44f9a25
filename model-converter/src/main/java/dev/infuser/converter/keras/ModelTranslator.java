package dev.infuser.converter.keras;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.infuser.converter.build.Emitter;
import dev.infuser.converter.tensorflow.Ops;
import dev.infuser.tensor.InvalidModelException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Translates models, sequential or functional, and those inside them. */
final class ModelTranslator {

    private static final int DEEPEST = 64;
    private static final int MOST_CALLS = 1 << 14;

    private final Emitter out;
    private final LayerWeights weights;
    private int calls;

    ModelTranslator(Emitter out, LayerWeights weights) {
        this.out = out;
        this.weights = weights;
    }

    static boolean isModel(String kind) {
        return kind.equals("Sequential") || kind.equals("Functional") || kind.equals("Model");
    }

    /** The entries of a model's layers, also where they are all there is of it. */
    static JsonArray layers(JsonElement config) {
        return config.isJsonArray() ? config.getAsJsonArray() : config.getAsJsonObject().getAsJsonArray("layers");
    }

    /** What a model gives for {@code inputs}. */
    List<Masked> model(String kind, Config config, List<String> scopes, List<Masked> inputs) {
        if (scopes.size() > DEEPEST) {
            throw damaged(String.join("/", scopes.subList(0, 3)), "models are nested more than " + DEEPEST + " deep");
        }
        return kind.equals("Sequential") ? sequential(config.array("layers"), scopes, inputs)
                : functional(config, scopes, inputs);
    }

    List<Masked> sequential(JsonArray layers, List<String> scopes, List<Masked> inputs) {
        List<Masked> values = inputs;
        for (JsonElement element : layers) {
            Config spec = new Config(element.getAsJsonObject());
            if (!spec.text("class_name", "").equals("InputLayer")) {
                values = call(spec, name(spec), scopes, values);
            }
        }
        return values;
    }

    static String name(Config spec) {
        return spec.has("name") ? spec.text("name", "") : spec.object("config").text("name", "");
    }

    private List<Masked> call(Config spec, String name, List<String> scopes, List<Masked> inputs) {
        if (++calls > MOST_CALLS) {
            throw damaged(name, "layers are called more than " + MOST_CALLS + " times");
        }
        List<String> inner = new ArrayList<>(scopes);
        inner.add(name);
        String kind = spec.text("class_name", "");
        Config config = spec.get("config").isJsonArray() ? sequence(spec.get("config").getAsJsonArray()) : spec.object("config");
        return Layers.apply(new Layer(kind, config, inner, inputs, new Ops(out, String.join("/", inner), kind), weights, this));
    }

    private static Config sequence(JsonArray layers) {
        JsonObject config = new JsonObject();
        config.add("layers", layers);
        return new Config(config);
    }

    /**
     * A call of a layer in a functional model.
     *
     * @param node which of its calls, from 0
     */
    private record Key(String layer, int node) {
    }

    /** One of the values that a call gives. */
    private record Reference(Key key, int tensor) {
    }

    private final class Functional {
        final Map<String, Config> layers = new LinkedHashMap<>();
        final Map<String, List<List<Reference>>> calls = new HashMap<>();
        final Map<Key, List<Masked>> values = new HashMap<>();
        final Map<String, Integer> offsets = new HashMap<>();
        final List<Reference> inputs;
        final List<Reference> outputs;

        Functional(Config config) {
            inputs = references(config.array("input_layers"));
            outputs = references(config.array("output_layers"));
            Set<Key> mentioned = new HashSet<>();
            outputs.forEach(output -> mentioned.add(output.key));
            for (JsonElement element : config.array("layers")) {
                Config spec = new Config(element.getAsJsonObject());
                String name = name(spec);
                if (layers.put(name, spec) != null) {
                    throw damaged(name, "there are two layers '" + name + "'");
                }
                List<List<Reference>> nodes = new ArrayList<>();
                if (spec.has("inbound_nodes")) {
                    for (JsonElement node : spec.array("inbound_nodes")) {
                        nodes.add(references(node.getAsJsonArray()));
                        nodes.get(nodes.size() - 1).forEach(reference -> mentioned.add(reference.key));
                    }
                }
                calls.put(name, nodes);
            }
            for (Key key : mentioned) {
                Config spec = layers.get(key.layer);
                if (spec != null && isModel(spec.text("class_name", "")) && key.node == calls.get(key.layer).size()) {
                    offsets.put(key.layer, 1);
                }
            }
        }

        /** Where the first call of a model is its own definition, the others are counted from 1. */
        List<Reference> call(Key key) {
            List<List<Reference>> nodes = calls.get(key.layer);
            int node = key.node - offsets.getOrDefault(key.layer, 0);
            if (nodes == null || node < 0 || node >= nodes.size()) {
                throw damaged(key.layer, "there is no call " + key.node + " of a layer '" + key.layer + "'");
            }
            return nodes.get(node);
        }

        Masked value(Reference reference) {
            List<Masked> given = values.get(reference.key);
            if (given == null || reference.tensor < 0 || reference.tensor >= given.size()) {
                throw damaged(reference.key.layer, "layer '" + reference.key.layer + "' gives no value " + reference.tensor);
            }
            return given.get(reference.tensor);
        }
    }

    /** Lists {@code [layer, node, tensor, ...]}, of which a single one may stand alone; initial states may come after. */
    private static List<Reference> references(JsonArray list) {
        List<Reference> references = new ArrayList<>();
        if (!list.isEmpty() && list.get(0).isJsonPrimitive()) {
            references.add(reference(list));
            return references;
        }
        for (JsonElement element : list) {
            JsonArray entry = element.getAsJsonArray();
            references.add(reference(entry));
            JsonElement more = entry.size() > 3 && entry.get(3).isJsonObject()
                    ? entry.get(3).getAsJsonObject().get("initial_state") : null;
            if (more != null && more.isJsonArray()) {
                references.addAll(references(more.getAsJsonArray()));
            }
        }
        return references;
    }

    private static Reference reference(JsonArray entry) {
        if (entry.size() < 3) {
            throw damaged("", "a layer is called with " + entry);
        }
        return new Reference(new Key(entry.get(0).getAsString(), entry.get(1).getAsInt()), entry.get(2).getAsInt());
    }

    List<Masked> functional(Config config, List<String> scopes, List<Masked> inputs) {
        Functional model = new Functional(config);
        if (inputs.size() != model.inputs.size()) {
            throw damaged(String.join("/", scopes), "a model of " + model.inputs.size() + " inputs is called with "
                    + inputs.size());
        }
        for (int i = 0; i < inputs.size(); i++) {
            model.values.put(model.inputs.get(i).key, List.of(inputs.get(i)));
        }
        for (Key key : order(model)) {
            List<Masked> from = new ArrayList<>();
            model.call(key).forEach(reference -> from.add(model.value(reference)));
            model.values.put(key, call(model.layers.get(key.layer), key.layer, scopes, from));
        }
        return model.outputs.stream().map(model::value).toList();
    }

    /** The calls that are needed, each behind those it takes from. */
    private static List<Key> order(Functional model) {
        Set<Key> done = new LinkedHashSet<>();
        Set<Key> open = new HashSet<>();
        Deque<Key> stack = new ArrayDeque<>();
        for (Reference output : model.outputs) {
            stack.push(output.key);
            while (!stack.isEmpty()) {
                Key key = stack.peek();
                if (done.contains(key) || model.values.containsKey(key)) {
                    stack.pop();
                } else if (open.add(key)) {
                    for (Reference reference : model.call(key)) {
                        if (open.contains(reference.key) && !done.contains(reference.key)) {
                            throw damaged(key.layer, "layer '" + key.layer + "' is part of a circle");
                        }
                        stack.push(reference.key);
                    }
                } else {
                    stack.pop();
                    done.add(key);
                }
            }
        }
        return List.copyOf(done);
    }

    static InvalidModelException damaged(String layer, String message) {
        return new InvalidModelException("bad-layers", layer, message, "", "the file is damaged: export it again");
    }
}
