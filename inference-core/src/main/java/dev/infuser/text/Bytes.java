package dev.infuser.text;

import dev.infuser.tensor.Utf8;
import java.util.List;

/** Text as bytes of UTF-8, each shown by a printable character, as GPT-2 introduced it. */
final class Bytes {
    private static final char[] SHOWN = new char[256];
    private static final int[] BYTES = new int[0x144];

    static {
        int shifted = 256;
        for (int i = 0; i < BYTES.length; i++) {
            BYTES[i] = -1;
        }
        for (int i = 0; i < 256; i++) {
            boolean printable = i > 32 && i < 127 || i > 160 && i != 173;
            SHOWN[i] = (char) (printable ? i : shifted++);
            BYTES[SHOWN[i]] = i;
        }
    }

    private Bytes() {
    }

    /** The character that shows a space. */
    static char space() {
        return SHOWN[' '];
    }

    /** Each character of a text as the characters that show its bytes. */
    static Text show(Text text) {
        Text.Rewriter rewriter = new Text.Rewriter(text);
        byte[] bytes = new byte[4];
        for (int i = text.from(); i < text.to(); i++) {
            int count = encode(text.points()[i], bytes, 0);
            rewriter.replace(SHOWN[bytes[0] & 0xFF]);
            for (int j = 1; j < count; j++) {
                rewriter.insert(SHOWN[bytes[j] & 0xFF]);
            }
        }
        return rewriter.done();
    }

    /** The text that tokens show; a token with other characters stands for itself. */
    static String read(List<String> tokens) {
        byte[] bytes = new byte[64];
        int count = 0;
        for (String token : tokens) {
            Text text = Text.of(token);
            boolean shown = true;
            for (int i = 0; i < text.length(); i++) {
                shown &= text.points()[i] < BYTES.length && BYTES[text.points()[i]] >= 0;
            }
            if (count + 4 * text.length() > bytes.length) {
                byte[] more = new byte[2 * (count + 4 * text.length())];
                System.arraycopy(bytes, 0, more, 0, count);
                bytes = more;
            }
            for (int i = 0; i < text.length(); i++) {
                int c = text.points()[i];
                if (shown) {
                    bytes[count++] = (byte) BYTES[c];
                } else {
                    count += encode(c, bytes, count);
                }
            }
        }
        return decode(bytes, count);
    }

    /** Writes a character in UTF-8 and gives the number of bytes. */
    static int encode(int c, byte[] out, int at) {
        int more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
        out[at] = (byte) (more == 0 ? c : 0xFF00 >> more + 1 | c >> 6 * more);
        for (int i = 1; i <= more; i++) {
            out[at + i] = (byte) (0x80 | c >> 6 * (more - i) & 0x3F);
        }
        return more + 1;
    }

    /** The text in UTF-8, or null where it is not. */
    static String decodeStrictly(byte[] bytes, int count) {
        return Utf8.decode(bytes, 0, count);
    }

    /** The text in UTF-8, with U+FFFD for each longest part that a character could begin with but does not. */
    static String decode(byte[] bytes, int count) {
        StringBuilder text = new StringBuilder();
        int at = 0;
        while (at < count) {
            int lead = bytes[at++] & 0xFF;
            int more = lead < 0x80 ? 0 : lead < 0xC2 ? -1 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : lead < 0xF5 ? 3 : -1;
            int c = more <= 0 ? lead : lead & 0x3F >> more;
            int low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
            int high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
            for (; more > 0; more--) {
                int next = at < count ? bytes[at] & 0xFF : 0;
                if (next < low || next > high) {
                    more = -1;
                    break;
                }
                c = c << 6 | next & 0x3F;
                low = 0x80;
                high = 0xBF;
                at++;
            }
            text.appendCodePoint(more < 0 ? 0xFFFD : c);
        }
        return text.toString();
    }
}
