package dev.infuser.tensor;

/**
 * Elements as dense little-endian bytes, which is how {@code .tea} files, ONNX's {@code raw_data} and kernels hold them:
 * 4-bit types two per byte and 2-bit types four per byte, the first in the low bits.
 */
public final class Elements {

    private Elements() {
    }

    /** The number of bytes that {@code count} elements of a type other than string take. */
    public static long bytes(DType dtype, long count) {
        return dtype.bits() >= 8 ? count * (dtype.bits() / 8) : (count * dtype.bits() + 7) / 8;
    }

    /**
     * Writes elements of {@code array}, of the kind that {@code dtype} uses, to {@code out}.
     *
     * @param from  the first element; for 4- and 2-bit types a multiple of 4
     * @param count the number of elements
     * @param at    where in {@code out}
     */
    public static void encode(DType dtype, Object array, int from, int count, byte[] out, int at) {
        if (array instanceof byte[] bytes) {
            if (dtype.bits() == 8) {
                System.arraycopy(bytes, from, out, at, count);
            } else {
                encodeSmall(dtype.bits(), bytes, from, count, out, at);
            }
            return;
        }
        int width = dtype.bytes();
        for (int i = 0; i < count; i++) {
            if (width == 8) {
                long bits = array instanceof long[] longs ? longs[from + i]
                        : Double.doubleToRawLongBits(((double[]) array)[from + i]);
                put(out, at + 8 * i, (int) bits, 4);
                put(out, at + 8 * i + 4, (int) (bits >>> 32), 4);
            } else {
                int bits = array instanceof float[] floats ? Float.floatToRawIntBits(floats[from + i])
                        : array instanceof int[] ints ? ints[from + i] : ((short[]) array)[from + i];
                put(out, at + width * i, bits, width);
            }
        }
    }

    /**
     * Reads elements from {@code in} into {@code array}, of the kind that {@code dtype} uses.
     *
     * @param from  the first element to set
     * @param count the number of elements
     * @throws InvalidModelException where a bool is neither 0 nor 1
     */
    public static void decode(DType dtype, byte[] in, int at, Object array, int from, int count) {
        if (array instanceof byte[] bytes) {
            decodeBytes(dtype, in, at, bytes, from, count);
        } else if (array instanceof float[] floats) {
            for (int i = 0; i < count; i++) {
                floats[from + i] = Float.intBitsToFloat(word(in, at + 4 * i));
            }
        } else if (array instanceof int[] ints) {
            for (int i = 0; i < count; i++) {
                ints[from + i] = word(in, at + 4 * i);
            }
        } else if (array instanceof short[] shorts) {
            for (int i = 0; i < count; i++) {
                shorts[from + i] = (short) (in[at + 2 * i] & 0xFF | in[at + 2 * i + 1] << 8);
            }
        } else if (array instanceof long[] longs) {
            for (int i = 0; i < count; i++) {
                longs[from + i] = doubleWord(in, at + 8 * i);
            }
        } else {
            double[] doubles = (double[]) array;
            for (int i = 0; i < count; i++) {
                doubles[from + i] = Double.longBitsToDouble(doubleWord(in, at + 8 * i));
            }
        }
    }

    /** A new array of {@code count} elements read from {@code in}, which must hold them. */
    public static Object decode(DType dtype, byte[] in, int at, int count) {
        Object array = Tensor.newArray(dtype, count);
        decode(dtype, in, at, array, 0, count);
        return array;
    }

    private static void decodeBytes(DType dtype, byte[] in, int at, byte[] bytes, int from, int count) {
        if (dtype.bits() < 8) {
            decodeSmall(dtype, in, at, bytes, from, count);
            return;
        }
        System.arraycopy(in, at, bytes, from, count);
        for (int i = 0; dtype == DType.BOOL && i < count; i++) {
            if ((in[at + i] & 0xFE) != 0) {
                throw new InvalidModelException("bad-value", "a bool is stored as " + in[at + i] + ", not 0 or 1");
            }
        }
    }

    private static void encodeSmall(int bits, byte[] bytes, int from, int count, byte[] out, int at) {
        int perByte = 8 / bits;
        int mask = (1 << bits) - 1;
        for (int i = 0; i < count; i += perByte) {
            int packed = 0;
            for (int j = 0; j < perByte && i + j < count; j++) {
                packed |= (bytes[from + i + j] & mask) << bits * j;
            }
            out[at + i / perByte] = (byte) packed;
        }
    }

    private static void decodeSmall(DType dtype, byte[] in, int at, byte[] bytes, int from, int count) {
        int bits = dtype.bits();
        int perByte = 8 / bits;
        boolean extend = dtype == DType.INT4 || dtype == DType.INT2;
        for (int i = 0; i < count; i++) {
            int raised = in[at + i / perByte] >> bits * (i % perByte) << 32 - bits;
            bytes[from + i] = (byte) (extend ? raised >> 32 - bits : raised >>> 32 - bits);
        }
    }

    private static void put(byte[] out, int at, int bits, int width) {
        for (int i = 0; i < width; i++) {
            out[at + i] = (byte) (bits >>> 8 * i);
        }
    }

    private static int word(byte[] in, int at) {
        return in[at] & 0xFF | (in[at + 1] & 0xFF) << 8 | (in[at + 2] & 0xFF) << 16 | in[at + 3] << 24;
    }

    private static long doubleWord(byte[] in, int at) {
        return word(in, at) & 0xFFFFFFFFL | (long) word(in, at + 4) << 32;
    }
}
