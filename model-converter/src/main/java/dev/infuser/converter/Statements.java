package dev.infuser.converter;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Value;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Function;

/**
 * What somebody says of a model that is not in its file: how to prepare its input, and what its output means. The resource
 * {@code packages.json} has what packages of npm, by name, and artifacts of Maven, by group and name, say outside of models.
 *
 * @param metadata entries of the file, by whole key
 * @param input    entries of the input called {@code name}, or else of the first, by what follows {@code input.NAME.}:
 *                 {@code content}, {@code channels}, {@code mean} and {@code std} that pixels of 0 to 255 are normalised with, {@code min}, {@code max}
 * @param output   entries of the output called {@code name}, or else of the first
 * @param labels   names of the classes that this output scores; the asset {@value #LABELS}
 */
public record Statements(Map<String, String> metadata, Map<String, String> input, Map<String, String> output,
        List<String> labels) {

    static final String LABELS = "labels.txt";
    static final Statements NONE = new Statements(Map.of(), Map.of(), Map.of(), List.of());

    private static final String NAME = "name";
    private static final String LABELS_FILE = "labels.file";
    private static final int LEVELS = 6;

    /** These, and others that count where both say something. */
    Statements and(Statements more) {
        return new Statements(both(metadata, more.metadata), both(input, more.input), both(output, more.output),
                more.labels.isEmpty() ? labels : more.labels);
    }

    private static Map<String, String> both(Map<String, String> a, Map<String, String> b) {
        Map<String, String> both = new LinkedHashMap<>(a);
        both.putAll(b);
        return both;
    }

    /** Adds them to the metadata of a model. */
    void add(Graph graph, Map<String, String> out) {
        List<String> inputs = graph.inputs().stream().map(Value::name).toList();
        input.forEach((key, value) -> put(inputs, input, key, value, "input.", out));
        output.forEach((key, value) -> put(graph.outputs(), output, key, value, "output.", out));
        if (!labels.isEmpty()) {
            put(graph.outputs(), output, "labels", LABELS, "output.", out);
        }
        out.putAll(metadata);
    }

    private static void put(List<String> names, Map<String, String> said, String key, String value, String kind,
            Map<String, String> out) {
        if (!names.isEmpty() && !key.equals(NAME)) {
            String name = said.getOrDefault(NAME, "");
            out.put(kind + (names.contains(name) ? name : names.get(0)) + "." + key, value);
        }
    }

    /** What the package that a model lies in says of it, where that is known. */
    static Statements of(Path model) {
        Path folder = model.toAbsolutePath().normalize().getParent();
        for (int i = 0; i < LEVELS && folder != null; i++, folder = folder.getParent()) {
            Path manifest = folder.resolve("package.json");
            JsonObject described = Files.isRegularFile(manifest) ? json(manifest) : null;
            if (described != null && described.has("name") && described.get("name").isJsonPrimitive()) {
                JsonElement known = known().get(described.get("name").getAsString());
                String path = folder.relativize(model.toAbsolutePath().normalize()).toString().replace('\\', '/');
                return known == null ? NONE : of(described, known, path, name -> null);
            }
        }
        return NONE;
    }

    /**
     * What an artifact of Maven says of a model in it, where that is known.
     *
     * @param coordinates its {@code pom.properties}
     * @param entry       the model's
     * @param entries     the bytes of any entry, null where there is none
     */
    static Statements of(Properties coordinates, String entry, Function<String, byte[]> entries) {
        String name = coordinates.getProperty("groupId") + ":" + coordinates.getProperty("artifactId");
        JsonElement known = known().get(name);
        JsonObject described = new JsonObject();
        described.addProperty("name", name);
        described.addProperty("version", coordinates.getProperty("version", ""));
        return known == null ? NONE : of(described, known, entry, entries);
    }

    private static Statements of(JsonObject described, JsonElement known, String path, Function<String, byte[]> files) {
        for (JsonElement entry : known.getAsJsonArray()) {
            JsonObject stated = entry.getAsJsonObject();
            if (path.startsWith(stated.get("models").getAsString())) {
                Map<String, String> metadata = new LinkedHashMap<>();
                for (String key : new String[] {"version", "license"}) {
                    if (described.has(key) && described.get(key).isJsonPrimitive()) {
                        metadata.put(key, described.get(key).getAsString());
                    }
                }
                metadata.put("package", described.get("name").getAsString());
                metadata.putAll(map(stated, "metadata"));
                List<String> labels = new ArrayList<>();
                if (stated.has("labels")) {
                    stated.getAsJsonArray("labels").forEach(label -> labels.add(label.getAsString()));
                }
                byte[] listed = stated.has(LABELS_FILE) ? files.apply(stated.get(LABELS_FILE).getAsString()) : null;
                if (listed != null) {
                    new String(listed, StandardCharsets.UTF_8).lines().forEach(labels::add);
                }
                return new Statements(metadata, map(stated, "input"), map(stated, "output"), labels);
            }
        }
        return NONE;
    }

    private static Map<String, String> map(JsonObject json, String key) {
        Map<String, String> map = new LinkedHashMap<>();
        if (json.has(key)) {
            json.getAsJsonObject(key).entrySet().forEach(entry -> map.put(entry.getKey(), entry.getValue().getAsString()));
        }
        return map;
    }

    private static JsonObject json(Path manifest) {
        try {
            JsonElement parsed = JsonParser.parseString(Files.readString(manifest));
            return parsed.isJsonObject() ? parsed.getAsJsonObject() : null;
        } catch (IOException | JsonParseException e) {
            return null;
        }
    }

    private static JsonObject known() {
        try (InputStream in = Statements.class.getResourceAsStream("packages.json");
                Reader reader = new InputStreamReader(in, StandardCharsets.UTF_8)) {
            return JsonParser.parseReader(reader).getAsJsonObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
