package dev.infuser.image.webp;

/** The loop filter over the edges of macroblocks and of their parts (RFC 6386, 15). */
final class Vp8Filter {

    boolean simple;
    int level;
    int sharpness;

    private byte[] data;
    private int inside;
    private int edge;
    private int variance;

    /** @param inner by macroblock, whether the edges of its parts are filtered, too */
    void run(Vp8 frame, byte[] levels, boolean[] inner) {
        for (int y = 0; y < frame.down; y++) {
            for (int x = 0; x < frame.across; x++) {
                int at = y * frame.across + x;
                if (levels[at] > 0) {
                    begin(levels[at]);
                    block(frame.luma, 16, x, y, inner[at]);
                    if (!simple) {
                        block(frame.u, 8, x, y, inner[at]);
                        block(frame.v, 8, x, y, inner[at]);
                    }
                }
            }
        }
    }

    private void begin(int strength) {
        inside = strength >> (sharpness > 4 ? 2 : sharpness > 0 ? 1 : 0);
        if (sharpness > 0) {
            inside = Math.min(inside, 9 - sharpness);
        }
        inside = Math.max(inside, 1);
        edge = 2 * strength + inside;
        variance = strength >= 40 ? 2 : strength >= 15 ? 1 : 0;
    }

    private void block(Plane plane, int size, int x, int y, boolean inner) {
        data = plane.data;
        int pitch = plane.width;
        int at = y * size * pitch + x * size;
        if (x > 0) {
            line(at, 1, pitch, size, true);
        }
        for (int i = 4; i < size && inner; i += 4) {
            line(at + i, 1, pitch, size, false);
        }
        if (y > 0) {
            line(at, pitch, 1, size, true);
        }
        for (int i = 4; i < size && inner; i += 4) {
            line(at + i * pitch, pitch, 1, size, false);
        }
    }

    /** Filters across an edge; {@code across} is the distance of pixels over the edge, {@code along} that on it. */
    private void line(int at, int across, int along, int size, boolean outer) {
        int limit = 2 * (outer ? edge + 4 : edge) + 1;
        for (int i = 0; i < size; i++, at += along) {
            int p1 = pixel(at - 2 * across);
            int p0 = pixel(at - across);
            int q0 = pixel(at);
            int q1 = pixel(at + across);
            if (4 * Math.abs(p0 - q0) + Math.abs(p1 - q1) > limit) {
                continue;
            }
            if (simple) {
                two(at, across, p1, p0, q0, q1);
                continue;
            }
            int p2 = pixel(at - 3 * across);
            int q2 = pixel(at + 2 * across);
            if (Math.abs(pixel(at - 4 * across) - p2) > inside || Math.abs(p2 - p1) > inside || Math.abs(p1 - p0) > inside
                    || Math.abs(pixel(at + 3 * across) - q2) > inside || Math.abs(q2 - q1) > inside || Math.abs(q1 - q0) > inside) {
                continue;
            }
            if (Math.abs(p1 - p0) > variance || Math.abs(q1 - q0) > variance) {
                two(at, across, p1, p0, q0, q1);
            } else if (outer) {
                int a = clamp(3 * (q0 - p0) + clamp(p1 - q1, 128), 128);
                int near = 27 * a + 63 >> 7;
                int next = 18 * a + 63 >> 7;
                int far = 9 * a + 63 >> 7;
                put(at - 3 * across, p2 + far);
                put(at - 2 * across, p1 + next);
                put(at - across, p0 + near);
                put(at, q0 - near);
                put(at + across, q1 - next);
                put(at + 2 * across, q2 - far);
            } else {
                int a = 3 * (q0 - p0);
                int after = clamp(a + 4 >> 3, 16);
                int next = after + 1 >> 1;
                put(at - 2 * across, p1 + next);
                put(at - across, p0 + clamp(a + 3 >> 3, 16));
                put(at, q0 - after);
                put(at + across, q1 - next);
            }
        }
    }

    private void two(int at, int across, int p1, int p0, int q0, int q1) {
        int a = 3 * (q0 - p0) + clamp(p1 - q1, 128);
        put(at - across, p0 + clamp(a + 3 >> 3, 16));
        put(at, q0 - clamp(a + 4 >> 3, 16));
    }

    private int pixel(int at) {
        return data[at] & 0xff;
    }

    private void put(int at, int value) {
        data[at] = (byte) Math.max(0, Math.min(255, value));
    }

    /** Within so many below 0 and one less above. */
    private static int clamp(int value, int by) {
        return Math.max(-by, Math.min(by - 1, value));
    }
}
