package dev.infuser.runtime;

import dev.infuser.graph.Graph;
import dev.infuser.graph.Subgraphs;
import dev.infuser.graph.Value;
import dev.infuser.kernel.Kernel;
import dev.infuser.op.Branches;
import dev.infuser.op.Inference;
import dev.infuser.plan.Planner;
import dev.infuser.plan.Program;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Elements;
import dev.infuser.tensor.Layout;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The programs of one graph on one host: one for each choice of branches that follows from shapes, and from the elements of
 * small integer inputs where those decide. They share the constants. A few of the latest are kept.
 */
final class Variants {

    private static final int KEPT = 4;
    private static final int FEW = 8;

    /**
     * One program.
     *
     * @param decided inputs that are constants in it
     * @param owned   addresses of those constants that only this program has
     */
    record Variant(Program program, int module, Set<String> decided, Map<String, Long> owned) {

        /** Whether the graph leaves a branch or a loop to be decided by what is computed. */
        boolean isOpen() {
            return Subgraphs.any(program.graph());
        }
    }

    private final Graph graph;
    private final Inference inference;
    private final Heap heap;
    private final Map<String, Layout> packed;
    private final Map<String, Long> constants;
    private final List<Long> owned = new ArrayList<>();
    private final Map<List<Object>, Variant> kept = new LinkedHashMap<>();

    /** @param inference what follows for the values of the graph from its inputs */
    Variants(Graph graph, Inference inference, Heap heap, Map<String, Long> stored, Map<String, Layout> packed) {
        this.graph = graph;
        this.inference = inference;
        this.heap = heap;
        this.packed = packed;
        this.constants = new HashMap<>(stored);
    }

    /** Whether the branches taken, and so the program, may differ from one binding to the next. */
    boolean areMany() {
        return Subgraphs.any(graph);
    }

    /** The inputs whose elements may decide about branches and extents: integers and truth values, a few each. */
    Set<String> deciding() {
        Set<String> names = new HashSet<>();
        for (Value input : graph.inputs()) {
            if (input.type() instanceof ValueType.OfTensor type && type.shape() != null && !type.dtype().isFloat()
                    && type.dtype().bytes() > 0 && type.shape().isConstant()
                    && type.shape().elements().value() <= FEW) {
                names.add(input.name());
            }
        }
        return names;
    }

    /** Those and single numbers. */
    Set<String> decidingNumbers() {
        Set<String> names = deciding();
        for (Value input : graph.inputs()) {
            if (input.type() instanceof ValueType.OfTensor type && type.shape() != null && type.dtype() == DType.FLOAT32
                    && type.shape().elements().is(1)) {
                names.add(input.name());
            }
        }
        return names;
    }

    /** Where constants lie, by name. */
    Map<String, Long> constants() {
        return constants;
    }

    /** A tensor with elements of its own. */
    static Tensor copy(Tensor tensor) {
        return tensor.dtype().isFloat() ? Tensor.ofDoubles(tensor.dtype(), tensor.dims(), tensor.toDoubles())
                : Tensor.ofLongs(tensor.dtype(), tensor.dims(), tensor.toLongs());
    }

    /** Whether inputs of these types leave a branch or a loop to be decided by elements. */
    boolean areOpen(List<ValueType> types) {
        return areMany() && Subgraphs.any(Branches.choose(graph, types, new ArrayList<>()));
    }

    /**
     * The program for inputs of these types.
     *
     * @param values of the inputs, in order, to be decided by where {@code decided} names them
     * @return null where nothing but plain evaluation can run it
     */
    Variant of(List<ValueType> types, List<? extends Datum> values, Set<String> decided) {
        List<Object> key = new ArrayList<>();
        List<Value> inputs = new ArrayList<>();
        List<ValueType> arguments = new ArrayList<>();
        Map<String, Tensor> known = new LinkedHashMap<>(graph.constants());
        for (int i = 0; i < types.size(); i++) {
            Value input = graph.inputs().get(i);
            if (decided.contains(input.name())) {
                Tensor value = copy((Tensor) values.get(i));
                known.put(input.name(), value);
                for (int k = 0; k < value.size(); k++) {
                    key.add(value.dtype().isFloat() ? (Object) value.getDouble(k) : (Object) value.getLong(k));
                }
            } else {
                inputs.add(input);
                arguments.add(types.get(i));
            }
        }
        List<Boolean> taken = new ArrayList<>();
        Graph open = decided.isEmpty() ? graph
                : new Graph(graph.name(), inputs, graph.outputs(), graph.nodes(), known, graph.types());
        Graph chosen = Branches.choose(open, arguments, taken);
        key.addAll(taken);
        Variant variant = kept.remove(key);
        if (variant == null) {
            Inference found = chosen == graph ? inference : Inference.of(chosen);
            variant = compile(chosen == graph ? graph : found.typed(chosen), found, decided);
        }
        if (variant != null) {
            kept.put(key, variant);
            if (kept.size() > KEPT) {
                release(kept.remove(kept.keySet().iterator().next()));
            }
        }
        return variant;
    }

    private Variant compile(Graph typed, Inference found, Set<String> decided) {
        Program program = Planner.compile(typed, found, heap.host().target(), packed);
        if (program == null) {
            return null;
        }
        Variant variant = new Variant(program, heap.host().instantiate(program.module()), decided, new HashMap<>());
        try {
            for (String constant : program.constants()) {
                Tensor tensor = typed.constants().get(constant);
                if (decided.contains(constant)) {
                    variant.owned.put(constant, place(tensor));
                } else if (!constants.containsKey(constant)) {
                    constants.put(constant, place(stored(tensor, packed.get(constant))));
                    owned.add(constants.get(constant));
                }
            }
        } catch (RuntimeException e) {
            release(variant);
            throw e;
        }
        return variant;
    }

    private static Tensor stored(Tensor tensor, Layout layout) {
        if (layout == null) {
            return tensor;
        }
        int count = layout.storedElements(tensor.dims());
        Object packed = layout.pack(tensor.dtype(), tensor.dims(), tensor.array());
        if (tensor.dtype().bits() >= Byte.SIZE) {
            return Tensor.of(tensor.dtype(), new int[] {count}, packed);
        }
        byte[] dense = new byte[(int) Elements.bytes(tensor.dtype(), count)];
        Elements.encode(tensor.dtype(), packed, 0, count, dense, 0);
        return Tensor.of(DType.UINT8, new int[] {dense.length}, dense);
    }

    private long place(Tensor tensor) {
        long address = heap.allocate((long) tensor.size() * tensor.dtype().bytes() + Kernel.PADDING);
        heap.host().write(address, tensor);
        return address;
    }

    /** Where a constant of a program lies. */
    long address(Variant variant, String constant) {
        Long own = variant.owned.get(constant);
        return own != null ? own : constants.get(constant);
    }

    private void release(Variant variant) {
        for (long address : variant.owned.values()) {
            heap.release(address);
        }
        heap.host().release(variant.module);
    }

    /** Frees all programs and constants. */
    void close() {
        for (Variant variant : kept.values()) {
            release(variant);
        }
        kept.clear();
        for (long address : owned) {
            heap.release(address);
        }
        owned.clear();
    }
}
