package dev.infuser.web;

import dev.infuser.runtime.Heap;
import org.teavm.interop.Address;

/**
 * CRC-32 of bytes in memory, with tables that are in memory too: eight bytes at a time, in three places at a time because
 * each step waits for the one before it. The thirds are joined as zlib's {@code crc32_combine} does.
 */
final class Crc32 {

    private static final int POLYNOMIAL = 0xEDB88320;
    private static final int TABLE = 1024;
    private static final int ONE = 1 << 31;

    private final Heap heap;
    private final long tables;
    private final Address t;
    private int state = -1;

    Crc32(Heap heap) {
        this.heap = heap;
        tables = heap.allocate(8 * TABLE);
        t = Memory.address(tables);
        for (int i = 0; i < 256; i++) {
            int c = i;
            for (int bit = 0; bit < 8; bit++) {
                c = c >>> 1 ^ POLYNOMIAL & -(c & 1);
            }
            t.add(i * 4).putInt(c);
        }
        for (int i = 256; i < 8 * 256; i++) {
            int c = t.add(i * 4 - TABLE).getInt();
            t.add(i * 4).putInt(c >>> 8 ^ t.add((c & 255) * 4).getInt());
        }
    }

    void update(long from, int count) {
        int third = count / 24 * 8;
        Address at = Memory.address(from);
        int a = state;
        int b = 0;
        int c = 0;
        for (int i = 0; i < third; i += 8) {
            Address p = at.add(i);
            a = eight(a ^ p.getInt(), p.add(4).getInt());
            Address q = p.add(third);
            b = eight(b ^ q.getInt(), q.add(4).getInt());
            Address r = q.add(third);
            c = eight(c ^ r.getInt(), r.add(4).getInt());
        }
        int shift = power(third);
        c ^= times(times(a, shift) ^ b, shift);
        for (int i = 3 * third; i < count; i++) {
            c = c >>> 8 ^ t.add(((c ^ at.add(i).getByte()) & 255) * 4).getInt();
        }
        state = c;
    }

    private int eight(int low, int high) {
        return t.add((low & 255) * 4 + 7 * TABLE).getInt() ^ t.add((low >>> 8 & 255) * 4 + 6 * TABLE).getInt()
                ^ t.add((low >>> 16 & 255) * 4 + 5 * TABLE).getInt() ^ t.add((low >>> 24) * 4 + 4 * TABLE).getInt()
                ^ t.add((high & 255) * 4 + 3 * TABLE).getInt() ^ t.add((high >>> 8 & 255) * 4 + 2 * TABLE).getInt()
                ^ t.add((high >>> 16 & 255) * 4 + TABLE).getInt() ^ t.add((high >>> 24) * 4).getInt();
    }

    /** The polynomial x to the power of {@code 8 * bytes}, modulo that of the checksum; bit 31 is the coefficient of 1. */
    private static int power(int bytes) {
        int power = ONE;
        int base = ONE >>> 8;
        for (int n = bytes; n > 0; n >>= 1) {
            if ((n & 1) != 0) {
                power = times(power, base);
            }
            base = times(base, base);
        }
        return power;
    }

    private static int times(int a, int b) {
        int product = 0;
        int shifted = b;
        for (int bit = 31; bit >= 0; bit--) {
            product ^= shifted & -(a >>> bit & 1);
            shifted = shifted >>> 1 ^ POLYNOMIAL & -(shifted & 1);
        }
        return product;
    }

    int value() {
        return ~state;
    }

    void release() {
        heap.release(tables);
    }
}
