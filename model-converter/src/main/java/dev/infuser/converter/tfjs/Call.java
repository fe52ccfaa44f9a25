package dev.infuser.converter.tfjs;

import dev.infuser.converter.tensorflow.Ops;
import dev.infuser.converter.tensorflow.Window;
import dev.infuser.tensor.DType;
import java.util.Arrays;
import java.util.List;

/**
 * A node whose inputs have been translated.
 *
 * @param inputs their values, without those that only have to run before
 * @param ops    writes what it becomes
 * @param scope  where it stands
 */
record Call(TfNode node, List<String> inputs, Ops ops, GraphTranslator translator, Scope scope) {

    Lists lists() {
        return translator.lists();
    }

    /** The node that gives an input, those that do nothing left out; null where it is an argument of a function. */
    TfNode from(int i) {
        return scope.graph().nodes().get(TfNode.source(translator.flow(scope.graph()).resolve(node.data(i))));
    }

    String in(int i) {
        if (i >= inputs.size()) {
            throw ops.unsupported("has " + inputs.size() + " inputs");
        }
        return inputs.get(i);
    }

    /** The inputs from {@code from} to before {@code to}. */
    List<String> in(int from, int to) {
        return inputs.subList(from, to);
    }

    /** The window of a convolution or pooling, whose attributes list all axes. */
    Window window() {
        String format = node.string("data_format", "NHWC");
        if (!format.startsWith("N") || !format.endsWith("C")) {
            throw ops.unsupported("works on the layout " + format);
        }
        long[] strides = spatial(node.integers("strides"));
        long[] dilations = node.integers("dilations");
        String padding = node.string("padding", "VALID");
        long[] pads = {};
        if (padding.equals("EXPLICIT")) {
            long[] pairs = node.integers("explicit_paddings");
            int n = strides.length;
            pads = new long[2 * n];
            for (int i = 0; i < n; i++) {
                pads[i] = pairs[2 * i + 2];
                pads[n + i] = pairs[2 * i + 3];
            }
        }
        return new Window(strides, dilations.length == 0 ? ones(strides.length) : spatial(dilations), padding, pads);
    }

    /** What a list over all axes says of the spatial ones. */
    long[] spatial(long[] axes) {
        if (axes.length < 3 || axes[0] != 1 || axes[axes.length - 1] != 1) {
            throw ops.unsupported("moves along batch or channels: " + Arrays.toString(axes));
        }
        return Arrays.copyOfRange(axes, 1, axes.length - 1);
    }

    private static long[] ones(int n) {
        long[] ones = new long[n];
        Arrays.fill(ones, 1);
        return ones;
    }

    DType dtype(String attribute) {
        DType dtype = node.dtype(attribute);
        if (dtype == null) {
            throw ops.unsupported("has no element type " + attribute);
        }
        return dtype;
    }
}
