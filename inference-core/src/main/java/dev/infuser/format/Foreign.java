package dev.infuser.format;

import dev.infuser.tensor.InvalidModelException;

/** Tells what a file is that is no {@code .tea} file. */
final class Foreign {

    private static final String CONVERT = "convert it to .tea first";
    private static final String ADDRESS = "check the address: the server sent something else, perhaps an error page";

    /** How files begin, where a space is any byte; what they are; what to do. */
    private static final String[] KINDS = {
        " TEA", "a .tea file whose first bytes are damaged", "the transfer changed its bytes: send it as binary",
        "PK\3\4", "a zip archive", "unpack it first",
        "\u001f\u008b", "gzip data", "unpack it first, or serve it with Content-Encoding: gzip",
        "    TFL3", "a TensorFlow Lite model", CONVERT,
        "version https://git-lfs", "a Git LFS pointer", "fetch the file that it points to"
    };

    /** The same for texts, behind a byte order mark and white space. */
    private static final String[] TEXTS = {
        "<?xml", "an XML document", ADDRESS,
        "<", "an HTML page", ADDRESS,
        "{", "JSON text", ADDRESS,
        "[", "JSON text", ADDRESS
    };

    private Foreign() {
    }

    /** The error for a file that begins with {@code prefix}. */
    static InvalidModelException error(byte[] prefix, int count) {
        StringBuilder hex = new StringBuilder("it begins with");
        for (int i = 0; i < count && i < 8; i++) {
            hex.append(' ').append(Character.forDigit(prefix[i] >> 4 & 15, 16)).append(Character.forDigit(prefix[i] & 15, 16));
        }
        int text = starts(prefix, count, 0, "\u00ef\u00bb\u00bf") ? 3 : 0;
        while (text < count && (prefix[text] == ' ' || prefix[text] >= '\t' && prefix[text] <= '\r')) {
            text++;
        }
        String what = "a file of another kind";
        String hint = CONVERT;
        if (count > 2 && prefix[0] == 8 && prefix[1] > 0 && prefix[1] < 32 && (prefix[2] & 7) <= 2) {
            what = "an ONNX model";
        }
        for (int i = KINDS.length + TEXTS.length - 3; i >= 0; i -= 3) {
            String[] table = i < KINDS.length ? KINDS : TEXTS;
            int row = i < KINDS.length ? i : i - KINDS.length;
            if (starts(prefix, count, i < KINDS.length ? 0 : text, table[row])) {
                what = table[row + 1];
                hint = table[row + 2];
            }
        }
        return new InvalidModelException("foreign-file", "", "this is " + what + ", not a readable .tea file",
                hex.toString(), hint);
    }

    private static boolean starts(byte[] prefix, int count, int at, String pattern) {
        boolean same = at + pattern.length() <= count;
        for (int i = 0; same && i < pattern.length(); i++) {
            same = pattern.charAt(i) == ' ' || (prefix[at + i] & 0xFF) == pattern.charAt(i);
        }
        return same;
    }
}
