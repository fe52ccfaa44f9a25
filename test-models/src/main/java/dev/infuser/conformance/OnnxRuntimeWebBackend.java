package dev.infuser.conformance;

import dev.infuser.graph.Graph;
import dev.infuser.models.Models;
import dev.infuser.tensor.Datum;
import java.util.List;

/** onnxruntime-web from npm on WebAssembly in headless Chromium, for comparison: it reads the ONNX files itself. */
final class OnnxRuntimeWebBackend extends ChromiumBackend {

    OnnxRuntimeWebBackend() {
        super(Models.npmPackage("onnxruntime-web").resolve("dist"), "onnxruntime-web.js");
    }

    @Override
    public List<Datum> run(byte[] model, Graph graph, List<Datum> inputs) {
        return run("onnx", model, graph, inputs);
    }
}
