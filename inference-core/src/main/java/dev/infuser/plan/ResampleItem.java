package dev.infuser.plan;

import dev.infuser.graph.Node;
import dev.infuser.kernel.Element;
import dev.infuser.kernel.KernelModule;
import dev.infuser.kernel.Resample;
import dev.infuser.op.Lowering;
import dev.infuser.tensor.Dim;
import java.util.List;

/** Pixels resampled along two axes. */
final class ResampleItem extends Item implements Step.Filler {

    private static final int CHANNELS = 2;

    private final Node node;
    private final Lowering.Resample lowering;

    ResampleItem(Node node, Lowering.Resample lowering) {
        super(node.output(0), node.label());
        this.node = node;
        this.lowering = lowering;
    }

    boolean fits(Facts facts) {
        Dim channels = facts.shape(node.input(0)).dim(CHANNELS);
        return channels.isConstant() && channels.value() > 0 && channels.value() <= Resample.MAX_CHANNELS;
    }

    @Override
    void emit(Facts facts, KernelModule module, List<Step> steps) {
        Resample kernel = new Resample(Element.of(facts.dtype(node.input(0))),
                (int) facts.shape(node.input(0)).dim(CHANNELS).value());
        steps.add(new Step.KernelStep(label(), List.of(node.input(0)), List.of(output), kernel, module.add(kernel),
                binding -> Resample.scratchBytes(plan(binding).columns() * kernel.channels()), this));
    }

    private Lowering.ResamplePlan plan(Binding binding) {
        return lowering.binder().plan(binding.context(node));
    }

    @Override
    public int[] table(Binding binding) {
        Lowering.ResamplePlan plan = plan(binding);
        int[] in = binding.dims(node.input(0));
        int[] out = binding.dims(output);
        int down = plan.down().positions().length;
        int along = plan.along().positions().length;
        int[] table = new int[Resample.COUNTS + Resample.TAP * (down + along)];
        table[0] = down / out[0];
        table[1] = along / out[1];
        put(table, Resample.COUNTS, plan.down(), in[1] * in[CHANNELS] * binding.elementBytes(node.input(0)));
        put(table, Resample.COUNTS + Resample.TAP * down, plan.along(), in[CHANNELS] * Float.BYTES);
        return table;
    }

    private static void put(int[] table, int at, Lowering.AxisTaps taps, int stride) {
        for (int k = 0; k < taps.positions().length; k++) {
            table[at + Resample.TAP * k] = taps.positions()[k] * stride;
            table[at + Resample.TAP * k + 1] = Float.floatToRawIntBits((float) taps.weights()[k]);
        }
    }

    @Override
    public void fill(Binding binding, Slots slots) {
        Lowering.ResamplePlan plan = plan(binding);
        int[] in = binding.dims(node.input(0));
        long first = ((long) plan.top() * in[1] + plan.left()) * in[CHANNELS] * binding.elementBytes(node.input(0));
        slots.set("out", binding.address(output)).set("in", binding.address(node.input(0)) + first)
                .set("elements", plan.columns() * in[CHANNELS]).set("rows", binding.dims(output)[0])
                .set("columns", binding.dims(output)[1]).set("scratch", binding.scratch());
    }
}
