package dev.infuser.converter;

import dev.infuser.converter.quantize.Quantizer;
import dev.infuser.format.Model;
import dev.infuser.format.TeaWriter;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Verifier;
import dev.infuser.pass.Passes;
import dev.infuser.plan.Planner;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Set;

/** What becomes of every imported model before it is a {@code .tea} file. Knows neither files nor frameworks: pages convert with it, too. */
public final class Stored {

    private Stored() {
    }

    /**
     * The graph after all passes, which is verified after each.
     *
     * @param without names of passes to leave out
     */
    public static Graph optimize(Graph imported, Set<String> without) {
        return Passes.optimize(imported, without, Verifier::verify);
    }

    /** The graph with weights in fewer bits where these hold them exactly. */
    public static Graph exact(Graph optimized) {
        return Quantizer.exact(optimized);
    }

    /** Writes a model whose graph is optimised; {@code out} is neither flushed nor closed. */
    public static void write(Model model, OutputStream out) throws IOException {
        Graph graph = ShortNames.of(model.graph());
        TeaWriter.write(new Model(graph, model.metadata(), model.assets(), model.golden()), Planner.packable(graph), out);
    }
}
