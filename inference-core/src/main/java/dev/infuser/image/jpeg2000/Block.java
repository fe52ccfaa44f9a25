package dev.infuser.image.jpeg2000;

import dev.infuser.image.Bytes;

/** A code block: where it is in its band, and what packets brought of it. */
final class Block {

    final int x0;
    final int y0;
    final int x1;
    final int y1;
    boolean included;
    private int emptyPlanes;
    private int lengthBits = 3;
    private byte[] data = {};
    private int length;
    /** By segment: passes, bytes. */
    private int[] segments = {};
    private int most;
    /** By segment that the current packet adds to: which, and how many bytes. */
    private int[] arriving = {};

    Block(int x0, int y0, int x1, int y1) {
        this.x0 = x0;
        this.y0 = y0;
        this.x1 = x1;
        this.y1 = y1;
    }

    void begin(int emptyPlanes) {
        included = true;
        this.emptyPlanes = emptyPlanes;
    }

    /** Reads from a packet's header how many passes come, and the lengths of their segments. */
    void announce(PacketBits bits, int style) {
        int passes = bits.passes();
        while (bits.bit() == 1) {
            lengthBits++;
        }
        arriving = new int[0];
        while (passes > 0) {
            int last = segments.length - 2;
            if (last < 0 || segments[last] == most) {
                most = most(style, last);
                segments = append(segments, 0, 0);
                last += 2;
            }
            int now = Math.min(passes, most - segments[last]);
            int size = lengthBits + 31 - Integer.numberOfLeadingZeros(now);
            if (size > 31) {
                throw Bytes.damaged("lengths of " + size + " bits");
            }
            int bytes = bits.bits(size);
            segments[last] += now;
            arriving = append(arriving, last, bytes);
            passes -= now;
        }
    }

    /** How many passes the segment after {@code last} may have. */
    private int most(int style, int last) {
        if ((style & BitPlanes.TERMINATE) != 0) {
            return 1;
        }
        if ((style & BitPlanes.LAZY) != 0) {
            return last < 0 ? 10 : most == 2 ? 1 : 2;
        }
        return Integer.MAX_VALUE;
    }

    private static int[] append(int[] list, int a, int b) {
        int[] longer = new int[list.length + 2];
        System.arraycopy(list, 0, longer, 0, list.length);
        longer[list.length] = a;
        longer[list.length + 1] = b;
        return longer;
    }

    /** Takes the bytes that were announced. */
    void take(Bytes in) {
        for (int i = 0; i < arriving.length; i += 2) {
            int bytes = Math.min(arriving[i + 1], in.left());
            if (length + bytes > data.length) {
                byte[] longer = new byte[Math.max(length + bytes, 2 * data.length)];
                System.arraycopy(data, 0, longer, 0, length);
                data = longer;
            }
            for (int k = 0; k < bytes; k++) {
                data[length++] = (byte) in.u8();
            }
            segments[arriving[i] + 1] += bytes;
        }
        arriving = new int[0];
    }

    /** The coefficients in halves, row by row. */
    int[] decode(int band, Coding coding, int bandPlanes) {
        int planes = bandPlanes - emptyPlanes;
        if (planes < 1 || segments.length == 0) {
            return new int[(x1 - x0) * (y1 - y0)];
        }
        if (planes > 30) {
            throw Bytes.damaged(planes + " bit planes");
        }
        return BitPlanes.decode(x1 - x0, y1 - y0, band, coding.style, planes, data, segments);
    }
}
