package dev.infuser.demo;

import dev.infuser.format.Model;
import dev.infuser.format.TeaWriter;
import dev.infuser.graph.GraphBuilder;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.ValueType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Files that are no model that runs. */
final class BadModels {

    private BadModels() {
    }

    /** What a server sends that answers every address with its start page. */
    static byte[] html() {
        return "<!doctype html><html><head><title>Shop</title></head><body>Not what you asked for</body></html>\n"
                .getBytes(StandardCharsets.UTF_8);
    }

    /** A sound file with an operator that does not exist. */
    static byte[] unknownOperator() {
        GraphBuilder graph = new GraphBuilder("unknown");
        graph.input("x", ValueType.tensor(DType.FLOAT32, 2));
        return tea(graph.output(graph.add("Frobnicate", "x")));
    }

    /** {@code y = Relu(x)}, x of float32 {@code [2, 3]}. */
    static byte[] relu() {
        GraphBuilder graph = new GraphBuilder("relu");
        graph.input("x", ValueType.tensor(DType.FLOAT32, 2, 3));
        return tea(graph.output(graph.add("Relu", "x")));
    }

    private static byte[] tea(GraphBuilder graph) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            TeaWriter.write(Model.of(graph.build()), Map.of(), out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
