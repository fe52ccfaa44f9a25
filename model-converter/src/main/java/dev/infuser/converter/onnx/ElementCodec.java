package dev.infuser.converter.onnx;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Tensor elements as ONNX packs them into raw bytes: little-endian, 4- and 2-bit elements from the low bits up. */
final class ElementCodec {

    private ElementCodec() {
    }

    /** The bytes that {@code count} elements take. */
    static long byteLength(DType dtype, long count) {
        return (count * dtype.bits() + 7) / 8;
    }

    /** The array of {@code count} elements, which {@code bytes} must hold exactly. */
    static Object decode(DType dtype, int count, ByteBuffer bytes) {
        ByteBuffer in = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        Object out = Tensor.newArray(dtype, count);
        if (out instanceof float[] a) {
            in.asFloatBuffer().get(a);
        } else if (out instanceof double[] a) {
            in.asDoubleBuffer().get(a);
        } else if (out instanceof long[] a) {
            in.asLongBuffer().get(a);
        } else if (out instanceof int[] a) {
            in.asIntBuffer().get(a);
        } else if (out instanceof short[] a) {
            in.asShortBuffer().get(a);
        } else {
            decodeBytes(dtype, (byte[]) out, in);
        }
        return out;
    }

    private static void decodeBytes(DType dtype, byte[] out, ByteBuffer in) {
        int bits = dtype.bits();
        if (bits == 8) {
            in.get(out);
            if (dtype == DType.BOOL) {
                for (int i = 0; i < out.length; i++) {
                    out[i] = (byte) (out[i] != 0 ? 1 : 0);
                }
            }
            return;
        }
        int start = in.position();
        int perByte = 8 / bits;
        for (int i = 0; i < out.length; i++) {
            out[i] = element(dtype, in.get(start + i / perByte) >> i % perByte * bits);
        }
    }

    /** The element in the low bits of {@code value}, as tensors hold 4- and 2-bit types. */
    static byte element(DType dtype, int value) {
        int shift = 32 - dtype.bits();
        return (byte) (dtype == DType.INT4 || dtype == DType.INT2 ? value << shift >> shift : value << shift >>> shift);
    }

    /** The raw bytes of a tensor of any type but string. */
    static byte[] encode(Tensor tensor) {
        DType dtype = tensor.dtype();
        byte[] bytes = new byte[(int) byteLength(dtype, tensor.size())];
        ByteBuffer out = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        Object array = tensor.array();
        if (array instanceof float[] a) {
            out.asFloatBuffer().put(a);
        } else if (array instanceof double[] a) {
            out.asDoubleBuffer().put(a);
        } else if (array instanceof long[] a) {
            out.asLongBuffer().put(a);
        } else if (array instanceof int[] a) {
            out.asIntBuffer().put(a);
        } else if (array instanceof short[] a) {
            out.asShortBuffer().put(a);
        } else {
            int bits = dtype.bits();
            byte[] elements = (byte[]) array;
            int perByte = 8 / bits;
            for (int i = 0; i < elements.length; i++) {
                bytes[i / perByte] |= (byte) ((elements[i] & (1 << bits) - 1) << i % perByte * bits);
            }
        }
        return bytes;
    }
}
