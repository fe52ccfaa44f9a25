package dev.infuser.plan;

import dev.infuser.kernel.KernelModule;
import dev.infuser.kernel.StridedCopy;
import java.util.List;

/** A transpose that has to be carried out. */
final class PermuteItem extends Item {

    private static final int MAX_RANK = 6;

    private final String input;
    private final int[] perm;

    PermuteItem(String output, String label, String input, int[] perm) {
        super(output, label);
        this.input = input;
        this.perm = perm;
    }

    boolean fits(Facts facts) {
        int bytes = facts.dtype(output).bytes();
        return perm.length >= 1 && perm.length <= MAX_RANK && (bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8);
    }

    @Override
    void emit(Facts facts, KernelModule module, List<Step> steps) {
        int rank = perm.length;
        int bytes = facts.dtype(output).bytes();
        boolean contiguous = perm[rank - 1] == rank - 1;
        boolean swapped = rank > 1 && perm[rank - 2] == rank - 1 && bytes == 4;
        StridedCopy kernel = new StridedCopy(bytes, rank, contiguous ? StridedCopy.Inner.CONTIGUOUS
                : swapped ? StridedCopy.Inner.TRANSPOSED : StridedCopy.Inner.STRIDED);
        steps.add(new Step.KernelStep(label(), List.of(input), List.of(output), kernel, module.add(kernel), binding -> 0,
                (binding, slots) -> {
                    int[] dims = binding.dims(output);
                    long[] in = binding.strides(input);
                    long[] out = binding.strides(output);
                    slots.set("out", binding.address(output)).set("in", binding.address(input));
                    for (int d = 0; d < rank; d++) {
                        slots.set("dim_" + d, dims[d]).set("out_" + d, out[d]).set("in_" + d, in[perm[d]]);
                    }
                }));
    }
}
