package dev.infuser.models;

import dev.infuser.converter.onnx.OnnxImporter;
import dev.infuser.format.ByteSource;
import dev.infuser.format.Model;
import dev.infuser.format.TeaReader;
import dev.infuser.format.TeaWriter;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Value;
import dev.infuser.op.Evaluator;
import dev.infuser.pass.Passes;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A converted model, read back from its {@code .tea} form and evaluated by the operators' own definitions. */
final class Reference {

    private final Graph graph;

    Reference(Path model) throws IOException {
        Graph imported = OnnxImporter.importModel(ByteBuffer.wrap(Files.readAllBytes(model)), null).graph();
        ByteArrayOutputStream tea = new ByteArrayOutputStream();
        TeaWriter.write(Model.of(Passes.optimize(imported)), Map.of(), tea);
        graph = TeaReader.open(ByteSource.of(tea.toByteArray())).graph();
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
