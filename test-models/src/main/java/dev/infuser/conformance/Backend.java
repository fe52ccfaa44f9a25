package dev.infuser.conformance;

import dev.infuser.graph.Graph;
import dev.infuser.tensor.Datum;
import java.util.List;

/** Something that runs imported models. A backend is made, used and closed by one thread. */
public interface Backend extends AutoCloseable {

    /**
     * The outputs of {@code graph} for one datum per graph input, in order.
     *
     * @throws dev.infuser.tensor.UnsupportedModelException where the backend cannot run this graph yet
     */
    List<Datum> run(Graph graph, List<Datum> inputs) throws Exception;

    /** The same for the file that {@code graph} was imported from, which other runtimes read themselves. */
    default List<Datum> run(byte[] model, Graph graph, List<Datum> inputs) throws Exception {
        return run(graph, inputs);
    }

    /**
     * The npm bundle in headless Chromium.
     *
     * @throws IllegalStateException saying what to install or build where something is missing
     */
    static Backend chromium() {
        return new ChromiumBackend();
    }

    @Override
    default void close() {
    }
}
