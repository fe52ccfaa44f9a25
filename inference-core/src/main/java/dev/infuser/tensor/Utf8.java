package dev.infuser.tensor;

import java.util.Arrays;

/** UTF-8, strictly: what is not valid is refused and never replaced. */
public final class Utf8 {

    private Utf8() {
    }

    /** The text that {@code count} bytes from {@code from} encode, or null where they are not valid UTF-8. */
    public static String decode(byte[] bytes, int from, int count) {
        char[] out = new char[count];
        int length = 0;
        int end = from + count;
        for (int at = from; at < end;) {
            int lead = bytes[at++] & 0xFF;
            int more = lead < 0x80 ? 0 : lead < 0xC2 ? -1 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : lead < 0xF5 ? 3 : -1;
            if (more < 0 || more > end - at) {
                return null;
            }
            int point = more == 0 ? lead : lead & 0x3F >> more;
            for (int i = 0; i < more; i++) {
                int next = bytes[at++] & 0xFF;
                if (next >> 6 != 2) {
                    return null;
                }
                point = point << 6 | next & 0x3F;
            }
            boolean overlong = more == 2 && point < 0x800 || more == 3 && point < 0x10000;
            if (overlong || point > Character.MAX_CODE_POINT || point >= 0xD800 && point < 0xE000) {
                return null;
            }
            if (point < 0x10000) {
                out[length++] = (char) point;
            } else {
                out[length++] = Character.highSurrogate(point);
                out[length++] = Character.lowSurrogate(point);
            }
        }
        return new String(out, 0, length);
    }

    /** The bytes of {@code text}, or null where it holds half a surrogate pair. */
    public static byte[] encode(String text) {
        byte[] out = new byte[text.length() * 3];
        int length = 0;
        for (int i = 0; i < text.length(); i++) {
            int point = text.charAt(i);
            if (point >= 0xD800 && point < 0xE000) {
                boolean pair = point < 0xDC00 && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1));
                if (!pair) {
                    return null;
                }
                point = Character.toCodePoint((char) point, text.charAt(++i));
            }
            int more = point < 0x80 ? 0 : point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
            out[length++] = (byte) (more == 0 ? point : 0xFF00 >> more + 1 & 0xFF | point >> 6 * more);
            for (int shift = 6 * (more - 1); shift >= 0; shift -= 6) {
                out[length++] = (byte) (0x80 | point >> shift & 0x3F);
            }
        }
        return Arrays.copyOf(out, length);
    }
}
