package dev.infuser.converter.onnx;

import dev.infuser.converter.build.Emitter;
import dev.infuser.graph.Attributes;
import dev.infuser.graph.Node;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.UnsupportedModelException;
import dev.infuser.tensor.ValueType;
import java.util.List;

/**
 * Resizing before opset 13. Upsample and Resize-10 map output {@code x} to input {@code x / scale}; the nearest
 * neighbour is then the one below where the axis grows and the one above where it shrinks.
 */
final class OldResize {

    private OldResize() {
    }

    /** Upsample-1 and -7 have their scales in attributes. */
    static Node upsampleScales(Node node, Emitter out) {
        Attributes a = node.attributes();
        float[] scales = a.has("scales") ? a.reals("scales")
                : new float[] {1, 1, a.real("height_scale", 1), a.real("width_scale", 1)};
        return Adapters.withInput(node, 1, out.constant(node.name() + "_scales",
                Tensor.floats(new int[] {scales.length}, scales)));
    }

    static Node upsample(Node node, Emitter out) {
        return resize(node, out, node.input(0), node.input(1), "floor", node.output(0));
    }

    static Node resize10(Node node, Emitter out) {
        Tensor scales = out.constantOf(node.input(1));
        boolean nearest = mode(node).equals("nearest");
        boolean grows = scales != null;
        boolean shrinks = scales != null;
        for (int i = 0; scales != null && i < scales.size(); i++) {
            grows &= scales.getDouble(i) >= 1;
            shrinks &= scales.getDouble(i) <= 1;
        }
        if (!nearest || grows || shrinks) {
            return resize(node, out, node.input(0), node.input(1), grows ? "floor" : "ceil", node.output(0));
        }
        String one = out.constant(node.name() + "_one", Tensor.floats(new int[] {1}, 1));
        String down = out.op(node.name(), "Min", Attributes.NONE, node.input(1), one);
        String up = out.op(node.name(), "Max", Attributes.NONE, node.input(1), one);
        String smaller = out.unique(node.name() + "_smaller");
        resize(node, out, node.input(0), down, "ceil", smaller);
        return resize(node, out, smaller, up, "floor", node.output(0));
    }

    private static Node resize(Node node, Emitter out, String input, String scales, String nearest, String output) {
        out.add(new Node(node.name(), "", "Resize", List.of(input, "", scales), List.of(output), Attributes.of(
                "mode", mode(node), "coordinate_transformation_mode", "asymmetric", "nearest_mode", nearest)));
        return null;
    }

    private static String mode(Node node) {
        String mode = node.attributes().string("mode", "nearest");
        return mode.equals("bilinear") ? "linear" : mode;
    }

    /** Resize-11 gives empty tensors for what is absent, and has a transformation that later versions lack. */
    static Node resize11(Node node, Emitter out) {
        Node result = node;
        for (int i = 1; i <= 2; i++) {
            if (out.type(node.input(i)) instanceof ValueType.OfTensor t && t.shape() != null && t.shape().elements().is(0)) {
                result = Adapters.withInput(result, i, "");
            }
        }
        if (!node.input(3).isEmpty()) {
            result = Adapters.withInput(result, 2, "");
        }
        if (!node.attributes().string("coordinate_transformation_mode", "").equals("tf_half_pixel_for_nn")) {
            return result;
        }
        String rounding = node.attributes().string("nearest_mode", "round_prefer_floor");
        boolean floor = rounding.equals("floor");
        if (!mode(node).equals("nearest") || !floor && !rounding.equals("round_prefer_floor")) {
            throw new UnsupportedModelException("resize-mode", node.label(), node.label()
                    + " uses tf_half_pixel_for_nn with " + mode(node) + " " + rounding, "",
                    "export it with opset 13 or newer");
        }
        return Adapters.with(Adapters.with(result, "coordinate_transformation_mode", "half_pixel"), "nearest_mode",
                floor ? "round_prefer_ceil" : "ceil");
    }
}
