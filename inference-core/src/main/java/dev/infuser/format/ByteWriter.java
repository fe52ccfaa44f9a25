package dev.infuser.format;

import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Utf8;
import java.util.Arrays;

/** A growing array of bytes, the counterpart of {@link ByteReader}. */
final class ByteWriter {

    private byte[] data = new byte[256];
    private int size;

    byte[] data() {
        return data;
    }

    int size() {
        return size;
    }

    /** Room for {@code count} more bytes; returns where they begin in {@link #data()}, which may be a new array. */
    int extend(int count) {
        if (count > Integer.MAX_VALUE - 64 - size) {
            throw new InvalidModelException("too-large", "what precedes the weights exceeds 2 GB");
        }
        if (size + count > data.length) {
            data = Arrays.copyOf(data, (int) Math.max(size + count, Math.min(2L * data.length, Integer.MAX_VALUE - 64)));
        }
        int from = size;
        size += count;
        return from;
    }

    ByteWriter bytes(byte[] source, int count) {
        int at = extend(count);
        System.arraycopy(source, 0, data, at, count);
        return this;
    }

    ByteWriter u8(int value) {
        int at = extend(1);
        data[at] = (byte) value;
        return this;
    }

    /** The low {@code width} bytes of {@code value}, lowest first. */
    ByteWriter fixed(long value, int width) {
        for (int i = 0; i < width; i++) {
            u8((int) (value >>> 8 * i));
        }
        return this;
    }

    ByteWriter varint(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            u8((int) rest & 0x7F | 0x80);
            rest >>>= 7;
        }
        return u8((int) rest);
    }

    ByteWriter signed(long value) {
        return varint(value << 1 ^ value >> 63);
    }

    ByteWriter f32(float value) {
        return fixed(Float.floatToRawIntBits(value), 4);
    }

    ByteWriter blob(byte[] bytes) {
        return varint(bytes.length).bytes(bytes, bytes.length);
    }

    ByteWriter text(String text) {
        byte[] utf8 = Utf8.encode(text);
        if (utf8 == null) {
            throw new InvalidModelException("bad-text", "text with half a surrogate pair cannot be stored: " + text);
        }
        return blob(utf8);
    }

    byte[] toByteArray() {
        return Arrays.copyOf(data, size);
    }
}
