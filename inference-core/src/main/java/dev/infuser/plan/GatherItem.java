package dev.infuser.plan;

import dev.infuser.kernel.Element;
import dev.infuser.kernel.Gather;
import dev.infuser.kernel.KernelModule;
import dev.infuser.tensor.DType;
import java.util.List;

/** Slices of a tensor at positions that another one holds. */
final class GatherItem extends Item {

    private final String data;
    private final String indices;
    private final int axis;

    GatherItem(String output, String label, String data, String indices, int axis) {
        super(output, label);
        this.data = data;
        this.indices = indices;
        this.axis = axis;
    }

    boolean fits(Facts facts) {
        return facts.dtype(indices) == DType.INT64 || facts.dtype(indices) == DType.INT32;
    }

    @Override
    void emit(Facts facts, KernelModule module, List<Step> steps) {
        Gather kernel = new Gather(Element.of(facts.dtype(indices)));
        steps.add(new Step.KernelStep(label(), List.of(data, indices), List.of(output), kernel, module.add(kernel),
                binding -> 0, (binding, slots) -> {
                    int[] dims = binding.dims(data);
                    int[] count = binding.dims(indices);
                    slots.set("out", binding.address(output)).set("data", binding.address(data))
                            .set("indices", binding.address(indices)).set("error", binding.errorWord())
                            .set("outer", ReduceItem.product(dims, 0, axis)).set("axis", dims[axis])
                            .set("count", ReduceItem.product(count, 0, count.length))
                            .set("inner", ReduceItem.product(dims, axis + 1, dims.length) * binding.elementBytes(data));
                }));
    }
}
