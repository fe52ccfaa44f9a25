package dev.infuser.converter.keras;

import dev.infuser.converter.tensorflow.Arithmetic;
import dev.infuser.converter.tensorflow.Ops;
import dev.infuser.graph.Attributes;
import dev.infuser.tensor.DType;
import java.util.List;

/** Layers that move elements, or tell which count. */
final class Shaping {

    private Shaping() {
    }

    static String flatten(Layer layer) {
        return layer.ops().op("Flatten", Attributes.of("axis", 1), layer.channelsLast(layer.in()));
    }

    static String reshape(Layer layer) {
        Ops ops = layer.ops();
        long[] target = layer.config().integers("target_shape");
        String batch = ops.slice(ops.op("Shape", layer.in()), 0, 0, 1);
        for (int i = 0; i < target.length; i++) {
            target[i] = Math.max(-1, target[i]);
        }
        return ops.op("Reshape", Attributes.of("allowzero", 1), layer.in(), ops.concat(0, List.of(batch, ops.vector(target))));
    }

    static String permute(Layer layer) {
        long[] dims = layer.config().integers("dims");
        long[] perm = new long[dims.length + 1];
        System.arraycopy(dims, 0, perm, 1, dims.length);
        return layer.ops().transpose(layer.in(), perm);
    }

    /** {@code [batch, features]} as {@code [batch, n, features]}. */
    static String repeat(Layer layer) {
        Ops ops = layer.ops();
        return ops.op("Tile", ops.unsqueeze(layer.in(), 1), ops.vector(1, layer.config().perAxis("n", 1, 1)[0], 1));
    }

    /** Steps that are all {@code mask_value} do not count. */
    static List<Masked> masking(Layer layer) {
        Ops ops = layer.ops();
        String differs = Arithmetic.notEqual(ops, layer.in(), ops.like(layer.in(), layer.config().real("mask_value", 0)));
        String any = ops.op("ReduceMax", Attributes.of("keepdims", 1), ops.cast(differs, DType.FLOAT32), ops.vector(-1));
        return List.of(new Masked(ops.op("Mul", layer.in(), ops.cast(any, ops.dtype(layer.in()))),
                ops.cast(ops.squeeze(any, layer.rank() - 1), DType.BOOL)));
    }

    static List<Masked> embedding(Layer layer) {
        Ops ops = layer.ops();
        String mask = layer.config().flag("mask_zero", false)
                ? Arithmetic.notEqual(ops, layer.in(), ops.like(layer.in(), 0)) : null;
        return List.of(new Masked(ops.op("Gather", Attributes.of("axis", 0), layer.weight("embeddings"),
                ops.cast(layer.in(), DType.INT32)), mask));
    }

    /** A layer applied to each step of {@code [batch, time, ...]} alone. */
    static List<Masked> timeDistributed(Layer layer) {
        Ops ops = layer.ops();
        String x = layer.in();
        String shape = ops.op("Shape", x);
        String steps = ops.op("Reshape", x, ops.concat(0, List.of(ops.vector(-1), ops.slice(shape, 0, 2, Long.MAX_VALUE))));
        Config inner = layer.config().object("layer");
        boolean model = ModelTranslator.isModel(inner.text("class_name", ""));
        Layer each = layer.inside(inner, model ? layer.below(inner.object("config").text("name", "")) : layer.scopes(),
                List.of(new Masked(steps)));
        String y = Layers.apply(each).get(0).value();
        String back = ops.concat(0, List.of(ops.slice(shape, 0, 0, 2), ops.slice(ops.op("Shape", y), 0, 1, Long.MAX_VALUE)));
        return List.of(new Masked(ops.op("Reshape", Attributes.of("allowzero", 1), y, back), layer.inputs().get(0).mask()));
    }
}
