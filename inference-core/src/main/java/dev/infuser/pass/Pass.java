package dev.infuser.pass;

import dev.infuser.graph.Graph;

/** A rewrite that keeps what a graph computes. */
public interface Pass {

    /** A short name by which people list passes and switch them off, e.g. {@code fold-constants}. */
    String name();

    /** What it does, in one line for people, e.g. {@code equal expressions are computed once}. */
    String description();

    /** The rewritten graph, or {@code graph} itself when nothing matched. */
    Graph run(Graph graph);
}
