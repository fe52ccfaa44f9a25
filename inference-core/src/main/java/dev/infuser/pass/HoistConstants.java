package dev.infuser.pass;

import dev.infuser.graph.Graph;
import dev.infuser.graph.Subgraphs;

/** Moves the constants of subgraphs to the outermost graph, where all of them can be folded, merged and stored. */
final class HoistConstants implements Pass {

    @Override
    public String name() {
        return "hoist-constants";
    }

    @Override
    public Graph run(Graph graph) {
        return Subgraphs.hoist(graph);
    }
}
