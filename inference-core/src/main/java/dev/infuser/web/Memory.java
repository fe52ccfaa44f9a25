package dev.infuser.web;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import org.teavm.interop.Address;

/** Copies between Java arrays and linear memory. */
final class Memory {

    /** Elements that are in memory. */
    private record Elements(long address, DType dtype, int[] dims) implements Tensor.Source {
        @Override
        public Object load() {
            return get(address, dtype, dims).array();
        }
    }

    private Memory() {
    }

    static Address address(long at) {
        return Address.fromInt((int) at);
    }

    static void put(long at, byte[] bytes, int offset, int length) {
        Address to = address(at);
        for (int i = 0; i < length; i++) {
            to.add(i).putByte(bytes[offset + i]);
        }
    }

    static void get(long at, byte[] bytes, int offset, int length) {
        Address from = address(at);
        for (int i = 0; i < length; i++) {
            bytes[offset + i] = from.add(i).getByte();
        }
    }

    /** A tensor whose elements stay at {@code at}, and have to until they are no longer asked for. */
    static Tensor view(long at, DType dtype, int[] dims) {
        return Tensor.lazy(dtype, dims, new Elements(at, dtype, dims));
    }

    /** The address of the elements of a {@link #view}, or -1. */
    static long addressOf(Tensor tensor) {
        return tensor.source() instanceof Elements elements ? elements.address : -1;
    }

    /** Copies the elements of a numeric or bool tensor to {@code at}. */
    static void put(long at, Tensor tensor) {
        if (tensor.source() instanceof Elements elements) {
            if (at != elements.address) {
                Engine.move((int) at, (int) elements.address, tensor.size() * tensor.dtype().bytes());
            }
            return;
        }
        Address to = address(at);
        Object array = tensor.array();
        int size = tensor.size();
        if (array instanceof float[] values) {
            for (int i = 0; i < size; i++) {
                to.add(i * 4).putFloat(values[i]);
            }
        } else if (array instanceof double[] values) {
            for (int i = 0; i < size; i++) {
                to.add(i * 8).putDouble(values[i]);
            }
        } else if (array instanceof long[] values) {
            for (int i = 0; i < size; i++) {
                to.add(i * 8).putLong(values[i]);
            }
        } else if (array instanceof int[] values) {
            for (int i = 0; i < size; i++) {
                to.add(i * 4).putInt(values[i]);
            }
        } else if (array instanceof short[] values) {
            for (int i = 0; i < size; i++) {
                to.add(i * 2).putShort(values[i]);
            }
        } else {
            put(at, (byte[]) array, 0, size);
        }
    }

    /** A new tensor of elements copied from {@code at}. */
    static Tensor get(long at, DType dtype, int[] dims) {
        Tensor tensor = Tensor.zeros(dtype, dims);
        Address from = address(at);
        Object array = tensor.array();
        int size = tensor.size();
        if (array instanceof float[] values) {
            for (int i = 0; i < size; i++) {
                values[i] = from.add(i * 4).getFloat();
            }
        } else if (array instanceof double[] values) {
            for (int i = 0; i < size; i++) {
                values[i] = from.add(i * 8).getDouble();
            }
        } else if (array instanceof long[] values) {
            for (int i = 0; i < size; i++) {
                values[i] = from.add(i * 8).getLong();
            }
        } else if (array instanceof int[] values) {
            for (int i = 0; i < size; i++) {
                values[i] = from.add(i * 4).getInt();
            }
        } else if (array instanceof short[] values) {
            for (int i = 0; i < size; i++) {
                values[i] = from.add(i * 2).getShort();
            }
        } else {
            get(at, (byte[]) array, 0, size);
        }
        return tensor;
    }
}
