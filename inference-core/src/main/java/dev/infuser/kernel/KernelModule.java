package dev.infuser.kernel;

import dev.infuser.wasm.FunctionBuilder;
import dev.infuser.wasm.ModuleBuilder;
import dev.infuser.wasm.Op;
import dev.infuser.wasm.ValueType;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Collects kernels into one module. It imports {@code env.memory} (unshared, at least one page) and exports
 * {@code run(i32 steps, i32 count)}, which executes {@code count} steps in order. {@code steps} is the 4-aligned
 * address of an array of pairs of i32: the index that {@link #add} returned for the kernel, and the address of the
 * parameter block.
 */
public final class KernelModule {
    /** Bytes of one step in the table that {@code run} walks. */
    public static final int STEP_BYTES = 8;

    private static final byte[] ONE = {ValueType.I32};
    private static final byte[] TWO = {ValueType.I32, ValueType.I32};
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
        module.importMemory("env", "memory", 1, -1, false);
        int kernelType = module.type(ONE, NONE);
        FunctionBuilder run = module.function(TWO, NONE);
        int end = run.local(ValueType.I32);
        run.get(0).get(1).i32(STEP_BYTES).op(Op.I32_MUL).op(Op.I32_ADD).set(end);
        Emit.loopWhile(run, () -> run.get(0).get(end).op(Op.I32_LT_U), () -> {
            run.get(0).mem(Op.I32_LOAD, 4).get(0).mem(Op.I32_LOAD, 0).callIndirect(kernelType);
            run.get(0).i32(STEP_BYTES).op(Op.I32_ADD).set(0);
        });
        module.export("run", run);
        for (Kernel kernel : kernels.keySet()) {
            FunctionBuilder f = module.function(ONE, NONE);
            kernel.emit(f, target);
            module.addToTable(f);
        }
        return module.build();
    }
}
