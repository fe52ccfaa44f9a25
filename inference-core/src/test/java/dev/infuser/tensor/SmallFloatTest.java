package dev.infuser.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SmallFloatTest {

    /**
     * Float16 by the integer arithmetic of a table-free decoder: shift the fields into a float32 and scale by 2^112.
     */
    private static float half(int bits) {
        int magnitude = (bits & 0x7FFF) << 13;
        float value = (bits & 0x7C00) == 0x7C00 ? Float.intBitsToFloat(magnitude | 0x7F800000)
                : Float.intBitsToFloat(magnitude) * 0x1p112f;
        return (bits & 0x8000) == 0 ? value : -value;
    }

    @Test
    void everyFloat16DecodesAndComesBack() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            double value = SmallFloat.decode(DType.FLOAT16, bits);
            assertEquals(half(bits), value);
            int back = SmallFloat.encode(DType.FLOAT16, value);
            assertEquals(value != value ? 0x7E00 : bits, back);
        }
    }

    @Test
    void everyBfloat16DecodesAndComesBack() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            double value = SmallFloat.decode(DType.BFLOAT16, bits);
            assertEquals(Float.intBitsToFloat(bits << 16), value);
            assertEquals(value != value ? 0x7FC0 : bits, SmallFloat.encode(DType.BFLOAT16, value));
        }
    }

    /** Values that the tables of the formats' definitions give. */
    @ParameterizedTest
    @CsvSource({
        "FLOAT16,3C00,1", "FLOAT16,7BFF,65504", "FLOAT16,0001,0x1p-24", "FLOAT16,0400,0x1p-14",
        "FLOAT16,3555,0.333251953125", "BFLOAT16,3F80,1", "BFLOAT16,7F7F,0x1.FEp127", "BFLOAT16,0001,0x1p-133",
        "FLOAT8E4M3FN,38,1", "FLOAT8E4M3FN,7E,448", "FLOAT8E4M3FN,08,0x1p-6", "FLOAT8E4M3FN,01,0x1p-9",
        "FLOAT8E4M3FN,07,0.013671875", "FLOAT8E4M3FN,FE,-448", "FLOAT8E4M3FN,7F,NaN", "FLOAT8E4M3FN,FF,NaN",
        "FLOAT8E4M3FNUZ,40,1", "FLOAT8E4M3FNUZ,7F,240", "FLOAT8E4M3FNUZ,08,0x1p-7", "FLOAT8E4M3FNUZ,01,0x1p-10",
        "FLOAT8E4M3FNUZ,80,NaN", "FLOAT8E4M3FNUZ,FF,-240",
        "FLOAT8E5M2,3C,1", "FLOAT8E5M2,7B,57344", "FLOAT8E5M2,04,0x1p-14", "FLOAT8E5M2,01,0x1p-16",
        "FLOAT8E5M2,7C,Infinity", "FLOAT8E5M2,FC,-Infinity", "FLOAT8E5M2,7D,NaN", "FLOAT8E5M2,7F,NaN",
        "FLOAT8E5M2FNUZ,40,1", "FLOAT8E5M2FNUZ,7F,57344", "FLOAT8E5M2FNUZ,04,0x1p-15", "FLOAT8E5M2FNUZ,01,0x1p-17",
        "FLOAT8E5M2FNUZ,80,NaN",
        "FLOAT4E2M1,0,0", "FLOAT4E2M1,1,0.5", "FLOAT4E2M1,2,1", "FLOAT4E2M1,3,1.5", "FLOAT4E2M1,4,2", "FLOAT4E2M1,5,3",
        "FLOAT4E2M1,6,4", "FLOAT4E2M1,7,6", "FLOAT4E2M1,9,-0.5", "FLOAT4E2M1,F,-6",
        "FLOAT8E8M0,7F,1", "FLOAT8E8M0,00,0x1p-127", "FLOAT8E8M0,FE,0x1p127", "FLOAT8E8M0,FF,NaN",
    })
    void definedValues(DType dtype, String bits, double value) {
        assertEquals(value, SmallFloat.decode(dtype, Integer.parseInt(bits, 16)));
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT8E4M3FN", "FLOAT8E4M3FNUZ", "FLOAT8E5M2", "FLOAT8E5M2FNUZ", "FLOAT4E2M1", "FLOAT8E8M0"})
    void everyCodeComesBack(DType dtype) {
        for (int bits = 0; bits < 1 << dtype.bits(); bits++) {
            double value = SmallFloat.decode(dtype, bits);
            int back = SmallFloat.encode(dtype, value, false);
            assertTrue(value != value ? SmallFloat.decode(dtype, back) != SmallFloat.decode(dtype, back) : back == bits,
                    Integer.toHexString(bits) + " comes back as " + Integer.toHexString(back));
        }
    }

    /** Among the finite codes the nearest one wins; of two equally near ones that with an even code. */
    @ParameterizedTest
    @EnumSource(names = {"FLOAT16", "BFLOAT16", "FLOAT8E4M3FN", "FLOAT8E4M3FNUZ", "FLOAT8E5M2", "FLOAT8E5M2FNUZ",
            "FLOAT4E2M1"})
    void theNearestCodeIsChosen(DType dtype) {
        TreeMap<Double, Integer> codes = new TreeMap<>();
        for (int bits = 0; bits < 1 << dtype.bits() - 1; bits++) {
            double value = SmallFloat.decode(dtype, bits);
            if (value == value && value != Double.POSITIVE_INFINITY) {
                codes.put(value, bits);
            }
        }
        Random random = new Random(5);
        double largest = codes.lastKey();
        for (Double low : codes.keySet()) {
            Double high = codes.higherKey(low);
            if (high == null) {
                break;
            }
            double middle = low + (high - low) / 2;
            int even = (codes.get(low) & 1) == 0 ? codes.get(low) : codes.get(high);
            check(dtype, middle, even);
            check(dtype, Math.nextUp(middle), codes.get(high));
            check(dtype, Math.nextDown(middle), codes.get(low));
            double between = low + (high - low) * random.nextDouble();
            check(dtype, between, between < middle ? codes.get(low) : between > middle ? codes.get(high) : even);
        }
        check(dtype, Double.MIN_VALUE, 0);
        assertEquals(codes.get(largest), SmallFloat.encode(dtype, largest * 1.01, true));
        assertEquals(codes.get(largest), SmallFloat.encode(dtype, Double.POSITIVE_INFINITY, true));
        assertEquals(-largest, SmallFloat.decode(dtype, SmallFloat.encode(dtype, Double.NEGATIVE_INFINITY, true)));
    }

    private static void check(DType dtype, double value, int code) {
        int sign = 1 << dtype.bits() - 1;
        boolean noNegativeZero = code == 0 && dtype.label().endsWith("fnuz");
        for (boolean saturate : new boolean[] {false, true}) {
            assertEquals(code, SmallFloat.encode(dtype, value, saturate), () -> dtype + " of " + value);
            assertEquals(noNegativeZero ? 0 : code | sign, SmallFloat.encode(dtype, -value, saturate),
                    () -> dtype + " of -" + value);
        }
    }

    /** ONNX's table of conversions of numbers out of range. */
    @ParameterizedTest
    @CsvSource({
        "FLOAT8E4M3FN,NaN,7F,7F", "FLOAT8E4M3FN,Infinity,7E,7F", "FLOAT8E4M3FN,-Infinity,FE,FF",
        "FLOAT8E4M3FN,1e6,7E,7F", "FLOAT8E4M3FN,464,7E,7E", "FLOAT8E4M3FN,464.1,7E,7F",
        "FLOAT8E4M3FNUZ,NaN,80,80", "FLOAT8E4M3FNUZ,Infinity,7F,80", "FLOAT8E4M3FNUZ,-Infinity,FF,80",
        "FLOAT8E4M3FNUZ,1e6,7F,80",
        "FLOAT8E5M2,NaN,7F,7F", "FLOAT8E5M2,Infinity,7B,7C", "FLOAT8E5M2,-Infinity,FB,FC", "FLOAT8E5M2,1e6,7B,7C",
        "FLOAT8E5M2FNUZ,NaN,80,80", "FLOAT8E5M2FNUZ,Infinity,7F,80", "FLOAT8E5M2FNUZ,-1e6,FF,80",
        "FLOAT16,65519,7BFF,7BFF", "FLOAT16,65520,7BFF,7C00", "FLOAT16,-1e9,FBFF,FC00", "BFLOAT16,1e39,7F7F,7F80",
        "FLOAT4E2M1,100,7,7", "FLOAT4E2M1,-Infinity,F,F", "FLOAT8E8M0,Infinity,FE,FF", "FLOAT8E8M0,0x1p128,FE,FF",
        "FLOAT8E8M0,-1,FF,FF", "FLOAT8E8M0,NaN,FF,FF", "FLOAT8E8M0,0,00,00",
    })
    void numbersOutOfRange(DType dtype, double value, String saturated, String plain) {
        assertEquals(Integer.parseInt(saturated, 16), SmallFloat.encode(dtype, value, true));
        assertEquals(Integer.parseInt(plain, 16), SmallFloat.encode(dtype, value, false));
    }

    @ParameterizedTest
    @CsvSource({"0.5,0", "1.5,2", "2.5,2", "-0.5,-0.0", "-1.5,-2", "0.49999999999999994,0",
        "4503599627370497.5,4503599627370498", "1e300,1e300", "NaN,NaN", "-Infinity,-Infinity"})
    void integersAreRoundedToEven(double value, double expected) {
        assertEquals(expected, SmallFloat.roundEven(value));
    }
}
