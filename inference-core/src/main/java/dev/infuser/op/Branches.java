package dev.infuser.op;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.graph.Subgraphs;
import dev.infuser.graph.Value;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Puts the branch that is taken in place of each {@code If} whose condition follows from constants and shapes. */
public final class Branches {

    private final Graph graph;
    private final Inference inference;
    private final Map<String, Integer> definitions;
    private final List<Boolean> taken;
    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, Tensor> constants;
    private final Map<String, ValueType> types;
    private boolean changed;

    private Branches(Graph graph, List<ValueType> arguments, List<Boolean> taken) {
        this.graph = graph;
        this.taken = taken;
        inference = Inference.of(graph, arguments, Set.of());
        definitions = Subgraphs.definitions(graph);
        constants = new LinkedHashMap<>(graph.constants());
        types = new LinkedHashMap<>(graph.types());
    }

    /**
     * The graph for inputs of these types, without what only untaken branches read.
     *
     * @param taken receives which branches were taken, in an order that follows from them
     */
    public static Graph choose(Graph graph, List<ValueType> arguments, List<Boolean> taken) {
        Graph current = graph;
        while (Subgraphs.any(current)) {
            Branches step = new Branches(current, arguments, taken);
            Graph next = step.run();
            if (!step.changed) {
                break;
            }
            current = next;
        }
        return current == graph ? graph : Subgraphs.prune(current);
    }

    /** The graph for the types that its inputs declare. */
    public static Graph choose(Graph graph) {
        List<ValueType> arguments = new ArrayList<>();
        for (Value input : graph.inputs()) {
            arguments.add(input.type());
        }
        return choose(graph, arguments, new ArrayList<>());
    }

    private Graph run() {
        for (Node node : graph.nodes()) {
            Tensor condition = node.is("If") ? inference.constant(node.input(0)) : null;
            if (condition == null || condition.size() != 1) {
                nodes.add(node);
                continue;
            }
            boolean yes = condition.getLong(0) != 0;
            taken.add(yes);
            changed = true;
            inline(node, yes);
        }
        return new Graph(graph.name(), graph.inputs(), graph.outputs(), nodes, constants, types);
    }

    /** A constant gets a name that no other branch gives, so that all programs of a graph may share constants by name. */
    private void inline(Node node, boolean yes) {
        Graph branch = node.attributes().graph(yes ? "then_branch" : "else_branch");
        Map<String, String> names = new HashMap<>();
        for (String constant : branch.constants().keySet()) {
            names.put(constant, String.join(" ", node.outputs()) + (yes ? "+" : "-") + constant);
        }
        for (Node inner : branch.nodes()) {
            for (String output : inner.outputs()) {
                if (!output.isEmpty()) {
                    int at = branch.outputs().indexOf(output);
                    boolean wanted = at >= 0 && !node.output(at).isEmpty();
                    names.put(output, wanted ? node.output(at) : Subgraphs.unique(output, definitions));
                }
            }
        }
        for (Node inner : branch.nodes()) {
            nodes.add(Subgraphs.rename(inner, names));
        }
        constants.putAll(Subgraphs.renameKeys(branch.constants(), names));
        for (String output : node.outputs()) {
            types.remove(output);
        }
        types.putAll(Subgraphs.renameKeys(branch.types(), names));
        for (int i = 0; i < branch.outputs().size(); i++) {
            String value = names.getOrDefault(branch.outputs().get(i), branch.outputs().get(i));
            if (!node.output(i).isEmpty() && !value.equals(node.output(i))) {
                nodes.add(new Node("", "", "Identity", List.of(value), List.of(node.output(i)), Attributes.NONE));
            }
        }
    }
}
