package dev.infuser.conformance;

import dev.infuser.conformance.Case.Content;
import dev.infuser.conformance.Case.DataSet;
import java.io.BufferedInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/**
 * A folder or {@code .tar.xz} of backend tests.
 *
 * <p>Layout: {@code <category>/<test>/model.onnx} with {@code test_data_set_N/{input,output}_I.pb}, and
 * {@code light/light_X.onnx} with {@code light_X_output_I.pb}. A {@code manifest.tsv} with a header line may name the
 * columns {@code test}, {@code op}, {@code rtol} and {@code atol}.
 */
final class Pack {

    private final NavigableMap<String, Content> files;
    private final Map<String, Map<String, String>> manifest = new HashMap<>();

    private Pack(NavigableMap<String, Content> files) throws IOException {
        this.files = files;
        if (files.containsKey("manifest.tsv")) {
            readManifest(new String(files.get("manifest.tsv").read(), StandardCharsets.UTF_8));
        }
    }

    /** The tests below {@code path}, sorted by name. */
    static List<Case> open(Path path) throws IOException {
        if (!Files.exists(path)) {
            throw new FileNotFoundException(path + " does not exist");
        }
        List<Case> cases = new Pack(Files.isDirectory(path) ? folder(path) : archive(path)).cases();
        if (cases.isEmpty()) {
            throw new FileNotFoundException(path + " holds no <category>/<test>/model.onnx");
        }
        return cases;
    }

    private static NavigableMap<String, Content> folder(Path root) throws IOException {
        NavigableMap<String, Content> files = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(root)) {
            for (Path path : (Iterable<Path>) paths.filter(Files::isRegularFile)::iterator) {
                files.put(root.relativize(path).toString().replace('\\', '/'), () -> Files.readAllBytes(path));
            }
        }
        return files;
    }

    private static NavigableMap<String, Content> archive(Path file) throws IOException {
        NavigableMap<String, Content> files = new TreeMap<>();
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file));
                TarArchiveInputStream tar = new TarArchiveInputStream(new XZCompressorInputStream(in))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                if (entry.isFile()) {
                    byte[] bytes = tar.readAllBytes();
                    String name = entry.getName();
                    files.put(name.startsWith("./") ? name.substring(2) : name, () -> bytes);
                }
            }
        }
        return files;
    }

    private void readManifest(String text) {
        String[] lines = text.split("\r?\n");
        List<String> header = Arrays.asList(lines[0].split("\t"));
        for (int i = 1; i < lines.length; i++) {
            String[] cells = lines[i].split("\t", -1);
            Map<String, String> row = new HashMap<>();
            for (int j = 0; j < Math.min(cells.length, header.size()); j++) {
                row.put(header.get(j), cells[j]);
            }
            manifest.put(cells[0], row);
        }
    }

    private List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (String file : files.keySet()) {
            if (file.endsWith("/model.onnx")) {
                cases.add(made(file.substring(0, file.length() - "/model.onnx".length()), file, null));
            } else if (file.endsWith(".onnx") && file.contains("/light_")) {
                String name = file.substring(0, file.length() - ".onnx".length());
                cases.add(made(name, file, new DataSet(List.of(), numbered(name + "_output_"))));
            }
        }
        return cases;
    }

    private Case made(String name, String model, DataSet only) {
        Map<String, String> row = manifest.getOrDefault(name, Map.of());
        return new Case(name, row.getOrDefault("op", ""), number(row.get("rtol"), Case.RTOL),
                number(row.get("atol"), Case.ATOL), files.get(model), only != null ? List.of(only) : sets(name));
    }

    private List<DataSet> sets(String test) {
        List<DataSet> sets = new ArrayList<>();
        for (int i = 0; !files.subMap(set(test, i), set(test, i) + "\uffff").isEmpty(); i++) {
            sets.add(new DataSet(numbered(set(test, i) + "input_"), numbered(set(test, i) + "output_")));
        }
        return sets;
    }

    private static String set(String test, int i) {
        return test + "/test_data_set_" + i + "/";
    }

    private List<Content> numbered(String prefix) {
        List<Content> found = new ArrayList<>();
        for (Content next = files.get(prefix + "0.pb"); next != null; next = files.get(prefix + found.size() + ".pb")) {
            found.add(next);
        }
        return found;
    }

    private static double number(String cell, double fallback) {
        return cell == null || cell.isEmpty() ? fallback : Double.parseDouble(cell);
    }
}
