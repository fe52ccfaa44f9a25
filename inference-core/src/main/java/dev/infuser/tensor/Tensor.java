package dev.infuser.tensor;

import java.util.Arrays;

/**
 * A dense tensor in row-major order.
 *
 * <p>Elements live in one Java array whose kind follows from the type:
 * {@code float[]} float32; {@code double[]} float64; {@code long[]} (u)int64; {@code int[]} (u)int32; {@code short[]}
 * (u)int16, and the bits of float16 and bfloat16; {@code byte[]} bool (0 or 1), (u)int8, the bits of the 8-bit floats,
 * and one element per byte of the 4- and 2-bit types (sign-extended for the signed ones); {@code String[]} strings.
 * Arrays are shared, not copied: treat them as read-only.
 */
public final class Tensor implements Datum {

    /** Produces the array of a tensor whose elements are fetched when first asked for. */
    public interface Source {
        Object load();
    }

    private final DType dtype;
    private final int[] dims;
    private final int size;
    private final Source source;
    private Object data;
    private ValueType.OfTensor type;

    private Tensor(DType dtype, int[] dims, Object data, Source source) {
        this.dtype = dtype;
        this.dims = dims;
        this.size = count(dims);
        this.data = data;
        this.source = source;
        if (data != null) {
            checkArray(data);
        }
    }

    /** A tensor over {@code array}, which must be of the kind and length that type and dims ask for. */
    public static Tensor of(DType dtype, int[] dims, Object array) {
        if (array == null) {
            throw new IllegalArgumentException("no array");
        }
        return new Tensor(dtype, dims, array, null);
    }

    /** A tensor whose array {@code source} delivers on first use. */
    public static Tensor lazy(DType dtype, int[] dims, Source source) {
        return new Tensor(dtype, dims, null, source);
    }

    /** A tensor of zeros (empty strings, false). */
    public static Tensor zeros(DType dtype, int... dims) {
        return new Tensor(dtype, dims, newArray(dtype, count(dims)), null);
    }

    public static Tensor floats(int[] dims, float... values) {
        return of(DType.FLOAT32, dims, values);
    }

    public static Tensor longs(int[] dims, long... values) {
        return of(DType.INT64, dims, values);
    }

    public static Tensor ints(int[] dims, int... values) {
        return of(DType.INT32, dims, values);
    }

    public static Tensor strings(int[] dims, String... values) {
        return of(DType.STRING, dims, values);
    }

    /** A one-dimensional int64 tensor, as shapes and axes are. */
    public static Tensor vector(long... values) {
        return longs(new int[] {values.length}, values);
    }

    /** A tensor of any numeric type or bool from doubles, each rounded once; out-of-range integers wrap as a cast does. */
    public static Tensor ofDoubles(DType dtype, int[] dims, double[] values) {
        Tensor out = zeros(dtype, dims);
        out.checkLength(values.length);
        for (int i = 0; i < values.length; i++) {
            out.setDouble(i, values[i]);
        }
        return out;
    }

    /** A tensor of any numeric type or bool from longs; integers keep their low bits. */
    public static Tensor ofLongs(DType dtype, int[] dims, long[] values) {
        Tensor out = zeros(dtype, dims);
        out.checkLength(values.length);
        for (int i = 0; i < values.length; i++) {
            out.setLong(i, values[i]);
        }
        return out;
    }

    public DType dtype() {
        return dtype;
    }

    /** The extents; do not change. */
    public int[] dims() {
        return dims;
    }

    public int rank() {
        return dims.length;
    }

    /** The extent at {@code axis}, which counts from the end when negative. */
    public int dim(int axis) {
        return dims[axis < 0 ? axis + dims.length : axis];
    }

    /** The number of elements. */
    public int size() {
        return size;
    }

    public Shape shape() {
        return type().shape();
    }

    public ValueType.OfTensor type() {
        if (type == null) {
            type = new ValueType.OfTensor(dtype, Shape.of(dims));
        }
        return type;
    }

    /** The same elements under other dims of the same count. */
    public Tensor reshape(int... newDims) {
        if (count(newDims) != size) {
            throw new InvalidModelException("bad-shape", "cannot view " + shape() + " as " + Shape.of(newDims));
        }
        return new Tensor(dtype, newDims, data, data == null ? this::array : null);
    }

    /** Where the elements of a lazy tensor are, as long as they have not been kept; else null. */
    public Source source() {
        return data == null ? source : null;
    }

    /** The array itself, whatever its kind. */
    public Object array() {
        if (data == null) {
            data = peek();
        }
        return data;
    }

    /** The array itself; one that a lazy tensor has to fetch is not kept, so a pass over a large model holds one at a time. */
    public Object peek() {
        if (data != null) {
            return data;
        }
        Object loaded = source.load();
        checkArray(loaded);
        return loaded;
    }

    /** The elements of a float32 tensor. */
    public float[] floats() {
        return (float[]) array();
    }

    /** The elements of a float64 tensor. */
    public double[] doubles() {
        return (double[]) array();
    }

    /** The elements of an int64 or uint64 tensor. */
    public long[] longs() {
        return (long[]) array();
    }

    /** The elements of an int32 or uint32 tensor. */
    public int[] ints() {
        return (int[]) array();
    }

    /** The elements of a 16-bit tensor, floats as bits. */
    public short[] shorts() {
        return (short[]) array();
    }

    /** The elements of a bool, 8-, 4- or 2-bit tensor, floats as bits. */
    public byte[] bytes() {
        return (byte[]) array();
    }

    /** The elements of a string tensor. */
    public String[] strings() {
        return (String[]) array();
    }

    /** Element {@code i} of any integer type or bool; uint64 as its two's complement bits. Floats are truncated. */
    public long getLong(int i) {
        switch (dtype) {
            case INT64: case UINT64:
                return longs()[i];
            case INT32:
                return ints()[i];
            case UINT32:
                return ints()[i] & 0xFFFFFFFFL;
            case INT16:
                return shorts()[i];
            case UINT16:
                return shorts()[i] & 0xFFFF;
            case INT8: case INT4: case INT2:
                return bytes()[i];
            case UINT8: case UINT4: case UINT2: case BOOL:
                return bytes()[i] & 0xFF;
            default:
                return (long) getDouble(i);
        }
    }

    /** Element {@code i} of any numeric type or bool. */
    public double getDouble(int i) {
        switch (dtype) {
            case FLOAT32:
                return floats()[i];
            case FLOAT64:
                return doubles()[i];
            case FLOAT16: case BFLOAT16:
                return SmallFloat.decode(dtype, shorts()[i]);
            case STRING:
                throw new IllegalArgumentException("a string is not a number");
            case UINT64:
                long bits = longs()[i];
                return bits >= 0 ? bits : ((bits >>> 1) | (bits & 1)) * 2.0;
            default:
                return dtype.isFloat() ? SmallFloat.decode(dtype, bytes()[i]) : getLong(i);
        }
    }

    /** All elements as floats, whatever the numeric type; the array itself for float32. */
    public float[] toFloats() {
        if (dtype == DType.FLOAT32) {
            return floats();
        }
        float[] out = new float[size];
        for (int i = 0; i < size; i++) {
            out[i] = (float) getDouble(i);
        }
        return out;
    }

    /** All elements as doubles, whatever the numeric type; the array itself for float64. */
    public double[] toDoubles() {
        if (dtype == DType.FLOAT64) {
            return doubles();
        }
        double[] out = new double[size];
        for (int i = 0; i < size; i++) {
            out[i] = getDouble(i);
        }
        return out;
    }

    /** All elements as longs, whatever the integer type; the array itself for int64. */
    public long[] toLongs() {
        if (dtype == DType.INT64 || dtype == DType.UINT64) {
            return longs();
        }
        long[] out = new long[size];
        for (int i = 0; i < size; i++) {
            out[i] = getLong(i);
        }
        return out;
    }

    /** A tensor of the same type whose element {@code i} is element {@code index[i]} of this one, zero where negative. */
    public Tensor pick(int[] newDims, int[] index) {
        Object out = newArray(dtype, index.length);
        Object in = array();
        for (int i = 0; i < index.length; i++) {
            if (index[i] >= 0) {
                System.arraycopy(in, index[i], out, i, 1);
            }
        }
        return of(dtype, newDims, out);
    }

    /** Whether type, dims and every bit of every element are the same. */
    public boolean sameAs(Tensor other) {
        if (dtype != other.dtype || !Arrays.equals(dims, other.dims)) {
            return false;
        }
        Object a = array();
        Object b = other.array();
        if (a instanceof float[] f) {
            float[] g = (float[]) b;
            for (int i = 0; i < size; i++) {
                if (Float.floatToRawIntBits(f[i]) != Float.floatToRawIntBits(g[i])) {
                    return false;
                }
            }
            return true;
        }
        if (a instanceof double[] f) {
            double[] g = (double[]) b;
            for (int i = 0; i < size; i++) {
                if (Double.doubleToRawLongBits(f[i]) != Double.doubleToRawLongBits(g[i])) {
                    return false;
                }
            }
            return true;
        }
        if (a instanceof String[] f) {
            return Arrays.equals(f, (String[]) b);
        }
        for (int i = 0; i < size; i++) {
            if (rawBits(a, i) != rawBits(b, i)) {
                return false;
            }
        }
        return true;
    }

    private static long rawBits(Object array, int i) {
        return array instanceof byte[] b ? b[i] : array instanceof short[] s ? s[i]
                : array instanceof int[] n ? n[i] : ((long[]) array)[i];
    }

    private void setDouble(int i, double value) {
        switch (dtype) {
            case FLOAT32:
                floats()[i] = (float) value;
                break;
            case FLOAT64:
                doubles()[i] = value;
                break;
            case FLOAT16: case BFLOAT16:
                shorts()[i] = (short) SmallFloat.encode(dtype, value);
                break;
            case BOOL:
                bytes()[i] = (byte) (value != 0 ? 1 : 0);
                break;
            case UINT64:
                longs()[i] = value < 0x1p63 ? (long) value : (long) (value - 0x1p63) ^ Long.MIN_VALUE;
                break;
            default:
                if (dtype.isFloat()) {
                    bytes()[i] = (byte) SmallFloat.encode(dtype, value);
                } else {
                    setLong(i, (long) value);
                }
        }
    }

    private void setLong(int i, long value) {
        switch (dtype) {
            case INT64: case UINT64:
                longs()[i] = value;
                break;
            case INT32: case UINT32:
                ints()[i] = (int) value;
                break;
            case INT16: case UINT16:
                shorts()[i] = (short) value;
                break;
            case INT8: case UINT8:
                bytes()[i] = (byte) value;
                break;
            case BOOL:
                bytes()[i] = (byte) (value != 0 ? 1 : 0);
                break;
            case INT4: case INT2:
                bytes()[i] = (byte) ((int) value << 32 - dtype.bits() >> 32 - dtype.bits());
                break;
            case UINT4: case UINT2:
                bytes()[i] = (byte) (value & (1 << dtype.bits()) - 1);
                break;
            default:
                setDouble(i, value);
        }
    }

    /** The number of elements that {@code dims} span. */
    public static int count(int[] dims) {
        long count = 1;
        for (int dim : dims) {
            if (dim < 0) {
                throw new InvalidModelException("bad-shape", "negative extent in " + Shape.of(dims));
            }
            count = Math.min(count * dim, 1L << 31);
        }
        if (count > Integer.MAX_VALUE) {
            throw new UnsupportedModelException("too-large",
                    "a tensor of shape " + Shape.of(dims) + " has over 2^31 elements");
        }
        return (int) count;
    }

    /** A new array of the kind that {@code dtype} uses. */
    public static Object newArray(DType dtype, int length) {
        switch (dtype) {
            case FLOAT32:
                return new float[length];
            case FLOAT64:
                return new double[length];
            case INT64: case UINT64:
                return new long[length];
            case INT32: case UINT32:
                return new int[length];
            case INT16: case UINT16: case FLOAT16: case BFLOAT16:
                return new short[length];
            case STRING:
                String[] strings = new String[length];
                Arrays.fill(strings, "");
                return strings;
            default:
                return new byte[length];
        }
    }

    private void checkArray(Object array) {
        int length = array instanceof float[] f && dtype == DType.FLOAT32 ? f.length
                : array instanceof double[] d && dtype == DType.FLOAT64 ? d.length
                : array instanceof long[] l && (dtype == DType.INT64 || dtype == DType.UINT64) ? l.length
                : array instanceof int[] n && (dtype == DType.INT32 || dtype == DType.UINT32) ? n.length
                : array instanceof short[] s && dtype.bits() == 16 ? s.length
                : array instanceof String[] t && dtype == DType.STRING ? t.length
                : array instanceof byte[] b && dtype.bits() > 0 && dtype.bits() <= 8 ? b.length : -1;
        checkLength(length);
    }

    private void checkLength(int length) {
        if (length != size) {
            throw new InvalidInputException("bad-data", dtype.label() + shape().toString() + " needs " + size
                    + " elements of its own array kind, found " + (length < 0 ? "another kind" : Integer.toString(length)));
        }
    }

    @Override
    public String toString() {
        return dtype.label() + shape();
    }
}
