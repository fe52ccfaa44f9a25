package dev.infuser.study;

import java.util.Arrays;

/**
 * Edge detection: luma, 5x5 Gaussian, Sobel, non-maximum suppression, complete hysteresis, edges painted green over the picture. All
 * in integers; the steps are stated in {@code site/study/README.md}.
 *
 * <p>Rows flow through rings of a few rows. A word of a ring holds two pixels in lanes of 16 bits, so that each addition serves two. A
 * ring's row begins with one word before the picture: pixel x is lane x + 2.
 */
public final class Edges {

    private static final int OPAQUE = 0xff000000;
    private static final int GREEN = 0xff00ff00;
    private static final int WEAK = 80;
    private static final int STRONG = 200;
    private static final int LANES = 0x00ff00ff;
    private static final int LUMA_ROWS = 8;
    private static final int ROWS = 4;

    private final int width;
    private final int height;
    private final int pairs;
    private final int stride;
    private final int around;
    private final int[] luma;
    private final int[] blurred;
    private final int[] magnitude;
    private final int[] horizontal;
    private final int[] vertical;
    private final int[] candidates;
    private final byte[] marks;
    private final int[] stack;

    /**
     * @param width  pixels, from 1 to 65,535
     * @param height pixels, from 1 to 32,767
     */
    public Edges(int width, int height) {
        this.width = width;
        this.height = height;
        pairs = (width + 1) / 2;
        stride = pairs + 3;
        around = width + 2;
        luma = new int[LUMA_ROWS * stride];
        blurred = new int[ROWS * stride];
        magnitude = new int[ROWS * stride];
        horizontal = new int[2 * stride];
        vertical = new int[2 * stride];
        candidates = new int[2 * stride];
        marks = new byte[around * (height + 2)];
        stack = new int[width * height];
    }

    /**
     * Paints the edges of a picture.
     *
     * @param picture [height * width] pixels, red in the lowest byte
     * @param out     as large, receives the picture, opaque, with its edges green
     */
    public void run(int[] picture, int[] out) {
        int top = 0;
        int count = 0;
        Arrays.fill(magnitude, (ROWS - 1) * stride, ROWS * stride, 0);
        for (int y = 0; y < height + 4; y++) {
            if (y < height) {
                luma(picture, out, luma, y * width, width, (y & LUMA_ROWS - 1) * stride);
            }
            int b = y - 2;
            if (b >= 0 && b < height) {
                blur(luma, blurred, pairs, width, (b & ROWS - 1) * stride, lumaRow(b - 2), lumaRow(b - 1), lumaRow(b),
                        lumaRow(b + 1), lumaRow(b + 2));
            }
            int s = y - 3;
            int next = 0;
            if (s >= 0 && s < height) {
                next = sobel(s);
            } else if (s == height) {
                Arrays.fill(magnitude, (s & ROWS - 1) * stride, (s & ROWS - 1) * stride + stride, 0);
            }
            if (y >= 4) {
                top = thin(y - 4, count, top);
            }
            count = next;
        }
        paint(out, top);
    }

    private int lumaRow(int y) {
        return (Math.max(0, Math.min(y, height - 1)) & LUMA_ROWS - 1) * stride;
    }

    private int blurredRow(int y) {
        return (Math.max(0, Math.min(y, height - 1)) & ROWS - 1) * stride;
    }

    private static void luma(int[] picture, int[] out, int[] luma, int from, int width, int row) {
        int to = row + 1;
        int at = from;
        int end = from + width;
        for (int last = end - 1; at < last; at += 2, to++) {
            int p = picture[at];
            int q = picture[at + 1];
            out[at] = p | OPAQUE;
            out[at + 1] = q | OPAQUE;
            // 77 R + 29 B stands in the upper half of one product.
            int redBlue = ((p & LANES) * 0x4d001d) >>> 16 | ((q & LANES) * 0x4d001d) & 0xffff0000;
            int green = p >>> 8 & 255 | (q & 0xff00) << 8;
            luma[to] = (redBlue + green * 150 + 0x800080) >>> 8 & LANES;
        }
        if (at < end) {
            int p = picture[at];
            out[at] = p | OPAQUE;
            luma[to] = (((p & LANES) * 0x4d001d >>> 16) + (p >>> 8 & 255) * 150 + 128) >>> 8;
        }
        luma[row] = (luma[row + 1] & 0xffff) * 0x10001;
        int last = lane(luma, 2 * row + width + 1);
        for (int i = 2; i < 5; i++) {
            setLane(luma, 2 * row + width + i, last);
        }
    }

    private static int lane(int[] words, int lane) {
        return words[lane >> 1] >>> ((lane & 1) << 4) & 0xffff;
    }

    private static void setLane(int[] words, int lane, int value) {
        int shift = (lane & 1) << 4;
        words[lane >> 1] = words[lane >> 1] & ~(0xffff << shift) | value << shift;
    }

    private static void blur(int[] luma, int[] blurred, int pairs, int width, int row, int r0, int r1, int r2, int r3, int r4) {
        int before = luma[r0] + luma[r4] + (luma[r1] + luma[r3] << 2) + luma[r2] * 6;
        int here = luma[r0 + 1] + luma[r4 + 1] + (luma[r1 + 1] + luma[r3 + 1] << 2) + luma[r2 + 1] * 6;
        for (int i = 1; i <= pairs; i++) {
            int j = i + 1;
            int behind = luma[r0 + j] + luma[r4 + j] + (luma[r1 + j] + luma[r3 + j] << 2) + luma[r2 + j] * 6;
            int sides = (before >>> 16 | here << 16) + (here >>> 16 | behind << 16);
            blurred[row + i] = (before + behind + (sides << 2) + here * 6 + 0x800080) >>> 8 & LANES;
            before = here;
            here = behind;
        }
        setLane(blurred, 2 * row + 1, blurred[row + 1] & 0xffff);
        setLane(blurred, 2 * row + width + 2, lane(blurred, 2 * row + width + 1));
    }

    private int sobel(int y) {
        int row = (y & ROWS - 1) * stride;
        int kept = (y & 1) * stride;
        int count = sobel(blurred, magnitude, horizontal, vertical, candidates, pairs, row, kept, blurredRow(y - 1), blurredRow(y),
                blurredRow(y + 1));
        setLane(magnitude, 2 * row + width + 2, 0);
        return count;
    }

    private static int sobel(int[] blurred, int[] magnitude, int[] horizontal, int[] vertical, int[] candidates, int pairs, int row,
            int kept, int r0, int r1, int r2) {
        int count = kept;
        int p = blurred[r0];
        int q = blurred[r2];
        int sumBefore = p + (blurred[r1] << 1) + q;
        int stepBefore = q + 0x1000100 - p;
        p = blurred[r0 + 1];
        q = blurred[r2 + 1];
        int sum = p + (blurred[r1 + 1] << 1) + q;
        int step = q + 0x1000100 - p;
        for (int i = 1; i <= pairs; i++) {
            int j = i + 1;
            p = blurred[r0 + j];
            q = blurred[r2 + j];
            int sumBehind = p + (blurred[r1 + j] << 1) + q;
            int stepBehind = q + 0x1000100 - p;
            int x = (sum >>> 16 | sumBehind << 16) + 0x4000400 - (sumBefore >>> 16 | sum << 16);
            int y = (stepBefore >>> 16 | step << 16) + (step >>> 16 | stepBehind << 16) + (step << 1);
            // 1 in the lanes of negative numbers; 1024 - v is the complement of v in 10 bits and 1.
            int n = ~x >>> 10 & 0x10001;
            int m = ~y >>> 10 & 0x10001;
            int sizes = (x & 0x3ff03ff ^ (n << 10) - n) + n + (y & 0x3ff03ff ^ (m << 10) - m) + m;
            magnitude[row + i] = sizes;
            if ((sizes + 0x7fb07fb0 & 0x80008000) != 0) {
                horizontal[kept + i] = x;
                vertical[kept + i] = y;
                candidates[count++] = i;
            }
            sumBefore = sum;
            sum = sumBehind;
            stepBefore = step;
            step = stepBehind;
        }
        return count - kept;
    }

    private int thin(int y, int count, int top) {
        int kept = (y & 1) * stride;
        int row = 2 * (y & ROWS - 1) * stride;
        int above = 2 * (y - 1 & ROWS - 1) * stride;
        int below = 2 * (y + 1 & ROWS - 1) * stride;
        int marked = (y + 1) * around - 1;
        Arrays.fill(marks, marked + 1, marked + 1 + around, (byte) 0);
        for (int k = kept; k < kept + count; k++) {
            int word = candidates[k];
            for (int lane = 0; lane < 2; lane++) {
                int x = 2 * word + lane;
                int size = lane(magnitude, row + x);
                int gx = (horizontal[kept + word] >>> 16 * lane & 0xffff) - 1024;
                int gy = (vertical[kept + word] >>> 16 * lane & 0xffff) - 1024;
                if (size < WEAK || x >= width + 2) {
                    continue;
                }
                int ax = gx < 0 ? -gx : gx;
                int ay = gy < 0 ? -gy : gy;
                int before;
                int behind;
                if (5 * ay < 2 * ax) {
                    before = row + x - 1;
                    behind = row + x + 1;
                } else if (5 * ax < 2 * ay) {
                    before = above + x;
                    behind = below + x;
                } else if ((gx ^ gy) >= 0) {
                    before = above + x - 1;
                    behind = below + x + 1;
                } else {
                    before = above + x + 1;
                    behind = below + x - 1;
                }
                if (size > lane(magnitude, before) && size >= lane(magnitude, behind)) {
                    marks[marked + x] = (byte) (size >= STRONG ? 2 : 1);
                    if (size >= STRONG) {
                        stack[top++] = y << 16 | x - 2;
                    }
                }
            }
        }
        return top;
    }

    private void paint(int[] out, int top) {
        while (top > 0) {
            int place = stack[--top];
            int y = place >>> 16;
            int x = place & 0xffff;
            out[y * width + x] = GREEN;
            for (int dy = -1; dy <= 1; dy++) {
                int mark = (y + 1 + dy) * around + x;
                for (int dx = -1; dx <= 1; dx++, mark++) {
                    if (marks[mark] == 1) {
                        marks[mark] = 2;
                        stack[top++] = place + (dy << 16) + dx;
                    }
                }
            }
        }
    }
}
