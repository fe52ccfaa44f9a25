package dev.infuser.format;

import dev.infuser.tensor.InvalidModelException;

/** Bytes that can be read at any offset: an array, a file, a part of linear memory. */
public interface ByteSource {

    /** The number of bytes. */
    long length();

    /**
     * Copies {@code count} bytes from {@code offset} to {@code into}, beginning at index {@code at}.
     *
     * @throws InvalidModelException when the source ends before
     */
    void read(long offset, byte[] into, int at, int count);

    /** The bytes of {@code data}, which is not copied. */
    static ByteSource of(byte[] data) {
        return new ByteSource() {
            @Override
            public long length() {
                return data.length;
            }

            @Override
            public void read(long offset, byte[] into, int at, int count) {
                check(this, offset, count);
                System.arraycopy(data, (int) offset, into, at, count);
            }
        };
    }

    /** The {@code length} bytes of {@code source} from {@code offset}. */
    static ByteSource slice(ByteSource source, long offset, long length) {
        return new ByteSource() {
            @Override
            public long length() {
                return length;
            }

            @Override
            public void read(long from, byte[] into, int at, int count) {
                check(this, from, count);
                source.read(offset + from, into, at, count);
            }
        };
    }

    /** Throws unless {@code source} holds {@code count} bytes from {@code offset}. */
    static void check(ByteSource source, long offset, int count) {
        if (offset < 0 || count < 0 || offset > source.length() - count) {
            throw new InvalidModelException("truncated-file", "bytes " + offset + " to " + (offset + count)
                    + " were asked for, there are " + source.length());
        }
    }
}
