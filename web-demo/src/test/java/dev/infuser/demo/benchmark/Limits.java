package dev.infuser.demo.benchmark;

import dev.infuser.kernel.Peak;
import dev.infuser.kernel.Target;
import dev.infuser.wasm.FunctionBuilder;
import dev.infuser.wasm.ModuleBuilder;
import dev.infuser.wasm.Op;
import dev.infuser.wasm.ValueType;
import java.util.List;

/** What one thread can do at best: modules whose {@code run} takes the number of iterations. */
final class Limits {

    /**
     * A limit.
     *
     * @param name       for files
     * @param title      for people
     * @param unit       of {@code work} per nanosecond
     * @param module     the WebAssembly module
     * @param pages      of memory that it imports, or 0
     * @param iterations of a call
     * @param work       of a call
     */
    record Limit(String name, String title, String unit, byte[] module, int pages, int iterations, double work) {
    }

    private static final int ARITHMETIC = 200_000;
    private static final int READ_PAGES = 1024;
    private static final int READ_PER_ITERATION = 16 * 16;

    private Limits() {
    }

    static List<Limit> all() {
        int bytes = READ_PAGES << 16;
        return List.of(arithmetic("relaxed", "multiply-add in registers, f32x4.relaxed_madd", Target.RELAXED, false),
                arithmetic("strict", "multiply-add in registers, f32x4.mul and add", Target.STRICT, false),
                arithmetic("dot", "multiply-add of 8-bit integers in registers, relaxed dot products", Target.RELAXED, true),
                new Limit("read", "reading " + (bytes >> 20) + " MiB", "GB/s", read(), READ_PAGES,
                        bytes / READ_PER_ITERATION, bytes));
    }

    private static Limit arithmetic(String name, String title, Target target, boolean integer) {
        Peak peak = new Peak(integer);
        ModuleBuilder module = new ModuleBuilder();
        FunctionBuilder f = module.function(new byte[] {ValueType.I32}, new byte[] {ValueType.I32});
        peak.loop(f, target, 0);
        f.lane(Op.I32X4_EXTRACT_LANE, 0);
        module.export("run", f);
        return new Limit(name, title, "GFLOP/s", module.build(), 0, ARITHMETIC, (double) peak.operations(target) * ARITHMETIC);
    }

    /** Reads memory in order, four accumulators wide. */
    private static byte[] read() {
        ModuleBuilder module = new ModuleBuilder();
        module.importMemory("env", "memory", READ_PAGES, -1, false);
        FunctionBuilder f = module.function(new byte[] {ValueType.I32}, new byte[] {ValueType.I32});
        int address = f.local(ValueType.I32);
        int[] sums = {f.local(ValueType.V128), f.local(ValueType.V128), f.local(ValueType.V128), f.local(ValueType.V128)};
        int loop = f.loop();
        for (int i = 0; i < READ_PER_ITERATION / 16; i++) {
            int sum = sums[i % sums.length];
            f.get(sum).get(address).mem(Op.V128_LOAD, 16 * i).op(Op.V128_XOR).set(sum);
        }
        f.get(address).i32(READ_PER_ITERATION).op(Op.I32_ADD).set(address);
        count(f, loop);
        f.get(sums[0]).get(sums[1]).op(Op.V128_XOR).get(sums[2]).op(Op.V128_XOR).get(sums[3]).op(Op.V128_XOR)
                .lane(Op.I32X4_EXTRACT_LANE, 0);
        module.export("run", f);
        return module.build();
    }

    /** Repeats the loop as often as parameter 0 says. */
    private static void count(FunctionBuilder f, int loop) {
        f.get(0).i32(1).op(Op.I32_SUB).tee(0).brIf(loop);
        f.end();
    }
}
