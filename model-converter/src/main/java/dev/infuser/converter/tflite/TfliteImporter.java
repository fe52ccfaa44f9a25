package dev.infuser.converter.tflite;

import dev.infuser.converter.build.Emitter;
import dev.infuser.converter.build.ImportedModel;
import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.graph.Value;
import dev.infuser.graph.Verifier;
import dev.infuser.op.Inference;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.UnsupportedModelException;
import dev.infuser.tensor.ValueType;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.tensorflow.lite.schema.SignatureDef;
import org.tensorflow.lite.schema.TensorMap;

/** Turns models of TensorFlow Lite into the graph language. */
public final class TfliteImporter {

    private static final int NODES_NAMED = 3;

    private TfliteImporter() {
    }

    /** The names of the operators that can be imported. */
    public static Set<String> operators() {
        return Rules.names();
    }

    /** The names of all operators of the schema. */
    public static Set<String> schema() {
        return Codes.all();
    }

    /** Whether bytes begin as a {@code .tflite} file does. */
    public static boolean isModel(ByteBuffer bytes) {
        return TfliteModel.begins(bytes);
    }

    /**
     * Reads and imports a {@code .tflite} file. Inputs and outputs are called what the signature of its first graph calls them, or
     * what their tensors are called; state that operators of a single step carry becomes an input, and an output of that name
     * behind {@code next_}.
     *
     * @throws InvalidModelException     when the file is damaged
     * @throws UnsupportedModelException naming every operator that is missing, with its nodes
     */
    public static ImportedModel importModel(ByteBuffer file) {
        if (!isModel(file)) {
            throw new InvalidModelException("bad-tflite", "", "the file is not a model of TensorFlow Lite", "", "");
        }
        try {
            TfliteModel model = TfliteModel.read(file);
            requireRules(model);
            Graph graph = translate(model);
            Verifier.verify(graph);
            return new ImportedModel(Inference.infer(graph), metadata(model, graph));
        } catch (IndexOutOfBoundsException | BufferUnderflowException | NegativeArraySizeException | NullPointerException
                | ClassCastException | IllegalArgumentException | ArithmeticException | AssertionError e) {
            InvalidModelException damaged = new InvalidModelException("bad-tflite", "", "the file is damaged",
                    String.valueOf(e.getMessage()), "copy or export it again");
            damaged.initCause(e);
            throw damaged;
        }
    }

    private static void requireRules(TfliteModel model) {
        Map<String, List<String>> missing = new TreeMap<>();
        for (TfliteModel.Subgraph graph : model.subgraphs()) {
            for (Operation node : graph.operations()) {
                if (Rules.of(node) == null) {
                    String output = node.outputs().length == 0 ? "" : " '" + graph.tensor(node.outputs()[0]).name() + "'";
                    missing.computeIfAbsent(node.kind(), kind -> new ArrayList<>()).add("operator " + node.index() + output);
                }
            }
        }
        if (missing.isEmpty()) {
            return;
        }
        StringBuilder text = new StringBuilder();
        missing.forEach((kind, nodes) -> text.append(text.length() == 0 ? "" : "; ").append(kind).append(" (")
                .append(String.join(", ", nodes.subList(0, Math.min(NODES_NAMED, nodes.size()))))
                .append(nodes.size() > NODES_NAMED ? ", " + (nodes.size() - NODES_NAMED) + " more)" : ")"));
        throw new UnsupportedModelException("unsupported-operator", missing.values().iterator().next().get(0),
                (missing.size() == 1 ? "an operator is" : missing.size() + " operators are") + " not supported: " + text,
                String.join(", ", missing.keySet()), "export the model without them, or ask for them to be added");
    }

    private static Graph translate(TfliteModel model) {
        TfliteModel.Subgraph main = model.subgraphs().get(0);
        SignatureDef signature = signature(model);
        Emitter out = new Emitter(null);
        Variables variables = new Variables();
        List<String> inputs = new ArrayList<>();
        Map<Integer, String> inputNames = names(signature, true);
        for (int tensor : main.inputs()) {
            TensorInfo info = main.tensor(tensor);
            String name = out.unique(inputNames.getOrDefault(tensor, info.name()));
            out.input(new Value(name, new ValueType.OfTensor(info.dtype(), info.symbolic(main.inputs().length == 1 ? "" : name + "_"))));
            inputs.add(name);
        }
        List<String> results = new GraphTranslator(model, main, out, variables).translate(inputs);
        Map<Integer, String> outputNames = names(signature, false);
        List<String> outputs = new ArrayList<>();
        for (int i = 0; i < results.size(); i++) {
            int tensor = main.outputs()[i];
            outputs.add(output(out, outputNames.getOrDefault(tensor, main.tensor(tensor).name()), results.get(i)));
        }
        variables.state().forEach((input, next) -> outputs.add(output(out, "next_" + input, next)));
        return out.graph(main.name(), outputs);
    }

    /** Names a value; what already has the name keeps its node and takes another. */
    private static String output(Emitter out, String wanted, String value) {
        String name = out.unique(wanted.isEmpty() ? "output" : wanted);
        out.add(new Node(name, "", "Identity", List.of(value), List.of(name), Attributes.NONE));
        return name;
    }

    private static SignatureDef signature(TfliteModel model) {
        for (int i = 0; i < model.table().signatureDefsLength(); i++) {
            SignatureDef signature = model.table().signatureDefs(i);
            if (signature != null && signature.subgraphIndex() == 0) {
                return signature;
            }
        }
        return null;
    }

    private static Map<Integer, String> names(SignatureDef signature, boolean inputs) {
        Map<Integer, String> names = new LinkedHashMap<>();
        int count = signature == null ? 0 : inputs ? signature.inputsLength() : signature.outputsLength();
        for (int i = 0; i < count; i++) {
            TensorMap entry = inputs ? signature.inputs(i) : signature.outputs(i);
            if (entry != null && entry.name() != null) {
                names.put((int) entry.tensorIndex(), entry.name());
            }
        }
        return names;
    }

    /** The files that a model keeps behind it, such as labels, by name. */
    public static Map<String, byte[]> files(Path model) throws IOException {
        return TfliteMetadata.files(model);
    }

    private static Map<String, String> metadata(TfliteModel model, Graph graph) {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("format", "tflite");
        if (model.table().description() != null) {
            metadata.put("producer", model.table().description());
        }
        TfliteMetadata.add(model, graph, metadata);
        return metadata;
    }
}
