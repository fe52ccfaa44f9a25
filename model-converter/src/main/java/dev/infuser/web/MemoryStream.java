package dev.infuser.web;

import dev.infuser.runtime.Heap;
import dev.infuser.tensor.UnsupportedModelException;
import java.io.OutputStream;

/** Collects bytes in linear memory. */
final class MemoryStream extends OutputStream {

    private static final int STEP = 1 << 24;

    private final Heap heap;
    private long start;
    private int capacity;
    private int length;

    /**
     * An empty stream.
     *
     * @param expected how many bytes there will be, as far as one can say
     */
    MemoryStream(Heap heap, int expected) {
        this.heap = heap;
        room(expected);
    }

    long address() {
        return start;
    }

    int length() {
        return length;
    }

    @Override
    public void write(int value) {
        room(1);
        Memory.address(start + length++).putByte((byte) value);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) {
        room(count);
        Memory.put(start + length, bytes, offset, count);
        length += count;
    }

    private void room(int count) {
        if (count <= capacity - length) {
            return;
        }
        long wanted = (long) length + count + STEP;
        if (wanted > Integer.MAX_VALUE) {
            throw new UnsupportedModelException("too-large", "", "the converted model has more than 2 GB", "",
                    "convert it on the command line");
        }
        long larger = heap.allocate((int) wanted);
        if (capacity > 0) {
            Engine.move((int) larger, (int) start, length);
            heap.release(start);
        }
        start = larger;
        capacity = (int) wanted;
    }
}
