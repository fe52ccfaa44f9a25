package dev.infuser.converter.tfjs;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The hash tables of a model: nodes that make them, and those that fill them, in the graph or its initialiser. */
final class Tables {

    private static final List<String> MAKERS = List.of("HashTable", "HashTableV2");
    private static final List<String> FILLERS = List.of("LookupTableImport", "LookupTableImportV2", "InitializeTable",
            "InitializeTableV2");

    /** The node that fills a table, in its graph. */
    record Filled(TfGraph graph, TfNode node) {
    }

    private final Map<String, Filled> filled = new HashMap<>();
    /** By input of the graph that stands for a table: the node that makes it. */
    private final Map<String, String> inputs = new HashMap<>();

    /**
     * Finds the tables.
     *
     * @param initializer the graph that runs first, or null
     */
    Tables(JsonObject model, TfGraph graph, TfGraph initializer) {
        fill(graph);
        if (initializer != null) {
            fill(initializer);
            link(model);
        }
    }

    private void fill(TfGraph graph) {
        for (TfNode node : graph.nodes().values()) {
            if (FILLERS.contains(node.op())) {
                filled.put(TfNode.source(new Flow(graph).resolve(node.data(0))), new Filled(graph, node));
            }
        }
    }

    private void link(JsonObject model) {
        Map<String, String> makers = new HashMap<>();
        signature(model, "initializerSignature", "outputs", (id, name) -> makers.put(id, TfNode.source(name)));
        signature(model, "signature", "inputs", (id, name) -> inputs.put(TfNode.source(name), makers.getOrDefault(id, "")));
    }

    private interface Resource {
        void is(String id, String name);
    }

    private static void signature(JsonObject model, String key, String list, Resource resource) {
        JsonObject signature = model.getAsJsonObject(key);
        JsonObject values = signature == null ? null : signature.getAsJsonObject(list);
        if (values == null) {
            return;
        }
        for (Map.Entry<String, JsonElement> entry : values.entrySet()) {
            JsonObject value = entry.getValue().getAsJsonObject();
            if (value.has("resourceId")) {
                resource.is(value.get("resourceId").getAsString(), value.get("name").getAsString());
            }
        }
    }

    /** Whether a node is a table. */
    boolean isTable(TfNode node) {
        return MAKERS.contains(node.op()) || inputs.containsKey(node.name());
    }

    /** What fills the table that a node is, or null. */
    Filled of(TfNode node) {
        return filled.get(inputs.getOrDefault(node.name(), node.name()));
    }
}
