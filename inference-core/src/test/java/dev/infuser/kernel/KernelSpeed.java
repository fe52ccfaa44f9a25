package dev.infuser.kernel;

import dev.infuser.expr.Expr;
import dev.infuser.expr.Fn;
import dev.infuser.kernel.Gemm.Layout;
import dev.infuser.kernel.StridedCopy.Inner;
import dev.infuser.testing.V8;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Prints the time of the kernels of one transformer layer (128 tokens, 384 wide, 12 heads) in V8, best of several
 * rounds.
 */
public final class KernelSpeed {
    private static final int A = 1 << 20;
    private static final int B = 4 << 20;
    private static final int C = 8 << 20;
    private static final int SCRATCH = 12 << 20;
    private static final Expr X = Expr.input(0);
    private static final List<Operand> ONE = List.of(Operand.VECTOR);

    private KernelSpeed() {}

    /** Runs the measurements. */
    public static void main(String[] args) {
        Expr half = Expr.of(Fn.MUL, X, Expr.constant(0.70710678f));
        Expr gelu = Expr.of(Fn.MUL, Expr.of(Fn.MUL, X, Expr.constant(0.5f)),
                Expr.of(Fn.ADD, Expr.of(Fn.ERF, half), Expr.constant(1)));
        Map<String, Integer> flat = Map.of("dim_0", 128 * 1536);
        print("relu 128x1536", new Elementwise(1, ONE, Element.F32, Expr.of(Fn.MAX, X, Expr.constant(0))), flat);
        for (Fn fn : List.of(Fn.EXP, Fn.TANH, Fn.ERF, Fn.SIGMOID, Fn.LOG, Fn.SIN)) {
            print(fn + " 128x1536", new Elementwise(1, ONE, Element.F32, Expr.of(fn, X)), flat);
        }
        print("gelu 128x1536", new Elementwise(1, ONE, Element.F32, gelu), flat);
        print("softmax 1536x128", new Softmax(2, ONE, X, false), Map.of("dim_0", 1536, "dim_1", 128, "in_0_0", 512));
        print("layer norm 128x384", new LayerNorm(2, ONE, X, X, 1e-5f, true),
                Map.of("dim_0", 128, "dim_1", 384, "in_0_0", 1536));
        print("mean over rows 128x384", Reduce.mean(false), Map.of("outer", 1, "reduced", 128, "inner", 384));
        print("transpose 1536x128", new StridedCopy(4, 2, Inner.TRANSPOSED),
                Map.of("dim_0", 128, "dim_1", 1536, "out_0", 6144, "out_1", 4, "in_0", 4, "in_1", 512));
        for (int[] shape : new int[][] {{96, 6400}, {256, 1600}, {64, 1024}, {3, 102400}, {24, 25600}}) {
            for (int[] dims : new int[][] {shape, {shape[1], shape[0]}}) {
                print("transpose " + dims[0] + "x" + dims[1], new StridedCopy(4, 2, Inner.TRANSPOSED), Map.of("dim_0", dims[1],
                        "dim_1", dims[0], "out_0", 4 * dims[0], "out_1", 4, "in_0", 4, "in_1", 4 * dims[1]));
            }
        }
        print("heads 128x12x32 to 12x128x32", new StridedCopy(4, 3, Inner.CONTIGUOUS), Map.of("dim_0", 12, "dim_1", 128,
                "dim_2", 32, "out_0", 16384, "out_1", 128, "out_2", 4, "in_0", 128, "in_1", 1536, "in_2", 4));
        Map<String, Integer> wide = Map.of("b", B, "m", 128, "n", 1536, "k", 384, "lda", 1536, "ldb", 6144, "ldc",
                6144);
        print("gemm 128x384x1536", Gemm.of(Layout.PACKED, 0), wide);
        Map<String, Integer> fused = new HashMap<>(wide);
        fused.putAll(Map.of("extra_0", SCRATCH + 4096 + 1088, "extra_0_row", 0));
        Expr bias = Expr.of(Fn.ADD, X, Expr.input(1));
        print("gemm 128x384x1536 bias", new Gemm(-1, -1, false, Layout.PACKED, 0, ONE, bias), fused);
        Expr biasGelu = Expr.of(Fn.MUL, Expr.of(Fn.MUL, bias, Expr.constant(0.5f)),
                Expr.of(Fn.ADD, Expr.of(Fn.ERF, Expr.of(Fn.MUL, bias, Expr.constant(0.70710678f))), Expr.constant(1)));
        print("gemm 128x384x1536 bias gelu", new Gemm(-1, -1, false, Layout.PACKED, 0, ONE, biasGelu), fused);
    }

    private static void print(String what, Kernel kernel, Map<String, Integer> values) {
        Map<String, Integer> slots = new HashMap<>(Map.of("a", A, "c", C, "in", A, "in_0", A, "out", C, "scratch",
                SCRATCH));
        if (kernel instanceof StridedCopy && values.containsKey("in_0")) {
            slots.remove("in_0");
        }
        slots.putAll(values);
        KernelModule module = new KernelModule(Target.RELAXED);
        module.add(kernel);
        try (V8 v8 = V8.open(module.build(), 256)) {
            ByteBuffer memory = v8.memory();
            for (int i = A; i < C; i += 4) {
                memory.putFloat(i, i % 977 / 200f - 2);
            }
            int address = 1024;
            for (String slot : kernel.slots()) {
                memory.putInt(address, slots.get(slot));
                address += 4;
            }
            for (int i = 0; i < 10; i++) {
                memory.putInt(2048 + 8 * i, 0);
                memory.putInt(2052 + 8 * i, 1024);
            }
            long best = Long.MAX_VALUE;
            for (int round = 0; round < 40; round++) {
                long start = System.nanoTime();
                v8.call("run", 2048, 10);
                best = Math.min(best, System.nanoTime() - start);
            }
            System.out.println(what + ": " + best / 10000 + " us, module " + module.build().length + " bytes");
        }
    }
}
