package dev.infuser.converter.tflite;

import dev.infuser.converter.tensorflow.Ops;
import dev.infuser.graph.Attributes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;

/** Boxes that do not overlap better ones, in lists of a length that does not depend on how many there are. */
final class Suppression {

    private Suppression() {
    }

    /** {@code NON_MAX_SUPPRESSION_V4}: indices and their number, of boxes, scores, length and both thresholds. */
    static String[] hard(Call call) {
        Ops ops = call.ops();
        String found = found(call);
        return new String[] {filled(ops, ops.cast(found, DType.INT32), call.in(2)), ops.cast(ops.op("Size", found), DType.INT32)};
    }

    /** {@code NON_MAX_SUPPRESSION_V5}: their scores too. */
    static String[] soft(Call call) {
        Ops ops = call.ops();
        Tensor sigma = call.constant(5);
        if (sigma == null || sigma.getDouble(0) != 0) {
            throw ops.unsupported("lowers the scores of boxes that overlap");
        }
        String found = found(call);
        String scores = ops.op("Gather", Attributes.of("axis", 0), call.in(1), found);
        return new String[] {filled(ops, ops.cast(found, DType.INT32), call.in(2)), filled(ops, scores, call.in(2)),
            ops.cast(ops.op("Size", found), DType.INT32)};
    }

    private static String found(Call call) {
        Ops ops = call.ops();
        String rows = ops.op("NonMaxSuppression", ops.unsqueeze(call.in(0), 0), ops.unsqueeze(call.in(1), 0, 1),
                ops.longs(ops.reshape(call.in(2), 1)), ops.reshape(call.in(3), 1), ops.reshape(call.in(4), 1));
        return ops.squeeze(ops.slice(rows, 1, 2, 3), 1);
    }

    /** A vector with zeros behind it, up to a length. */
    static String filled(Ops ops, String x, String length) {
        String missing = ops.op("Sub", ops.longs(ops.reshape(length, 1)), ops.op("Shape", x));
        return ops.op("Pad", x, ops.op("Concat", Attributes.of("axis", 0), ops.vector(0), missing));
    }
}
