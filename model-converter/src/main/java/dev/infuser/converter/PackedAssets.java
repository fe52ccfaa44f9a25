package dev.infuser.converter;

import dev.infuser.tensor.InvalidModelException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Files that a page downloads as one: {@code X.data}, with {@code X_loader.js} or {@code X.js} beside it, whose call of
 * {@code loadPackage} lists where each begins and ends. MediaPipe and other programs compiled by Emscripten come with them.
 *
 * @param ranges by name: where a file begins, and where it ends
 */
record PackedAssets(Path data, Map<String, long[]> ranges) {

    private static final String EXTENSION = ".data";
    private static final long MAX_LOADER = 1 << 24;
    private static final Pattern FILE = Pattern.compile(
            "\"filename\":\\s*\"([^\"\\\\]+)\",\\s*\"start\":\\s*(\\d{1,18}),\\s*\"end\":\\s*(\\d{1,18})");

    /** What a file packs, or null where it packs nothing. */
    static PackedAssets of(Path data) throws IOException {
        String name = data.getFileName().toString();
        if (!name.endsWith(EXTENSION)) {
            return null;
        }
        String base = name.substring(0, name.length() - EXTENSION.length());
        for (String loader : new String[] {base + "_loader.js", base + ".js", name + ".js"}) {
            Path script = data.resolveSibling(loader);
            if (Files.isRegularFile(script) && Files.size(script) <= MAX_LOADER) {
                PackedAssets assets = new PackedAssets(data, ranges(script, Files.size(data)));
                if (!assets.ranges.isEmpty()) {
                    return assets;
                }
            }
        }
        return null;
    }

    private static Map<String, long[]> ranges(Path script, long size) throws IOException {
        String text = Files.readString(script, StandardCharsets.ISO_8859_1);
        int call = text.indexOf("loadPackage({");
        Map<String, long[]> ranges = new LinkedHashMap<>();
        if (call < 0) {
            return ranges;
        }
        Matcher file = FILE.matcher(text);
        for (int at = call; file.find(at); at = file.end()) {
            long start = Long.parseLong(file.group(2));
            long end = Long.parseLong(file.group(3));
            if (start > end || end > size) {
                throw new InvalidModelException("bad-archive", file.group(1), script.getFileName() + " says that '" + file.group(1)
                        + "' lies from " + start + " to " + end + " of " + size + " bytes", "", "copy both files again");
            }
            String name = file.group(1).startsWith("/") ? file.group(1).substring(1) : file.group(1);
            ranges.put(name, new long[] {start, end});
        }
        return ranges;
    }

    /** The first bytes of a file. */
    byte[] head(String name, int count) throws IOException {
        try (InputStream in = Files.newInputStream(data)) {
            long[] range = ranges.get(name);
            in.skipNBytes(range[0]);
            return in.readNBytes((int) Math.min(count, range[1] - range[0]));
        }
    }

    /** Writes a file to another. */
    void copy(String name, Path to) throws IOException {
        long[] range = ranges.get(name);
        try (InputStream in = Files.newInputStream(data); OutputStream out = Files.newOutputStream(to)) {
            in.skipNBytes(range[0]);
            byte[] chunk = new byte[1 << 16];
            for (long left = range[1] - range[0]; left > 0;) {
                int count = in.readNBytes(chunk, 0, (int) Math.min(chunk.length, left));
                if (count == 0) {
                    break;
                }
                out.write(chunk, 0, count);
                left -= count;
            }
        }
    }
}
