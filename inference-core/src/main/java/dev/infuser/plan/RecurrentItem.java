package dev.infuser.plan;

import dev.infuser.graph.Node;
import dev.infuser.kernel.KernelModule;
import dev.infuser.kernel.Recurrence;
import dev.infuser.op.Lowering;
import dev.infuser.tensor.DType;
import java.util.ArrayList;
import java.util.List;

/** A recurrent layer whose products with the input have been made. */
final class RecurrentItem extends Item {

    private final Node node;
    private final Lowering.Recurrent lowering;

    RecurrentItem(Node node, Lowering.Recurrent lowering) {
        super(firstOutput(node), node.label());
        this.node = node;
        this.lowering = lowering;
    }

    private static String firstOutput(Node node) {
        for (String output : node.outputs()) {
            if (!output.isEmpty()) {
                return output;
            }
        }
        return "";
    }

    boolean fits(Facts facts) {
        return node.input(4).isEmpty() || facts.dtype(node.input(4)) == DType.INT32;
    }

    @Override
    void emit(Facts facts, KernelModule module, List<Step> steps) {
        int hidden = (int) facts.shape(node.input(2)).dim(2).value();
        int extras = node.input(7).isEmpty() ? 0 : (int) facts.shape(node.input(7)).dim(1).value();
        Recurrence kernel = new Recurrence(hidden, lowering.gates(), lowering.passes(), extras);
        List<String> reads = new ArrayList<>(node.inputs());
        reads.removeIf(String::isEmpty);
        List<String> writes = new ArrayList<>(node.outputs());
        writes.removeIf(String::isEmpty);
        steps.add(new Step.KernelStep(label(), reads, writes, kernel, module.add(kernel),
                binding -> kernel.scratchBytes(), (binding, slots) -> fill(binding, slots, hidden)));
    }

    private void fill(Binding binding, Slots slots, int hidden) {
        int[] x = binding.dims(node.input(0));
        boolean batchFirst = lowering.batchFirst();
        long directions = lowering.directions();
        long rows = x[batchFirst ? 0 : 1];
        long seq = x[batchFirst ? 1 : 0];
        long columns = 4L * x[2];
        long units = 4L * hidden;
        slots.set("x", binding.address(node.input(0))).set("x_time", batchFirst ? columns : rows * columns)
                .set("x_row", batchFirst ? seq * columns : columns).set("x_dir", columns / directions)
                .set("r", binding.address(node.input(2))).set("extra", address(binding, node.input(7)))
                .set("steps", seq).set("rows", rows).set("directions", directions).set("backward", lowering.reverse() ? 1 : 0)
                .set("lengths", address(binding, node.input(4))).set("h", address(binding, node.input(5)))
                .set("c", address(binding, node.input(6))).set("s_dir", batchFirst ? units : rows * units)
                .set("s_row", batchFirst ? directions * units : units).set("y", address(binding, node.output(0)))
                .set("y_time", directions * (batchFirst ? units : rows * units))
                .set("y_dir", batchFirst ? units : rows * units)
                .set("y_row", batchFirst ? seq * directions * units : units).set("yh", address(binding, node.output(1)))
                .set("yc", address(binding, node.output(2))).set("scratch", binding.scratch());
    }

    private static long address(Binding binding, String value) {
        return value.isEmpty() ? 0 : binding.address(value);
    }
}
