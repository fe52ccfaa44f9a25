package dev.infuser.pass;

import dev.infuser.graph.Attribute;
import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.graph.Subgraphs;
import dev.infuser.op.Inference;
import dev.infuser.tensor.InvalidInputException;
import dev.infuser.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** The passes that a converted model goes through, in order. */
public final class Passes {

    public static final List<Pass> ALL = List.of(
            new HoistConstants(),
            new ChooseBranches(),
            new LowerVectorProducts(),
            new LowerQuantized(),
            new LowerAttention(),
            new NarrowWeights(),
            new FoldConstants(),
            new SimplifyReshapes(),
            new CombineNodes(),
            new DropIdentities(),
            new MergeEqualNodes(),
            new FuseStencils(),
            new UnflattenSoftmax(),
            new RecognizeSoftmax(),
            new RecognizeLayerNorm(),
            new RecognizeGroupNorm(),
            new RecognizeGelu(),
            new RecognizeActivations(),
            new RecognizeHardSwish(),
            new LowerBatchNormalization(),
            new LowerNormalization(),
            new LowerActivations(),
            new LowerArrangements(),
            new FuseResampling(),
            new ChannelsLast(),
            new FoldPadding(),
            new FoldScale(),
            new FoldInput(),
            new LastAxis(),
            new PadSequences(),
            new SplitReductions(),
            new ProjectRecurrentInputs(),
            new RemoveDeadNodes());

    private Passes() {
    }

    /**
     * Checks names of passes to leave out.
     *
     * @throws InvalidInputException {@code unknown-pass} when one is not among {@link #ALL}
     */
    public static void check(Set<String> off) {
        List<String> names = ALL.stream().map(Pass::name).toList();
        for (String name : off) {
            if (!names.contains(name)) {
                throw new InvalidInputException("unknown-pass", name, "there is no pass '" + name + "'",
                        "there are " + String.join(", ", names), "");
            }
        }
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
                current = Inference.infer(pass.run(current));
                between.accept(current);
            }
        }
        if (Subgraphs.any(current)) {
            current = Subgraphs.prune(new HoistConstants().run(inside(current, off, between)));
            between.accept(current);
        }
        return Inference.infer(current);
    }

    private static Graph inside(Graph graph, Set<String> off, Consumer<Graph> between) {
        Graph typed = Inference.infer(graph);
        List<Node> nodes = new ArrayList<>();
        for (Node node : typed.nodes()) {
            Attributes attributes = node.attributes();
            for (Map.Entry<String, Attribute> entry : node.attributes().map().entrySet()) {
                if (entry.getValue() instanceof Attribute.OfGraph g) {
                    attributes = attributes.with(entry.getKey(), inside(g.value(), typed, off, between));
                }
            }
            nodes.add(node.withAttributes(attributes));
        }
        return typed.withNodes(nodes);
    }

    /** The subgraph after all passes, which see what it takes from around it as inputs and constants. */
    private static Graph inside(Graph subgraph, Graph around, Set<String> off, Consumer<Graph> between) {
        Graph closed = optimize(Subgraphs.close(subgraph, around), off, between);
        Map<String, Tensor> own = new LinkedHashMap<>(closed.constants());
        own.keySet().removeAll(around.constants().keySet());
        return new Graph(closed.name(), subgraph.inputs(), closed.outputs(), closed.nodes(), own, closed.types());
    }
}
