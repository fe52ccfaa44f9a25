package dev.infuser.converter.onnx;

import dev.infuser.tensor.InvalidModelException;
import java.nio.ByteBuffer;

/** Recognises what people hand over by mistake in place of an ONNX model. */
final class Foreign {

    private static final String[][] KINDS = {
        {"<!DOCTYPE", "a web page, perhaps an error page of the server", "check the address and download it again"},
        {"<!doctype", "a web page, perhaps an error page of the server", "check the address and download it again"},
        {"<html", "a web page, perhaps an error page of the server", "check the address and download it again"},
        {"<HTML", "a web page, perhaps an error page of the server", "check the address and download it again"},
        {"<?xml", "an XML document", "check the address and download it again"},
        {"version https://git-lfs", "a Git LFS pointer, not the file itself", "fetch the file with: git lfs pull"},
        {"{", "a JSON document", "give the .onnx file"},
        {"PK\u0003\u0004", "a ZIP archive", "unpack it, or name the model in it as archive.jar!/model.onnx"},
        {"\u001F\u008B", "compressed with gzip", "unpack it first"},
        {"\u0089HDF", "an HDF5 file", "export the model to ONNX"},
        {"\u0080\u0002", "a Python pickle", "export the model to ONNX"},
    };

    /** The tags that a ModelProto may begin with: its fields 1 to 8, 14, 20, 25 and 26, as they are encoded. */
    private static final String FIRST_BYTES = "\u0008\u0012\u001A\"\u0028\u0032\u003A\u0042\u0072\u00A2\u00CA\u00D2";

    private Foreign() {
    }

    static void check(ByteBuffer bytes) {
        if (!bytes.hasRemaining()) {
            throw new InvalidModelException("empty-file", "", "the file is empty", "", "download or export it again");
        }
        for (String[] kind : KINDS) {
            if (startsWith(bytes, skipSpace(bytes), kind[0])) {
                fail(kind[1], kind[2]);
            }
        }
        if (startsWith(bytes, bytes.position() + 4, "TFL3")) {
            fail("a TensorFlow Lite model", "export the model to ONNX");
        }
        if (FIRST_BYTES.indexOf(bytes.get(bytes.position()) & 0xFF) < 0) {
            fail("something else", "give the .onnx file");
        }
    }

    private static void fail(String what, String hint) {
        throw new InvalidModelException("foreign-file", "", "not an ONNX model: the file is " + what, "", hint);
    }

    private static int skipSpace(ByteBuffer bytes) {
        int i = bytes.position();
        while (i < bytes.limit() && (bytes.get(i) == ' ' || bytes.get(i) == '\n'
                || bytes.get(i) == '\r' || bytes.get(i) == '\t')) {
            i++;
        }
        return i;
    }

    private static boolean startsWith(ByteBuffer bytes, int at, String prefix) {
        if (bytes.limit() - at < prefix.length()) {
            return false;
        }
        for (int i = 0; i < prefix.length(); i++) {
            if ((bytes.get(at + i) & 0xFF) != prefix.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
