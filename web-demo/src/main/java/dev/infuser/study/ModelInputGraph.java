package dev.infuser.study;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.GraphBuilder;
import dev.infuser.graph.Node;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/**
 * The graph of what a network for pictures is given: input {@code rgba}, uint8 [height, width, 4]; output {@code tensor}, float32
 * [1, 3, 224, 224]: the square in the middle, resized by a triangle filter that widens as the picture shrinks, normalised by ImageNet's mean
 * and deviation. Every bit is that of {@link ModelInput}.
 */
public final class ModelInputGraph {

    private static final int CHANNELS = 3;
    private static final float WHITE = 255;
    private static final float[] MEAN = {0.485f, 0.456f, 0.406f};
    private static final float[] STD = {0.229f, 0.224f, 0.225f};

    private ModelInputGraph() {
    }

    /** The graph for pictures of one size, at least one pixel. */
    public static Graph of(int width, int height) {
        int side = Math.min(width, height);
        int left = (width - side) / 2;
        int top = (height - side) / 2;
        GraphBuilder b = new GraphBuilder("model_input");
        b.input("rgba", ValueType.tensor(DType.UINT8, Shape.of(Dim.of(height), Dim.of(width), Dim.of(CHANNELS + 1))));
        b.constant("begin", Tensor.vector(top, left));
        b.constant("end", Tensor.vector(top + side, left + side));
        b.constant("sides", Tensor.vector(0, 1));
        b.constant("size", Tensor.vector(ModelInput.SIZE, ModelInput.SIZE));
        String square = b.add("Slice", "rgba", "begin", "end", "sides");
        String numbers = b.add("Cast", Attributes.of("to", DType.FLOAT32.number()), square);
        String small = b.add("Resize", Attributes.of("mode", "linear", "antialias", 1, "exclude_outside", 1, "axes", new long[] {0, 1}),
                numbers, "", "", "size");
        String planes = b.add("Transpose", Attributes.of("perm", new long[] {2, 0, 1}), small);
        b.constant("zero", Tensor.vector(0));
        b.constant("colours", Tensor.vector(CHANNELS));
        String colours = b.add("Slice", planes, "zero", "colours", "zero");
        b.constant("white", Tensor.floats(new int[0], WHITE));
        b.constant("mean", Tensor.floats(new int[] {CHANNELS, 1, 1}, MEAN));
        b.constant("std", Tensor.floats(new int[] {CHANNELS, 1, 1}, STD));
        String normal = b.add("Div", b.add("Sub", b.add("Div", colours, "white"), "mean"), "std");
        b.constant("batch", Tensor.vector(1, CHANNELS, ModelInput.SIZE, ModelInput.SIZE));
        b.add(new Node("", "", "Reshape", List.of(normal, "batch"), List.of("tensor"), Attributes.NONE));
        return b.output("tensor").build();
    }
}
