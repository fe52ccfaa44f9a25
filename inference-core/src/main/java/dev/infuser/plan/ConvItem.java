package dev.infuser.plan;

import dev.infuser.expr.Expr;
import dev.infuser.graph.Node;
import dev.infuser.kernel.Conv;
import dev.infuser.kernel.Gemm;
import dev.infuser.kernel.KernelModule;
import dev.infuser.op.Lowering;
import dev.infuser.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/** A convolution with what follows it element by element. */
final class ConvItem extends ProductItem {

    private final Node node;
    private final Lowering.Conv lowering;
    /** What the weights are in memory, which a narrow constant may be. */
    private final Weights weights;

    ConvItem(Node node, Lowering.Conv lowering, Weights weights) {
        super(node.output(0), node.label(), Expr.input(0));
        this.node = node;
        this.lowering = lowering;
        this.weights = weights;
    }

    @Override
    boolean fits(Facts facts) {
        return perm == null && extrasFollowRows(facts);
    }

    static List<Integer> list(int[] values) {
        List<Integer> list = new ArrayList<>();
        for (int value : values) {
            list.add(value);
        }
        return list;
    }

    @Override
    void emit(Facts facts, KernelModule module, List<Step> steps) {
        Shape w = facts.shape(node.input(1));
        int group = lowering.group();
        int c = (int) w.dim(-2).value() * (lowering.transposed() ? 1 : group);
        int m = (int) w.dim(-1).value() * (lowering.transposed() ? group : 1);
        Conv conv = Conv.of(list(lowering.kernel()), list(lowering.strides()), list(lowering.dilations()), c, m, group,
                lowering.transposed(), weights.layout(facts, Gemm.Layout.ROW_MAJOR), operands(facts), lifted());
        List<String> reads = new ArrayList<>(weights.reads());
        reads.add(node.input(0));
        reads.addAll(extras);
        steps.add(new Step.KernelStep(label(), reads, List.of(output), conv, module.add(conv),
                binding -> conv.scratchBytes(c), (binding, slots) -> fill(binding, slots, c, m), inPlace(facts)));
    }

    private void fill(Binding binding, Slots slots, int c, int m) {
        int[] in = binding.dims(node.input(0));
        int[] out = binding.dims(output);
        int[] pads = lowering.pads().of(binding.context(node));
        slots.set("x", binding.address(node.input(0))).set("w", weights.address(binding))
                .set("y", binding.address(output)).set("scratch", binding.scratch()).set("ldy", 4L * m)
                .set("c", c).set("m", m);
        boolean flat = pads.length < in.length - 2;
        int pixels = 1;
        for (int i = 0; i < in.length - 1; i++) {
            pixels *= in[i];
        }
        slots.set("n", flat ? 1 : in[0]);
        for (int i = 0; i < pads.length; i++) {
            slots.set("in_" + i, flat ? pixels : in[1 + i]).set("out_" + i, flat ? pixels : out[1 + i])
                    .set("pad_" + i, pads[i]);
        }
        weights.fill(binding, slots);
        fillExtras(binding, slots, 0);
    }
}
