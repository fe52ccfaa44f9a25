package dev.infuser.demo;

import dev.infuser.format.Model;
import dev.infuser.format.TeaWriter;
import dev.infuser.graph.GraphBuilder;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;

/** A model of every kind of step: kernels that threads share, small ones, and one that plain Java evaluates. */
final class MixedModel {

    /** The width of its input {@code x}, float32 {@code [n, WIDTH]}. */
    static final int WIDTH = 128;

    private MixedModel() {
    }

    static void write(Path file) throws IOException {
        GraphBuilder graph = new GraphBuilder("mixed");
        graph.input("x", new ValueType.OfTensor(DType.FLOAT32, Shape.of(Dim.symbol("n"), Dim.of(WIDTH))));
        graph.constant("w", Tensor.floats(new int[] {WIDTH, WIDTH}, floats(new Random(5), WIDTH * WIDTH)));
        String hidden = graph.add("Add", graph.add("Relu", graph.add("MatMul", "x", "w")), "x");
        String rows = graph.add("Softmax", hidden);
        graph.output(graph.add("MatMul", graph.add("Transpose", rows), rows));
        graph.output(graph.add("CumSum", hidden, graph.constant("axis", Tensor.longs(new int[0], 1))));
        try (OutputStream out = Files.newOutputStream(file)) {
            TeaWriter.write(Model.of(graph.build()), Map.of(), out);
        }
    }

    static float[] floats(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian() / 8;
        }
        return values;
    }
}
