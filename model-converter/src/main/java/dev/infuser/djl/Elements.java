package dev.infuser.djl;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Types, shapes and bytes of DJL as those of Infuser, and back. */
final class Elements {

    private Elements() {
    }

    /** The same type in Infuser; {@code UNKNOWN} and {@code COMPLEX64} have none. */
    static DType dtype(DataType type) {
        return switch (type) {
            case BOOLEAN -> DType.BOOL;
            case FLOAT32, FLOAT64, FLOAT16, BFLOAT16, INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64, STRING ->
                DType.valueOf(type.name());
            default -> throw new UnsupportedOperationException("Infuser has no arrays of " + type);
        };
    }

    /** The same type in DJL; types of less than 8 bits, which hold a byte each in memory, are bytes there. */
    static DataType dataType(DType type) {
        return switch (type) {
            case BOOL -> DataType.BOOLEAN;
            case INT4, INT2 -> DataType.INT8;
            case UINT4, UINT2 -> DataType.UINT8;
            case FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ, FLOAT8E8M0, FLOAT4E2M1 ->
                throw new UnsupportedOperationException("DJL has no arrays of " + type.label());
            default -> DataType.valueOf(type.name());
        };
    }

    static int[] dims(Shape shape) {
        int[] dims = new int[shape.dimension()];
        for (int i = 0; i < dims.length; i++) {
            dims[i] = Math.toIntExact(shape.get(i));
        }
        return dims;
    }

    static Shape shape(int... dims) {
        long[] extents = new long[dims.length];
        for (int i = 0; i < dims.length; i++) {
            extents[i] = dims[i];
        }
        return new Shape(extents);
    }

    /** A tensor of the elements in {@code bytes}, which are in native order from position 0. */
    static Tensor decode(DType dtype, int[] dims, ByteBuffer bytes) {
        Object array = Tensor.newArray(dtype, Tensor.count(dims));
        ByteBuffer from = bytes.duplicate().order(ByteOrder.nativeOrder()).rewind();
        if (array instanceof float[] a) {
            from.asFloatBuffer().get(a);
        } else if (array instanceof double[] a) {
            from.asDoubleBuffer().get(a);
        } else if (array instanceof long[] a) {
            from.asLongBuffer().get(a);
        } else if (array instanceof int[] a) {
            from.asIntBuffer().get(a);
        } else if (array instanceof short[] a) {
            from.asShortBuffer().get(a);
        } else {
            from.get((byte[]) array);
        }
        return Tensor.of(dtype, dims, array);
    }

    /** The elements of a numeric or bool tensor in native order. */
    static ByteBuffer encode(Tensor tensor, boolean direct) {
        int size = Math.multiplyExact(tensor.size(), tensor.dtype().bytes());
        ByteBuffer bytes = (direct ? ByteBuffer.allocateDirect(size) : ByteBuffer.allocate(size))
                .order(ByteOrder.nativeOrder());
        Object array = tensor.array();
        if (array instanceof float[] a) {
            bytes.asFloatBuffer().put(a);
        } else if (array instanceof double[] a) {
            bytes.asDoubleBuffer().put(a);
        } else if (array instanceof long[] a) {
            bytes.asLongBuffer().put(a);
        } else if (array instanceof int[] a) {
            bytes.asIntBuffer().put(a);
        } else if (array instanceof short[] a) {
            bytes.asShortBuffer().put(a);
        } else {
            bytes.duplicate().put((byte[]) array);
        }
        return bytes;
    }
}
