package dev.infuser.converter.tfjs;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.infuser.tensor.InvalidModelException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A TensorFlow graph, or the body of one of its functions.
 *
 * @param name      of the function, or ""
 * @param inputs    names of what a function takes, in order; empty for a whole graph
 * @param outputs   what a function gives, as inputs of nodes are written; empty for a whole graph
 * @param nodes     by name, in the order of the file
 * @param functions by name
 */
record TfGraph(String name, List<String> inputs, List<String> outputs, Map<String, TfNode> nodes,
        Map<String, TfGraph> functions) {

    /** Reads a {@code GraphDef}. */
    static TfGraph read(JsonObject definition) {
        Map<String, TfGraph> functions = new LinkedHashMap<>();
        JsonObject library = definition.getAsJsonObject("library");
        if (library != null && library.has("function")) {
            for (JsonElement function : library.getAsJsonArray("function")) {
                TfGraph body = function(function.getAsJsonObject(), functions);
                functions.put(body.name, body);
            }
        }
        return new TfGraph("", List.of(), List.of(), nodes(definition, "node"), functions);
    }

    private static TfGraph function(JsonObject function, Map<String, TfGraph> functions) {
        JsonObject signature = function.getAsJsonObject("signature");
        JsonObject results = function.getAsJsonObject("ret");
        List<String> outputs = new ArrayList<>();
        for (String output : names(signature, "outputArg")) {
            if (results == null || !results.has(output)) {
                throw new InvalidModelException("bad-tfjs", output, "a function does not say where its output '" + output
                        + "' comes from", "", "export the model again");
            }
            outputs.add(results.get(output).getAsString());
        }
        return new TfGraph(signature.get("name").getAsString(), names(signature, "inputArg"), outputs,
                nodes(function, "nodeDef"), functions);
    }

    private static List<String> names(JsonObject signature, String list) {
        List<String> names = new ArrayList<>();
        if (signature.has(list)) {
            signature.getAsJsonArray(list).forEach(argument -> names.add(argument.getAsJsonObject().get("name").getAsString()));
        }
        return names;
    }

    private static Map<String, TfNode> nodes(JsonObject definition, String list) {
        Map<String, TfNode> nodes = new LinkedHashMap<>();
        if (definition.has(list)) {
            for (JsonElement element : definition.getAsJsonArray(list)) {
                TfNode node = TfNode.read(element.getAsJsonObject());
                if (nodes.put(node.name(), node) != null) {
                    throw new InvalidModelException("bad-tfjs", node.name(), "the node '" + node.name() + "' is there twice",
                            "", "export the model again");
                }
            }
        }
        return nodes;
    }
}
