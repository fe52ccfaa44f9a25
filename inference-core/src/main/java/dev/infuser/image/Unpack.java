package dev.infuser.image;

import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** What TIFF compresses strips by. What is missing at the end stays 0. */
final class Unpack {

    private static final int CLEAR = 256;
    private static final int END = 257;
    private static final int CODES = 4096;

    private Unpack() {
    }

    static byte[] packBits(Bytes in, int size) {
        byte[] out = new byte[size];
        for (int at = 0; at < size && in.left() > 0;) {
            int n = (byte) in.u8();
            if (n >= 0) {
                for (int i = 0; i <= n && at < size && in.left() > 0; i++) {
                    out[at++] = (byte) in.u8();
                }
            } else if (n != -128 && in.left() > 0) {
                byte value = (byte) in.u8();
                for (int i = 0; i <= -n && at < size; i++) {
                    out[at++] = value;
                }
            }
        }
        return out;
    }

    static byte[] deflate(Bytes in, int size) {
        byte[] out = new byte[size];
        Inflater inflater = new Inflater();
        inflater.setInput(in.copy());
        try {
            for (int at = 0; at < size && !inflater.finished();) {
                int more = inflater.inflate(out, at, size - at);
                if (more == 0) {
                    break;
                }
                at += more;
            }
        } catch (DataFormatException e) {
            throw Bytes.damaged("compressed data are damaged");
        } finally {
            inflater.end();
        }
        return out;
    }

    /** TIFF's LZW: codes of 9 to 12 bits, the highest bit first, which grow one code early. */
    static byte[] lzw(Bytes in, int size) {
        byte[] out = new byte[size];
        int[] start = new int[CODES];
        int[] length = new int[CODES];
        int next = END + 1;
        int width = 9;
        int last = -1;
        int lastAt = 0;
        int held = 0;
        int bits = 0;
        int at = 0;
        while (at < size) {
            while (bits < width) {
                if (in.left() == 0) {
                    return out;
                }
                held = held << 8 | in.u8();
                bits += 8;
            }
            bits -= width;
            int code = held >> bits & (1 << width) - 1;
            if (code == END) {
                return out;
            }
            if (code == CLEAR) {
                next = END + 1;
                width = 9;
                last = -1;
                continue;
            }
            int begin = at;
            if (code < CLEAR) {
                out[at++] = (byte) code;
            } else {
                boolean known = code < next;
                if (!known && (code > next || last < 0)) {
                    throw Bytes.damaged("compressed data are damaged");
                }
                int from = known ? start[code] : lastAt;
                int count = known ? length[code] : last;
                for (int i = 0; i < count && at < size; i++) {
                    out[at++] = out[from + i];
                }
                if (!known && at < size) {
                    out[at++] = out[from];
                }
            }
            if (last >= 0 && next < CODES) {
                start[next] = lastAt;
                length[next++] = last + 1;
            }
            last = at - begin;
            lastAt = begin;
            width = next + 1 >= 2048 ? 12 : next + 1 >= 1024 ? 11 : next + 1 >= 512 ? 10 : 9;
        }
        return out;
    }
}
