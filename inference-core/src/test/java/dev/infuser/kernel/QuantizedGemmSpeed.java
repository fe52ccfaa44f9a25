package dev.infuser.kernel;

import dev.infuser.expr.Expr;
import dev.infuser.expr.Fn;
import dev.infuser.kernel.QuantizedGemm.Right;
import dev.infuser.testing.V8;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Prints Gop/s of quantised products in V8, one line per shape and kind of weights: stored as they are, re-scaled with a bias,
 * with GELU behind it, and with a residual. Each is the best of many short runs over weights that lie in no cache.
 */
public final class QuantizedGemmSpeed {
    private static final int ROUNDS = 60;
    private static final int COPIES = 8;
    private static final int[][] SHAPES = {{128, 384, 1536}, {128, 1536, 384}, {128, 384, 384}, {16, 384, 1536},
            {16, 1536, 384}, {16, 384, 384}, {1, 384, 1536}};

    private QuantizedGemmSpeed() {}

    /** Runs the measurements. */
    public static void main(String[] args) {
        Expr scaled = Expr.of(Fn.ADD, Expr.of(Fn.MUL, Expr.input(0), Expr.of(Fn.MUL, Expr.input(1), Expr.input(2))),
                Expr.input(3));
        Expr gelu = Expr.of(Fn.MUL, Expr.of(Fn.MUL, scaled, Expr.constant(0.5f)),
                Expr.of(Fn.ADD, Expr.of(Fn.ERF, Expr.of(Fn.MUL, scaled, Expr.constant(0.70710678f))), Expr.constant(1)));
        Expr residual = Expr.of(Fn.ADD, scaled, Expr.input(4));
        Operand scalar = new Operand(Element.F32, true);
        List<Operand> three = List.of(scalar, Operand.VECTOR, Operand.VECTOR);
        List<Operand> four = List.of(scalar, Operand.VECTOR, Operand.VECTOR, Operand.VECTOR);
        for (int[] shape : SHAPES) {
            for (Right right : List.of(Right.NARROW, Right.PACKED)) {
                StringBuilder line = new StringBuilder(shape[0] + "x" + shape[1] + "x" + shape[2] + " " + right);
                Object[][] kinds = {{List.of(), Expr.input(0), Element.I32}, {three, scaled, Element.F32},
                        {three, gelu, Element.F32}, {four, residual, Element.F32}};
                for (Object[] kind : kinds) {
                    @SuppressWarnings("unchecked")
                    QuantizedGemm gemm = new QuantizedGemm(shape[1], shape[2], true, right, true, false, 0,
                            (List<Operand>) kind[0], (Expr) kind[1], (Element) kind[2]);
                    line.append(' ').append(Math.round(measure(gemm, shape[0], shape[1], shape[2]) * 10) / 10.0);
                }
                System.out.println(line);
            }
        }
    }

    private static double measure(QuantizedGemm gemm, int m, int k, int n) {
        KernelModule module = new KernelModule(Target.RELAXED);
        module.add(gemm);
        int scratch = 1 << 16;
        int a = scratch + gemm.scratchBytes(m, k) + 63 & -64;
        int c = a + m * k + 127 & -64;
        int extra = c + 4 * m * n + 127 & -64;
        int b = extra + 4 * m * n + 127 & -64;
        int size = ((k + 3) / 4 + 1) * 32 * ((n + 7) / 8);
        try (V8 v8 = V8.open(module.build(), (b + COPIES * size >> 16) + 1)) {
            ByteBuffer memory = v8.memory();
            for (int i = a; i < c; i++) {
                memory.put(i, (byte) (i * 31));
            }
            for (int i = b; i < b + COPIES * size; i++) {
                memory.put(i, (byte) (i * 37 % 64));
            }
            for (int copy = 0; copy < COPIES; copy++) {
                Map<String, Integer> slots = new HashMap<>(Map.of("a", a, "b", b + copy * size, "c", c, "m", m, "n", n,
                        "k", k, "lda", k, "ldb", n, "ldc", 4 * n, "scratch", scratch));
                slots.putAll(Map.of("rows", QuantizedGemm.blockRows(m, k), "zero_a", a, "zero_b", a, "zero_b_step", 0));
                for (int e = 0; e < 4; e++) {
                    slots.put("extra_" + e, extra);
                    slots.put("extra_" + e + "_row", e == 3 ? 4 * n : 0);
                }
                int address = 4096 + 256 * copy;
                for (String slot : gemm.slots()) {
                    memory.putInt(address, slots.get(slot));
                    address += 4;
                }
                memory.putInt(2048 + 8 * copy, 0);
                memory.putInt(2052 + 8 * copy, 4096 + 256 * copy);
            }
            double best = 0;
            for (int round = 0; round < ROUNDS; round++) {
                long start = System.nanoTime();
                v8.call("run", 2048, COPIES);
                best = Math.max(best, 2.0 * m * n * k * COPIES / (System.nanoTime() - start));
            }
            return best;
        }
    }
}
