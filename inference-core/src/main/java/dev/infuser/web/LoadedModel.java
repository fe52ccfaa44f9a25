package dev.infuser.web;

import dev.infuser.format.Golden;
import dev.infuser.format.TeaReader;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Value;
import dev.infuser.op.Evaluator;
import dev.infuser.op.Inference;
import dev.infuser.runtime.Feeds;
import dev.infuser.runtime.Verification;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.InvalidInputException;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The model that the page has loaded, as messages see it. */
final class LoadedModel {

    private final TeaReader file;
    private final Graph graph;

    LoadedModel(TeaReader file) {
        this.file = file;
        this.graph = Inference.infer(file.graph());
    }

    /** Writes inputs, outputs and metadata. */
    void describe(MessageWriter out) {
        out.word(graph.inputs().size());
        for (Value input : graph.inputs()) {
            value(input.name(), input.type(), out);
        }
        out.word(graph.outputs().size());
        for (String output : graph.outputs()) {
            value(output, graph.type(output), out);
        }
        out.word(file.metadata().size());
        for (Map.Entry<String, String> entry : file.metadata().entrySet()) {
            out.text(entry.getKey()).text(entry.getValue());
        }
    }

    private static void value(String name, ValueType type, MessageWriter out) {
        boolean known = type instanceof ValueType.OfTensor tensor && tensor.shape() != null;
        String label = type == null ? "" : type instanceof ValueType.OfTensor tensor ? tensor.dtype().label() : type.toString();
        List<Dim> dims = known ? ((ValueType.OfTensor) type).shape().dims() : List.of();
        out.text(name).text(label).word(dims.size());
        for (Dim dim : dims) {
            out.text(dim.toString());
        }
    }

    /** Reads feeds and the names of outputs, none for all; writes the outputs. */
    void run(MessageReader in, MessageWriter out) {
        Map<String, Datum> feeds = new LinkedHashMap<>();
        for (int n = in.word(); n > 0; n--) {
            String name = in.text();
            feeds.put(name, in.datum());
        }
        List<String> wanted = new ArrayList<>();
        for (int n = in.word(); n > 0; n--) {
            String name = in.text();
            if (!graph.outputs().contains(name)) {
                throw new InvalidInputException("unknown-output", name, "the model has no output named '" + name + "'",
                        "its outputs: " + String.join(", ", graph.outputs()), "check the names in outputs");
            }
            wanted.add(name);
        }
        Map<String, Datum> outputs = run(feeds);
        if (wanted.isEmpty()) {
            wanted = graph.outputs();
        }
        out.word(wanted.size());
        for (String name : wanted) {
            out.text(name).datum(outputs.get(name));
        }
    }

    private Map<String, Datum> run(Map<String, ? extends Datum> feeds) {
        List<Datum> results = Evaluator.run(graph, Feeds.order(graph, feeds));
        Map<String, Datum> outputs = new LinkedHashMap<>();
        for (int i = 0; i < results.size(); i++) {
            outputs.put(graph.outputs().get(i), results.get(i));
        }
        return outputs;
    }

    /** Writes how the golden vectors of the file compare with what this engine computes. */
    void verify(MessageWriter out) {
        List<Golden> vectors = file.golden();
        out.word(vectors.size());
        for (Golden vector : vectors) {
            Verification found = Verification.of(vector, run(vector.inputs()));
            out.text(found.name()).word(found.passed() ? 1 : 0).number(found.absolute()).number(found.relative());
        }
    }
}
