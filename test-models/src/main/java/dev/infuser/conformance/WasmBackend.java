package dev.infuser.conformance;

import dev.infuser.graph.Graph;
import dev.infuser.kernel.Target;
import dev.infuser.op.Evaluator;
import dev.infuser.pass.Passes;
import dev.infuser.runtime.CompiledModel;
import dev.infuser.runtime.Heap;
import dev.infuser.tensor.Datum;
import dev.infuser.testing.V8Host;
import java.util.List;

/** Generated kernels in V8 inside the JVM, after the passes of a conversion; what has no kernel is evaluated between them. */
final class WasmBackend implements Backend {

    private static final int HEAP_START = 1024;

    private final V8Host host = new V8Host(Target.RELAXED);
    private final Heap heap = new Heap(host, HEAP_START);

    @Override
    public List<Datum> run(Graph graph, List<Datum> inputs) {
        Graph optimized = Passes.optimize(graph);
        try (CompiledModel model = CompiledModel.compile(optimized, heap)) {
            List<Datum> outputs = model == null ? null : model.run(inputs);
            return outputs == null ? Evaluator.run(optimized, inputs) : outputs;
        }
    }

    @Override
    public void close() {
        host.close();
    }
}
