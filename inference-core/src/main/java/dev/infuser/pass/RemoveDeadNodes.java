package dev.infuser.pass;

import dev.infuser.graph.Graph;
import dev.infuser.graph.Subgraphs;

/** Removes nodes and constants that no result depends on. */
final class RemoveDeadNodes implements Pass {

    @Override
    public String name() {
        return "remove-dead-nodes";
    }

    @Override
    public String description() {
        return "nodes and constants that no result depends on go";
    }

    @Override
    public Graph run(Graph graph) {
        return Subgraphs.prune(graph);
    }
}
