package dev.infuser.conformance;

import dev.infuser.graph.Graph;
import dev.infuser.op.Evaluator;
import dev.infuser.tensor.Datum;
import java.util.List;

/** The operators' own definitions, in plain Java on the JVM. */
final class ReferenceBackend implements Backend {

    @Override
    public List<Datum> run(Graph graph, List<Datum> inputs) {
        return Evaluator.run(graph, inputs);
    }
}
