package dev.infuser.plan;

import dev.infuser.expr.Expr;
import dev.infuser.graph.Node;
import dev.infuser.kernel.Conv;
import dev.infuser.kernel.Gemm;
import dev.infuser.kernel.KernelModule;
import dev.infuser.kernel.WinogradWeights;
import dev.infuser.op.Lowering;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/** A convolution with what follows it element by element. */
final class ConvItem extends ProductItem {

    private static final int LEAST_CHANNELS = 16;
    private static final int LEAST_OUTPUTS = 64;

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
        Gemm.Layout layout = weights.layout(facts, Gemm.Layout.ROW_MAJOR);
        List<String> reads = new ArrayList<>(weights.reads());
        boolean transformed = isTransformed(facts, c, m);
        if (transformed) {
            WinogradWeights first = new WinogradWeights(layout);
            steps.add(new Step.KernelStep(label(), weights.reads(), List.of(), first, module.add(first),
                    binding -> first.bytes(c, m), (binding, slots) -> {
                        slots.set("w", weights.address(binding)).set("u", binding.scratch()).set("c", c).set("m", m);
                        weights.fill(binding, slots);
                    }));
            layout = Gemm.Layout.TRANSFORMED;
            reads.clear();
        }
        Conv conv = Conv.of(list(lowering.kernel()), list(lowering.strides()), list(lowering.dilations()), c, m, group,
                lowering.transposed(), layout, operands(facts), lifted());
        reads.add(node.input(0));
        reads.addAll(extras);
        steps.add(new Step.KernelStep(label(), reads, List.of(output), conv, module.add(conv),
                binding -> conv.scratchBytes(c), (binding, slots) -> fill(binding, slots, transformed, c, m), inPlace(facts)));
    }

    /**
     * Whether Winograd's algorithm takes less time: where windows are 3x3 and next to each other, of whole vectors of channels,
     * and channels and filters are so many that it does more than transform, and outputs so many that its weights, which are
     * made in every run to be no larger in memory, are little to them. Extents that are not known count as large.
     */
    private boolean isTransformed(Facts facts, int c, int m) {
        List<Integer> ones = List.of(1, 1);
        boolean plain = weights.packed() && lowering.group() == 1 && !lowering.transposed()
                && list(lowering.kernel()).equals(List.of(3, 3)) && list(lowering.strides()).equals(ones)
                && list(lowering.dilations()).equals(ones);
        if (!plain || c % 4 != 0 || Math.min(c, m) < LEAST_CHANNELS) {
            return false;
        }
        Dim outputs = facts.shape(product).dim(1).times(facts.shape(product).dim(2));
        return !outputs.isConstant() || outputs.value() >= LEAST_OUTPUTS;
    }

    private void fill(Binding binding, Slots slots, boolean transformed, int c, int m) {
        int[] in = binding.dims(node.input(0));
        int[] out = binding.dims(output);
        int[] pads = lowering.pads().of(binding.context(node));
        slots.set("x", binding.address(node.input(0))).set("w", transformed ? binding.prepared() : weights.address(binding))
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
        if (!transformed) {
            weights.fill(binding, slots);
        }
        fillExtras(binding, slots, 0);
    }
}
