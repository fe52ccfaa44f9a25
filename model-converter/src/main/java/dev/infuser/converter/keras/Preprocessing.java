package dev.infuser.converter.keras;

import com.google.gson.JsonElement;
import dev.infuser.converter.tensorflow.Arrays;
import dev.infuser.converter.tensorflow.Convolutions;
import dev.infuser.converter.tensorflow.Ops;
import dev.infuser.graph.Attributes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;

/** Layers that prepare images and categories. */
final class Preprocessing {

    private static final long LARGEST = 1 << 16;

    private Preprocessing() {
    }

    static String rescaling(Layer layer) {
        Ops ops = layer.ops();
        String x = ops.cast(layer.in(), DType.FLOAT32);
        String scaled = ops.op("Mul", x, constant(layer, "scale", 1));
        return ops.op("Add", scaled, constant(layer, "offset", 0));
    }

    /** A number, or one for each channel. */
    private static String constant(Layer layer, String key, double fallback) {
        JsonElement element = layer.config().has(key) ? layer.config().get(key) : null;
        if (element == null || !element.isJsonArray()) {
            return layer.ops().emitter().scalar(layer.ops().name() + "_const", (float) layer.config().real(key, fallback));
        }
        float[] values = new float[element.getAsJsonArray().size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = element.getAsJsonArray().get(i).getAsFloat();
        }
        return layer.ops().constant(Tensor.floats(new int[] {values.length}, values));
    }

    private static int extent(Layer layer, String key) {
        long extent = layer.config().integer(key, 0);
        if (extent < 1 || extent > LARGEST) {
            throw layer.ops().unsupported("has the " + key + " " + extent);
        }
        return (int) extent;
    }

    /** Another size. TensorFlow.js keeps the corners where they are, or the aspect ratio in its own way. */
    static String resizing(Layer layer) {
        Ops ops = layer.ops();
        String mode = layer.config().choice("interpolation", "bilinear");
        if (!mode.equals("bilinear") && !mode.equals("nearest")) {
            throw ops.unsupported("has the interpolation " + mode);
        }
        String size = ops.vector(extent(layer, "height"), extent(layer, "width"));
        return Convolutions.resize(ops, mode.equals("nearest") ? "nearest" : "linear", layer.in(), size,
                !layer.config().flag("crop_to_aspect_ratio", false), false);
    }

    /** The middle of an image, or all of it larger where it is too small. */
    static String centerCrop(Layer layer) {
        Ops ops = layer.ops();
        int rank = layer.rank();
        int[] wanted = {extent(layer, "height"), extent(layer, "width")};
        long[] given = {ops.extent(layer.in(), rank - 3), ops.extent(layer.in(), rank - 2)};
        if (given[0] < wanted[0] || given[1] < wanted[1]) {
            return Convolutions.resize(ops, "linear", layer.in(), ops.vector(wanted[0], wanted[1]), false, false);
        }
        String rows = ops.constant(middle(given[0], wanted[0], false));
        String columns = ops.constant(middle(given[1], wanted[1], true));
        return ops.op("Gather", Attributes.of("axis", rank - 2), ops.op("Gather", Attributes.of("axis", rank - 3),
                layer.in(), rows), columns);
    }

    /** The places that TensorFlow.js takes, which reads between the ends of a box in relative coordinates. */
    private static Tensor middle(long given, int wanted, boolean atLeastOne) {
        long before = (given - wanted) / 2;
        if (atLeastOne && given != wanted) {
            before = Math.max(1, before);
        }
        float from = (float) ((double) before / given);
        float to = (float) ((double) (wanted + before) / given);
        double step = wanted > 1 ? (to - from) * (double) (given - 1) / (wanted - 1) : 0;
        long[] places = new long[wanted];
        for (int i = 0; i < wanted; i++) {
            double place = wanted > 1 ? from * (double) (given - 1) + i * step : 0.5 * ((double) from + to) * (given - 1);
            places[i] = Math.max(0, Math.min(given - 1, (long) Math.floor(place + 0.5)));
        }
        return Tensor.vector(places);
    }

    /** Categories as ones among zeros, or how often each is there. */
    static String categories(Layer layer) {
        Ops ops = layer.ops();
        String x = ops.cast(layer.in(), DType.INT32);
        String mode = layer.config().choice("output_mode", "multi_hot");
        if (mode.equals("int")) {
            return x;
        }
        int depth = extent(layer, "num_tokens");
        String on = ops.constant(Tensor.floats(new int[0], 1));
        String off = ops.constant(Tensor.floats(new int[0], 0));
        String hot = Arrays.oneHot(ops, x, ops.constant(Tensor.ints(new int[0], depth)), on, off, -1);
        String op = mode.equals("count") ? "ReduceSum" : "ReduceMax";
        boolean alone = ops.shape(x).dim(layer.rank() - 1).is(1);
        switch (mode) {
            case "multihot": case "count":
                return ops.op(op, Attributes.of("keepdims", 0), hot, ops.vector(-2));
            case "onehot":
                return alone ? ops.squeeze(hot, layer.rank() - 1) : hot;
            default:
                throw ops.unsupported("has the output mode " + mode);
        }
    }
}
