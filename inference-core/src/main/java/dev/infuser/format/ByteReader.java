package dev.infuser.format;

import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Utf8;
import java.util.Arrays;

/** A cursor over one section that never reads past its end. */
final class ByteReader {

    private final String section;
    private final byte[] data;
    private final int end;
    private int at;

    ByteReader(String section, byte[] data, int from, int to) {
        this.section = section;
        this.data = data;
        this.at = from;
        this.end = to;
    }

    byte[] data() {
        return data;
    }

    int remaining() {
        return end - at;
    }

    /** Skips {@code count} bytes and returns where they begin in {@link #data()}. */
    int take(long count) {
        if (count < 0 || count > end - at) {
            throw bad(count + " bytes where " + (end - at) + " are left");
        }
        int from = at;
        at += (int) count;
        return from;
    }

    int u8() {
        return data[take(1)] & 0xFF;
    }

    int u16() {
        return u8() | u8() << 8;
    }

    int i32() {
        return u16() | u16() << 16;
    }

    long i64() {
        return i32() & 0xFFFFFFFFL | (long) i32() << 32;
    }

    float f32() {
        return Float.intBitsToFloat(i32());
    }

    /** An unsigned LEB128 number of up to 64 bits. */
    long varint() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int b = u8();
            if (shift == 63 && b > 1) {
                throw bad("a number of over 64 bits");
            }
            value |= (long) (b & 0x7F) << shift;
            if (b < 0x80) {
                break;
            }
        }
        return value;
    }

    /** A signed number, zigzag over LEB128. */
    long signed() {
        long bits = varint();
        return bits >>> 1 ^ -(bits & 1);
    }

    /** A number from 0 to {@code max}; {@code what} follows it in messages. */
    int number(String what, int max) {
        long value = varint();
        if (value < 0 || value > max) {
            throw bad(value + what + ", at most " + max);
        }
        return (int) value;
    }

    /** A count of things that take at least {@code bytes} bytes each. */
    int count(String what, int bytes) {
        return number(what, remaining() / bytes);
    }

    /** UTF-8 text behind its length. */
    String text() {
        int count = count(" characters", 1);
        int from = take(count);
        String text = Utf8.decode(data, from, count);
        require(text != null, "text that is not UTF-8");
        return text;
    }

    byte[] blob() {
        int count = count(" bytes", 1);
        int from = take(count);
        return Arrays.copyOfRange(data, from, from + count);
    }

    /** Requires that everything was read. */
    void finish() {
        require(at == end, "bytes left over:", end - at);
    }

    void require(boolean good, String found) {
        if (!good) {
            throw bad(found);
        }
    }

    void require(boolean good, String what, long found) {
        if (!good) {
            throw bad(what + " " + found);
        }
    }

    InvalidModelException bad(String found) {
        return new InvalidModelException("bad-value", section, "the " + section + " of the file holds " + found,
                "at byte " + at, "the file was written wrong: convert the model again");
    }

    /** The error for a number of {@code what} that this reader lacks: newer when the file is, else wrong. */
    RuntimeException unknown(String what, int number, int minor) {
        return minor > Header.MINOR ? Header.newer(what + " " + number) : bad(what + " " + number);
    }
}
