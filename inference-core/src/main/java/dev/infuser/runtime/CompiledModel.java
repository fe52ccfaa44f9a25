package dev.infuser.runtime;

import dev.infuser.format.Placement;
import dev.infuser.format.TeaReader;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.graph.Value;
import dev.infuser.kernel.Kernel;
import dev.infuser.kernel.KernelModule;
import dev.infuser.kernel.Peak;
import dev.infuser.kernel.QuantizedGemm;
import dev.infuser.op.Evaluator;
import dev.infuser.op.Inference;
import dev.infuser.op.Registry;
import dev.infuser.plan.Bound;
import dev.infuser.plan.Planner;
import dev.infuser.plan.Program;
import dev.infuser.plan.Step;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.InvalidInputException;
import dev.infuser.tensor.Layout;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleSupplier;

/**
 * A program on a host: bind dimensions, write the inputs, execute, read the outputs. Binding the same dimensions again
 * costs nothing, other dimensions cost a new memory plan; executing allocates no memory of the host.
 */
public final class CompiledModel implements AutoCloseable {

    private static final int PEAK_BLOCK = 12;
    private static final int PEAK_OUT = 20;
    private static final int PEAK_CALLS = 4;
    private static final int PEAK_MILLIS = 2;
    private static final int MAX_ROUNDS = 1 << 24;

    private final Graph graph;
    private final Heap heap;
    private final Host host;
    private final int threads;
    private final Variants variants;
    private final Map<String, Layout> packed;
    private final Set<String> deciding;
    /** Those and numbers that are inputs, which are asked only where nothing else helps. */
    private final Set<String> decidingNumbers;
    private Halves halves;
    private boolean halved;
    private Variants.Variant variant;
    private List<ValueType> arguments;
    /** Copies of the elements that decided about the present binding, by input. */
    private Map<String, Tensor> decidedBy = Map.of();
    private Bound bound;
    private Region arena = new Region();
    private Region table = new Region();
    private boolean closed;

    /** A range of the heap that grows when it has to. */
    private final class Region {
        private long address = -1;
        private long bytes;

        void require(long wanted) {
            if (wanted > bytes || wanted < bytes / 4) {
                release();
                address = heap.allocate(wanted);
                bytes = wanted;
            }
        }

        void release() {
            if (address >= 0) {
                heap.release(address);
            }
            address = -1;
            bytes = 0;
        }
    }

    private CompiledModel(Graph graph, Inference inference, Heap heap, Map<String, Long> stored, Map<String, Layout> packed) {
        this.graph = graph;
        this.heap = heap;
        this.host = heap.host();
        this.threads = host.threads();
        this.variants = new Variants(graph, inference, heap, stored, packed);
        this.packed = packed;
        this.deciding = variants.deciding();
        this.decidingNumbers = variants.decidingNumbers();
    }

    /** Compiles at once what does not depend on the branches taken; null where there is nothing to compile. */
    private static CompiledModel of(Graph graph, Inference inference, Heap heap, Map<String, Long> stored,
            Map<String, Layout> packed) {
        CompiledModel model = new CompiledModel(graph, inference, heap, stored, packed);
        try {
            if (!model.variants.areMany()) {
                model.variant = model.variants.of(declared(graph), List.of(), Set.of());
            }
        } catch (RuntimeException e) {
            model.variants.close();
            throw e;
        }
        if (model.variant != null || model.variants.areMany() || !model.deciding.isEmpty()) {
            return model;
        }
        boolean numeric = false;
        for (Node node : graph.nodes()) {
            Registry.requireDefined(node);
            numeric |= graph.type(node.output(0)) instanceof ValueType.OfTensor type && type.dtype().isFloat();
        }
        return numeric ? model : null;
    }

    private static List<ValueType> declared(Graph graph) {
        List<ValueType> types = new ArrayList<>();
        for (Value input : graph.inputs()) {
            types.add(input.type());
        }
        return types;
    }

    /**
     * Compiles a graph and copies its constants into memory.
     *
     * @return null where nothing but plain evaluation can run the graph
     */
    public static CompiledModel compile(Graph graph, Heap heap) {
        Inference inference = Inference.of(graph);
        Graph typed = inference.typed(graph);
        Map<String, Layout> packed = Planner.packable(typed);
        packed.replaceAll((name, layout) -> layout.narrowed(typed.constants().get(name)));
        return of(typed, inference, heap, Map.of(), packed);
    }

    /**
     * Compiles the graph of a file whose weights section is, or is going to be, in memory. Weights in panels that not only
     * matrix products read are copied.
     *
     * @param weights the address of the weights section, 64-byte aligned
     * @return null where nothing but plain evaluation can run the graph
     */
    public static CompiledModel compile(TeaReader file, Heap heap, long weights) {
        Inference inference = Inference.of(file.graph());
        Graph typed = inference.typed(file.graph());
        Map<String, Layout> packable = Planner.packable(typed);
        Map<String, Long> stored = new HashMap<>();
        Map<String, Layout> packed = new HashMap<>();
        for (Placement placement : file.placements().values()) {
            boolean panels = placement.layout() != Layout.PLAIN;
            Layout wanted = packable.get(placement.name());
            boolean inPlace = !panels || wanted == placement.layout() || wanted != null && wanted.isDot()
                    && placement.layout().isDot();
            if (inPlace && (panels || placement.dtype().bits() >= Byte.SIZE)) {
                stored.put(placement.name(), weights + placement.offset());
            }
            if (inPlace && panels) {
                packed.put(placement.name(), placement.layout());
            }
        }
        return of(typed, inference, heap, stored, packed);
    }

    public Graph graph() {
        return graph;
    }

    /** The program of the present binding; before the first one null where it depends on the binding. */
    public Program program() {
        return variant == null ? null : variant.program();
    }

    /**
     * Prepares for inputs of these concrete types.
     *
     * @return false where extents depend on the elements of inputs, so that the program cannot be laid out beforehand
     */
    public boolean bind(List<ValueType> types) {
        return bind(types, null);
    }

    private boolean bind(List<ValueType> types, List<? extends Datum> feeds) {
        if (closed) {
            throw new InvalidInputException("closed", "the model has been closed");
        }
        if (types.equals(arguments) && (decidedBy.isEmpty() || feeds != null && isDecidedBy(feeds))) {
            return bound != null;
        }
        boolean decidable = feeds != null && !deciding.isEmpty();
        boolean byElements = decidable && (!decidedBy.isEmpty() || variants.areOpen(types));
        arguments = null;
        bound = null;
        decidedBy = Map.of();
        Variants.Variant chosen = byElements ? null : choose(types, feeds, Set.of());
        Bound next = layOut(chosen, types);
        if (decidable && next == null) {
            chosen = choose(types, feeds, deciding);
            next = layOut(chosen, types);
            decidedBy = next == null ? Map.of() : decisive(feeds, deciding);
        }
        if (next == null && feeds != null && decidingNumbers.size() > deciding.size()) {
            chosen = choose(types, feeds, decidingNumbers);
            next = layOut(chosen, types);
            decidedBy = next == null ? Map.of() : decisive(feeds, decidingNumbers);
        }
        if (byElements && (next == null || chosen.isOpen())) {
            Variants.Variant general = choose(types, feeds, Set.of());
            Bound other = layOut(general, types);
            if (other != null) {
                chosen = general;
                next = other;
                decidedBy = Map.of();
            }
        }
        if (next != null) {
            Variants.Variant program = chosen;
            variant = program;
            arena.require(next.arenaBytes());
            table.require(next.tableBytes());
            next.place(arena.address, table.address, constant -> variants.address(program, constant));
            host.write(table.address, next.words(), next.tableWords());
            for (String value : next.pinned()) {
                host.write(next.address(value), next.known(value));
            }
        }
        bound = next;
        arguments = List.copyOf(types);
        return bound != null;
    }

    private Variants.Variant choose(List<ValueType> types, List<? extends Datum> feeds, Set<String> decided) {
        return variants.areMany() || !decided.isEmpty() ? variants.of(types, feeds, decided) : variant;
    }

    private Bound layOut(Variants.Variant chosen, List<ValueType> types) {
        if (chosen == null) {
            return null;
        }
        List<ValueType> open = new ArrayList<>();
        for (int i = 0; i < types.size(); i++) {
            if (!chosen.decided().contains(graph.inputs().get(i).name())) {
                open.add(types.get(i));
            }
        }
        return chosen.program().bind(open, threads);
    }

    private boolean isDecidedBy(List<? extends Datum> feeds) {
        for (int i = 0; i < feeds.size(); i++) {
            Tensor decisive = decidedBy.get(graph.inputs().get(i).name());
            if (decisive != null && !decisive.sameAs((Tensor) feeds.get(i))) {
                return false;
            }
        }
        return true;
    }

    private Map<String, Tensor> decisive(List<? extends Datum> feeds, Set<String> asked) {
        Map<String, Tensor> copies = new HashMap<>();
        for (int i = 0; i < feeds.size(); i++) {
            if (asked.contains(graph.inputs().get(i).name())) {
                copies.put(graph.inputs().get(i).name(), Variants.copy((Tensor) feeds.get(i)));
            }
        }
        return copies;
    }

    /** Where a bound input or output lies. */
    public long address(String value) {
        return bound.address(value);
    }

    /** The extents of a bound input or output. */
    public int[] dims(String value) {
        return bound.dims(value);
    }

    public DType dtype(String value) {
        return bound.dtype(value);
    }

    /** Bytes of arena that the present binding takes. */
    public long arenaBytes() {
        return bound.arenaBytes();
    }

    /** What a run of the present binding consists of. */
    public List<Bound.Segment> segments() {
        return bound.segments();
    }

    /** What is all of a run of the present binding, or null where that is more than kernels. */
    public Bound.Kernels onlyKernels() {
        if (bound == null || bound.segments().size() != 1) {
            return null;
        }
        for (String output : graph.outputs()) {
            if (known(output) != null) {
                return null;
            }
        }
        return bound.segments().get(0) instanceof Bound.Kernels kernels ? kernels : null;
    }

    /** The elements of an input without which the present binding does not hold, or null. */
    public Tensor decisive(String input) {
        return decidedBy.get(input);
    }

    /** Whether kernels read an input, which then has an address. */
    public boolean isRead(String input) {
        return !variant.decided().contains(input);
    }

    /** The host's number of the module that the present binding runs. */
    public int module() {
        return variant.module();
    }

    /** The step whose parameters begin at this address. */
    public Step stepAt(long address) {
        return bound.stepAt(address);
    }

    /** The address of a word that is zero before a run, and after it where no index was out of range. */
    public long errorWord() {
        return bound.errorWord();
    }

    /** Runs the bound program on the inputs in memory. */
    public void execute() {
        host.write(bound.errorWord(), new int[1], 1);
        for (int at = 0; at < bound.segments().size(); at++) {
            Bound.Segment segment = bound.segments().get(at);
            if (segment instanceof Bound.Kernels kernels) {
                host.run(variant.module(), kernels.address(), kernels.count(), kernels.shared());
            } else if (segment instanceof Bound.Control control) {
                at = next(control.step(), at);
            } else {
                evaluate(((Bound.Evaluate) segment).step());
            }
        }
        int fault = host.read(bound.errorWord());
        if (fault != 0) {
            String node = bound.stepAt(fault & 0xFFFFFFFFL).label();
            throw new InvalidInputException("index-out-of-range", node, node + ": an index is out of range",
                    "", "check the values fed, such as token ids against the vocabulary");
        }
    }

    /** Carries out a step of control, the segment {@code at}; the segment behind the result is next. */
    private int next(Step.Control step, int at) {
        List<String> reads = step.reads();
        boolean loop = step.flow() == Step.Flow.NEXT;
        boolean on = step.flow() == Step.Flow.START;
        if (!reads.isEmpty()) {
            on = (host.read(bound.address(reads.get(loop ? 1 : 0))) & 255) != 0;
        }
        if (loop) {
            long iteration = readLong(reads.get(0)) + 1;
            host.write(bound.address(reads.get(0)), new int[] {(int) iteration, (int) (iteration >> 32)}, 2);
            on &= reads.size() < 3 || iteration < readLong(reads.get(2));
        } else if (step.flow() == Step.Flow.START) {
            host.write(bound.address(step.writes().get(0)), new int[] {-1, -1}, 2);
            host.write(bound.address(step.writes().get(1)), new byte[] {(byte) (on ? 1 : 0)}, 0, 1);
            return at;
        }
        return on ? at : bound.target(step) - 1;
    }

    private long readLong(String value) {
        long address = bound.address(value);
        return (long) host.read(address + Integer.BYTES) << 32 | host.read(address) & 0xFFFFFFFFL;
    }

    private void evaluate(Step.HostStep step) {
        List<Datum> inputs = new ArrayList<>();
        for (String input : step.node().inputs()) {
            inputs.add(input.isEmpty() ? null : read(input));
        }
        Map<String, Datum> captured = new HashMap<>();
        for (String value : step.captured()) {
            captured.put(value, read(value));
        }
        List<Datum> outputs = Evaluator.apply(step.node(), inputs, captured);
        for (int i = 0; i < step.node().outputs().size(); i++) {
            if (!step.node().output(i).isEmpty()) {
                host.write(bound.address(step.node().output(i)), (Tensor) outputs.get(i));
            }
        }
    }

    /** A copy of the elements of a value. */
    public Tensor read(String value) {
        Tensor known = known(value);
        return known == null ? host.read(bound.address(value), bound.dtype(value), bound.dims(value)) : known;
    }

    /** The elements of a value of the present binding that the program need not compute, or null. */
    public Tensor known(String value) {
        String root = program().root(value);
        Tensor constant = program().graph().constants().get(root);
        Tensor known = constant == null ? bound.known(root) : constant;
        return known == null || root.equals(value) ? known : known.reshape(bound.dims(value));
    }

    /**
     * Binds, writes the inputs in the order of the graph, executes and reads the outputs, which a host that shares memory
     * with this program may leave where they are until the next run.
     *
     * @return null where it cannot bind
     */
    public List<Datum> run(List<Datum> inputs) {
        if (!write(inputs)) {
            Halves two = halves(inputs);
            return two == null ? null : two.run(inputs);
        }
        execute();
        List<Datum> outputs = new ArrayList<>();
        for (String output : graph.outputs()) {
            Tensor known = known(output);
            outputs.add(known == null ? host.view(bound.address(output), bound.dtype(output), bound.dims(output)) : known);
        }
        return outputs;
    }

    /**
     * Runs once, step by step, and tells how long each took by {@code clock}, in milliseconds, beside the peak of the engine,
     * which it measures first; null where it cannot bind.
     */
    public List<StepTime> profile(List<Datum> inputs, DoubleSupplier clock) {
        if (!write(inputs)) {
            Halves two = halves(inputs);
            return two == null ? null : two.profile(inputs, clock);
        }
        List<StepTime> times = new ArrayList<>();
        double[] peaks = new double[2];
        for (Step step : program().steps()) {
            int integer = isInteger(step);
            if (step instanceof Step.KernelStep && peaks[integer] == 0) {
                peaks[integer] = peak(new Peak(integer == 1), clock);
            }
        }
        for (int at = 0; at < bound.segments().size(); at++) {
            Bound.Segment segment = bound.segments().get(at);
            if (segment instanceof Bound.Control control) {
                at = next(control.step(), at);
                continue;
            }
            if (segment instanceof Bound.Evaluate node) {
                double start = clock.getAsDouble();
                evaluate(node.step());
                times.add(time(node.step(), node.step().node().op(), "evaluate", clock.getAsDouble() - start, 0));
                continue;
            }
            Bound.Kernels kernels = (Bound.Kernels) segment;
            for (int i = 0; i < kernels.count(); i++) {
                long entry = kernels.address() + (long) i * KernelModule.STEP_BYTES;
                boolean alone = host.read(entry) < 0;
                double start = clock.getAsDouble();
                host.run(variant.module(), entry, 1, alone ? 0 : 1);
                double end = clock.getAsDouble();
                Step step = bound.stepAt(host.read(entry + Integer.BYTES) & 0xFFFFFFFFL);
                String kernel = step instanceof Step.KernelStep k ? k.kernel().name() : "";
                times.add(time(step, "", kernel, end - start, peaks[isInteger(step)] / (alone ? threads : 1)));
            }
        }
        return times;
    }

    /** What of the graph can be compiled where all of it cannot, and the rest; null where that is nothing. */
    private Halves halves(List<Datum> inputs) {
        if (!halved) {
            halved = true;
            List<ValueType> types = new ArrayList<>();
            for (Datum input : inputs) {
                if (!(input instanceof Tensor tensor)) {
                    return null;
                }
                types.add(tensor.type());
            }
            halves = Halves.of(graph, types, first -> {
                // The whole again could not be laid out again, and would be halved again.
                if (first.nodes().size() == graph.nodes().size()) {
                    return null;
                }
                Inference inference = Inference.of(first);
                return of(inference.typed(first), inference, heap, variants.constants(), packed);
            });
        }
        return halves;
    }

    private StepTime time(Step step, String op, String kernel, double millis, double peak) {
        long[] work = bound.work(step);
        return new StepTime(step.label(), op, kernel, millis, work[0], work[1], peak);
    }

    private static int isInteger(Step step) {
        return step instanceof Step.KernelStep kernel && kernel.kernel() instanceof QuantizedGemm ? 1 : 0;
    }

    /** GFLOP/s of the fastest of some calls of milliseconds: the engine may still be optimising the first ones. */
    private double peak(Peak kernel, DoubleSupplier clock) {
        KernelModule peak = new KernelModule(host.target());
        peak.add(kernel);
        int module = host.instantiate(peak.build());
        long address = heap.allocate(Kernel.PADDING);
        int[] words = {threads > 1 ? KernelModule.BARRIER : 0, (int) address + PEAK_BLOCK, 0, 1, (int) address + PEAK_OUT};
        double best = 0;
        for (int calls = PEAK_CALLS; calls > 0;) {
            host.write(address, words, words.length);
            double start = clock.getAsDouble();
            host.run(module, address, 1, 1);
            double millis = clock.getAsDouble() - start;
            if (millis < PEAK_MILLIS && words[3] < MAX_ROUNDS) {
                words[3] *= 2;
                continue;
            }
            calls--;
            best = Math.max(best, (double) kernel.operations(host.target()) * words[3] * threads / millis / 1e6);
        }
        heap.release(address);
        host.release(module);
        return best;
    }

    /** Prepares for these inputs, of which it reads the elements of small integers alone; returns false where it cannot bind. */
    public boolean prepare(List<Datum> inputs) {
        List<ValueType> types = new ArrayList<>();
        for (Datum input : inputs) {
            if (!(input instanceof Tensor tensor)) {
                return false;
            }
            types.add(tensor.type());
        }
        return bind(types, inputs);
    }

    private boolean write(List<Datum> inputs) {
        if (!prepare(inputs)) {
            return false;
        }
        for (int i = 0; i < inputs.size(); i++) {
            String input = graph.inputs().get(i).name();
            if (!variant.decided().contains(input)) {
                host.write(bound.address(input), (Tensor) inputs.get(i));
            }
        }
        return true;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            arena.release();
            table.release();
            if (halves != null) {
                halves.close();
            }
            variants.close();
        }
    }
}
