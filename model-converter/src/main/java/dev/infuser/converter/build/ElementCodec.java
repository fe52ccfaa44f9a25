package dev.infuser.converter.build;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Elements;
import dev.infuser.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Tensor elements as files of ONNX and TensorFlow pack them into raw bytes: little-endian, 4- and 2-bit elements from the low bits up. */
public final class ElementCodec {

    private ElementCodec() {
    }

    /** The bytes that {@code count} elements take. */
    public static long byteLength(DType dtype, long count) {
        return Elements.bytes(dtype, count);
    }

    /** The array of {@code count} elements, which {@code bytes} must hold exactly. */
    public static Object decode(DType dtype, int count, ByteBuffer bytes) {
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
    public static byte element(DType dtype, int value) {
        int shift = 32 - dtype.bits();
        return (byte) (dtype == DType.INT4 || dtype == DType.INT2 ? value << shift >> shift : value << shift >>> shift);
    }

    /** The raw bytes of a tensor of any type but string. */
    public static byte[] encode(Tensor tensor) {
        byte[] bytes = new byte[(int) Elements.bytes(tensor.dtype(), tensor.size())];
        Elements.encode(tensor.dtype(), tensor.array(), 0, tensor.size(), bytes, 0);
        return bytes;
    }
}
