package dev.infuser.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.infuser.graph.Attributes;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CastTest {

    private static Tensor cast(Tensor x, DType to) {
        Tensor like = OperatorCheck.run("CastLike", x, Tensor.zeros(to, 0));
        Tensor cast = OperatorCheck.run("Cast", Attributes.of("to", (long) to.number()), x);
        assertEquals(true, like.sameAs(cast));
        return cast;
    }

    @ParameterizedTest
    @EnumSource(value = DType.class, names = {"STRING", "BOOL", "FLOAT8E8M0"}, mode = EnumSource.Mode.EXCLUDE)
    void smallWholeNumbersSurviveEveryPairOfTypes(DType from) {
        Tensor x = Tensor.ofLongs(from, new int[] {2}, new long[] {0, 1});
        for (DType to : DType.values()) {
            if (to == DType.STRING) {
                assertArrayEquals(from.isFloat() ? new String[] {"0.0", "1.0"} : new String[] {"0", "1"},
                        cast(x, to).strings());
            } else if (to != DType.FLOAT8E8M0) {
                assertArrayEquals(new double[] {0, 1}, cast(x, to).toDoubles(), from + " to " + to);
                assertArrayEquals(new double[] {0, 1}, cast(cast(x, DType.STRING), to).toDoubles(), to.label());
            }
        }
    }

    private record Case(DType from, double value, DType to, double expected) {
    }

    private static final Case[] CASES = {
        new Case(DType.FLOAT32, -1.9, DType.INT32, -1),
        new Case(DType.FLOAT32, 0.5, DType.BOOL, 1),
        new Case(DType.FLOAT32, Double.NaN, DType.BOOL, 1),
        new Case(DType.FLOAT32, -0.0, DType.BOOL, 0),
        new Case(DType.INT32, 300, DType.UINT8, 44),
        new Case(DType.INT32, 300, DType.INT8, 44),
        new Case(DType.INT64, -1, DType.UINT32, 4294967295.0),
        new Case(DType.INT8, -1, DType.UINT4, 15),
        new Case(DType.UINT8, 10, DType.INT4, -6),
        new Case(DType.UINT64, 0x1p63, DType.FLOAT64, 0x1p63),
        new Case(DType.FLOAT64, 65520, DType.FLOAT16, Double.POSITIVE_INFINITY),
        new Case(DType.FLOAT64, 65519, DType.FLOAT16, 65504),
        new Case(DType.FLOAT32, 1.00390625, DType.BFLOAT16, 1),
        new Case(DType.FLOAT32, 1e9, DType.FLOAT8E4M3FN, 448),
        new Case(DType.FLOAT32, Double.POSITIVE_INFINITY, DType.FLOAT8E5M2, 57344),
        new Case(DType.FLOAT32, 3.0, DType.FLOAT8E8M0, 4),
        new Case(DType.FLOAT32, 2.0, DType.FLOAT8E8M0, 2),
        new Case(DType.FLOAT32, -7, DType.FLOAT4E2M1, -6),
    };

    @Test
    void conversionsTruncateWrapRoundAndSaturateAsSpecified() {
        for (Case c : CASES) {
            Tensor x = Tensor.ofDoubles(c.from, new int[] {1}, new double[] {c.value});
            assertEquals(c.expected, cast(x, c.to).getDouble(0), c.toString());
        }
    }

    @Test
    void withoutSaturationEightBitFloatsOverflowToNanOrInfinity() {
        Tensor x = Tensor.floats(new int[] {1}, 1e9f);
        for (Object[] c : new Object[][] {{DType.FLOAT8E4M3FN, Double.NaN}, {DType.FLOAT8E5M2, Double.POSITIVE_INFINITY}}) {
            Tensor y = OperatorCheck.run("Cast",
                    Attributes.of("to", (long) ((DType) c[0]).number(), "saturate", 0L), x);
            assertEquals((Double) c[1], y.getDouble(0));
        }
    }

    @Test
    void powersOfTwoRoundAsTheModeSays() {
        Tensor x = Tensor.floats(new int[] {3}, 1.25f, 1.5f, 1.75f);
        Object[][] cases = {{"up", new double[] {2, 2, 2}}, {"down", new double[] {1, 1, 1}},
            {"nearest", new double[] {1, 2, 2}}};
        for (Object[] c : cases) {
            Tensor y = OperatorCheck.run("Cast",
                    Attributes.of("to", (long) DType.FLOAT8E8M0.number(), "round_mode", c[0]), x);
            assertArrayEquals((double[]) c[1], y.toDoubles(), (String) c[0]);
        }
    }

    @Test
    void stringsHoldPlainAndScientificDecimals() {
        Tensor text = Tensor.strings(new int[] {8}, "3.14", "1e-5", "1E8", "+INF", "-inf", "NaN", " 7 ", "-0");
        assertArrayEquals(new double[] {3.14, 1e-5, 1e8, 1 / 0.0, -1 / 0.0, 0 / 0.0, 7, -0.0},
                cast(text, DType.FLOAT64).toDoubles());
        assertEquals(-1, cast(Tensor.strings(new int[] {1}, "18446744073709551615"), DType.UINT64).getLong(0));
        assertThrows(InvalidModelException.class, () -> cast(Tensor.strings(new int[] {1}, "Hello"), DType.FLOAT32));
        assertThrows(InvalidModelException.class, () -> cast(Tensor.strings(new int[] {1}, "1f"), DType.FLOAT32));
    }

    @Test
    void numbersPrintWithoutExponents() {
        Tensor x = Tensor.of(DType.FLOAT64, new int[] {8},
                new double[] {314.15926, 1e10, -2.5e-7, 1.25e21, 1 / 0.0, -1 / 0.0, 0 / 0.0, 1.5e7});
        assertArrayEquals(new String[] {"314.15926", "10000000000.0", "-0.00000025", "1250000000000000000000.0", "INF",
            "-INF", "NaN", "15000000.0"}, cast(x, DType.STRING).strings());
    }
}
