package dev.infuser.converter.tfjs;

import dev.infuser.tensor.InvalidModelException;
import java.nio.ByteBuffer;
import java.util.List;

/** Files whose bytes follow one another. */
final class Shards {

    private final List<ByteBuffer> files;
    private final String names;

    Shards(List<ByteBuffer> files, String names) {
        this.files = files;
        this.names = names;
    }

    long length() {
        return files.stream().mapToLong(ByteBuffer::remaining).sum();
    }

    /** The bytes from {@code offset}, copied only where they lie in more than one file. */
    ByteBuffer slice(String tensor, long offset, long length) {
        if (offset > length() - length || length > Integer.MAX_VALUE) {
            throw new InvalidModelException("truncated-file", tensor, "the weights end before '" + tensor + "': it is at "
                    + offset + " and takes " + length + " bytes of " + length(), names, "copy the shards again");
        }
        long start = 0;
        ByteBuffer joined = null;
        for (ByteBuffer file : files) {
            int size = file.remaining();
            long from = Math.max(0, offset - start);
            long to = Math.min(size, offset + length - start);
            if (from < to) {
                ByteBuffer part = file.slice(file.position() + (int) from, (int) (to - from));
                if (to - from == length) {
                    return part;
                }
                joined = (joined == null ? ByteBuffer.allocate((int) length) : joined).put(part);
            }
            start += size;
        }
        return joined == null ? ByteBuffer.allocate(0) : joined.flip();
    }
}
