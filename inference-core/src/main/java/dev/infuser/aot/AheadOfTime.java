package dev.infuser.aot;

import dev.infuser.graph.Graph;
import dev.infuser.graph.Value;
import dev.infuser.kernel.KernelModule;
import dev.infuser.kernel.Target;
import dev.infuser.op.Inference;
import dev.infuser.plan.Bound;
import dev.infuser.runtime.CompiledModel;
import dev.infuser.runtime.Heap;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.InvalidInputException;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.UnsupportedModelException;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Compiles a graph into {@link Standalone}. */
public final class AheadOfTime {

    /** Nothing lies at address 0. */
    private static final int START = 64;

    private final Graph graph;
    private final ImageHost host;

    private AheadOfTime(Graph graph, Target target) {
        this.graph = graph;
        this.host = new ImageHost(target, START);
    }

    /**
     * Compiles a graph.
     *
     * @param graph  with constant extents of all inputs
     * @param given  inputs that are given here, for good, by name
     * @param target what engines must offer; {@link Target#STRICT} runs on all that have SIMD
     * @throws InvalidInputException     where an extent is open, or an input decides about branches and is not given
     * @throws UnsupportedModelException where nodes have no kernels, or what runs next depends on what was computed
     */
    public static Standalone compile(Graph graph, Map<String, Tensor> given, Target target) {
        if (given.isEmpty()) {
            return new AheadOfTime(graph, target).compile();
        }
        List<Value> inputs = new ArrayList<>(graph.inputs());
        inputs.removeIf(input -> given.containsKey(input.name()));
        Map<String, Tensor> constants = new LinkedHashMap<>(graph.constants());
        constants.putAll(given);
        Graph closed = new Graph(graph.name(), inputs, graph.outputs(), graph.nodes(), constants, Map.of());
        return new AheadOfTime(Inference.infer(closed), target).compile();
    }

    private Standalone compile() {
        List<Datum> feeds = feeds();
        Heap heap = new Heap(host, START);
        CompiledModel model = CompiledModel.compile(graph, heap);
        if (model == null || !model.prepare(feeds)) {
            throw refuse("extents or branches follow from what is computed", "", "give the inputs that decide about them by --fix");
        }
        for (Value input : graph.inputs()) {
            if (model.decisive(input.name()) != null) {
                throw new InvalidInputException("open-input", input.name(), "input '" + input.name()
                        + "' decides what is computed", "a module is compiled for one value of it", "give it by --fix "
                        + input.name() + "=VALUE");
            }
        }
        Bound.Kernels kernels = kernels(model);
        Map<String, Long> known = new HashMap<>();
        for (String output : graph.outputs()) {
            Tensor value = model.known(output);
            if (value != null) {
                known.put(output, heap.allocate((long) value.size() * value.dtype().bytes()));
                host.write(known.get(output), value);
            }
        }
        Map<Integer, String> labels = new TreeMap<>();
        for (int i = 0; i < kernels.count(); i++) {
            int block = host.read(kernels.address() + (long) KernelModule.STEP_BYTES * i + Integer.BYTES);
            labels.put(block, model.stepAt(block & 0xFFFFFFFFL).label());
        }
        List<Standalone.Port> inputs = new ArrayList<>();
        for (Value input : graph.inputs()) {
            inputs.add(port(model, input.name(), model.address(input.name())));
        }
        List<Standalone.Port> outputs = new ArrayList<>();
        for (String output : graph.outputs()) {
            Long address = known.get(output);
            outputs.add(port(model, output, address == null ? model.address(output) : address));
        }
        return new Standalone(inputs, outputs, START, (host.constantsEnd() + 3) / 4 * 4, labels, new Standalone.Image(model.program().kernels(),
                host.memory(), host.size(), kernels.address(), kernels.count(), model.errorWord()));
    }

    private List<Datum> feeds() {
        List<Datum> feeds = new ArrayList<>();
        Set<String> open = new LinkedHashSet<>();
        for (Value input : graph.inputs()) {
            if (!(input.type() instanceof ValueType.OfTensor type) || type.shape() == null || type.dtype() == DType.STRING) {
                throw refuse("input '" + input.name() + "' is no tensor of numbers", input.name(), "");
            }
            int[] dims = new int[type.shape().rank()];
            for (int i = 0; i < dims.length; i++) {
                Dim dim = type.shape().dim(i);
                if (!dim.isConstant()) {
                    open.add(dim.symbol());
                } else {
                    dims[i] = (int) dim.value();
                }
            }
            feeds.add(open.isEmpty() ? Tensor.zeros(type.dtype(), dims) : null);
        }
        if (!open.isEmpty()) {
            throw new InvalidInputException("open-dimension", "", "a module is compiled for fixed extents, and these are open: "
                    + String.join(", ", open), "", "give them by --fix " + String.join("=1,", open) + "=1");
        }
        return feeds;
    }

    private Bound.Kernels kernels(CompiledModel model) {
        Bound.Kernels found = null;
        for (Bound.Segment segment : model.segments()) {
            if (segment instanceof Bound.Evaluate evaluate) {
                String node = evaluate.step().label();
                throw refuse("node " + node + " (" + evaluate.step().node().qualifiedOp() + ") has no kernel", node,
                        "run it with infuser.js, which evaluates it");
            }
            if (segment instanceof Bound.Control control) {
                throw refuse("what runs after " + control.step().label() + " depends on what was computed", control.step().label(),
                        "run it with infuser.js");
            }
            found = (Bound.Kernels) segment;
        }
        if (found == null) {
            throw refuse("nothing is left to compute", "", "");
        }
        return found;
    }

    private static Standalone.Port port(CompiledModel model, String name, long address) {
        DType dtype = model.dtype(name);
        int[] dims = model.dims(name);
        return new Standalone.Port(name, dtype.label(), dims, address, (long) Tensor.count(dims) * dtype.bytes());
    }

    private static UnsupportedModelException refuse(String message, String node, String hint) {
        return new UnsupportedModelException("not-ahead-of-time", node, "the model cannot be compiled ahead of time: " + message, "",
                hint);
    }
}
