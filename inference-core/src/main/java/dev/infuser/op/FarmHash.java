package dev.infuser.op;

/** The 64-bit fingerprint of FarmHash, by which TensorFlow puts strings into buckets. */
final class FarmHash {

    private static final long K0 = 0xc3a5c85c97cb3127L;
    private static final long K1 = 0xb492b66fbe98f273L;
    private static final long K2 = 0x9ae16a3b2f90404fL;

    private FarmHash() {
    }

    static long fingerprint(byte[] s) {
        int n = s.length;
        return n <= 16 ? upTo16(s) : n <= 32 ? upTo32(s) : n <= 64 ? upTo64(s) : longer(s);
    }

    private static long word(byte[] s, int at) {
        return half(s, at) | half(s, at + 4) << 32;
    }

    private static long half(byte[] s, int at) {
        return s[at] & 0xFFL | (s[at + 1] & 0xFFL) << 8 | (s[at + 2] & 0xFFL) << 16 | (s[at + 3] & 0xFFL) << 24;
    }

    private static long rotate(long value, int shift) {
        return value >>> shift | value << 64 - shift;
    }

    private static long mix(long value) {
        return value ^ value >>> 47;
    }

    private static long join(long u, long v, long factor) {
        long a = mix((u ^ v) * factor);
        return mix((v ^ a) * factor) * factor;
    }

    private static long upTo16(byte[] s) {
        int n = s.length;
        long factor = K2 + n * 2L;
        if (n >= 8) {
            long a = word(s, 0) + K2;
            long b = word(s, n - 8);
            return join(rotate(b, 37) * factor + a, (rotate(a, 25) + b) * factor, factor);
        }
        if (n >= 4) {
            return join(n + (half(s, 0) << 3), half(s, n - 4), factor);
        }
        if (n == 0) {
            return K2;
        }
        int y = (s[0] & 0xFF) + ((s[n >> 1] & 0xFF) << 8);
        int z = n + ((s[n - 1] & 0xFF) << 2);
        return mix(y * K2 ^ z * K0) * K2;
    }

    private static long upTo32(byte[] s) {
        int n = s.length;
        long factor = K2 + n * 2L;
        long a = word(s, 0) * K1;
        long b = word(s, 8);
        long c = word(s, n - 8) * factor;
        long d = word(s, n - 16) * K2;
        return join(rotate(a + b, 43) + rotate(c, 30) + d, a + rotate(b + K2, 18) + c, factor);
    }

    private static long upTo64(byte[] s) {
        int n = s.length;
        long factor = K2 + n * 2L;
        long a = word(s, 0) * K2;
        long b = word(s, 8);
        long c = word(s, n - 8) * factor;
        long d = word(s, n - 16) * K2;
        long y = rotate(a + b, 43) + rotate(c, 30) + d;
        long z = join(y, a + rotate(b + K2, 18) + c, factor);
        long e = word(s, 16) * factor;
        long f = word(s, 24);
        long g = (y + word(s, n - 32)) * factor;
        long h = (z + word(s, n - 24)) * factor;
        return join(rotate(e + f, 43) + rotate(g, 30) + h, e + rotate(f + a, 18) + g, factor);
    }

    private static void weak(byte[] s, int at, long a, long b, long[] out) {
        long first = a + word(s, at);
        long second = rotate(b + first + word(s, at + 24), 21);
        long sum = first + word(s, at + 8) + word(s, at + 16);
        out[0] = sum + word(s, at + 24);
        out[1] = second + rotate(sum, 44) + first;
    }

    private static long longer(byte[] s) {
        long x = 81;
        long y = x * K1 + 113;
        long z = mix(y * K2 + 113) * K2;
        long[] v = new long[2];
        long[] w = new long[2];
        x = x * K2 + word(s, 0);
        int end = (s.length - 1) / 64 * 64;
        int last = s.length - 64;
        for (int at = 0; at < end; at += 64) {
            x = rotate(x + y + v[0] + word(s, at + 8), 37) * K1 ^ w[1];
            y = rotate(y + v[1] + word(s, at + 48), 42) * K1 + v[0] + word(s, at + 40);
            z = rotate(z + w[0], 33) * K1;
            weak(s, at, v[1] * K1, x + w[0], v);
            weak(s, at + 32, z + w[1], y + word(s, at + 16), w);
            long swap = z;
            z = x;
            x = swap;
        }
        long factor = K1 + ((z & 0xFF) << 1);
        w[0] += s.length - 1 & 63;
        v[0] += w[0];
        w[0] += v[0];
        x = rotate(x + y + v[0] + word(s, last + 8), 37) * factor ^ w[1] * 9;
        y = rotate(y + v[1] + word(s, last + 48), 42) * factor + v[0] * 9 + word(s, last + 40);
        z = rotate(z + w[0], 33) * factor;
        weak(s, last, v[1] * factor, x + w[0], v);
        weak(s, last + 32, z + w[1], y + word(s, last + 16), w);
        return join(join(v[0], w[0], factor) + mix(y) * K0 + x, join(v[1], w[1], factor) + z, factor);
    }
}
