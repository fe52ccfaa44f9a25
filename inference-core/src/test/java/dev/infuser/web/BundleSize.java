package dev.infuser.web;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.aayushatharva.brotli4j.encoder.Encoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Prints what a page downloads to run a model, what the first embedding of a text adds, what tasks on other inputs have instead, what
 * drawing a model takes and what a model with rare operators takes instead of the engine, raw and compressed with brotli at its best; and what each module consists of: its sections, and
 * where it was built with {@code -Dinfuser.minifying=false} the code of each Java package and of each operator family, before
 * it was shrunk.
 */
public final class BundleSize {

    private static final String[] SECTIONS = {"custom", "types", "imports", "functions", "tables", "memory", "globals",
        "exports", "start", "elements", "code", "data", "data count", "tags"};
    private static final int CUSTOM = 0;
    private static final int CODE = 10;
    private static final int IMPORT = 2;

    private final byte[] bytes;
    private int at;

    private BundleSize(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Takes the folder {@code target}. */
    public static void main(String[] args) throws IOException {
        Path target = Path.of(args[0]);
        System.out.printf("%-24s %9s %9s%n", "part", "raw", "brotli");
        int raw = 0;
        int total = 0;
        for (String part : new String[] {"infuser.js", "infuser-engine.js", "infuser.wasm", "infuser-tasks.js", "infuser-tasks-worker.js",
            "infuser-text.wasm", "infuser-vision.wasm", "infuser-audio.wasm", "infuser-view.js", "infuser-view.wasm", "infuser-more.js", "infuser-threads.js", "infuser-full.wasm"}) {
            byte[] data = Files.readAllBytes(target.resolve("npm").resolve(part));
            boolean instead = List.of("infuser-full.wasm", "infuser-vision.wasm", "infuser-audio.wasm", "infuser-view.js", "infuser-view.wasm").contains(part);
            int size = row(part, data);
            raw += instead ? 0 : data.length;
            total += instead ? 0 : size;
            if (part.endsWith(".wasm")) {
                new BundleSize(data).sections();
                new BundleSize(Files.readAllBytes(target.resolve("teavm").resolve(part))).packages();
                if (!instead) {
                    System.out.printf("%-24s %9d %9d%n", "= so far", raw, total);
                }
            }
        }
    }

    /** The bytes that a page downloads, compressed. */
    static int compressed(byte[] data) throws IOException {
        Brotli4jLoader.ensureAvailability();
        return Encoder.compress(data, new Encoder.Parameters().setQuality(11).setWindow(24)).length;
    }

    private static int row(String name, byte[] data) throws IOException {
        int size = compressed(data);
        System.out.printf("%-24s %9d %9d%n", name, data.length, size);
        return size;
    }

    private void sections() throws IOException {
        at = 8;
        while (at < bytes.length) {
            int id = bytes[at++];
            int length = unsigned();
            row("  " + SECTIONS[id], Arrays.copyOfRange(bytes, at, at + length));
            at += length;
        }
    }

    private void packages() {
        Map<Integer, String> names = new HashMap<>();
        int[] code = {};
        int imported = 0;
        at = 8;
        while (at < bytes.length) {
            int id = bytes[at++];
            int length = unsigned();
            int end = at + length;
            if (id == IMPORT) {
                imported = functionImports(end);
            } else if (id == CODE) {
                code = new int[unsigned()];
                for (int i = 0; i < code.length; i++) {
                    code[i] = unsigned();
                    at += code[i];
                }
            } else if (id == CUSTOM && text().equals("name")) {
                functionNames(end, names);
            }
            at = end;
        }
        Map<String, Integer> sizes = new TreeMap<>();
        for (int i = 0; i < code.length && !names.isEmpty(); i++) {
            String name = names.getOrDefault(imported + i, "");
            sizes.merge(packageOf(name), code[i], Integer::sum);
            if (name.startsWith("dev.infuser.op.")) {
                sizes.merge("dev.infuser.op " + name.split("[.$@:]")[3], code[i], Integer::sum);
            }
        }
        sizes.forEach((name, size) -> System.out.printf("    %-40s %9d%n", name, size));
    }

    /** Counts function imports by their encoding: module, name, kind 0 and a type index. */
    private int functionImports(int end) {
        int count = 0;
        for (int left = unsigned(); left > 0 && at < end; left--) {
            text();
            text();
            int kind = bytes[at++];
            if (kind == 0) {
                unsigned();
                count++;
            } else if (kind == 2) {
                boolean maximum = (bytes[at++] & 1) != 0;
                unsigned();
                if (maximum) {
                    unsigned();
                }
            } else {
                at += 2;
            }
        }
        return count;
    }

    private void functionNames(int end, Map<Integer, String> names) {
        while (at < end) {
            int kind = bytes[at++];
            int length = unsigned();
            int next = at + length;
            if (kind == 1) {
                for (int left = unsigned(); left > 0; left--) {
                    int index = unsigned();
                    names.put(index, text());
                }
            }
            at = next;
        }
    }

    private static String packageOf(String function) {
        String[] parts = function.split("::")[0].split("\\.");
        return parts.length < 3 || parts[0].equals("org") ? "compiler" : parts[0].equals("dev")
                ? parts[0] + "." + parts[1] + "." + parts[2] : "java class library";
    }

    private String text() {
        int length = unsigned();
        at += length;
        return new String(bytes, at - length, length, StandardCharsets.UTF_8);
    }

    private int unsigned() {
        int value = 0;
        for (int shift = 0;; shift += 7) {
            int b = bytes[at++];
            value |= (b & 127) << shift;
            if (b >= 0) {
                return value;
            }
        }
    }
}
