package dev.infuser.converter.onnx;

import dev.infuser.tensor.InvalidModelException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Reads one protobuf message out of a buffer, field by field, without copying.
 *
 * <p>Source: Protocol Buffers encoding, developers.google.com/protocol-buffers/docs/encoding. Every length is checked
 * against the message around it, so damaged bytes give an {@link InvalidModelException} and nothing else.
 */
final class Wire {

    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int LENGTH = 2;
    private static final int FIXED32 = 5;
    private static final int MAX_DEPTH = 220;

    private final ByteBuffer data;
    private final int end;
    private final int depth;
    private final String type;
    private int position;
    private int fieldStart;
    private int field;
    private int wireType;

    private Wire(ByteBuffer data, int start, int end, int depth, String type) {
        this.data = data;
        this.position = start;
        this.end = end;
        this.depth = depth;
        this.type = type;
    }

    /** A reader of the message {@code type} that fills {@code bytes} from its position to its limit. */
    static Wire of(ByteBuffer bytes, String type) {
        ByteBuffer data = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
        return new Wire(data, 0, data.limit(), 0, type);
    }

    /** Moves to the next field; false at the end of the message. */
    boolean next() {
        if (position == end) {
            return false;
        }
        fieldStart = position;
        long tag = varint();
        field = (int) (tag >>> 3);
        wireType = (int) (tag & 7);
        if (tag < 0 || tag > 0xFFFFFFFFL || field == 0) {
            throw fail("the bytes here are no field of a message");
        }
        return true;
    }

    /** The number of the current field. */
    int field() {
        return field;
    }

    /** The offset of the current field in the file. */
    int offset() {
        return fieldStart;
    }

    long integer() {
        expect(VARINT, "an integer");
        return varint();
    }

    /** The integer of a field that must fit an int. */
    int small() {
        long value = integer();
        if (value < Integer.MIN_VALUE || value > Integer.MAX_VALUE) {
            throw fail("the number " + value + " is out of range");
        }
        return (int) value;
    }

    float float32() {
        expect(FIXED32, "a float");
        need(4);
        position += 4;
        return data.getFloat(position - 4);
    }

    /** A string; bytes that are no UTF-8 become replacement characters. */
    String string() {
        int length = length("a string");
        byte[] bytes = new byte[length];
        ByteBuffer view = data.duplicate();
        view.position(position);
        view.get(bytes);
        position += length;
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** The bytes of the current field, as a view in little-endian order. */
    ByteBuffer bytes() {
        int length = length("bytes");
        ByteBuffer view = data.duplicate();
        view.position(position);
        view.limit(position + length);
        position += length;
        return view.slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** A reader of the message in the current field. */
    Wire message(String messageType) {
        int length = length("a " + messageType);
        if (depth == MAX_DEPTH) {
            throw fail("messages are nested more than " + MAX_DEPTH + " deep");
        }
        position += length;
        return new Wire(data, position - length, position, depth + 1, messageType);
    }

    /** Appends the integers of the current field, packed or not. */
    void integers(Longs out) {
        if (wireType == VARINT) {
            out.add(varint());
            return;
        }
        int length = length("integers");
        Wire packed = new Wire(data, position, position + length, depth, type);
        packed.fieldStart = fieldStart;
        packed.field = field;
        position += length;
        while (packed.position < packed.end) {
            out.add(packed.varint());
        }
    }

    /** The fixed-width elements of the current field, packed or single, as a view. */
    ByteBuffer fixed(int width) {
        int single = width == 4 ? FIXED32 : FIXED64;
        if (wireType != single) {
            ByteBuffer view = bytes();
            if (view.limit() % width != 0) {
                throw fail("the field holds " + view.limit() + " bytes, which is no multiple of " + width);
            }
            return view;
        }
        need(width);
        ByteBuffer view = data.duplicate();
        view.position(position);
        view.limit(position + width);
        position += width;
        return view.slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Passes over the current field. */
    void skip() {
        switch (wireType) {
            case VARINT:
                varint();
                break;
            case FIXED64:
                need(8);
                position += 8;
                break;
            case FIXED32:
                need(4);
                position += 4;
                break;
            case LENGTH:
                int length = length("bytes");
                position += length;
                break;
            default:
                throw fail("wire type " + wireType + " does not exist in ONNX files");
        }
    }

    private int length(String expected) {
        expect(LENGTH, expected);
        long length = varint();
        if (length < 0 || length > end - position) {
            throw fail(truncated() ? "the file ends early" : "the field claims " + length + " bytes, its message has "
                    + (end - position) + " left");
        }
        return (int) length;
    }

    private boolean truncated() {
        return end == data.limit();
    }

    private void expect(int wanted, String what) {
        if (wireType != wanted) {
            throw fail("expected " + what + ", found wire type " + wireType);
        }
    }

    private void need(int bytes) {
        if (end - position < bytes) {
            throw fail(truncated() ? "the file ends early" : "the message ends inside a field");
        }
    }

    private long varint() {
        long value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            need(1);
            byte b = data.get(position++);
            value |= (long) (b & 0x7F) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw fail("a number has more than 10 bytes");
    }

    /** An error about the current field. */
    InvalidModelException fail(String message) {
        String place = type + (field == 0 ? "" : " field " + field) + " at byte " + fieldStart;
        return new InvalidModelException(message.equals("the file ends early") ? "truncated-file" : "bad-onnx", place,
                "not a valid ONNX file: " + message + " (" + place + ")", "",
                "the file is damaged, incomplete or of another format: download or export it again");
    }

    /** A growing list of integers. */
    static final class Longs {
        private long[] values = new long[4];
        private int size;

        void add(long value) {
            if (size == values.length) {
                values = java.util.Arrays.copyOf(values, size * 2);
            }
            values[size++] = value;
        }

        int size() {
            return size;
        }

        long get(int i) {
            return values[i];
        }

        long[] toArray() {
            return java.util.Arrays.copyOf(values, size);
        }
    }
}
