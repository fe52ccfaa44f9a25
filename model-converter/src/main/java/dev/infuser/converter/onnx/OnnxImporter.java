package dev.infuser.converter.onnx;

import dev.infuser.converter.build.ExternalData;
import dev.infuser.converter.build.ImportedModel;
import dev.infuser.graph.Attribute;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.graph.Verifier;
import dev.infuser.op.Inference;
import dev.infuser.op.Registry;
import dev.infuser.tensor.UnsupportedModelException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Turns ONNX models of any opset up to {@link Graph#OPSET} into the graph language. */
public final class OnnxImporter {

    private static final int NODES_NAMED = 3;

    private OnnxImporter() {
    }

    /**
     * Reads and imports a model file.
     *
     * @param external where to find external data, or null when there is none
     * @throws dev.infuser.tensor.InvalidModelException when the bytes are damaged or break the specification
     * @throws UnsupportedModelException                naming every operator that is missing, with its nodes
     */
    public static ImportedModel importModel(ByteBuffer bytes, ExternalData external) {
        return importModel(OnnxReader.read(bytes, external));
    }

    /** Imports a model that was read before; errors as in {@link #importModel(ByteBuffer, ExternalData)}. */
    public static ImportedModel importModel(OnnxModel model) {
        Graph graph = translate(model);
        requireOperators(graph);
        return new ImportedModel(Inference.infer(graph), metadata(model));
    }

    /** The model in the graph language, verified but without types, even where operators are not supported. */
    public static Graph translate(OnnxModel model) {
        Graph graph = new Translator(model).translate();
        Verifier.verify(graph);
        return graph;
    }

    private static Map<String, String> metadata(OnnxModel model) {
        Map<String, String> out = new LinkedHashMap<>();
        out.put("format", "onnx");
        put(out, "producer", (model.producerName() + " " + model.producerVersion()).trim());
        put(out, "domain", model.domain());
        put(out, "doc", model.doc());
        if (model.modelVersion() != 0) {
            out.put("version", Long.toString(model.modelVersion()));
        }
        StringBuilder opsets = new StringBuilder();
        for (Map.Entry<String, Long> opset : model.opsets().entrySet()) {
            opsets.append(opsets.length() == 0 ? "" : ", ").append(opset.getKey().isEmpty() ? "ai.onnx" : opset.getKey())
                    .append(' ').append(opset.getValue());
        }
        put(out, "opset", opsets.toString());
        for (Map.Entry<String, String> entry : model.metadata().entrySet()) {
            out.putIfAbsent(entry.getKey(), entry.getValue());
        }
        return out;
    }

    private static void put(Map<String, String> out, String key, String value) {
        if (!value.isEmpty()) {
            out.put(key, value);
        }
    }

    private static void requireOperators(Graph graph) {
        Map<String, List<String>> missing = new TreeMap<>();
        collectMissing(graph, missing);
        if (missing.isEmpty()) {
            return;
        }
        StringBuilder text = new StringBuilder();
        for (Map.Entry<String, List<String>> entry : missing.entrySet()) {
            List<String> nodes = entry.getValue();
            text.append(text.length() == 0 ? "" : "; ").append(entry.getKey()).append(" (");
            for (int i = 0; i < Math.min(NODES_NAMED, nodes.size()); i++) {
                text.append(i == 0 ? "" : ", ").append(nodes.get(i));
            }
            text.append(nodes.size() > NODES_NAMED ? ", " + (nodes.size() - NODES_NAMED) + " more)" : ")");
        }
        String first = missing.values().iterator().next().get(0);
        throw new UnsupportedModelException("unsupported-operator", first,
                (missing.size() == 1 ? "an operator is" : missing.size() + " operators are") + " not supported: " + text,
                String.join(", ", missing.keySet()), "export the model without them, or ask for them to be added");
    }

    private static void collectMissing(Graph graph, Map<String, List<String>> missing) {
        for (Node node : graph.nodes()) {
            if (Registry.find(node) == null) {
                missing.computeIfAbsent(node.qualifiedOp(), key -> new ArrayList<>())
                        .add(node.name().isEmpty() ? node.output(0) : node.name());
            }
            for (Attribute attribute : node.attributes().map().values()) {
                if (attribute instanceof Attribute.OfGraph g) {
                    collectMissing(g.value(), missing);
                }
            }
        }
    }
}
