package dev.infuser.image.webp;

import dev.infuser.image.Bytes;

/** Bits of stated probability (RFC 6386, 7.3). Beyond the end there are zeros. */
final class BoolDecoder {

    private final Bytes in;
    private int value;
    private int range = 255;
    private int bits;

    BoolDecoder(Bytes in) {
        this.in = in;
        value = next() << 8 | next();
    }

    private int next() {
        return in.left() > 0 ? in.u8() : 0;
    }

    /** A bit that is 0 with a probability of so many 256ths. */
    int bit(int probability) {
        int split = 1 + ((range - 1) * probability >> 8);
        int limit = split << 8;
        int bit;
        if (value >= limit) {
            bit = 1;
            range -= split;
            value -= limit;
        } else {
            bit = 0;
            range = split;
        }
        while (range < 128) {
            value <<= 1;
            range <<= 1;
            if (++bits == 8) {
                bits = 0;
                value |= next();
            }
        }
        return bit;
    }

    boolean flag() {
        return bit(128) == 1;
    }

    int number(int bits) {
        int number = 0;
        for (int i = 0; i < bits; i++) {
            number = number << 1 | bit(128);
        }
        return number;
    }

    /** A magnitude and its sign. */
    int signed(int bits) {
        int number = number(bits);
        return flag() ? -number : number;
    }

    /** The same where a flag says that it is there, else 0. */
    int optional(int bits) {
        return flag() ? signed(bits) : 0;
    }
}
