package dev.infuser.plan;

import dev.infuser.graph.Node;
import dev.infuser.graph.Value;
import dev.infuser.kernel.Kernel;
import dev.infuser.kernel.KernelModule;
import dev.infuser.op.InferContext;
import dev.infuser.op.Inference;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A program with concrete dimensions: where each value lies in the arena, and the table of steps with their parameters,
 * which is ready once {@link #place} has said where arena and table lie.
 */
public final class Bound implements Binding {

    private static final int WORD = 4;
    private static final int ALIGNMENT = 64;
    /** A step that touches fewer bytes is done by one thread before others have woken up. */
    private static final int LEAST_SHARED = 1 << 16;

    /** Tells where the constants of the graph lie. */
    public interface Constants {
        long address(String constant);
    }

    /** A run of steps that need not be interrupted. */
    public sealed interface Segment {
    }

    /**
     * Steps for the kernel module: {@code count} entries of the table from {@code address}, of which other threads share the
     * first {@code shared}.
     */
    public record Kernels(long address, int count, int shared) implements Segment {
    }

    /** A node for the host to evaluate. */
    public record Evaluate(Step.HostStep step) implements Segment {
    }

    /** What decides which segment is next. */
    public record Control(Step.Control step) implements Segment {
    }

    private final Program program;
    private final Inference inference;
    private final Map<String, Integer> buffers = new HashMap<>();
    private final int threads;
    private final int[] scratchBuffers;
    private final long[] scratchBytes;
    private final MemoryPlan memory;
    private final Map<String, Long> pinned = new LinkedHashMap<>();
    private final Map<Long, Step> starts = new HashMap<>();
    private final long errorOffset;
    private final long tableBytes;
    private final int[][] tables;
    /** By number of a kernel: the names of its slots. */
    private final Map<Integer, List<String>> names = new HashMap<>();
    private final List<Segment> segments = new ArrayList<>();
    private final Map<Integer, Integer> segmentAt = new HashMap<>();
    private long arena;
    private long table;
    private Constants constants;
    private int[] words;
    /** By step: where its parameters begin in {@link #words}. */
    private final int[] blocks;
    private int tableWords;
    private int current;

    Bound(Program program, Inference inference, int threads) {
        this.program = program;
        this.inference = inference;
        this.threads = threads;
        this.scratchBuffers = new int[program.steps().size()];
        this.scratchBytes = new long[program.steps().size()];
        this.memory = MemoryPlan.of(lifetimes(), Kernel.PADDING);
        this.tables = new int[program.steps().size()][];
        this.blocks = new int[tables.length];
        long bytes = 0;
        for (int i = 0; i < tables.length; i++) {
            if (program.steps().get(i) instanceof Step.KernelStep kernel) {
                tables[i] = kernel.filler().table(this);
                bytes += KernelModule.STEP_BYTES
                        + (long) WORD * (1 + names(kernel).size() + tables[i].length);
            }
        }
        errorOffset = bytes;
        bytes += WORD;
        for (String value : program.hostValues()) {
            pin(value);
        }
        for (String value : pinned.keySet()) {
            bytes = align(bytes);
            pinned.put(value, bytes);
            bytes += bytes(value);
        }
        this.tableBytes = bytes + Kernel.PADDING;
    }

    private List<String> names(Step.KernelStep step) {
        List<String> known = names.get(step.index());
        if (known == null) {
            known = step.kernel().slots();
            names.put(step.index(), known);
        }
        return known;
    }

    /** Whether all extents of a type are known. */
    public static boolean isConcrete(ValueType type) {
        return type instanceof ValueType.OfTensor tensor && tensor.shape() != null && tensor.shape().isConstant();
    }

    private void pin(String value) {
        boolean read = program.graph().outputs().contains(value);
        for (Step step : program.steps()) {
            if (!(step instanceof Step.HostStep)) {
                for (String input : step.reads()) {
                    read |= program.root(input).equals(value);
                }
            }
        }
        for (String output : program.graph().outputs()) {
            read |= program.root(output).equals(value);
        }
        if (read) {
            pinned.put(value, 0L);
        }
    }

    private List<MemoryPlan.Buffer> lifetimes() {
        List<String> order = new ArrayList<>();
        Map<String, int[]> lives = new HashMap<>();
        for (Value input : program.graph().inputs()) {
            order.add(input.name());
            lives.put(input.name(), new int[] {-1, -1});
        }
        List<Step> steps = program.steps();
        for (int i = 0; i < steps.size(); i++) {
            for (String value : steps.get(i).writes()) {
                if (lives.containsKey(value)) {
                    touch(lives, value, i);
                } else {
                    order.add(value);
                    lives.put(value, new int[] {i, i});
                }
            }
            for (String value : steps.get(i).reads()) {
                touch(lives, value, i);
            }
        }
        for (String output : program.graph().outputs()) {
            touch(lives, output, steps.size());
        }
        for (int i = 0; i < steps.size(); i++) {
            if (steps.get(i) instanceof Step.Control control && control.target().step <= i) {
                throughLoop(lives, control.target().step, i);
            }
        }
        Map<String, String> holders = new HashMap<>();
        for (int i = 0; i < steps.size(); i++) {
            if (steps.get(i) instanceof Step.KernelStep kernel && kernel.writes().size() == 1) {
                writeInPlace(kernel, i, lives, holders);
            }
        }
        List<MemoryPlan.Buffer> all = new ArrayList<>();
        for (String value : order) {
            if (holders.containsKey(value)) {
                buffers.put(value, buffers.get(holders.get(value)));
                continue;
            }
            buffers.put(value, all.size());
            all.add(new MemoryPlan.Buffer(bytes(value), lives.get(value)[0], lives.get(value)[1]));
        }
        for (int i = 0; i < steps.size(); i++) {
            scratchBytes[i] = steps.get(i) instanceof Step.KernelStep kernel ? align(kernel.scratch().bytes(this)) : 0;
            scratchBuffers[i] = all.size();
            boolean prepares = steps.get(i).writes().isEmpty();
            all.add(new MemoryPlan.Buffer(scratchBytes[i] * (prepares ? 1 : threads), i, prepares ? i + 1 : i));
        }
        return all;
    }

    /** What a loop reads but does not make in every iteration is needed until the last one ends. */
    private static void throughLoop(Map<String, int[]> lives, int first, int last) {
        for (int[] life : lives.values()) {
            if (life[0] < first && life[1] >= first) {
                life[1] = Math.max(life[1], last);
            }
        }
    }

    /** Lets the output have the memory of an input that ends here, if the step reads that through one value only. */
    private void writeInPlace(Step.KernelStep step, int at, Map<String, int[]> lives, Map<String, String> holders) {
        String output = step.writes().get(0);
        for (String value : step.dying()) {
            String root = program.root(value);
            String holder = holders.getOrDefault(root, root);
            int[] life = lives.get(holder);
            int readers = 0;
            for (String read : step.reads()) {
                View view = program.views().get(read);
                String other = program.root(view == null ? read : view.base());
                readers += holders.getOrDefault(other, other).equals(holder) ? 1 : 0;
            }
            if (life != null && life[0] >= 0 && life[1] == at && readers == 1 && !program.views().containsKey(value)
                    && bytes(holder) == bytes(output) && Arrays.equals(dims(value), dims(output))) {
                life[1] = lives.get(output)[1];
                holders.put(output, holder);
                return;
            }
        }
    }

    private void touch(Map<String, int[]> lives, String value, int step) {
        View view = program.views().get(value);
        int[] life = lives.get(program.root(view == null ? value : view.base()));
        if (life != null) {
            life[1] = Math.max(life[1], step);
        }
    }

    private long bytes(String value) {
        long bytes = elementBytes(value);
        for (int dim : dims(value)) {
            bytes *= dim;
        }
        return bytes;
    }

    /** Bytes that values and working memory need. */
    public long arenaBytes() {
        return memory.bytes();
    }

    /** The most bytes of values alive at one step. */
    public long lowerBound() {
        return memory.lowerBound();
    }

    /** Bytes that steps, parameters and host values need. */
    public long tableBytes() {
        return tableBytes;
    }

    /** Fills the table for an arena and a table at these 64-byte aligned addresses. */
    public void place(long arenaAddress, long tableAddress, Constants constantAddresses) {
        arena = arenaAddress;
        table = tableAddress;
        constants = constantAddresses;
        segments.clear();
        starts.clear();
        int count = 0;
        for (Step step : program.steps()) {
            count += step instanceof Step.KernelStep ? 1 : 0;
        }
        int at = count * KernelModule.STEP_BYTES / WORD;
        words = new int[(int) ((tableBytes - Kernel.PADDING) / WORD)];
        Set<Integer> targets = new HashSet<>();
        for (Step step : program.steps()) {
            if (step instanceof Step.Control control) {
                targets.add(control.target().step);
            }
        }
        int entry = 0;
        int first = 0;
        for (current = 0; current < program.steps().size(); current++) {
            Step step = program.steps().get(current);
            if (!(step instanceof Step.KernelStep) || targets.contains(current)) {
                addKernels(first, entry);
                first = entry;
                segmentAt.put(current, segments.size());
            }
            if (step instanceof Step.HostStep host) {
                segments.add(new Evaluate(host));
                continue;
            }
            if (step instanceof Step.Control control) {
                segments.add(new Control(control));
                continue;
            }
            Step.KernelStep kernel = (Step.KernelStep) step;
            Slots slots = new Slots(names(kernel));
            kernel.filler().fill(this, slots);
            words[at++] = (int) scratchBytes[current];
            long block = table + (long) WORD * at;
            starts.put(block, step);
            blocks[current] = at;
            words[2 * entry] = kernel.index() | (isAlone(kernel) ? KernelModule.ALONE : 0);
            words[2 * entry + 1] = (int) block;
            System.arraycopy(slots.words(), 0, words, at, slots.words().length);
            at += slots.words().length;
            System.arraycopy(tables[current], 0, words, at, tables[current].length);
            at += tables[current].length;
            entry++;
        }
        addKernels(first, entry);
        segmentAt.put(current, segments.size());
        tableWords = at;
    }

    private void addKernels(int first, int end) {
        int shared = 0;
        for (int i = end - 1; i >= first; i--) {
            boolean last = i == end - 1 || words[2 * i + 2] < 0;
            if (threads > 1 && !(last && words[2 * i] < 0)) {
                words[2 * i] |= KernelModule.BARRIER;
                shared = Math.max(shared, i + 1 - first);
            }
        }
        if (end > first) {
            segments.add(new Kernels(table + (long) first * KernelModule.STEP_BYTES, end - first, shared));
        }
    }

    private boolean isAlone(Step.KernelStep step) {
        return threads > 1 && bytes(step) < LEAST_SHARED;
    }

    private long bytes(Step step) {
        long bytes = 0;
        for (String value : step.reads()) {
            bytes += bytes(value);
        }
        for (String value : step.writes()) {
            bytes += bytes(value);
        }
        return bytes;
    }

    /** The words of the table, {@link #tableWords} of them. */
    public int[] words() {
        return words;
    }

    public int tableWords() {
        return tableWords;
    }

    /** What to run, in order. */
    public List<Segment> segments() {
        return segments;
    }

    /** The number of the segment that a step of control may go to. */
    public int target(Step.Control step) {
        return segmentAt.get(step.target().step);
    }

    /** The host values that kernels or callers read in memory, each to be written once at its {@link #address}. */
    public Iterable<String> pinned() {
        return pinned.keySet();
    }

    /** The elements of a value that follows from shapes, or null. */
    public Tensor known(String value) {
        return inference.scope(value).constant(value);
    }

    public DType dtype(String value) {
        return ((ValueType.OfTensor) inference.scope(value).type(value)).dtype();
    }

    @Override
    public int[] dims(String value) {
        return ((ValueType.OfTensor) inference.scope(value).type(value)).shape().toInts();
    }

    @Override
    public int elementBytes(String value) {
        return dtype(value).bytes();
    }

    @Override
    public long address(String value) {
        View view = program.views().get(value);
        String root = program.root(view == null ? value : view.base());
        Integer buffer = buffers.get(root);
        if (buffer != null) {
            return arena + memory.offset(buffer);
        }
        Long offset = pinned.get(root);
        return offset != null ? table + offset : constants.address(root);
    }

    @Override
    public long[] strides(String value) {
        View view = program.views().get(value);
        int[] dims = dims(view == null ? value : view.base());
        long[] strides = new long[dims.length];
        long stride = elementBytes(value);
        for (int i = dims.length - 1; i >= 0; i--) {
            strides[i] = stride;
            stride *= dims[i];
        }
        if (view == null) {
            return strides;
        }
        long[] permuted = new long[strides.length];
        for (int i = 0; i < permuted.length; i++) {
            permuted[i] = strides[view.perm()[i]];
        }
        return permuted;
    }

    @Override
    public long scratch() {
        return arena + memory.offset(scratchBuffers[current]);
    }

    @Override
    public long prepared() {
        return arena + memory.offset(scratchBuffers[current - 1]);
    }

    @Override
    public long errorWord() {
        return table + errorOffset;
    }

    /**
     * The arithmetic operations of a step that has been placed, where a multiply-add is two and any function one, and the bytes
     * that it reads and writes. What the host evaluates counts as no operations.
     */
    public long[] work(Step step) {
        long[] work = {0, -1};
        if (step instanceof Step.KernelStep kernel) {
            int at = 0;
            while (program.steps().get(at) != step) {
                at++;
            }
            kernel.kernel().work(words, blocks[at], work);
        }
        work[1] = work[1] < 0 ? bytes(step) : work[1];
        return work;
    }

    /** The step whose parameters lie at {@code address}, or null. */
    public Step stepAt(long address) {
        return starts.get(address);
    }

    @Override
    public InferContext context(Node node) {
        for (String output : node.outputs()) {
            if (!output.isEmpty()) {
                return inference.scope(output).context(node);
            }
        }
        return inference.context(node);
    }

    private static long align(long bytes) {
        return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
}
