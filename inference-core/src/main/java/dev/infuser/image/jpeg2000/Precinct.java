package dev.infuser.image.jpeg2000;

import dev.infuser.image.Bytes;

/** The code blocks of one band in a precinct, and what tells which of them a packet has. */
final class Precinct {

    private static final long MOST_BLOCKS = 1 << 20;

    private final Block[] blocks;
    private final int across;
    private final TagTree inclusion;
    private final TagTree empty;

    /** The blocks of 2^{@code wide} x 2^{@code high} coefficients that the rectangle touches, cut at its edges. */
    Precinct(int x0, int y0, int x1, int y1, int wide, int high) {
        boolean none = x1 <= x0 || y1 <= y0;
        int left = x0 >> wide;
        int top = y0 >> high;
        across = none ? 0 : (x1 - 1 >> wide) + 1 - left;
        int down = none ? 0 : (y1 - 1 >> high) + 1 - top;
        if ((long) across * down > MOST_BLOCKS) {
            throw Bytes.damaged((long) across * down + " code blocks");
        }
        blocks = new Block[across * down];
        for (int i = 0; i < blocks.length; i++) {
            int x = left + i % across << wide;
            int y = top + i / across << high;
            blocks[i] = new Block(Math.max(x, x0), Math.max(y, y0), Math.min(x + (1 << wide), x1), Math.min(y + (1 << high), y1));
        }
        inclusion = new TagTree(across, down);
        empty = new TagTree(across, down);
    }

    Block[] blocks() {
        return blocks;
    }

    /** Reads what a packet's header tells of these blocks. */
    void header(PacketBits bits, int layer, int style, boolean[] comes) {
        for (int i = 0; i < blocks.length; i++) {
            int x = i % across;
            int y = i / across;
            Block block = blocks[i];
            comes[i] = block.included ? bits.bit() == 1 : inclusion.below(bits, x, y, layer + 1);
            if (comes[i]) {
                if (!block.included) {
                    block.begin(empty.value(bits, x, y));
                }
                block.announce(bits, style);
            }
        }
    }

    void body(Bytes in, boolean[] comes) {
        for (int i = 0; i < blocks.length; i++) {
            if (comes[i]) {
                blocks[i].take(in);
            }
        }
    }
}
