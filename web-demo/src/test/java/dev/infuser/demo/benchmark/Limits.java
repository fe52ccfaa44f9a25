package dev.infuser.demo.benchmark;

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

    private static final int ACCUMULATORS = 12;
    private static final int UNROLLED = 4;
    private static final int LANES = 4;
    private static final int ARITHMETIC = 200_000;
    private static final int READ_PAGES = 1024;
    private static final int READ_PER_ITERATION = 16 * 16;

    private Limits() {
    }

    static List<Limit> all() {
        double operations = 2.0 * ACCUMULATORS * UNROLLED * LANES * ARITHMETIC;
        int bytes = READ_PAGES << 16;
        return List.of(new Limit("relaxed", "multiply-add in registers, f32x4.relaxed_madd", "GFLOP/s", arithmetic(true), 0,
                ARITHMETIC, operations),
                new Limit("strict", "multiply-add in registers, f32x4.mul and add", "GFLOP/s", arithmetic(false), 0,
                        ARITHMETIC, operations),
                new Limit("read", "reading " + (bytes >> 20) + " MiB", "GB/s", read(), READ_PAGES,
                        bytes / READ_PER_ITERATION, bytes));
    }

    /** {@code a = a * x + y} for independent {@code a}, which tend to 2: nothing to hoist and nothing denormal. */
    private static byte[] arithmetic(boolean relaxed) {
        ModuleBuilder module = new ModuleBuilder();
        FunctionBuilder f = module.function(new byte[] {ValueType.I32}, new byte[] {ValueType.F32});
        int first = f.local(ValueType.V128);
        for (int i = 1; i < ACCUMULATORS; i++) {
            f.local(ValueType.V128);
        }
        int x = f.constant(Float.floatToRawIntBits(0.5f));
        int y = f.constant(Float.floatToRawIntBits(1));
        int loop = f.loop();
        for (int i = 0; i < UNROLLED * ACCUMULATORS; i++) {
            int a = first + i % ACCUMULATORS;
            f.get(a).get(x);
            if (relaxed) {
                f.get(y).op(Op.F32X4_RELAXED_MADD);
            } else {
                f.op(Op.F32X4_MUL).get(y).op(Op.F32X4_ADD);
            }
            f.set(a);
        }
        count(f, loop);
        f.get(first);
        for (int i = 1; i < ACCUMULATORS; i++) {
            f.get(first + i).op(Op.F32X4_ADD);
        }
        f.lane(Op.F32X4_EXTRACT_LANE, 0);
        module.export("run", f);
        return module.build();
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
