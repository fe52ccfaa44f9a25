package dev.infuser.kernel;

import dev.infuser.expr.Expr;
import dev.infuser.expr.Fn;
import dev.infuser.testing.V8;
import dev.infuser.wasm.FunctionBuilder;
import dev.infuser.wasm.ModuleBuilder;
import dev.infuser.wasm.Op;
import dev.infuser.wasm.ValueType;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Prints how fast convolutions run in V8: GFLOP/s, the share of a register-only multiply-add loop that runs between them, and
 * GB/s of input and output; the best of many short runs each. An argument keeps the lines that contain it. Operations are those
 * of the sum written out, of which Winograd's algorithm does fewer, so that it may exceed the peak.
 */
public final class ConvSpeed {
    private static final int ROUNDS = 60;
    private static final int PEAK_CHAINS = 12;
    private static final int PEAK_STEPS = 200_000;

    private ConvSpeed() {
    }

    private record Shape(int size, int kernel, int stride, int channels, int filters, int group, boolean transposed) {

        int out() {
            return transposed ? size * stride : (size + stride - 1) / stride;
        }

        double flops() {
            double pixels = transposed ? size * size : out() * out();
            return 2.0 * pixels * kernel * kernel * channels / group * filters;
        }

        double bytes() {
            return 4.0 * ((double) size * size * channels + (double) out() * out() * filters);
        }

        /** The ways to store the weights. */
        List<Gemm.Layout> layouts() {
            List<Gemm.Layout> layouts = new ArrayList<>(filters > 1 ? PACKED : PACKED.subList(0, 1));
            if (kernel == 3 && stride == 1 && group == 1 && channels % 4 == 0 && Math.min(channels, filters) > 4) {
                layouts.add(1, Gemm.Layout.TRANSFORMED);
            }
            return layouts;
        }

        Conv kernelOf(boolean flat, Gemm.Layout weights) {
            List<Integer> ones = Collections.nCopies(flat ? 1 : 2, 1);
            Expr relu = Expr.of(Fn.MAX, Expr.of(Fn.ADD, Expr.input(0), Expr.input(1)), Expr.constant(0));
            return Conv.of(Collections.nCopies(ones.size(), kernel), Collections.nCopies(ones.size(), stride), ones, channels,
                    filters, group, transposed, filters > 1 ? weights : Gemm.Layout.ROW_MAJOR, List.of(Operand.VECTOR), relu);
        }
    }

    private static final List<Gemm.Layout> PACKED = List.of(Gemm.Layout.PACKED, Gemm.Layout.PACKED_F16, Gemm.Layout.PACKED_I8,
            Gemm.Layout.PACKED_I4);

    private static final Shape[] SHAPES = {
        new Shape(40, 3, 1, 64, 64, 1, false), new Shape(28, 3, 1, 96, 96, 1, false), new Shape(48, 3, 1, 96, 24, 1, false),
        new Shape(12, 3, 1, 256, 256, 1, false), new Shape(28, 3, 2, 128, 256, 1, false),
        new Shape(80, 1, 1, 96, 96, 1, false), new Shape(40, 1, 1, 192, 192, 1, false), new Shape(20, 1, 1, 384, 384, 1, false),
        new Shape(160, 1, 1, 48, 48, 1, false), new Shape(22, 1, 1, 240, 240, 1, false),
        new Shape(15, 1, 1, 240, 480, 1, false), new Shape(15, 1, 1, 480, 480, 1, false), new Shape(320, 1, 1, 16, 32, 1, false), new Shape(160, 1, 1, 12, 96, 1, false),
        new Shape(640, 3, 2, 3, 16, 1, false), new Shape(224, 3, 2, 3, 32, 1, false), new Shape(80, 3, 1, 32, 1, 1, false),
        new Shape(320, 3, 1, 16, 16, 16, false), new Shape(80, 3, 1, 96, 96, 96, false),
        new Shape(40, 5, 1, 192, 192, 192, false), new Shape(80, 3, 2, 96, 96, 96, false),
        new Shape(10, 3, 1, 512, 512, 512, false), new Shape(80, 3, 1, 64, 64, 8, false), new Shape(56, 3, 1, 128, 128, 32, false),
        new Shape(160, 2, 2, 24, 24, 1, true), new Shape(320, 2, 2, 24, 1, 1, true), new Shape(32, 4, 2, 64, 32, 1, true)};

    /** Runs the measurements. */
    public static void main(String[] args) {
        for (Shape shape : SHAPES) {
            for (boolean flat : shape.kernel == 1 ? new boolean[] {false, true} : new boolean[] {false}) {
                for (Gemm.Layout weights : shape.layouts()) {
                    Conv conv = shape.kernelOf(flat, weights);
                    String name = shape.size + "x" + shape.size + " " + conv.name() + (flat ? " flat" : "");
                    if (args.length == 0 || name.contains(args[0])) {
                        measure(shape, flat, conv, name);
                    }
                }
            }
        }
    }

    /** What this thread has run, so that what others do on a busy machine does not count. */
    private static long now() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static byte[] peak() {
        ModuleBuilder module = new ModuleBuilder();
        module.importMemory("env", "memory", 1, -1, false);
        FunctionBuilder f = module.function(new byte[] {ValueType.I32, ValueType.I32}, new byte[] {});
        int[] sums = new int[PEAK_CHAINS];
        for (int i = 0; i < sums.length; i++) {
            sums[i] = Emit.v128(f);
            f.f32x4(i).set(sums[i]);
        }
        int a = Emit.v128(f);
        f.get(0).mem(Op.V128_LOAD, 0).set(a);
        int count = Emit.i32(f);
        Emit.range(f, count, 1, 1, () -> {
            for (int sum : sums) {
                f.get(a).get(a).get(sum).op(Op.F32X4_RELAXED_MADD).set(sum);
            }
        });
        for (int sum : sums) {
            f.get(0).get(sum).mem(Op.V128_STORE, 0);
        }
        module.export("run", f);
        return module.build();
    }

    private static void measure(Shape shape, boolean flat, Conv conv, String name) {
        KernelModule module = new KernelModule(Target.RELAXED);
        module.add(conv);
        WinogradWeights first = conv.transformed() ? new WinogradWeights(Gemm.Layout.PACKED) : null;
        int transformed = first == null ? 0 : first.bytes(shape.channels, shape.filters);
        if (first != null) {
            module.add(first);
        }
        int x = 1 << 16;
        int w = x + 4 * shape.size * shape.size * shape.channels + 64;
        int y = (w + 4 * shape.kernel * shape.kernel * shape.channels * (shape.filters + 8) + 127) & ~63;
        int bias = y + 4 * shape.out() * shape.out() * shape.filters + 64;
        int scratch = (bias + 4 * shape.filters + 127) & ~63;
        try (V8 v8 = V8.open(module.build(), (scratch + conv.scratchBytes(shape.channels) + transformed + 64 >> 16) + 1); V8 peak = V8.open(peak(), 1)) {
            ByteBuffer memory = v8.memory();
            for (int i = x; i < y; i += 4) {
                memory.putFloat(i, i % 7 - 3);
            }
            Map<String, Integer> slots = new HashMap<>(Map.of("x", x, "w", first == null ? w : scratch + conv.scratchBytes(shape.channels), "y", y, "scratch", scratch, "n", 1, "ldy",
                    4 * shape.filters, "extra_0", bias, "extra_0_row", 0, "scales", w));
            slots.putAll(Map.of("c", shape.channels, "m", shape.filters));
            int extent = flat ? shape.size * shape.size : shape.size;
            int out = flat ? shape.out() * shape.out() : shape.out();
            for (int i = 0; i < conv.kernel().size(); i++) {
                slots.putAll(Map.of("in_" + i, extent, "out_" + i, out, "pad_" + i, shape.transposed ? 0 : shape.kernel / 2));
            }
            int address = 1024;
            for (String slot : conv.slots()) {
                memory.putInt(address, slots.get(slot));
                address += 4;
            }
            int[] steps = first == null ? new int[] {0, 1024} : new int[] {1, 1536, 0, 1024};
            for (int i = 0; i < steps.length; i++) {
                memory.putInt(2048 + 4 * i, steps[i]);
            }
            int[] block = {w, slots.get("w"), shape.channels, shape.filters};
            for (int i = 0; i < block.length; i++) {
                memory.putInt(1536 + 4 * i, block[i]);
            }
            double best = 0;
            double top = 0;
            int least = (int) Math.max(ROUNDS, Math.min(2000, 3e9 / shape.flops()));
            for (int round = 0; round < least; round++) {
                long start = now();
                v8.call("run", 2048, steps.length / 2);
                long middle = now();
                best = Math.max(best, shape.flops() / (middle - start));
                if (round % (least / ROUNDS) == 0) {
                    middle = now();
                    peak.call("run", 0, PEAK_STEPS);
                    top = Math.max(top, 8.0 * PEAK_CHAINS * PEAK_STEPS / (now() - middle));
                }
            }
            System.out.printf("%-44s %6.1f GFLOP/s  %3.0f %% of %.1f  %6.1f GB/s  %7.3f ms%n", name, best, 100 * best / top, top,
                    best / shape.flops() * shape.bytes(), shape.flops() / best / 1e6);
        }
    }
}
