package dev.infuser.kernel;

import dev.infuser.expr.Expr;
import dev.infuser.kernel.Gemm.Layout;
import dev.infuser.testing.V8;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Prints GFLOP/s of GEMM in V8, best of several rounds after warm-up, one line per shape and target, and its share of a loop
 * of multiply-adds in registers that runs between the rounds. Arguments, if any, are one shape: M K N.
 */
public final class GemmSpeed {
    private static final int ROUNDS = 12;
    private static final int PEAK_COUNT = 1_000_000;
    private static final int[][] SHAPES = {
            {128, 384, 1536}, {128, 1536, 384}, {128, 384, 384}, {16, 384, 1536}, {1, 384, 1536}, {1000, 256, 256}};

    private GemmSpeed() {}

    /** Runs the measurements. */
    public static void main(String[] args) {
        if (args.length == 3) {
            print(Integer.parseInt(args[0]), Integer.parseInt(args[1]), Integer.parseInt(args[2]));
            return;
        }
        for (int[] shape : SHAPES) {
            print(shape[0], shape[1], shape[2]);
        }
        attention();
    }

    private static void print(int m, int k, int n) {
        for (Layout layout : Layout.values()) {
            for (Target target : List.of(Target.STRICT, Target.RELAXED)) {
                Gemm gemm = new Gemm(-1, -1, false, layout, 0, List.of(), Expr.input(0));
                String speed = measure(gemm, target, m, k, n, 1, Map.of());
                System.out.println(m + "x" + k + "x" + n + " " + layout + (target.relaxedMadd() ? " relaxed " : " strict ")
                        + speed);
            }
        }
    }

    private static void attention() {
        for (Layout layout : List.of(Layout.TRANSPOSED, Layout.ROW_MAJOR)) {
            int k = layout == Layout.TRANSPOSED ? 32 : 128;
            int n = layout == Layout.TRANSPOSED ? 128 : 32;
            String speed = measure(Gemm.of(layout, 1), Target.RELAXED, 128, k, n, 12,
                    Map.of("batch_0", 12, "a_0", 4 * 128 * k, "b_0", 4 * k * n, "c_0", 4 * 128 * n));
            System.out.println("12 heads 128x" + k + "x" + n + " " + layout + " relaxed " + speed);
        }
    }

    private static String measure(Gemm gemm, Target target, int m, int k, int n, int batch, Map<String, Integer> more) {
        KernelModule module = new KernelModule(target);
        Peak peak = new Peak(false);
        module.add(gemm);
        module.add(peak);
        int a = 4096;
        int b = a + 4 * m * k * batch + 64;
        int c = b + 4 * k * (n + 8) * batch + 64;
        int scratch = (c + 4 * m * n * batch + 127) & ~63;
        int bytes = scratch + gemm.scratchBytes(k) + 64;
        try (V8 v8 = V8.open(module.build(), (bytes >> 16) + 1)) {
            ByteBuffer memory = v8.memory();
            for (int i = a; i < c; i += 4) {
                memory.putFloat(i, i % 7 - 3);
            }
            int ldb = 4 * (gemm.layoutB() == Layout.TRANSPOSED ? k : n);
            Map<String, Integer> slots = new HashMap<>(more);
            slots.putAll(Map.of("a", a, "b", b, "c", c, "m", m, "n", n, "k", k, "lda", 4 * k, "ldb", ldb, "ldc", 4 * n,
                    "scratch", scratch));
            slots.put("scales", b);
            int address = 1024;
            for (String slot : gemm.slots()) {
                memory.putInt(address, slots.get(slot));
                address += 4;
            }
            double flops = 2.0 * m * k * n * batch;
            int repeat = (int) Math.max(1, Math.min(250, 3e8 / flops));
            for (int i = 0; i < repeat; i++) {
                memory.putInt(2048 + 8 * i, 0);
                memory.putInt(2052 + 8 * i, 1024);
            }
            memory.putInt(512, PEAK_COUNT);
            memory.putInt(516, 600);
            memory.putInt(528, 1);
            memory.putInt(532, 512);
            double best = 0;
            double limit = 0;
            for (int round = 0; round < ROUNDS + 5; round++) {
                long start = System.nanoTime();
                v8.call("run", 2048, repeat);
                long middle = System.nanoTime();
                v8.call("run", 528, 1);
                best = Math.max(best, flops * repeat / (middle - start));
                limit = Math.max(limit, (double) peak.operations(target) * PEAK_COUNT / (System.nanoTime() - middle));
            }
            return Math.round(best * 10) / 10.0 + ", " + Math.round(100 * best / limit) + " % of the peak";
        }
    }
}
