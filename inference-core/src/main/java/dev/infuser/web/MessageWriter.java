package dev.infuser.web;

import dev.infuser.runtime.Heap;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import org.teavm.interop.Address;

/**
 * Writes a message in memory: 32-bit words; texts as a word that counts bytes, UTF-8, and padding to the next word; data as
 * {@link #datum} says. Messages in the other direction are the same.
 */
final class MessageWriter {

    static final int ABSENT = 0;
    static final int TENSOR = 1;
    static final int SEQUENCE = 2;
    static final int APART = 3;
    static final int MAP = 4;

    /** Elements of this many bytes and more are not copied into a message where they are in memory already. */
    private static final int LARGE = 16384;

    private final Heap heap;
    private long start;
    private int capacity;
    private int length;
    private int apart;

    MessageWriter(Heap heap) {
        this.heap = heap;
    }

    void clear() {
        length = 0;
        apart = 0;
    }

    /** Where in the message the last address of elements that are apart is; 0 where there is none. */
    int apart() {
        return apart;
    }

    int address() {
        return (int) start;
    }

    int length() {
        return length;
    }

    MessageWriter word(int value) {
        room(4).putInt(value);
        return this;
    }

    MessageWriter number(double value) {
        align();
        room(8).putDouble(value);
        return this;
    }

    MessageWriter text(String text) {
        int bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
            if (pair(text, i)) {
                bytes++;
                i++;
            }
        }
        word(bytes);
        Address to = room((bytes + 3) / 4 * 4);
        for (int i = 0; i < text.length(); i++) {
            int c = text.charAt(i);
            if (c < 0x80) {
                to.putByte((byte) c);
                to = to.add(1);
                continue;
            }
            if (pair(text, i)) {
                c = Character.toCodePoint((char) c, text.charAt(++i));
                to.putByte((byte) (0xF0 | c >> 18));
                to.add(1).putByte((byte) (0x80 | c >> 12 & 63));
                to = to.add(2);
            } else if (c < 0x800) {
                to.putByte((byte) (0xC0 | c >> 6));
                to.add(1).putByte((byte) (0x80 | c & 63));
                to = to.add(2);
                continue;
            } else {
                to.putByte((byte) (0xE0 | c >> 12));
                to = to.add(1);
            }
            to.putByte((byte) (0x80 | c >> 6 & 63));
            to.add(1).putByte((byte) (0x80 | c & 63));
            to = to.add(2);
        }
        return this;
    }

    /**
     * A tensor as its type number, rank, dims and elements (texts, or padding to a multiple of 8 bytes and the elements,
     * padded to words), or where these are many as the address, number of bytes, and place in the message of the previous
     * such address; a sequence as a count and its elements; a map as its keys and its values; an absent optional as nothing more than its kind.
     */
    MessageWriter datum(Datum datum) {
        if (datum instanceof Datum.Optional optional) {
            return optional.value() == null ? word(ABSENT) : datum(optional.value());
        }
        if (datum instanceof Datum.Sequence sequence) {
            word(SEQUENCE).word(sequence.elements().size());
            for (Datum element : sequence.elements()) {
                datum(element);
            }
            return this;
        }
        if (datum instanceof Datum.Map map) {
            return word(MAP).datum(map.keys()).datum(map.values());
        }
        Tensor tensor = (Tensor) datum;
        int bytes = tensor.size() * tensor.dtype().bytes();
        long address = Memory.addressOf(tensor);
        boolean large = address >= 0 && bytes >= LARGE;
        word(large ? APART : TENSOR).word(tensor.dtype().number()).word(tensor.rank());
        for (int dim : tensor.dims()) {
            word(dim);
        }
        if (tensor.dtype() == DType.STRING) {
            for (String text : tensor.strings()) {
                text(text);
            }
            return this;
        }
        if (large) {
            int previous = apart;
            apart = length;
            return word((int) address).word(bytes).word(previous);
        }
        align();
        Memory.put(room((bytes + 3) / 4 * 4).toInt() & 0xFFFFFFFFL, tensor);
        return this;
    }

    private void align() {
        if (length % 8 != 0) {
            word(0);
        }
    }

    private static boolean pair(String text, int i) {
        return Character.isHighSurrogate(text.charAt(i)) && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
    }

    private Address room(int bytes) {
        if (length + bytes > capacity) {
            int wanted = Math.max(length + bytes, Math.min(Math.max(capacity * 2, 4096), 1 << 20) + length);
            long larger = heap.allocate(wanted);
            if (capacity > 0) {
                Engine.move((int) larger, (int) start, length);
                heap.release(start);
            }
            start = larger;
            capacity = wanted;
        }
        Address at = Memory.address(start + length);
        length += bytes;
        return at;
    }
}
