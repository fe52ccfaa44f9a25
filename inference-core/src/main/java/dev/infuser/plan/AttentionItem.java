package dev.infuser.plan;

import dev.infuser.graph.Node;
import dev.infuser.kernel.Element;
import dev.infuser.kernel.Gemm;
import dev.infuser.kernel.Kernel;
import dev.infuser.kernel.KernelModule;
import dev.infuser.kernel.Operand;
import dev.infuser.kernel.Softmax;
import dev.infuser.kernel.Tiled;
import dev.infuser.op.Lowering;
import dev.infuser.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * A product whose left operand is the softmax of another product: attention. A few rows of scores at a time are computed,
 * normalised and multiplied, so that the matrix of all scores is never in memory.
 */
final class AttentionItem extends GemmItem {

    /** Scores of one tile, which with what else a tile reads should fit the second cache. */
    private static final int TILE_ELEMENTS = 24 << 10;
    private static final int MIN_ROWS = 8;
    private static final int MAX_ROWS = 64;

    private final GemmItem scores;
    private final RowsItem softmax;

    AttentionItem(Node node, Lowering.MatMul product, View viewB, GemmItem scores, RowsItem softmax) {
        super(node.output(0), node.label(), node.input(0), node.input(1), product, new Weights(node.input(1), "", false), null, viewB);
        this.scores = scores;
        this.softmax = softmax;
        labels.addAll(0, softmax.labels);
        labels.addAll(0, scores.labels);
    }

    @Override
    boolean fits(Facts facts) {
        int batch = facts.shape(product).rank() - 2;
        return softmax.isSoftmax() && hasRows() && scores.hasRows() && scores.perm == null && batchRank(facts) == batch
                && scores.batchRank(facts) == batch && batch >= 1 && batch <= MAX_BATCH
                && facts.shape(softmax.output).equals(facts.shape(scores.output));
    }

    @Override
    void emit(Facts facts, KernelModule module, List<Step> steps) {
        Shape shape = facts.shape(scores.output);
        int batch = shape.rank() - 2;
        List<Operand> operands = new ArrayList<>();
        List<String> moved = new ArrayList<>();
        List<String> local = new ArrayList<>(List.of("out"));
        List<String> reads = new ArrayList<>(List.of(scores.a, scores.b, b));
        reads.addAll(scores.extras);
        reads.addAll(extras);
        for (String input : softmax.inputs()) {
            boolean between = input.equals(scores.output);
            (between ? local : moved).add("in_" + operands.size());
            operands.add(new Operand(Element.of(facts.dtype(input)), !between && facts.aligned(input, shape, batch + 1).is(1)));
            if (!between) {
                reads.add(input);
            }
        }
        Softmax normalise = new Softmax(2, operands, softmax.expression(), false);
        Gemm first = scores.kernel(facts, 0);
        Gemm second = kernel(facts, 0);
        Tiled kernel = new Tiled(batch + 1, List.of(
                new Tiled.Link(first, module.add(first), "m", List.of("c", "scratch"), moved("a", scores.extras.size())),
                new Tiled.Link(normalise, module.add(normalise), "dim_0", local, moved),
                new Tiled.Link(second, module.add(second), "m", List.of("a", "scratch"), moved("c", extras.size()))));
        Gemm[] whole = {scores.kernel(facts, batch), kernel(facts, batch)};
        steps.add(new Step.KernelStep(label(), reads, List.of(output), kernel, module.add(kernel),
                binding -> scoresEnd(kernel, binding) + Math.max(first.scratchBytes(scores.depth(binding)),
                        second.scratchBytes(depth(binding))), (binding, slots) -> fill(binding, slots, kernel, whole)));
    }

    private static List<String> moved(String row, int extras) {
        List<String> moved = new ArrayList<>(List.of(row, "b"));
        for (int e = 0; e < extras; e++) {
            moved.add("extra_" + e);
        }
        return moved;
    }

    private int rows(Binding binding) {
        int fitting = TILE_ELEMENTS / Math.max(1, depth(binding)) & -4;
        return Math.max(MIN_ROWS, Math.min(MAX_ROWS, fitting));
    }

    /** Where the scores of a tile lie in the working memory. */
    private static int scoresStart(Tiled kernel) {
        return kernel.blockBytes() + Kernel.PADDING - 1 & -Kernel.PADDING;
    }

    private int scoresEnd(Tiled kernel, Binding binding) {
        return (scoresStart(kernel) + 4 * rows(binding) * depth(binding) + Kernel.PADDING - 1 & -Kernel.PADDING)
                + Kernel.PADDING;
    }

    private void fill(Binding binding, Slots slots, Tiled kernel, Gemm[] whole) {
        int[] dims = binding.dims(scores.output);
        int batch = dims.length - 2;
        long row = 4L * dims[batch + 1];
        int start = scoresStart(kernel);
        slots.set("scratch", binding.scratch()).set("rows", rows(binding));
        for (int d = 0; d <= batch; d++) {
            slots.set("dim_" + d, dims[d]);
        }
        Slots first = new Slots(whole[0]);
        scores.fillShape(binding, first, batch);
        first.set("a", binding.address(scores.a)).set("c", start).set("ldc", row).set("scratch", scoresEnd(kernel, binding));
        product(slots, "0.", kernel.links().get(0).kernel(), first, "a", "lda", scores.extras.size(), batch);
        slots.set("1.out", start).set("1.dim_1", dims[batch + 1]);
        for (int i = 0; i < softmax.inputs().size(); i++) {
            String input = softmax.inputs().get(i);
            String name = "1.in_" + i;
            if (input.equals(scores.output)) {
                slots.set(name, start).set(name + "_0", row);
                continue;
            }
            int[] own = binding.dims(input);
            long[] strides = binding.strides(input);
            slots.set(name, binding.address(input));
            for (int d = 0; d <= batch; d++) {
                slots.set(name + "@" + d, Lowerings.stride(own, strides, dims.length, new int[] {d, d + 1}));
            }
            slots.set(name + "_0", Lowerings.stride(own, strides, dims.length, new int[] {batch, batch + 1}));
        }
        Slots second = new Slots(whole[1]);
        fillShape(binding, second, batch);
        second.set("a", start).set("lda", row).set("c", binding.address(output)).set("scratch", scoresEnd(kernel, binding));
        product(slots, "2.", kernel.links().get(2).kernel(), second, "c", "ldc", extras.size(), batch);
    }

    /** Sets the slots of a product in the chain from those that it would have alone. */
    private static void product(Slots slots, String prefix, Kernel kernel, Slots alone, String row, String rowStride,
            int extras, int batch) {
        for (String name : kernel.slots()) {
            slots.set(prefix + name, alone.get(name));
        }
        move(slots, prefix + row, alone, row, alone.get(rowStride), batch);
        move(slots, prefix + "b", alone, "b", 0, batch);
        for (int e = 0; e < extras; e++) {
            String extra = "extra_" + e;
            move(slots, prefix + extra, alone, extra, alone.get(extra + "_row"), batch);
        }
    }

    private static void move(Slots slots, String name, Slots alone, String from, long perRow, int batch) {
        for (int d = 0; d < batch; d++) {
            slots.set(name + "@" + d, alone.get(from + "_" + d));
        }
        slots.set(name + "@" + batch, perRow);
    }
}
