package dev.infuser.plan;

import dev.infuser.expr.Expr;
import dev.infuser.expr.Fn;
import dev.infuser.graph.Node;
import dev.infuser.kernel.Element;
import dev.infuser.kernel.Elementwise;
import dev.infuser.kernel.Kernel;
import dev.infuser.kernel.KernelModule;
import dev.infuser.kernel.Operand;
import dev.infuser.kernel.QuantizationRange;
import java.util.List;

/** A float32 tensor to uint8: first its range, then its elements. */
final class DynamicQuantizeItem extends Item {

    private static final Expr QUANTIZED = Expr.of(Fn.ADD, Expr.of(Fn.ROUND, Expr.of(Fn.DIV, Expr.input(0), Expr.input(1))),
            Expr.input(2));

    private final String input;
    private final String scale;
    private final String zero;

    DynamicQuantizeItem(Node node) {
        super(node.output(0), node.label());
        this.input = node.input(0);
        this.scale = node.output(1);
        this.zero = node.output(2);
    }

    @Override
    void emit(Facts facts, KernelModule module, List<Step> steps) {
        Kernel range = new QuantizationRange();
        steps.add(new Step.KernelStep(label() + " (range)", List.of(input), List.of(scale, zero), range, module.add(range),
                binding -> 0, (binding, slots) -> slots.set("in", binding.address(input)).set("count", count(binding))
                        .set("scale", binding.address(scale)).set("zero", binding.address(zero))));
        Kernel quantize = new Elementwise(1, List.of(Operand.VECTOR, Operand.SCALAR, new Operand(Element.U8, true)),
                Element.U8, QUANTIZED);
        steps.add(new Step.KernelStep(label(), List.of(input, scale, zero), List.of(output), quantize, module.add(quantize),
                binding -> 0, (binding, slots) -> slots.set("out", binding.address(output)).set("dim_0", count(binding))
                        .set("in_0", binding.address(input)).set("in_1", binding.address(scale))
                        .set("in_2", binding.address(zero))));
    }

    private long count(Binding binding) {
        int[] dims = binding.dims(input);
        return ReduceItem.product(dims, 0, dims.length);
    }
}
