package dev.infuser.web;

import dev.infuser.format.ByteSource;
import dev.infuser.format.TeaReader;
import dev.infuser.kernel.Kernel;
import dev.infuser.op.Registry;
import dev.infuser.runtime.Heap;
import dev.infuser.tensor.InvalidModelException;
import org.teavm.interop.Address;

/**
 * A {@code .tea} file on its way into memory: the bytes that come next belong at {@link #address}, {@link #wanted} of them
 * at most. The head is read as soon as it is complete; the weights stay where they arrive.
 */
final class Download {

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
     * @return whether the head is complete
     * @throws dev.infuser.tensor.UnsupportedModelException where an operator is missing
     */
    boolean took(int bytes) {
        if (file != null) {
            crc.update(address(), bytes);
        }
        arrived += bytes;
        if (file == null && arrived == length) {
            advance(bytes(length));
        }
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

    /**
     * The file, all of which has arrived.
     *
     * @param total the bytes that came
     */
    TeaReader finish(double total) {
        if (file == null) {
            byte[] head = bytes(arrived);
            TeaReader.headLength(head, head.length);
            return TeaReader.parse(head, weights());
        }
        file.checkLength((long) total);
        if (crc.value() != file.weightsChecksum()) {
            throw new InvalidModelException("checksum-mismatch", "weights", "the weights of the file are damaged", "",
                    "download or copy it again");
        }
        crc.release();
        return file;
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

    private ByteSource weights() {
        return new ByteSource() {
            @Override
            public long length() {
                return length;
            }

            @Override
            public void read(long offset, byte[] into, int at, int count) {
                ByteSource.check(this, offset, count);
                Memory.get(start + offset, into, at, count);
            }
        };
    }

    /** CRC-32 of bytes in memory, eight at a time, with tables that are in memory too. */
    private static final class Crc32 {

        private static final int POLYNOMIAL = 0xEDB88320;
        private static final int TABLE = 1024;

        private final Heap heap;
        private final long tables;
        private int state = -1;

        Crc32(Heap heap) {
            this.heap = heap;
            tables = heap.allocate(8 * TABLE);
            Address to = Memory.address(tables);
            for (int i = 0; i < 256; i++) {
                int c = i;
                for (int bit = 0; bit < 8; bit++) {
                    c = c >>> 1 ^ POLYNOMIAL & -(c & 1);
                }
                to.add(i * 4).putInt(c);
            }
            for (int i = 256; i < 8 * 256; i++) {
                int c = to.add(i * 4 - TABLE).getInt();
                to.add(i * 4).putInt(c >>> 8 ^ to.add((c & 255) * 4).getInt());
            }
        }

        void update(long from, int count) {
            Address t = Memory.address(tables);
            Address at = Memory.address(from);
            int c = state;
            int i = 0;
            for (; i + 8 <= count; i += 8) {
                int low = c ^ at.add(i).getInt();
                int high = at.add(i + 4).getInt();
                c = t.add((low & 255) * 4 + 7 * TABLE).getInt() ^ t.add((low >>> 8 & 255) * 4 + 6 * TABLE).getInt()
                        ^ t.add((low >>> 16 & 255) * 4 + 5 * TABLE).getInt() ^ t.add((low >>> 24) * 4 + 4 * TABLE).getInt()
                        ^ t.add((high & 255) * 4 + 3 * TABLE).getInt() ^ t.add((high >>> 8 & 255) * 4 + 2 * TABLE).getInt()
                        ^ t.add((high >>> 16 & 255) * 4 + TABLE).getInt() ^ t.add((high >>> 24) * 4).getInt();
            }
            for (; i < count; i++) {
                c = c >>> 8 ^ t.add(((c ^ at.add(i).getByte()) & 255) * 4).getInt();
            }
            state = c;
        }

        int value() {
            return ~state;
        }

        void release() {
            heap.release(tables);
        }
    }
}
