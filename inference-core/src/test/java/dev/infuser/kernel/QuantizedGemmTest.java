package dev.infuser.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.expr.Expr;
import dev.infuser.kernel.QuantizedGemm.Right;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Layout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class QuantizedGemmTest {

    private static final int[][] SHAPES = {{0, 5, 3}, {5, 0, 3}, {5, 3, 0}, {1, 1, 1}, {1, 8, 4}, {2, 9, 5}, {3, 16, 17},
            {4, 7, 40}, {5, 8, 8}, {6, 97, 3}, {9, 13, 16}, {13, 15, 33}, {67, 10, 6}};

    /**
     * The operands on which all kinds of dot products agree: activations of 7 bits once they are read as {@code dot} does, and
     * narrow weights.
     */
    @ParameterizedTest
    @EnumSource(Target.Dot.class)
    void eachKindOfDotProductReadsActivationsItsWay(Target.Dot dot) {
        for (boolean unsigned : new boolean[] {true, false}) {
            QuantizedGemm gemm = new QuantizedGemm(-1, -1, unsigned, Right.NARROW, true, false, 0, List.of(), Expr.input(0),
                    Element.I32);
            int low = dot.signed == unsigned ? -128 : 0;
            check(gemm, new Target(true, dot), low, low + 127, 64);
        }
    }

    @ParameterizedTest
    @EnumSource(Right.class)
    void subtractsZeroPointsOnEveryTail(Right right) {
        for (int i = 0; i < 8; i++) {
            QuantizedGemm gemm = new QuantizedGemm(-1, -1, i % 2 == 0, right, i / 2 % 2 == 0, i / 4 == 0, 0, List.of(),
                    Expr.input(0), Element.I32);
            check(gemm, Target.RELAXED, -128, 127, right == Right.NARROW ? 64 : 127);
        }
    }

    private static void check(QuantizedGemm gemm, Target target, int lowest, int highest, int greatest) {
        Random random = new Random(lowest);
        try (KernelRunner runner = new KernelRunner(gemm, target)) {
            for (int[] shape : SHAPES) {
                int m = shape[0];
                int n = shape[1];
                int k = shape[2];
                byte[] a = bytes(random, m * k, lowest, highest);
                byte[] b = bytes(random, k * n, -greatest, greatest);
                byte[] zeroA = bytes(random, 1, -128, 127);
                byte[] zeroB = bytes(random, n, -128, 127);
                boolean unsignedB = gemm.right() == Right.UNSIGNED;
                int[] expected = new int[m * n];
                for (int i = 0; i < m * n; i++) {
                    for (int d = 0; d < k; d++) {
                        expected[i] += (value(a[i / n * k + d], gemm.unsignedA())
                                - (gemm.zeroA() ? value(zeroA[0], gemm.unsignedA()) : 0))
                                * (value(b[d * n + i % n], unsignedB) - (gemm.zeroB() ? value(zeroB[i % n], unsignedB) : 0));
                    }
                }
                Image image = new Image(1);
                Map<String, Integer> slots = new HashMap<>(Map.of("m", m, "n", n, "k", k, "lda", k, "ldb", n, "ldc", 4 * n));
                slots.put("a", image.bytes(a));
                slots.put("b", image.bytes(gemm.right().packed()
                        ? (byte[]) Layout.DOT8.pack(DType.INT8, new int[] {k, n}, b) : b));
                slots.put("c", image.output(4 * m * n));
                slots.put("scratch", image.output(gemm.scratchBytes(m, k)));
                slots.put("rows", QuantizedGemm.blockRows(m, k));
                slots.put("zero_a", image.bytes(zeroA));
                slots.put("zero_b", image.bytes(zeroB));
                slots.put("zero_b_step", 1);
                for (Image after : runner.run(image, slots)) {
                    assertArrayEquals(expected, after.intsAt(slots.get("c"), m * n),
                            gemm + " of m n k " + List.of(m, n, k));
                }
            }
        }
    }

    private static int value(byte element, boolean unsigned) {
        return unsigned ? element & 255 : element;
    }

    private static byte[] bytes(Random random, int count, int lowest, int highest) {
        byte[] out = new byte[count];
        for (int i = 0; i < count; i++) {
            int edge = random.nextInt(4);
            out[i] = (byte) (edge == 0 ? lowest : edge == 1 ? highest : lowest + random.nextInt(highest - lowest + 1));
        }
        return out;
    }

    @Test
    void blocksOfRowsFitTheirMemory() {
        for (int k : new int[] {0, 1, 384, 1536, 100_000}) {
            for (int m : new int[] {0, 1, 5, 64, 1000}) {
                int rows = QuantizedGemm.blockRows(m, k);
                assertTrue(rows >= 4 && rows <= 64 && rows % 4 == 0, rows + " rows");
            }
        }
    }

    @Test
    void impossibleParametersAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new QuantizedGemm(-1, -1, true, Right.PACKED, false, false, 4,
                List.of(), Expr.input(0), Element.F32));
        assertThrows(IllegalArgumentException.class, () -> new QuantizedGemm(-1, -1, true, Right.PACKED, false, false, 0,
                List.of(), Expr.input(1), Element.F32));
    }
}
