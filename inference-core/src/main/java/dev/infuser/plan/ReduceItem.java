package dev.infuser.plan;

import dev.infuser.kernel.KernelModule;
import dev.infuser.kernel.Reduce;
import dev.infuser.op.Lowering;
import java.util.List;

/** A reduction over adjacent axes. */
final class ReduceItem extends Item {

    private final String input;
    private final Lowering.Reduce lowering;

    ReduceItem(String output, String label, String input, Lowering.Reduce lowering) {
        super(output, label);
        this.input = input;
        this.lowering = lowering;
    }

    @Override
    void emit(Facts facts, KernelModule module, List<Step> steps) {
        int end = lowering.firstAxis() + lowering.axes();
        boolean innermost = end == facts.shape(input).rank();
        Reduce kernel = new Reduce(lowering.combine(), lowering.before(), lowering.after(), innermost);
        steps.add(new Step.KernelStep(label(), List.of(input), List.of(output), kernel, module.add(kernel), binding -> 0,
                (binding, slots) -> {
                    int[] dims = binding.dims(input);
                    slots.set("out", binding.address(output)).set("in", binding.address(input))
                            .set("outer", product(dims, 0, lowering.firstAxis()))
                            .set("reduced", product(dims, lowering.firstAxis(), end))
                            .set("inner", product(dims, end, dims.length));
                }));
    }

    static long product(int[] dims, int from, int to) {
        long product = 1;
        for (int i = from; i < to; i++) {
            product *= dims[i];
        }
        return product;
    }
}
