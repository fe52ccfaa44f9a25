package dev.infuser.plan;

import dev.infuser.graph.Node;
import dev.infuser.kernel.KernelModule;
import dev.infuser.kernel.StridedCopy;
import dev.infuser.op.Lowering;
import java.util.ArrayList;
import java.util.List;

/** Strided copies that move parts of inputs to parts of outputs. */
final class CopyItem extends Item {

    private static final int MAX_RANK = 6;

    private final Node node;
    private final Lowering.Copy lowering;

    CopyItem(Node node, Lowering.Copy lowering) {
        super(node.output(0), node.label());
        this.node = node;
        this.lowering = lowering;
    }

    boolean fits(Facts facts) {
        int bytes = facts.dtype(node.output(0)).bytes();
        return lowering.rank() <= MAX_RANK && (bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8);
    }

    @Override
    void emit(Facts facts, KernelModule module, List<Step> steps) {
        List<String> reads = node.inputs().subList(0, lowering.inputs());
        List<String> writes = new ArrayList<>(node.outputs());
        writes.removeIf(String::isEmpty);
        int rank = Math.max(1, lowering.rank());
        StridedCopy kernel = new StridedCopy(facts.dtype(node.output(0)).bytes(), rank,
                lowering.contiguous() ? StridedCopy.Inner.CONTIGUOUS : StridedCopy.Inner.STRIDED);
        for (int i = 0; i < lowering.pieces(); i++) {
            int piece = i;
            boolean first = i == 0;
            steps.add(new Step.KernelStep(label(), reads, first ? writes : List.of(), kernel, module.add(kernel),
                    binding -> 0, (binding, slots) -> fill(binding, slots, rank, piece)));
        }
    }

    private void fill(Binding binding, Slots slots, int rank, int index) {
        Lowering.Piece piece = lowering.binder().piece(index, binding.context(node));
        String input = node.input(piece.input());
        String target = node.output(piece.output());
        if (target.isEmpty()) {
            return;
        }
        long size = binding.elementBytes(target);
        slots.set("out", binding.address(target) + piece.outOffset() * size)
                .set("in", binding.address(input) + piece.inOffset() * size);
        int[] dims = new int[rank];
        int[] in = new int[rank];
        int[] out = new int[rank];
        int at = merge(piece, dims, in, out);
        while (--at >= 0) {
            dims[at] = 1;
        }
        for (int d = 0; d < rank; d++) {
            slots.set("dim_" + d, dims[d]).set("out_" + d, out[d] * size).set("in_" + d, in[d] * size);
        }
    }

    /** Merges axes that are walked as one, writes them right-aligned and returns how many places stay free. */
    private int merge(Lowering.Piece piece, int[] dims, int[] in, int[] out) {
        int at = dims.length;
        for (int axis = piece.dims().length - 1; axis >= 0; axis--) {
            boolean joins = at < dims.length && piece.inStrides()[axis] == in[at] * dims[at]
                    && piece.outStrides()[axis] == out[at] * dims[at];
            if (joins) {
                dims[at] *= piece.dims()[axis];
            } else if (piece.dims()[axis] != 1 || at == dims.length) {
                at--;
                dims[at] = piece.dims()[axis];
                in[at] = piece.inStrides()[axis];
                out[at] = piece.outStrides()[axis];
            }
        }
        if (at == dims.length) {
            at--;
            dims[at] = 1;
            in[at] = 1;
            out[at] = 1;
        }
        return at;
    }
}
