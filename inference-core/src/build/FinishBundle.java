import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Makes the npm package's modules out of what the compiler wrote.
 *
 * <p>In every module, the limits of the imported memory become "at least one page", so that the page may bring a memory of
 * any size, and custom sections go, which browsers do not need. Run as {@code java FinishBundle.java MODULES TO}, two folders.
 */
public final class FinishBundle {

    private static final int CUSTOM = 0;
    private static final int IMPORT = 2;
    private static final int MEMORY = 2;

    /** The window at the beginning of memory that holds what the compiler places there, see infuser.js. */
    private static final int DATA_WINDOW = 131072;

    /** No maximum, and a minimum of 1 that takes as many bytes as infuser.js needs to say otherwise. */
    private static final byte[] LIMITS = {0, (byte) 0x81, (byte) 0x80, (byte) 0x80, 0};

    private final byte[] in;
    private int at;

    private FinishBundle(byte[] in) {
        this.in = in;
    }

    public static void main(String[] args) throws IOException {
        Path to = Files.createDirectories(Path.of(args[1]));
        try (DirectoryStream<Path> modules = Files.newDirectoryStream(Path.of(args[0]), "*.wasm")) {
            for (Path module : modules) {
                Files.write(to.resolve(module.getFileName()), new FinishBundle(Files.readAllBytes(module)).rewrite());
            }
        }
    }

    private byte[] rewrite() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(in, 0, 8);
        at = 8;
        while (at < in.length) {
            int id = in[at++];
            int length = unsigned();
            int end = at + length;
            if (id == CUSTOM) {
                checkData(end);
            } else {
                byte[] body = id == IMPORT ? imports(end) : slice(at, end);
                out.write(id);
                unsigned(out, body.length);
                out.write(body, 0, body.length);
            }
            at = end;
        }
        return out.toByteArray();
    }

    private void checkData(int end) {
        String text = new String(in, at, end - at, StandardCharsets.UTF_8);
        int key = text.indexOf("\"dataSize\":");
        if (text.contains("teavm.memoryRequirements") && key >= 0) {
            String digits = text.substring(key + 11).split("[^0-9 ]")[0].trim();
            if (Integer.parseInt(digits) > DATA_WINDOW) {
                throw new IllegalStateException("static data of " + digits + " bytes exceeds the window of " + DATA_WINDOW);
            }
        }
    }

    private byte[] imports(int end) {
        int from = at;
        byte[] memory = "\3env\6memory".getBytes(StandardCharsets.UTF_8);
        for (int i = from; i + memory.length < end; i++) {
            if (matches(memory, i) && in[i + memory.length] == MEMORY) {
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                at = i + memory.length + 1;
                out.write(in, from, at - from);
                boolean maximum = (unsigned() & 1) != 0;
                unsigned();
                if (maximum) {
                    unsigned();
                }
                out.write(LIMITS, 0, LIMITS.length);
                out.write(in, at, end - at);
                return out.toByteArray();
            }
        }
        throw new IllegalStateException("the module does not import env.memory");
    }

    private boolean matches(byte[] name, int from) {
        for (int i = 0; i < name.length; i++) {
            if (in[from + i] != name[i]) {
                return false;
            }
        }
        return true;
    }

    private byte[] slice(int from, int to) {
        return java.util.Arrays.copyOfRange(in, from, to);
    }

    private int unsigned() {
        int value = 0;
        for (int shift = 0;; shift += 7) {
            int b = in[at++];
            value |= (b & 127) << shift;
            if (b >= 0) {
                return value;
            }
        }
    }

    private static void unsigned(ByteArrayOutputStream out, int value) {
        int rest = value;
        while (rest >>> 7 != 0) {
            out.write(rest & 127 | 128);
            rest >>>= 7;
        }
        out.write(rest);
    }
}
