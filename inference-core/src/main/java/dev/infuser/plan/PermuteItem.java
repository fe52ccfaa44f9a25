package dev.infuser.plan;

import dev.infuser.kernel.KernelModule;
import dev.infuser.kernel.StridedCopy;
import java.util.ArrayList;
import java.util.List;

/** A transpose that has to be carried out; axes that stay behind each other are copied as one. */
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
        return groups().size() <= MAX_RANK && (bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8);
    }

    /** The axes of the output, first and end, that each dimension of the copy walks. */
    private List<int[]> groups() {
        List<int[]> groups = new ArrayList<>();
        int last = 0;
        for (int axis = 0; axis < perm.length; axis++) {
            if (axis == 0 || perm[axis] != perm[axis - 1] + 1) {
                groups.add(new int[] {axis, axis});
            }
            int[] group = groups.get(groups.size() - 1);
            group[1] = axis + 1;
            last = perm[axis] == perm.length - 1 ? groups.size() - 1 : last;
        }
        if (last < groups.size() - 1) {
            int[] inner = groups.remove(last);
            groups.add(groups.size() - 1, inner);
        }
        return groups;
    }

    @Override
    void emit(Facts facts, KernelModule module, List<Step> steps) {
        List<int[]> groups = groups();
        int rank = groups.size();
        boolean contiguous = perm[perm.length - 1] == perm.length - 1;
        StridedCopy kernel = new StridedCopy(facts.dtype(output).bytes(), rank,
                contiguous ? StridedCopy.Inner.CONTIGUOUS : StridedCopy.Inner.TRANSPOSED);
        steps.add(new Step.KernelStep(label(), List.of(input), List.of(output), kernel, module.add(kernel), binding -> 0,
                (binding, slots) -> {
                    int[] dims = binding.dims(output);
                    long[] in = binding.strides(input);
                    long[] out = binding.strides(output);
                    slots.set("out", binding.address(output)).set("in", binding.address(input));
                    for (int d = 0; d < rank; d++) {
                        int[] group = groups.get(d);
                        int extent = 1;
                        for (int axis = group[0]; axis < group[1]; axis++) {
                            extent *= dims[axis];
                        }
                        slots.set("dim_" + d, extent).set("out_" + d, out[group[1] - 1])
                                .set("in_" + d, in[perm[group[1] - 1]]);
                    }
                }));
    }
}
