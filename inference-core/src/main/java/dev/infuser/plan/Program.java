package dev.infuser.plan;

import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.kernel.KernelModule;
import dev.infuser.op.Inference;
import dev.infuser.tensor.ValueType;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A graph compiled for one kind of engine: a module of kernels and the steps that call them. It serves every binding of
 * the symbolic dimensions.
 *
 * @param graph      what it computes, with types
 * @param steps      in running order
 * @param kernels    what the steps call
 * @param hostValues values that follow from shapes, computed while binding and never as kernels
 * @param roots      for each value that shares the memory of another: that other
 * @param views      values that are read in place through a permutation
 * @param declared   what follows from the types that the inputs declare
 */
public record Program(Graph graph, List<Step> steps, KernelModule kernels, Set<String> hostValues, Map<String, String> roots,
        Map<String, View> views, Inference declared) {

    /** The kernels as a module in WebAssembly's binary format. */
    public byte[] module() {
        return kernels.build();
    }

    /**
     * The program bound to the concrete types of its inputs.
     *
     * @param threads how many threads will run it, each of which needs working memory of its own
     * @return null where some extent follows from the elements of inputs and not from their shapes
     */
    public Bound bind(List<ValueType> arguments, int threads) {
        Inference inference = follows(arguments) ? declared : Inference.of(graph, arguments, hostValues);
        for (Node node : graph.nodes()) {
            for (String value : node.outputs()) {
                if (!value.isEmpty() && !Bound.isConcrete(inference.type(value))) {
                    return null;
                }
            }
        }
        for (String value : hostValues) {
            if (inference.scope(value).constant(value) == null) {
                return null;
            }
        }
        for (Step step : steps) {
            for (String value : step.writes()) {
                if (!Bound.isConcrete(inference.scope(value).type(value))) {
                    return null;
                }
            }
        }
        for (String value : roots.keySet()) {
            if (!Bound.isConcrete(inference.scope(value).type(value))) {
                return null;
            }
        }
        return new Bound(this, inference, threads);
    }

    /** Whether all that binding asks for follows from the declared types already. */
    private boolean follows(List<ValueType> arguments) {
        boolean follows = true;
        for (int i = 0; i < arguments.size() && follows; i++) {
            follows = arguments.get(i).equals(graph.inputs().get(i).type());
        }
        for (String value : hostValues) {
            follows = follows && declared.scope(value).constant(value) != null;
        }
        return follows;
    }

    /** The value whose memory holds {@code value}. */
    public String root(String value) {
        String root = value;
        while (roots.containsKey(root)) {
            root = roots.get(root);
        }
        return root;
    }

    /** The constants that kernels and callers read in memory. */
    public Set<String> constants() {
        Set<String> found = new LinkedHashSet<>();
        for (Step step : steps) {
            if (!(step instanceof Step.HostStep)) {
                for (String value : step.reads()) {
                    addConstant(value, found);
                }
            }
        }
        for (String output : graph.outputs()) {
            addConstant(output, found);
        }
        return found;
    }

    private void addConstant(String value, Set<String> found) {
        View view = views.get(value);
        String root = root(view == null ? value : view.base());
        if (graph.constants().containsKey(root)) {
            found.add(root);
        }
    }

    /** How many steps the host evaluates. */
    public int hostSteps() {
        int count = 0;
        for (Step step : steps) {
            count += step instanceof Step.HostStep ? 1 : 0;
        }
        return count;
    }
}
