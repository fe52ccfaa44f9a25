package dev.infuser.image.webp;

import dev.infuser.image.Bytes;

/** A canonical prefix code (RFC 9649, 3.7.2). */
final class PrefixCode {

    private static final int MOST_LENGTH = 15;
    private static final int[] ORDER = {17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

    /** By length, how many symbols have it. */
    private final int[] counts = new int[MOST_LENGTH + 1];
    private final int[] symbols;
    private final boolean single;

    private PrefixCode(int[] lengths) {
        int used = 0;
        for (int length : lengths) {
            counts[length]++;
            used += length > 0 ? 1 : 0;
        }
        counts[0] = 0;
        symbols = new int[Math.max(1, used)];
        int at = 0;
        for (int length = 1; length <= MOST_LENGTH; length++) {
            for (int symbol = 0; symbol < lengths.length && counts[length] > 0; symbol++) {
                if (lengths[symbol] == length) {
                    symbols[at++] = symbol;
                }
            }
        }
        single = used <= 1;
        int open = 1;
        for (int length = 1; length <= MOST_LENGTH && !single; length++) {
            open = 2 * open - counts[length];
            if (open < 0) {
                break;
            }
        }
        if (!single && open != 0) {
            throw Bytes.damaged("a prefix code is not complete");
        }
    }

    static PrefixCode read(BitReader in, int alphabet) {
        int[] lengths = new int[alphabet];
        if (in.flag()) {
            boolean two = in.flag();
            set(lengths, in.bits(in.flag() ? 8 : 1));
            if (two) {
                set(lengths, in.bits(8));
            }
            return new PrefixCode(lengths);
        }
        int[] first = new int[ORDER.length];
        int given = 4 + in.bits(4);
        for (int i = 0; i < given; i++) {
            first[ORDER[i]] = in.bits(3);
        }
        PrefixCode code = new PrefixCode(first);
        int left = in.flag() ? 2 + in.bits(2 + 2 * in.bits(3)) : alphabet;
        int last = 8;
        for (int at = 0; at < alphabet && left-- > 0;) {
            int symbol = code.symbol(in);
            if (symbol < 16) {
                lengths[at++] = symbol;
                last = symbol > 0 ? symbol : last;
                continue;
            }
            int times = symbol == 16 ? 3 + in.bits(2) : symbol == 17 ? 3 + in.bits(3) : 11 + in.bits(7);
            if (times > alphabet - at) {
                throw Bytes.damaged("a prefix code is too long");
            }
            for (int i = 0; i < times; i++) {
                lengths[at++] = symbol == 16 ? last : 0;
            }
        }
        return new PrefixCode(lengths);
    }

    private static void set(int[] lengths, int symbol) {
        if (symbol >= lengths.length) {
            throw Bytes.damaged("no symbol " + symbol);
        }
        lengths[symbol] = 1;
    }

    int symbol(BitReader in) {
        if (single) {
            return symbols[0];
        }
        int code = 0;
        int first = 0;
        int index = 0;
        for (int length = 1; length <= MOST_LENGTH; length++) {
            code |= in.bit();
            if (code - first < counts[length]) {
                return symbols[index + code - first];
            }
            index += counts[length];
            first = first + counts[length] << 1;
            code <<= 1;
        }
        throw Bytes.damaged("no symbol");
    }
}
