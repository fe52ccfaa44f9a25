package dev.infuser.image.webp;

import dev.infuser.image.Bytes;

/** Bits, the lowest of each byte first. */
final class BitReader {

    private final Bytes in;
    private int held;
    private int count;

    BitReader(Bytes in) {
        this.in = in;
    }

    int bit() {
        if (count == 0) {
            held = in.u8();
            count = 8;
        }
        int bit = held & 1;
        held >>= 1;
        count--;
        return bit;
    }

    boolean flag() {
        return bit() == 1;
    }

    int bits(int number) {
        int value = 0;
        for (int i = 0; i < number; i++) {
            value |= bit() << i;
        }
        return value;
    }
}
