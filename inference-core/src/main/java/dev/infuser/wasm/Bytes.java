package dev.infuser.wasm;

import java.util.Arrays;

/** A growing byte sink with the integer encodings of the WebAssembly binary format. */
public final class Bytes {
    private byte[] data;
    private int size;

    public Bytes() {
        this(64);
    }

    /** A sink with room for {@code capacity} bytes before it grows. */
    Bytes(int capacity) {
        data = new byte[capacity];
    }

    /** Number of bytes written so far. */
    public int size() {
        return size;
    }

    /** Appends the low eight bits of {@code value}. */
    public Bytes u8(int value) {
        if (size == data.length) {
            reserve(1);
        }
        data[size++] = (byte) value;
        return this;
    }

    /** Appends {@code value} as unsigned LEB128; all 32 bits count. */
    public Bytes u32(int value) {
        int rest = value;
        while ((rest & ~0x7f) != 0) {
            u8(rest & 0x7f | 0x80);
            rest >>>= 7;
        }
        return u8(rest);
    }

    /** Appends the low eight bits of {@code first}, then {@code second} as {@link #u32} does. */
    Bytes pair(int first, int second) {
        if (second >>> 7 == 0 && size + 1 < data.length) {
            data[size++] = (byte) first;
            data[size++] = (byte) second;
            return this;
        }
        return u8(first).u32(second);
    }

    /** Appends {@code value} as signed LEB128, which serves i32 and i64 immediates alike. */
    public Bytes s64(long value) {
        long rest = value;
        while (rest < -64 || rest > 63) {
            u8((int) rest & 0x7f | 0x80);
            rest >>= 7;
        }
        return u8((int) rest & 0x7f);
    }

    /** Appends {@code count} bytes of {@code value}, lowest first. */
    public Bytes fixed(long value, int count) {
        for (int i = 0; i < count; i++) {
            u8((int) (value >>> 8 * i));
        }
        return this;
    }

    /** Appends all bytes of {@code other}. */
    public Bytes bytes(byte[] other) {
        return append(other, other.length);
    }

    /** Appends everything written to {@code other}. */
    public Bytes bytes(Bytes other) {
        return append(other.data, other.size);
    }

    /** Appends everything written to {@code other}, preceded by its size as unsigned LEB128. */
    public Bytes sized(Bytes other) {
        return u32(other.size).append(other.data, other.size);
    }

    /** Appends an ASCII name, preceded by its length. */
    public Bytes name(String name) {
        u32(name.length());
        for (int i = 0; i < name.length(); i++) {
            u8(name.charAt(i));
        }
        return this;
    }

    /** A copy of everything written. */
    public byte[] toByteArray() {
        return Arrays.copyOf(data, size);
    }

    /** Appends {@code count} bytes of {@code other} from {@code start} on. */
    Bytes bytes(byte[] other, int start, int count) {
        reserve(count);
        System.arraycopy(other, start, data, size, count);
        size += count;
        return this;
    }

    private Bytes append(byte[] other, int count) {
        reserve(count);
        System.arraycopy(other, 0, data, size, count);
        size += count;
        return this;
    }

    private void reserve(int count) {
        if (size + count > data.length) {
            data = Arrays.copyOf(data, Math.max(size + count, 2 * data.length));
        }
    }
}
