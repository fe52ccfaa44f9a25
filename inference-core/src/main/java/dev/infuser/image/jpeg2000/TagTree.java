package dev.infuser.image.jpeg2000;

/** Numbers of a grid of code blocks that are told bit by bit as far as they are asked for (T.800 B.10.2). */
final class TagTree {

    private final int[] widths;
    private final int[] starts;
    private final int[] low;
    private final boolean[] known;

    TagTree(int width, int height) {
        int depth = 1;
        for (int w = width, h = height; w > 1 || h > 1; depth++) {
            w = (w + 1) / 2;
            h = (h + 1) / 2;
        }
        widths = new int[depth];
        starts = new int[depth];
        int size = 0;
        int w = width;
        int h = height;
        for (int i = 0; i < depth; i++) {
            widths[i] = w;
            starts[i] = size;
            size += w * h;
            w = (w + 1) / 2;
            h = (h + 1) / 2;
        }
        low = new int[size];
        known = new boolean[size];
    }

    /** Whether the number at a place is below {@code limit}. */
    boolean below(PacketBits bits, int x, int y, int limit) {
        int least = 0;
        for (int level = widths.length - 1; level >= 0; level--) {
            int at = starts[level] + (y >> level) * widths[level] + (x >> level);
            low[at] = Math.max(low[at], least);
            while (!known[at] && low[at] < limit) {
                if (bits.bit() == 1) {
                    known[at] = true;
                } else {
                    low[at]++;
                }
            }
            least = low[at];
            if (!known[at]) {
                return false;
            }
        }
        return least < limit;
    }

    /** The number at a place, all of which is told now. */
    int value(PacketBits bits, int x, int y) {
        int limit = 1;
        while (!below(bits, x, y, limit)) {
            if (++limit > 80) {
                throw dev.infuser.image.Bytes.damaged("too many empty bit planes");
            }
        }
        return limit - 1;
    }
}
