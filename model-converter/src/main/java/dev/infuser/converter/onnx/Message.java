package dev.infuser.converter.onnx;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** A protobuf message while it is written, field by field. */
final class Message {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Message number(int field, long value) {
        varint((long) field << 3);
        varint(value);
        return this;
    }

    Message real(int field, float value) {
        varint((long) field << 3 | 5);
        int bits = Float.floatToIntBits(value);
        for (int shift = 0; shift < 32; shift += 8) {
            out.write(bits >> shift);
        }
        return this;
    }

    Message text(int field, String value) {
        return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    Message message(int field, Message value) {
        key(field, value.size());
        return append(value);
    }

    Message bytes(int field, byte[] value) {
        key(field, value.length);
        out.write(value, 0, value.length);
        return this;
    }

    /** The beginning of a field of {@code length} bytes, which the caller writes. */
    Message key(int field, long length) {
        varint((long) field << 3 | 2);
        varint(length);
        return this;
    }

    /** The fields of another message after those of this one. */
    Message append(Message other) {
        byte[] bytes = other.out.toByteArray();
        out.write(bytes, 0, bytes.length);
        return this;
    }

    int size() {
        return out.size();
    }

    void writeTo(OutputStream target) throws IOException {
        out.writeTo(target);
    }

    /** The bytes that a field takes whose content has {@code length}. */
    static long sizeOf(int field, long length) {
        return new Message().key(field, length).size() + length;
    }

    private void varint(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out.write((int) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }
}
