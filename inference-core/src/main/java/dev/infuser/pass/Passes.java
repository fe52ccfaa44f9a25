package dev.infuser.pass;

import dev.infuser.graph.Graph;
import dev.infuser.op.Inference;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** The passes that a converted model goes through, in order. */
public final class Passes {

    public static final List<Pass> ALL = List.of(
            new FoldConstants(),
            new DropIdentities(),
            new MergeEqualNodes(),
            new RecognizeLayerNorm(),
            new RecognizeGelu(),
            new RemoveDeadNodes());

    private Passes() {
    }

    /** The graph after all passes, with types inferred. */
    public static Graph optimize(Graph graph) {
        return optimize(graph, Set.of(), g -> { });
    }

    /**
     * The graph after all passes, with types inferred.
     *
     * @param off     names of passes to leave out
     * @param between sees the graph after each pass, to verify or print it
     */
    public static Graph optimize(Graph graph, Set<String> off, Consumer<Graph> between) {
        Graph current = Inference.infer(graph);
        for (Pass pass : ALL) {
            if (!off.contains(pass.name())) {
                current = pass.run(current);
                between.accept(current);
            }
        }
        return Inference.infer(current);
    }
}
