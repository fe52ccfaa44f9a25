package dev.infuser.plan;

import dev.infuser.expr.Fn;
import dev.infuser.graph.Node;
import dev.infuser.kernel.KernelModule;
import dev.infuser.kernel.Taps;
import dev.infuser.op.Lowering;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Pooling, resampling and padding along adjacent axes. */
final class TapsItem extends Item implements Step.Filler {

    private static final int MAX_AXES = 4;
    private static final int TAP = 2;

    private final Node node;
    private final Lowering.Taps lowering;
    private final String input;

    TapsItem(Node node, Lowering.Taps lowering) {
        super(node.output(0), node.label());
        this.node = node;
        this.lowering = lowering;
        this.input = node.input(0);
    }

    boolean fits(Facts facts) {
        int bytes = facts.dtype(output).bytes();
        return lowering.axes() > 0 && lowering.axes() <= MAX_AXES && (bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8);
    }

    @Override
    void emit(Facts facts, KernelModule module, List<Step> steps) {
        Fn combine = lowering.combine();
        Taps kernel = new Taps(combine == null ? Taps.Combine.COPY : combine == Fn.MAX ? Taps.Combine.MAX
                : Taps.Combine.SUM, facts.dtype(output).bytes(), lowering.axes());
        List<String> reads = new ArrayList<>(List.of(input));
        if (lowering.fill() > 0) {
            reads.add(node.input(lowering.fill()));
        }
        steps.add(new Step.KernelStep(label(), reads, List.of(output), kernel, module.add(kernel), this::scratch, this));
    }

    private Lowering.AxisTaps taps(Binding binding, int i) {
        return lowering.tables().axis(lowering.firstAxis() + i, binding.context(node));
    }

    private int scratch(Binding binding) {
        int lists = 1;
        int list = 1;
        for (int i = 0; i < lowering.axes() && lowering.combine() != null; i++) {
            int extent = binding.dims(output)[lowering.firstAxis() + i];
            list *= extent == 0 ? 0 : taps(binding, i).positions().length / extent;
            lists += list;
        }
        return lists * TAP * Integer.BYTES;
    }

    @Override
    public int[] table(Binding binding) {
        int axes = lowering.axes();
        int[] dims = binding.dims(input);
        int[] table = new int[TAP * axes];
        long stride = ReduceItem.product(dims, lowering.firstAxis(), dims.length) * binding.elementBytes(input);
        for (int i = 0; i < axes; i++) {
            int axis = lowering.firstAxis() + i;
            Lowering.AxisTaps taps = taps(binding, i);
            int extent = binding.dims(output)[axis];
            int start = table.length;
            stride = dims[axis] == 0 ? 0 : stride / dims[axis];
            table = Arrays.copyOf(table, start + TAP * taps.positions().length);
            table[TAP * i] = extent == 0 ? 1 : taps.positions().length / extent;
            table[TAP * i + 1] = Integer.BYTES * start;
            for (int k = 0; k < taps.positions().length; k++) {
                int position = taps.positions()[k];
                table[start + TAP * k] = position < 0 ? -1 : (int) (position * stride);
                table[start + TAP * k + 1] = Float.floatToRawIntBits(taps.weights() == null ? 1
                        : (float) taps.weights()[k]);
            }
        }
        return table;
    }

    @Override
    public void fill(Binding binding, Slots slots) {
        int[] in = binding.dims(input);
        int end = lowering.firstAxis() + lowering.axes();
        long size = binding.elementBytes(input);
        slots.set("out", binding.address(output)).set("in", binding.address(input))
                .set("outer", ReduceItem.product(in, 0, lowering.firstAxis()))
                .set("outer_in", ReduceItem.product(in, lowering.firstAxis(), in.length) * size)
                .set("inner", ReduceItem.product(in, end, in.length) * size).set("scratch", binding.scratch())
                .set("fill", lowering.fill() > 0 ? binding.address(node.input(lowering.fill())) : 0);
        for (int i = 0; i < lowering.axes(); i++) {
            slots.set("extent_" + i, binding.dims(output)[lowering.firstAxis() + i]);
        }
    }
}
