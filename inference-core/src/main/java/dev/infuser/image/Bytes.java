package dev.infuser.image;

import dev.infuser.tensor.InvalidInputException;

/** A range of the bytes of a file; what is read beyond its end is an error, so that damaged files end. */
public final class Bytes {

    private final byte[] data;
    private final int begin;
    private final int end;
    private boolean little;
    private int at;

    public Bytes(byte[] data) {
        this(data, 0, data.length);
    }

    private Bytes(byte[] data, int begin, int end) {
        this.data = data;
        this.begin = begin;
        this.end = end;
        this.at = begin;
    }

    public static InvalidInputException damaged(String message) {
        return new InvalidInputException("bad-image", "", message, "", "check that the file is whole");
    }

    /** Numbers of several bytes are read with the lowest first from now on. */
    public Bytes littleEndian() {
        little = true;
        return this;
    }

    /** The range of {@code length} bytes at {@code offset} of this one; less where the file ends before. */
    public Bytes part(long offset, long length) {
        if (offset < 0 || length < 0 || offset > end - begin) {
            throw damaged("the image ends early");
        }
        int from = begin + (int) offset;
        Bytes part = new Bytes(data, from, (int) Math.min(end, from + length));
        part.little = little;
        return part;
    }

    public int length() {
        return end - begin;
    }

    public int position() {
        return at - begin;
    }

    public int left() {
        return end - at;
    }

    public Bytes seek(long offset) {
        if (offset < 0 || offset > end - begin) {
            throw damaged("the image ends early");
        }
        at = begin + (int) offset;
        return this;
    }

    public void skip(long count) {
        seek(position() + count);
    }

    public int u8() {
        if (at >= end) {
            throw damaged("the image ends early");
        }
        return data[at++] & 0xff;
    }

    public int u16() {
        int a = u8();
        int b = u8();
        return little ? b << 8 | a : a << 8 | b;
    }

    public int u24() {
        int a = u8();
        int b = u8();
        int c = u8();
        return little ? c << 16 | b << 8 | a : a << 16 | b << 8 | c;
    }

    public int i32() {
        int a = u16();
        int b = u16();
        return little ? b << 16 | a : a << 16 | b;
    }

    public long u32() {
        return i32() & 0xffffffffL;
    }

    /** The byte at {@code offset}, or -1 beyond the end. */
    public int peek(int offset) {
        return offset < 0 || offset >= end - begin ? -1 : data[begin + offset] & 0xff;
    }

    /** Whether the range begins with these characters. */
    public boolean begins(String magic) {
        for (int i = 0; i < magic.length(); i++) {
            if (peek(i) != magic.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    public byte[] copy() {
        byte[] copy = new byte[end - begin];
        System.arraycopy(data, begin, copy, 0, copy.length);
        return copy;
    }
}
