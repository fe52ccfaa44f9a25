package dev.infuser.web;

import dev.infuser.format.ByteSource;
import dev.infuser.format.TeaReader;
import dev.infuser.kernel.Kernel;
import dev.infuser.op.Registry;
import dev.infuser.runtime.Heap;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.ResourceException;

/**
 * A {@code .tea} file on its way into memory: the bytes that come next belong at {@link #address}, {@link #wanted} of them
 * at most. The head is read as soon as it is complete; the weights stay where they arrive.
 */
final class Download {

    /** Code of the error that those meet who read weights too early. */
    static final String NOT_ARRIVED = "not-arrived";

    private static final int STEP = 1 << 30;

    private final Heap heap;
    private final Crc32 crc;
    private TeaReader file;
    private long start;
    private long length;
    private long arrived;

    Download(Heap heap) {
        this.heap = heap;
        this.crc = new Crc32(heap);
        expect(TeaReader.HEADER_BYTES);
    }

    int wanted() {
        return (int) Math.min(length - arrived, STEP);
    }

    long address() {
        return start + arrived;
    }

    /**
     * Notes that {@code bytes} bytes have been written at {@link #address}.
     *
     * @return whether they complete the head
     * @throws dev.infuser.tensor.UnsupportedModelException where an operator is missing
     */
    boolean took(int bytes) {
        if (file != null) {
            crc.update(address(), bytes);
        }
        arrived += bytes;
        if (file != null || arrived < length) {
            return false;
        }
        advance(bytes(length));
        return file != null;
    }

    private void advance(byte[] head) {
        int headLength = TeaReader.headLength(head, head.length);
        if (head.length < headLength) {
            long header = start;
            expect(headLength);
            Engine.move((int) start, (int) header, head.length);
            heap.release(header);
            arrived = head.length;
            return;
        }
        TeaReader reader = TeaReader.parse(head, weights());
        Registry.requireAll(reader.graph());
        file = reader;
        heap.release(start);
        expect(file.weightsLength());
    }

    /** Throws what is wrong with a file that has ended before its head was complete. */
    void checkHead() {
        if (file == null) {
            byte[] head = bytes(arrived);
            TeaReader.headLength(head, head.length);
            TeaReader.parse(head, weights());
        }
    }

    /** The file, whose head is complete. */
    TeaReader file() {
        return file;
    }

    /** Checks that all of the file has arrived undamaged, {@code total} bytes. */
    void finish(long total) {
        file.checkLength(total);
        if (crc.value() != file.weightsChecksum()) {
            throw new InvalidModelException("checksum-mismatch", "weights", "the weights of the file are damaged", "",
                    "download or copy it again");
        }
        crc.release();
    }

    /** The address of the weights section. */
    long weightsAddress() {
        return start;
    }

    private void expect(long bytes) {
        start = heap.allocate(bytes + Kernel.PADDING);
        length = bytes;
        arrived = 0;
    }

    private byte[] bytes(long count) {
        byte[] bytes = new byte[(int) count];
        Memory.get(start, bytes, 0, bytes.length);
        return bytes;
    }

    /** The weights; throws {@link #NOT_ARRIVED} where they are yet to come. */
    private ByteSource weights() {
        return new ByteSource() {
            @Override
            public long length() {
                return length;
            }

            @Override
            public void read(long offset, byte[] into, int at, int count) {
                ByteSource.check(this, offset, count);
                if (offset + count > arrived) {
                    throw new ResourceException(NOT_ARRIVED, "", "weights are wanted before they have arrived", "", "");
                }
                Memory.get(start + offset, into, at, count);
            }
        };
    }
}
