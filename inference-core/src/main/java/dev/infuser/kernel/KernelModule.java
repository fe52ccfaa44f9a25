package dev.infuser.kernel;

import dev.infuser.wasm.FunctionBuilder;
import dev.infuser.wasm.ModuleBuilder;
import dev.infuser.wasm.Op;
import dev.infuser.wasm.ValueType;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Collects kernels into one module. It imports {@code env.memory} (at least one page, shared where the target says so) and
 * exports {@code run(i32 steps, i32 count)}, which executes {@code count} steps in order. {@code steps} is the 4-aligned
 * address of an array of pairs of i32: the index that {@link #add} returned for the kernel, with the flags {@link #ALONE}
 * and {@link #BARRIER}, and the address of the parameter block, which the bytes of each thread's working memory precede as a
 * word.
 *
 * <p>The export {@code share(i32 steps, i32 count, i32 thread, i32 threads, i32 cuts)} does the same for one of several
 * threads, each with an instance of its own over the same memory, in {@code cuts + 1} calls of each kernel. Where the memory is shared, the threads wait for each other at barriers,
 * which the page's main thread may not do: all of them must call it for the same barriers. Where it is not, nobody waits,
 * and the calls of all threads for one step must be made before those for the next.
 */
public final class KernelModule {
    /** Bytes of one step in the table that {@code run} walks. */
    public static final int STEP_BYTES = 8;

    /** Flag of a step that the first thread does alone. */
    public static final int ALONE = 1 << 31;
    /** Flag of a step after which threads wait until all have finished it. */
    public static final int BARRIER = 1 << 30;
    /** Bytes of memory, 64-byte aligned, that a barrier takes. */
    public static final int BARRIER_BYTES = 128;

    /** Offset from the barrier of the count of steps that all threads have finished. */
    private static final int FINISHED = 64;
    /**
     * Offset of a word that is not 0 once a thread has failed, and will not come to the barrier. Whoever sets it also adds 1
     * to the steps finished, so that nobody waits; whoever finds it set fails too.
     */
    private static final int FAILED = 68;
    /** How often a thread looks whether the others have come before it sleeps: some tens of microseconds. */
    private static final int SPINS = 1 << 15;
    /** Pages of 64 KiB that a shared memory may have at most. */
    private static final int MAX_PAGES = 1 << 16;

    private static final byte[] ONE = {ValueType.I32};
    private static final byte[] TWO = {ValueType.I32, ValueType.I32};
    private static final byte[] THREE = {ValueType.I32, ValueType.I32, ValueType.I32};
    private static final byte[] FOUR = {ValueType.I32, ValueType.I32, ValueType.I32, ValueType.I32};
    private static final byte[] FIVE = {ValueType.I32, ValueType.I32, ValueType.I32, ValueType.I32, ValueType.I32};
    private static final byte[] NONE = {};

    private final Target target;
    private final Map<Kernel, Integer> kernels = new LinkedHashMap<>();

    /** A module without kernels for an engine with these features. */
    public KernelModule(Target target) {
        this.target = target;
    }

    /** Adds a kernel unless an equal one is there, and returns the index by which steps call it. */
    public int add(Kernel kernel) {
        Integer known = kernels.get(kernel);
        if (known != null) {
            return known;
        }
        kernels.put(kernel, kernels.size());
        return kernels.size() - 1;
    }

    /** Number of different kernels added. */
    public int size() {
        return kernels.size();
    }

    /** The module in the binary format; kernels added later are not in it. */
    public byte[] build() {
        ModuleBuilder module = new ModuleBuilder();
        boolean shared = target.barrier() != 0;
        module.importMemory("env", "memory", 1, shared ? MAX_PAGES : -1, shared);
        FunctionBuilder[] functions = addTo(module);
        module.export("run", functions[0]);
        module.export("share", functions[1]);
        return module.build();
    }

    /** Adds the kernels to a module that has a memory; returns {@code run} and {@code share}, which are not exported yet. */
    public FunctionBuilder[] addTo(ModuleBuilder module) {
        boolean shared = target.barrier() != 0;
        int kernelType = module.type(FOUR, NONE);
        FunctionBuilder share = module.function(FIVE, NONE);
        FunctionBuilder run = module.function(TWO, NONE);
        run.get(0).get(1).i32(0).i32(1).i32(0).call(share.index());
        FunctionBuilder barrier = shared ? module.function(ONE, NONE) : null;
        int end = share.local(ValueType.I32);
        int step = share.local(ValueType.I32);
        int cuts = 4;
        int first = share.local(ValueType.I32);
        int left = share.local(ValueType.I32);
        share.get(0).get(1).i32(STEP_BYTES).op(Op.I32_MUL).op(Op.I32_ADD).set(end);
        Emit.loopWhile(share, () -> share.get(0).get(end).op(Op.I32_LT_U), () -> {
            share.get(0).mem(Op.I32_LOAD, 0).set(step);
            share.get(step).i32(0).op(Op.I32_GE_S).ifTrue();
            share.get(2).get(cuts).i32(1).op(Op.I32_ADD).op(Op.I32_MUL).set(first);
            share.get(cuts).set(left);
            Emit.loopWhile(share, () -> share.get(left).i32(0).op(Op.I32_GE_S), () -> {
                share.get(0).mem(Op.I32_LOAD, 4).get(first).get(left).op(Op.I32_ADD)
                        .get(3).get(cuts).i32(1).op(Op.I32_ADD).op(Op.I32_MUL).get(2).get(step).i32(BARRIER - 1).op(Op.I32_AND)
                        .callIndirect(kernelType);
                Emit.add(share, left, -1);
            });
            share.otherwise();
            share.get(2).op(Op.I32_EQZ).ifTrue();
            share.get(0).mem(Op.I32_LOAD, 4).i32(0).i32(1).i32(0).get(step).i32(BARRIER - 1).op(Op.I32_AND)
                    .callIndirect(kernelType).end().end();
            if (shared) {
                share.get(step).i32(BARRIER).op(Op.I32_AND).ifTrue();
                share.get(3).call(barrier.index()).end();
            }
            share.get(0).i32(STEP_BYTES).op(Op.I32_ADD).set(0);
        });
        if (shared) {
            barrier(barrier);
        }
        for (Kernel kernel : kernels.keySet()) {
            FunctionBuilder f = module.function(FOUR, NONE);
            kernel.emit(f, target);
            module.addToTable(f);
        }
        return new FunctionBuilder[] {run, share};
    }

    /** Returns when as many threads have called it as its argument says; the last to come lets the others go. */
    private void barrier(FunctionBuilder f) {
        int at = target.barrier();
        int before = f.local(ValueType.I32);
        int spins = f.local(ValueType.I32);
        f.i32(at).atomic(Op.I32_ATOMIC_LOAD, FINISHED).set(before);
        f.i32(at).atomic(Op.I32_ATOMIC_LOAD, FAILED).ifTrue();
        f.op(Op.UNREACHABLE).end();
        f.i32(at).i32(1).atomic(Op.I32_ATOMIC_RMW_ADD, 0).i32(1).op(Op.I32_ADD).get(0).op(Op.I32_EQ).ifTrue();
        f.i32(at).i32(0).atomic(Op.I32_ATOMIC_STORE, 0);
        f.i32(at).i32(1).atomic(Op.I32_ATOMIC_RMW_ADD, FINISHED).op(Op.DROP);
        f.i32(at).i32(-1).atomic(Op.MEMORY_ATOMIC_NOTIFY, FINISHED).op(Op.DROP);
        f.otherwise();
        f.i32(SPINS).set(spins);
        Emit.loopWhile(f, () -> f.i32(at).atomic(Op.I32_ATOMIC_LOAD, FINISHED).get(before).op(Op.I32_EQ), () -> {
            f.get(spins).ifTrue();
            Emit.add(f, spins, -1);
            f.otherwise();
            f.i32(at).get(before).i64(-1).atomic(Op.MEMORY_ATOMIC_WAIT32, FINISHED).op(Op.DROP).end();
        });
        f.end();
    }
}
