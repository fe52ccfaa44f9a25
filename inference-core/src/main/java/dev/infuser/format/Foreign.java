package dev.infuser.format;

import dev.infuser.tensor.InvalidModelException;

/** Tells what a file is that is no {@code .tea} file. */
final class Foreign {

    private static final String CONVERT = "convert it to .tea first";

    private Foreign() {
    }

    /** The error for a file that begins with {@code prefix}. */
    static InvalidModelException error(byte[] prefix, int count) {
        if (starts(prefix, count, 1, "TEA")) {
            return error("a .tea file whose first bytes are damaged", "the transfer changed its bytes: send it as binary");
        }
        if (starts(prefix, count, 0, "PK\3\4")) {
            return error("a zip archive", "unpack it first");
        }
        if (starts(prefix, count, 0, "\u001f\u008b")) {
            return error("gzip data", "unpack it first, or serve it with Content-Encoding: gzip");
        }
        if (starts(prefix, count, 4, "TFL3")) {
            return error("a TensorFlow Lite model", CONVERT);
        }
        if (starts(prefix, count, 0, "version https://git-lfs")) {
            return error("a Git LFS pointer", "fetch the file that it points to");
        }
        int text = starts(prefix, count, 0, "\u00ef\u00bb\u00bf") ? 3 : 0;
        while (text < count && (prefix[text] == ' ' || prefix[text] >= '\t' && prefix[text] <= '\r')) {
            text++;
        }
        int first = text < count ? prefix[text] : 0;
        if (first == '<') {
            return starts(prefix, count, text, "<?xml") ? error("an XML document", "check the address")
                    : error("an HTML page", "check the address: the server sent a page, perhaps an error page");
        }
        if (first == '{' || first == '[') {
            return error("JSON text", "check the address, or convert the model that it describes to .tea first");
        }
        if (count > 2 && prefix[0] == 8 && prefix[1] > 0 && prefix[1] < 32 && (prefix[2] & 7) <= 2) {
            return error("an ONNX model", CONVERT);
        }
        StringBuilder hex = new StringBuilder("it begins with");
        for (int i = 0; i < count && i < 8; i++) {
            hex.append(' ').append(Character.forDigit(prefix[i] >> 4 & 15, 16)).append(Character.forDigit(prefix[i] & 15, 16));
        }
        return new InvalidModelException("foreign-file", "", "this is not a .tea file", hex.toString(), CONVERT);
    }

    private static InvalidModelException error(String what, String hint) {
        return new InvalidModelException("foreign-file", "", "this is " + what + (what.startsWith("a .tea") ? ""
                : ", not a .tea file"), "", hint);
    }

    private static boolean starts(byte[] prefix, int count, int at, String text) {
        boolean same = at + text.length() <= count;
        for (int i = 0; same && i < text.length(); i++) {
            same = (prefix[at + i] & 0xFF) == text.charAt(i);
        }
        return same;
    }
}
