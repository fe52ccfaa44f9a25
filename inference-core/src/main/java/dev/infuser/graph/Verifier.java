package dev.infuser.graph;

import dev.infuser.tensor.InvalidModelException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Checks that a graph is in SSA form: every name defined once in its scope and those around it, and before its use. */
public final class Verifier {

    private static final int MAX_DEPTH = 64;

    private Verifier() {
    }

    /**
     * Checks a whole model.
     *
     * @throws InvalidModelException naming the node and value at fault
     */
    public static void verify(Graph graph) {
        verify(graph, new HashSet<>(), 0);
    }

    private static void verify(Graph graph, Set<String> defined, int depth) {
        if (depth > MAX_DEPTH) {
            throw new InvalidModelException("bad-graph", "subgraphs are nested more than " + MAX_DEPTH + " deep");
        }
        List<String> own = new ArrayList<>();
        for (Value input : graph.inputs()) {
            define(defined, own, input.name(), "input");
        }
        for (String constant : graph.constants().keySet()) {
            define(defined, own, constant, "constant");
        }
        for (Node node : graph.nodes()) {
            for (String input : node.inputs()) {
                if (!input.isEmpty() && !defined.contains(input)) {
                    throw new InvalidModelException("bad-graph", node.label(),
                            node.label() + " reads '" + input + "', which nothing before it defines", "",
                            "the file is damaged or its nodes are not in running order");
                }
            }
            for (Attribute attribute : node.attributes().map().values()) {
                if (attribute instanceof Attribute.OfGraph g) {
                    verify(g.value(), defined, depth + 1);
                }
            }
            for (String output : node.outputs()) {
                if (!output.isEmpty()) {
                    define(defined, own, output, node.label());
                }
            }
        }
        for (String output : graph.outputs()) {
            if (!defined.contains(output)) {
                throw new InvalidModelException("bad-graph", "output '" + output + "' of graph '" + graph.name()
                        + "' is never computed");
            }
        }
        own.forEach(defined::remove);
    }

    private static void define(Set<String> defined, List<String> own, String value, String by) {
        if (value.isEmpty() || !defined.add(value)) {
            throw new InvalidModelException("bad-graph", by, value.isEmpty() ? by + " defines a value without a name"
                    : "value '" + value + "' is defined twice, again by " + by, "", "");
        }
        own.add(value);
    }
}
