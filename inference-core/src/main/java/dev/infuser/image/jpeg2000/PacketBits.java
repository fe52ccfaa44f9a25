package dev.infuser.image.jpeg2000;

import dev.infuser.image.Bytes;

/** The bits of a packet's header: after a byte of ones a bit is stuffed (T.800 B.10.1). */
final class PacketBits {

    private final Bytes in;
    private int held;
    private int left;

    PacketBits(Bytes in) {
        this.in = in;
    }

    int bit() {
        if (left == 0) {
            left = held == 0xff ? 7 : 8;
            held = in.u8();
        }
        left--;
        return held >> left & 1;
    }

    int bits(int count) {
        int value = 0;
        for (int i = 0; i < count; i++) {
            value = value << 1 | bit();
        }
        return value;
    }

    /** Ends the header at a whole byte. */
    void align() {
        if (held == 0xff) {
            in.u8();
        }
        left = 0;
        held = 0;
    }

    /** How many passes a code block gets (T.800 table B.4). */
    int passes() {
        if (bit() == 0) {
            return 1;
        }
        if (bit() == 0) {
            return 2;
        }
        int few = bits(2);
        if (few < 3) {
            return 3 + few;
        }
        int more = bits(5);
        return more < 31 ? 6 + more : 37 + bits(7);
    }
}
