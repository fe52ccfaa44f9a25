package dev.infuser.image.webp;

import dev.infuser.image.Bytes;
import dev.infuser.image.Canvas;
import dev.infuser.vision.Picture;

/** A WebP file (RFC 9649): lossy or lossless, with alpha or not; of an animation the first frame. */
public final class WebP {

    private static final int LOSSY = 0x20385056;
    private static final int LOSSLESS = 0x4c385056;
    private static final int EXTENDED = 0x58385056;
    private static final int ALPHA = 0x48504c41;
    private static final int FRAME = 0x464d4e41;

    private Canvas canvas;
    private Bytes alpha;
    private boolean done;

    private WebP() {
    }

    /** Whether the file begins as a WebP file. */
    public static boolean accepts(Bytes in) {
        return in.begins("RIFF") && in.peek(8) == 'W' && in.peek(9) == 'E' && in.peek(10) == 'B' && in.peek(11) == 'P';
    }

    /** The image; throws where it is damaged. */
    public static Picture decode(Bytes in) {
        WebP file = new WebP();
        file.chunks(in.littleEndian().seek(12), 0, 0);
        if (!file.done) {
            throw Bytes.damaged("there is no image in the file");
        }
        return file.canvas.picture();
    }

    private void chunks(Bytes in, int left, int top) {
        while (in.left() >= 8 && !done) {
            int kind = in.i32();
            long length = in.u32();
            int start = in.position();
            Bytes chunk = in.part(start, length);
            switch (kind) {
                case EXTENDED -> {
                    chunk.i32();
                    int width = chunk.u24() + 1;
                    canvas = new Canvas(width, chunk.u24() + 1);
                    for (int i = 0; i < canvas.width * canvas.height; i++) {
                        canvas.alpha(i, 0);
                    }
                }
                case ALPHA -> alpha = chunk;
                case LOSSY -> lossy(new Vp8(chunk), left, top);
                case LOSSLESS -> lossless(Vp8l.decode(chunk), left, top);
                case FRAME -> chunks(chunk.part(16, length), 2 * chunk.seek(0).u24(), 2 * chunk.seek(3).u24());
                default -> { }
            }
            in.seek(Math.min(start + length + (length & 1), in.length()));
        }
    }

    private void begin(int width, int height) {
        if (canvas == null) {
            canvas = new Canvas(width, height);
        }
        done = true;
    }

    /** The pixel of the canvas at a place of the frame, or -1 beside it. */
    private int pixel(int x, int y) {
        return x < canvas.width && y < canvas.height ? y * canvas.width + x : -1;
    }

    private void lossless(int[][] image, int left, int top) {
        int width = image[0][0];
        begin(width, image[0][1]);
        int opaque = image[0][2] == 1 ? 0 : 0xff000000;
        for (int i = 0; i < image[1].length; i++) {
            int at = pixel(left + i % width, top + i / width);
            if (at >= 0) {
                canvas.argb(at, image[1][i] | opaque);
            }
        }
    }

    private void lossy(Vp8 frame, int left, int top) {
        begin(frame.width, frame.height);
        byte[] opacity = alpha == null ? null : Alpha.decode(alpha, frame.width, frame.height);
        for (int y = 0; y < frame.height; y++) {
            for (int x = 0; x < frame.width; x++) {
                int at = pixel(left + x, top + y);
                if (at >= 0) {
                    paint(at, frame.luma.at(x, y), chroma(frame, frame.u, x, y), chroma(frame, frame.v, x, y));
                    canvas.alpha(at, opacity == null ? 255 : opacity[y * frame.width + x] & 0xff);
                }
            }
        }
    }

    /** The sample of chroma at a pixel: 9 parts of the nearest, 3 of those beside and above or below, 1 of that between. */
    private static int chroma(Vp8 frame, Plane plane, int x, int y) {
        int column = x / 2;
        int row = y / 2;
        int beside = Math.max(0, Math.min((frame.width - 1) / 2, x % 2 == 0 ? column - 1 : column + 1));
        int other = Math.max(0, Math.min((frame.height - 1) / 2, y % 2 == 0 ? row - 1 : row + 1));
        return 9 * plane.at(column, row) + 3 * (plane.at(beside, row) + plane.at(column, other)) + plane.at(beside, other) + 8 >> 4;
    }

    /** The colors of ITU-R BT.601 in 14 bits, as the reference decoder rounds them. */
    private void paint(int at, int y, int u, int v) {
        int light = y * 19077 >> 8;
        canvas.rgb(at, eight(light + (v * 26149 >> 8) - 14234), eight(light - (u * 6419 >> 8) - (v * 13320 >> 8) + 8708),
                eight(light + (u * 33050 >> 8) - 17685));
    }

    private static int eight(int value) {
        return Math.max(0, Math.min(255, value >> 6));
    }
}
