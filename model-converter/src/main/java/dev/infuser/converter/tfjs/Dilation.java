package dev.infuser.converter.tfjs;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.infuser.converter.tensorflow.Arrays;
import dev.infuser.converter.tensorflow.Ops;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Convolutions with dilation, which older graphs spell as SpaceToBatchND, a plain convolution and BatchToSpaceND. On padded
 * input that is a convolution without further padding of which the crops are cut off.
 */
final class Dilation {

    private static final Set<String> CONVOLUTIONS = Set.of("Conv2D", "_FusedConv2D", "DepthwiseConv2dNative",
            "FusedDepthwiseConv2dNative");

    private Dilation() {
    }

    /** What a BatchToSpaceND becomes. */
    static String batchToSpace(Call call) {
        Ops ops = call.ops();
        long[] block = ops.longs(call.in(1), "block");
        TfNode conv = call.from(0);
        TfNode blocks = conv == null ? null : CONVOLUTIONS.contains(conv.op()) ? from(call, conv) : null;
        if (blocks == null || !blocks.op().equals("SpaceToBatchND") || block.length != 2
                || !conv.string("padding", "").equals("VALID") || !isOnes(conv.integers("strides"))
                || !isOnes(conv.integers("dilations"))) {
            return Arrays.batchToSpace(ops, call.in(0), block, call.in(2));
        }
        List<String> data = call.translator().values(call.scope(), blocks.data());
        if (!java.util.Arrays.equals(ops.longs(data.get(1), "block"), block)) {
            return Arrays.batchToSpace(ops, call.in(0), block, call.in(2));
        }
        List<String> inputs = new ArrayList<>(call.translator().values(call.scope(), conv.data()));
        inputs.set(0, Arrays.padSpatial(ops, data.get(0), 2, data.get(2)));
        Call dilated = new Call(dilated(conv, block), inputs, ops, call.translator(), call.scope());
        return Arrays.crop(ops, Rules.of(conv.op()).apply(dilated)[0], 2, call.in(2));
    }

    private static TfNode from(Call call, TfNode node) {
        return call.scope().graph().nodes().get(TfNode.source(call.translator().flow(call.scope().graph()).resolve(node.data(0))));
    }

    private static boolean isOnes(long[] values) {
        return java.util.Arrays.stream(values).allMatch(value -> value == 1);
    }

    private static TfNode dilated(TfNode conv, long[] block) {
        JsonArray values = new JsonArray();
        for (long value : new long[] {1, block[0], block[1], 1}) {
            values.add(String.valueOf(value));
        }
        JsonObject list = new JsonObject();
        list.add("i", values);
        JsonObject attribute = new JsonObject();
        attribute.add("list", list);
        JsonObject attributes = conv.attributes().deepCopy();
        attributes.add("dilations", attribute);
        return new TfNode(conv.name(), conv.op(), conv.inputs(), attributes);
    }
}
