package dev.infuser.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.infuser.expr.Expr;
import dev.infuser.expr.Fn;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.SmallFloat;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ElementwiseTest {
    private static final Expr SUM = Expr.of(Fn.ADD, Expr.input(0), Expr.input(1));

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 7, 8, 9, 4095, 4096, 4097, 4101})
    void addsRunsOfEveryLengthInPlace(int n) {
        Elementwise kernel = new Elementwise(1, List.of(Operand.VECTOR, Operand.SCALAR), Element.F32, SUM);
        Image image = new Image(1);
        float[] x = Numbers.random(n, 1);
        int in = image.writable(image.floats(x), 4 * n);
        try (KernelRunner runner = new KernelRunner(kernel)) {
            Map<String, Integer> slots = Map.of("out", in, "dim_0", n, "in_0", in, "in_1", image.floats(2));
            float[] expected = new float[n];
            for (int i = 0; i < n; i++) {
                expected[i] = x[i] + 2;
            }
            for (Image after : runner.run(image, slots)) {
                assertArrayEquals(expected, after.floatsAt(in, n));
            }
        }
    }

    @Test
    void broadcastsOverSixDimensions() {
        int[] dims = {2, 1, 3, 2, 2, 5};
        Elementwise kernel = new Elementwise(6, List.of(Operand.VECTOR, Operand.SCALAR, Operand.VECTOR), Element.F32,
                Expr.of(Fn.MUL, SUM, Expr.input(2)));
        float[] a = Numbers.random(120, 1);
        float[] b = Numbers.random(4, 2);
        float[] c = Numbers.random(3 * 5, 3);
        Image image = new Image(1);
        Map<String, Integer> slots = new HashMap<>();
        slots.put("out", image.output(480));
        int[][] strides = {{240, 240, 80, 40, 20}, {8, 0, 0, 4, 0}, {0, 0, -20, 0, 0}};
        slots.put("in_0", image.floats(a));
        slots.put("in_1", image.floats(b));
        slots.put("in_2", image.floats(c) + 40);
        for (int d = 0; d < 6; d++) {
            slots.put("dim_" + d, dims[d]);
            for (int i = 0; i < 3 && d < 5; i++) {
                slots.put("in_" + i + "_" + d, strides[i][d]);
            }
        }
        double[] expected = new double[120];
        for (int i = 0; i < 120; i++) {
            float sum = a[i] + b[i / 60 * 2 + i / 10 % 2];
            expected[i] = sum * c[(2 - i / 20 % 3) * 5 + i % 5];
        }
        try (KernelRunner runner = new KernelRunner(kernel)) {
            for (Image after : runner.run(image, slots)) {
                Numbers.assertClose(expected, after.floatsAt(slots.get("out"), 120), 1e-6, "broadcast");
            }
        }
    }

    private static int put(Image image, Element element, int... values) {
        float[] floats = new float[values.length];
        long[] longs = new long[values.length];
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = values[i];
            longs[i] = values[i];
            bytes[i] = (byte) values[i];
        }
        return switch (element) {
            case F32 -> image.floats(floats);
            case I32 -> image.ints(values);
            case I64 -> image.longs(longs);
            case F16 -> {
                byte[] halves = new byte[2 * values.length];
                for (int i = 0; i < values.length; i++) {
                    long bits = SmallFloat.encode(DType.FLOAT16, values[i]);
                    halves[2 * i] = (byte) bits;
                    halves[2 * i + 1] = (byte) (bits >> 8);
                }
                yield image.bytes(halves);
            }
            default -> image.bytes(bytes);
        };
    }

    @ParameterizedTest
    @EnumSource(Element.class)
    void readsAndWritesEveryElement(Element from) {
        int[] values = {0, 1, 2, 3, 100, 200, 255, 7, 9, 250, 11};
        for (Element to : Element.values()) {
            if (to == Element.F16) {
                assertThrows(IllegalArgumentException.class,
                        () -> new Elementwise(1, List.of(), to, Expr.constant(0)));
                continue;
            }
            for (boolean scalar : new boolean[] {false, true}) {
                Elementwise kernel = new Elementwise(2, List.of(new Operand(from, scalar)), to,
                        Expr.of(Fn.MUL, Expr.input(0), Expr.constant(1.5f)));
                try (KernelRunner runner = new KernelRunner(kernel)) {
                    for (int n = 0; n <= values.length; n++) {
                        Image image = new Image(1);
                        int out = image.output(2 * n * to.size);
                        int in = put(image, from, values);
                        int stride = from.size;
                        Map<String, Integer> slots =
                                Map.of("out", out, "dim_0", 2, "dim_1", n, "in_0", in, "in_0_0", scalar ? stride : 0);
                        for (Image after : runner.run(image, slots)) {
                            for (int i = 0; i < 2 * n; i++) {
                                int value = values[scalar ? i / n : i % n];
                                float x = 1.5f * (from == Element.I8 ? (byte) value : value);
                                Object actual = switch (to) {
                                    case F32 -> after.floatsAt(out, 2 * n)[i];
                                    case I32 -> (float) after.intsAt(out, 2 * n)[i];
                                    case I64 -> (float) after.longsAt(out, 2 * n)[i];
                                    case I8 -> (float) after.bytesAt(out, 2 * n)[i];
                                    default -> (float) (after.bytesAt(out, 2 * n)[i] & 255);
                                };
                                float expected = to == Element.F32 ? x : to == Element.BOOL ? x == 0 ? 0 : 1
                                        : to == Element.U8 ? Math.max(0, Math.min(255, (int) x))
                                        : to == Element.I8 ? Math.max(-128, Math.min(127, (int) x)) : (int) x;
                                assertEquals(expected, actual, from + " to " + to + " at " + i);
                            }
                        }
                    }
                }
            }
        }
    }

    @Test
    void negativeAndHugeNumbersConvertSaturated() {
        float[] x = {-1.9f, 1e20f, -1e20f, Float.NaN, -0.5f};
        Expr copy = Expr.input(0);
        Image image = new Image(1);
        int in = image.floats(x);
        int ints = image.output(20);
        int bytes = image.output(5);
        int longs = image.output(40);
        try (KernelRunner toInt = new KernelRunner(new Elementwise(1, List.of(Operand.VECTOR), Element.I32, copy));
                KernelRunner toByte = new KernelRunner(new Elementwise(1, List.of(Operand.VECTOR), Element.U8, copy));
                KernelRunner toLong = new KernelRunner(new Elementwise(1, List.of(Operand.VECTOR), Element.I64,
                        copy))) {
            assertArrayEquals(new int[] {-1, Integer.MAX_VALUE, Integer.MIN_VALUE, 0, 0},
                    toInt.run(image, Map.of("out", ints, "dim_0", 5, "in_0", in)).get(0).intsAt(ints, 5));
            assertArrayEquals(new byte[] {0, -1, 0, 0, 0},
                    toByte.run(image, Map.of("out", bytes, "dim_0", 5, "in_0", in)).get(0).bytesAt(bytes, 5));
            assertArrayEquals(new long[] {-1, Integer.MAX_VALUE, Integer.MIN_VALUE, 0, 0},
                    toLong.run(image, Map.of("out", longs, "dim_0", 5, "in_0", in)).get(0).longsAt(longs, 5));
        }
    }

    @Test
    void longsOfAnyMagnitudeReadAsTheNearestFloat() {
        long[] longs = {1L << 40, -(1L << 32) - 1, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 31, (1L << 24) + 1,
                (1L << 24) + 3, (1L << 53) + (1L << 29), -1, 0, 4294967296L};
        float[] expected = new float[longs.length];
        for (int i = 0; i < longs.length; i++) {
            expected[i] = longs[i];
        }
        for (boolean scalar : new boolean[] {false, true}) {
            Image image = new Image(1);
            int out = image.output(4 * longs.length);
            int in = image.longs(longs);
            Operand operand = new Operand(Element.I64, scalar);
            Map<String, Integer> slots = scalar
                    ? Map.of("out", out, "dim_0", longs.length, "dim_1", 1, "in_0", in, "in_0_0", 8)
                    : Map.of("out", out, "dim_0", longs.length, "in_0", in);
            try (KernelRunner runner = new KernelRunner(
                    new Elementwise(scalar ? 2 : 1, List.of(operand), Element.F32, Expr.input(0)))) {
                for (Image after : runner.run(image, slots)) {
                    assertArrayEquals(expected, after.floatsAt(out, longs.length));
                }
            }
        }
    }

    @Test
    void impossibleParametersAreRefused() {
        List<Operand> one = List.of(Operand.VECTOR);
        assertThrows(IllegalArgumentException.class, () -> new Elementwise(0, one, Element.F32, Expr.input(0)));
        assertThrows(IllegalArgumentException.class, () -> new Elementwise(7, one, Element.F32, Expr.input(0)));
        assertThrows(IllegalArgumentException.class, () -> new Elementwise(1, one, Element.F32, SUM));
    }
}
