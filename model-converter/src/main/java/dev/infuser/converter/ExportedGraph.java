package dev.infuser.converter;

import dev.infuser.converter.onnx.OnnxExporter;
import dev.infuser.graph.Graph;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * ONNX Runtime on the graph as imported: what a model is compared with whose own framework is not to be had. It proves all
 * that comes after the import: rewrites, quantisation, the file, and how operators compute. ONNX Runtime leaves the graph as
 * it is, so that its own rewrites are no part of the comparison.
 */
final class ExportedGraph implements Verification.Framework, AutoCloseable {

    /** The newest opset that ONNX Runtime accepts; the operators that importers use are the same in {@link Graph#OPSET}. */
    private static final int OPSET = 26;

    private final Graph graph;
    private Path file;

    ExportedGraph(Graph graph) {
        this.graph = graph;
    }

    @Override
    public Verification.Running open(boolean optimised) throws IOException {
        if (file == null) {
            file = Files.createTempFile("infuser", ".onnx");
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
                OnnxExporter.write(graph, OPSET, out);
            }
        }
        return OnnxRuntime.open(file, false);
    }

    @Override
    public String name() {
        return "ONNX Runtime " + OnnxRuntime.version() + " on the imported graph";
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            Files.deleteIfExists(file);
        }
    }
}
