package dev.infuser.models;

import dev.infuser.converter.onnx.OnnxImporter;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Value;
import dev.infuser.op.Evaluator;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An imported model, evaluated by the operators' own definitions. */
final class Reference {

    private final Graph graph;

    Reference(Path model) throws IOException {
        graph = OnnxImporter.importModel(ByteBuffer.wrap(Files.readAllBytes(model)), null).graph();
    }

    /** The outputs by name. */
    Map<String, Tensor> run(Map<String, Tensor> feeds) {
        List<Datum> inputs = new ArrayList<>();
        for (Value input : graph.inputs()) {
            inputs.add(feeds.get(input.name()));
        }
        List<Datum> results = Evaluator.run(graph, inputs);
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        for (int i = 0; i < results.size(); i++) {
            outputs.put(graph.outputs().get(i), (Tensor) results.get(i));
        }
        return outputs;
    }
}
