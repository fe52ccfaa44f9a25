package dev.infuser.kernel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A memory laid out for one kernel call. Buffers are 64-byte aligned and everything around them is NaN, so that a
 * kernel which uses what it over-reads shows it.
 */
final class Image {
    private final ByteBuffer bytes;
    private final List<int[]> writable = new ArrayList<>();
    private int next = 64;

    Image(int pages) {
        bytes = ByteBuffer.allocate(pages << 16).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < bytes.capacity(); i++) {
            bytes.put(i, (byte) 0xff);
        }
    }

    Image(byte[] bytes) {
        this.bytes = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private int reserve(int size) {
        int address = next;
        next = (next + size + Kernel.PADDING + 63) / 64 * 64;
        if (next > bytes.capacity()) {
            throw new IllegalArgumentException("image too small for " + next + " bytes");
        }
        return address;
    }

    int floats(float... values) {
        int address = reserve(4 * values.length);
        for (int i = 0; i < values.length; i++) {
            bytes.putFloat(address + 4 * i, values[i]);
        }
        return address;
    }

    int ints(int... values) {
        int address = reserve(4 * values.length);
        for (int i = 0; i < values.length; i++) {
            bytes.putInt(address + 4 * i, values[i]);
        }
        return address;
    }

    int longs(long... values) {
        int address = reserve(8 * values.length);
        for (int i = 0; i < values.length; i++) {
            bytes.putLong(address + 8 * i, values[i]);
        }
        return address;
    }

    int bytes(byte... values) {
        int address = reserve(values.length);
        bytes.put(address, values);
        return address;
    }

    /** Reserves a buffer that the kernel may write. */
    int output(int size) {
        int address = reserve(size);
        return writable(address, size);
    }

    /** Allows the kernel to write a buffer. */
    int writable(int address, int size) {
        writable.add(new int[] {address, size});
        return address;
    }

    /** The address and size of the buffer at an address that the kernel may write. */
    int[] rangeAt(int address) {
        return writable.stream().filter(range -> range[0] == address).findFirst().orElseThrow();
    }

    /** Overwrites a word. */
    void put(int address, int value) {
        bytes.putInt(address, value);
    }

    boolean mayWrite(int address) {
        for (int[] range : writable) {
            if (address >= range[0] && address < range[0] + range[1]) {
                return true;
            }
        }
        return false;
    }

    float[] floatsAt(int address, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = bytes.getFloat(address + 4 * i);
        }
        return values;
    }

    int[] intsAt(int address, int count) {
        int[] values = new int[count];
        for (int i = 0; i < count; i++) {
            values[i] = bytes.getInt(address + 4 * i);
        }
        return values;
    }

    long[] longsAt(int address, int count) {
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
            values[i] = bytes.getLong(address + 8 * i);
        }
        return values;
    }

    byte[] bytesAt(int address, int count) {
        byte[] values = new byte[count];
        bytes.get(address, values);
        return values;
    }

    byte[] array() {
        return bytes.array();
    }
}
