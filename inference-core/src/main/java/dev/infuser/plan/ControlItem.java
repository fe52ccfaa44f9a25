package dev.infuser.plan;

import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.kernel.KernelModule;
import dev.infuser.kernel.StridedCopy;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** An {@code If} with the steps of both branches, or a {@code Loop} without stacked results with those of its body. */
final class ControlItem extends Item {

    /** A subgraph with its plan. */
    record Inner(Graph graph, Facts facts, List<Item> items) {
    }

    private final Node node;
    private final List<Inner> inner;
    private final boolean loop;

    ControlItem(Node node, List<Inner> inner) {
        super(node.output(0), node.label());
        this.node = node;
        this.inner = inner;
        loop = node.is("Loop");
    }

    /**
     * Whether all results are tensors that can be copied one after the other.
     *
     * @param roots of the values inside; those of a loop's results are added
     */
    boolean fits(Map<String, String> roots) {
        for (Inner graph : inner) {
            for (String output : graph.graph.outputs()) {
                if (!(graph.facts.graph.type(output) instanceof ValueType.OfTensor type) || type.shape() == null) {
                    return false;
                }
            }
        }
        if (!loop) {
            return true;
        }
        Graph body = inner.get(0).graph;
        int states = node.inputs().size() - 2;
        if (body.outputs().size() != 1 + states || body.inputs().size() != 2 + states) {
            return false;
        }
        for (int i = 0; i < states; i++) {
            String result = root(roots, body.outputs().get(1 + i));
            for (int k = 0; k < states; k++) {
                if (k != i && result.equals(body.inputs().get(2 + k).name())) {
                    return false;
                }
            }
        }
        for (int i = 0; i < states; i++) {
            if (!node.output(i).isEmpty()) {
                roots.put(node.output(i), body.inputs().get(2 + i).name());
            }
        }
        return true;
    }

    private static String root(Map<String, String> roots, String value) {
        String root = value;
        while (roots.containsKey(root)) {
            root = roots.get(root);
        }
        return root;
    }

    @Override
    void emit(Facts facts, KernelModule module, List<Step> steps) {
        Step.Label end = new Step.Label();
        if (loop) {
            loop(facts, module, steps, end);
        } else {
            Step.Label otherwise = new Step.Label();
            boolean first = true;
            steps.add(new Step.Control(Step.Flow.JUMP, label(), List.of(node.input(0)), List.of(), otherwise));
            for (Inner branch : inner) {
                emit(branch, module, steps);
                for (int i = 0; i < node.outputs().size(); i++) {
                    move(branch.facts, module, steps, branch.graph.outputs().get(i), node.output(i));
                }
                if (first) {
                    steps.add(new Step.Control(Step.Flow.JUMP, label(), List.of(), List.of(), end));
                    otherwise.step = steps.size();
                    first = false;
                }
            }
        }
        end.step = steps.size();
    }

    private void loop(Facts facts, KernelModule module, List<Step> steps, Step.Label end) {
        Inner body = inner.get(0);
        String iteration = body.graph.inputs().get(0).name();
        String condition = body.graph.inputs().get(1).name();
        int states = node.inputs().size() - 2;
        for (int i = 0; i < states; i++) {
            move(facts, module, steps, node.input(2 + i), body.graph.inputs().get(2 + i).name());
        }
        steps.add(new Step.Control(Step.Flow.START, label(), node.input(1).isEmpty() ? List.of() : List.of(node.input(1)),
                List.of(iteration, condition), end));
        Step.Label top = new Step.Label();
        top.step = steps.size();
        List<String> reads = new ArrayList<>(List.of(iteration, condition));
        if (!node.input(0).isEmpty()) {
            reads.add(node.input(0));
        }
        steps.add(new Step.Control(Step.Flow.NEXT, label(), reads, List.of(), end));
        emit(body, module, steps);
        for (int i = 0; i <= states; i++) {
            move(body.facts, module, steps, body.graph.outputs().get(i), body.graph.inputs().get(1 + i).name());
        }
        steps.add(new Step.Control(Step.Flow.JUMP, label(), List.of(), List.of(), top));
    }

    private static void emit(Inner inner, KernelModule module, List<Step> steps) {
        for (Item item : inner.items) {
            item.emit(inner.facts, module, steps);
        }
    }

    private void move(Facts facts, KernelModule module, List<Step> steps, String from, String to) {
        if (to.isEmpty()) {
            return;
        }
        StridedCopy kernel = new StridedCopy(facts.dtype(from).bytes(), 1, StridedCopy.Inner.CONTIGUOUS);
        steps.add(new Step.KernelStep(label(), List.of(from), List.of(to), kernel, module.add(kernel), binding -> 0,
                (binding, slots) -> {
                    int[] dims = binding.dims(from);
                    long bytes = binding.elementBytes(from);
                    boolean same = binding.address(from) == binding.address(to);
                    slots.set("out", binding.address(to)).set("in", binding.address(from))
                            .set("dim_0", same ? 0 : ReduceItem.product(dims, 0, dims.length))
                            .set("out_0", bytes).set("in_0", bytes);
                }));
    }
}
