package dev.infuser.plan;

import dev.infuser.graph.Node;
import dev.infuser.kernel.Gemm;
import dev.infuser.kernel.KernelModule;
import dev.infuser.kernel.QuantizedGemm;
import dev.infuser.kernel.QuantizedGemm.Rows;
import dev.infuser.kernel.Windows;
import dev.infuser.op.Lowering;
import dev.infuser.tensor.Layout;
import java.util.List;

/** An int32 convolution of 8-bit tensors less their zero points, with what follows it element by element. */
final class QuantizedConvItem extends QuantizedGemmItem {

    private final Node node;
    private final Lowering.Conv conv;

    QuantizedConvItem(Node node, Lowering.Conv conv, Layout layout) {
        super(node, layout);
        this.node = node;
        this.conv = conv;
    }

    @Override
    int batchRank(Facts facts) {
        return conv.group() > 1 ? 1 : 0;
    }

    @Override
    boolean fits(Facts facts) {
        return perm == null && extrasFollowRows(facts) && super.fits(facts);
    }

    @Override
    void emit(Facts facts, KernelModule module, List<Step> steps) {
        int channels = (int) facts.shape(b).dim(-2).value();
        int k = channels;
        for (int extent : conv.kernel()) {
            k *= extent;
        }
        Rows rows = conv.kernel().length == 0 ? Rows.ADJACENT : new Windows(ConvItem.list(conv.kernel()),
                ConvItem.list(conv.strides()), ConvItem.list(conv.dilations()), channels * conv.group(), channels);
        int n = (int) facts.shape(b).dim(-1).value() / conv.group();
        QuantizedGemm gemm = kernel(facts, Gemm.known(n), rows);
        int depth = k;
        add(gemm, module, steps, binding -> gemm.scratchBytes(pixels(binding), depth),
                (binding, slots) -> fill(binding, slots, gemm.output().size, n, depth));
    }

    private int pixels(Binding binding) {
        int[] dims = binding.dims(product);
        return (int) ReduceItem.product(dims, 0, dims.length - 1);
    }

    private void fill(Binding binding, Slots slots, int size, int n, int k) {
        int[] in = binding.dims(a);
        int[] out = binding.dims(product);
        int m = pixels(binding);
        int group = conv.group();
        int filters = n * group;
        slots.set("a", binding.address(a)).set("b", binding.address(b)).set("c", binding.address(output)).set("m", m)
                .set("n", n).set("k", k).set("rows", QuantizedGemm.blockRows(m, k))
                .set("lda", in[in.length - 1]).set("ldb", filters).set("ldc", (long) size * filters)
                .set("scratch", binding.scratch());
        fillZeros(binding, slots);
        fillExtras(binding, slots, 0);
        if (group > 1) {
            long columns = n;
            slots.set("batch_0", group).set("a_0", in[in.length - 1] / group).set("c_0", size * columns)
                    .set("b_0", layout == null ? columns : columns * 4 * ((k + 3) / 4 + 1));
            for (int e = 0; e < extras.size(); e++) {
                int[] dims = binding.dims(extras.get(e));
                slots.set("extra_" + e + "_0", dims.length > 0 && dims[dims.length - 1] == filters ? 4 * columns : 0);
            }
        }
        int[] pads = conv.pads().of(binding.context(node));
        for (int i = 0; i < conv.kernel().length; i++) {
            slots.set("in_" + i, in[1 + i]).set("out_" + i, out[1 + i]).set("pad_" + i, pads[i]);
        }
    }
}
