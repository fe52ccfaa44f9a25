package dev.infuser.tensor;

/**
 * The floating point types that Java lacks, as bits.
 *
 * <p>Sources: IEEE 754 binary16, bfloat16, "FP8 Formats for Deep Learning" (E4M3FN, E5M2), "8-bit Numerical Formats for
 * Deep Neural Networks" (FNUZ), OCP Microscaling (E2M1, E8M0), with ONNX's conversion tables.
 */
public final class SmallFloat {

    private SmallFloat() {
    }

    /** The value of the low {@code type.bits()} bits of {@code bits}. */
    public static double decode(DType type, int bits) {
        switch (type) {
            case FLOAT16:
                return decode(bits & 0xFFFF, 5, 10, 15, true);
            case BFLOAT16:
                return Float.intBitsToFloat(bits << 16);
            case FLOAT8E4M3FN:
                return (bits & 0x7F) == 0x7F ? Double.NaN : decode(bits & 0xFF, 4, 3, 7, false);
            case FLOAT8E4M3FNUZ:
                return (bits & 0xFF) == 0x80 ? Double.NaN : decode(bits & 0xFF, 4, 3, 8, false);
            case FLOAT8E5M2:
                return decode(bits & 0xFF, 5, 2, 15, true);
            case FLOAT8E5M2FNUZ:
                return (bits & 0xFF) == 0x80 ? Double.NaN : decode(bits & 0xFF, 5, 2, 16, false);
            case FLOAT4E2M1:
                return decode(bits & 0xF, 2, 1, 1, false);
            case FLOAT8E8M0:
                return (bits & 0xFF) == 0xFF ? Double.NaN : power((bits & 0xFF) - 127);
            default:
                throw new IllegalArgumentException(type.label());
        }
    }

    /** The bits nearest to {@code value}, ties to even; beyond the range infinity, or the largest where there is none. */
    public static int encode(DType type, double value) {
        return encode(type, value, type != DType.FLOAT16 && type != DType.BFLOAT16);
    }

    /**
     * The bits nearest to {@code value}, ties to even.
     *
     * @param saturate whether values beyond the range become the largest finite one, infinity included, and not
     *                 infinity or NaN (ONNX {@code Cast}'s attribute of that name)
     */
    public static int encode(DType type, double value, boolean saturate) {
        switch (type) {
            case FLOAT16:
                return encode(value, 5, 10, 15, 0x7C00, 0x7E00, saturate ? 65504 : Double.POSITIVE_INFINITY, 65504);
            case BFLOAT16:
                return encode(value, 8, 7, 127, 0x7F80, 0x7FC0,
                        saturate ? 0x1.FEp127 : Double.POSITIVE_INFINITY, 0x1.FEp127);
            case FLOAT8E4M3FN:
                return encode(value, 4, 3, 7, 0x7F, 0x7F, saturate ? 448 : Double.POSITIVE_INFINITY, 448);
            case FLOAT8E4M3FNUZ:
                return unsignedZero(
                        encode(value, 4, 3, 8, 0x80, 0x80, saturate ? 240 : Double.POSITIVE_INFINITY, 240), value);
            case FLOAT8E5M2:
                return encode(value, 5, 2, 15, 0x7C, 0x7F, saturate ? 57344 : Double.POSITIVE_INFINITY, 57344);
            case FLOAT8E5M2FNUZ:
                return unsignedZero(
                        encode(value, 5, 2, 16, 0x80, 0x80, saturate ? 57344 : Double.POSITIVE_INFINITY, 57344), value);
            case FLOAT4E2M1:
                return encode(value, 2, 1, 1, 0x7, 0x8, 6, 6);
            case FLOAT8E8M0:
                return encodeE8m0(value, saturate);
            default:
                throw new IllegalArgumentException(type.label());
        }
    }

    private static double decode(int bits, int exponentBits, int mantissaBits, int bias, boolean ieee) {
        int mantissa = bits & (1 << mantissaBits) - 1;
        int exponent = bits >> mantissaBits & (1 << exponentBits) - 1;
        double sign = (bits >> mantissaBits + exponentBits & 1) == 0 ? 1 : -1;
        if (ieee && exponent == (1 << exponentBits) - 1) {
            return mantissa == 0 ? sign * Double.POSITIVE_INFINITY : Double.NaN;
        }
        double scale = power(Math.max(exponent, 1) - bias - mantissaBits);
        return sign * scale * (exponent == 0 ? mantissa : mantissa + (1 << mantissaBits));
    }

    private static int encode(double value, int exponentBits, int mantissaBits, int bias, int infinity, int nan,
            double clamp, double largest) {
        if (value != value) {
            return nan;
        }
        int sign = Double.doubleToRawLongBits(value) < 0 ? 1 << exponentBits + mantissaBits : 0;
        double magnitude = Math.abs(value);
        if (magnitude > clamp) {
            magnitude = clamp;
        }
        if (magnitude == 0) {
            return sign;
        }
        int exponent = Math.max((int) (Double.doubleToRawLongBits(magnitude) >> 52 & 0x7FF) - 1023, 1 - bias);
        double rounded = magnitude == Double.POSITIVE_INFINITY ? magnitude
                : roundEven(magnitude * power(mantissaBits - exponent)) * power(exponent - mantissaBits);
        if (rounded > largest) {
            return infinity | (infinity == 0x80 ? 0 : sign);
        }
        long bits = Double.doubleToRawLongBits(rounded);
        int unbiased = (int) (bits >> 52 & 0x7FF) - 1023;
        if (rounded == 0) {
            return sign;
        }
        if (unbiased < 1 - bias) {
            return sign | (int) (rounded * power(bias - 1 + mantissaBits));
        }
        return sign | unbiased + bias << mantissaBits | (int) (bits >> 52 - mantissaBits) & (1 << mantissaBits) - 1;
    }

    /** Where 0x80 means NaN, a negative number too small to represent is plain zero. */
    private static int unsignedZero(int bits, double value) {
        return bits == 0x80 && Math.abs(value) < 1 ? 0 : bits;
    }

    private static int encodeE8m0(double value, boolean saturate) {
        if (value != value || value < 0) {
            return 0xFF;
        }
        if (value == Double.POSITIVE_INFINITY) {
            return saturate ? 0xFE : 0xFF;
        }
        int exponent = (int) (Double.doubleToRawLongBits(value) >> 52 & 0x7FF) - 1023;
        double above = value - power(Math.max(exponent, -1022));
        int rounded = exponent + (above > 0 && above >= power(Math.max(exponent - 1, -1022)) ? 1 : 0);
        return rounded > 127 ? saturate ? 0xFE : 0xFF : Math.max(rounded + 127, 0);
    }

    /** Rounds to the nearest integer, ties to even, for any magnitude. */
    public static double roundEven(double value) {
        double magnitude = Math.abs(value);
        if (!(magnitude < 0x1p52)) {
            return value;
        }
        double rounded = magnitude + 0x1p52 - 0x1p52;
        return Double.doubleToRawLongBits(value) < 0 ? -rounded : rounded;
    }

    /** 2 to the power of {@code exponent}, which must lie in [-1022, 1023]. */
    private static double power(int exponent) {
        return Double.longBitsToDouble((long) (exponent + 1023) << 52);
    }
}
