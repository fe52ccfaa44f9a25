package dev.infuser.converter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.converter.keras.LayersImporter;
import dev.infuser.converter.tfjs.TfjsImporter;
import dev.infuser.converter.tflite.TfliteImporter;
import dev.infuser.op.Registry;
import dev.infuser.pass.Pass;
import dev.infuser.pass.Passes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The lists of README.md follow the tables of the importers; {@code -Dinfuser.readme=write} writes them anew. */
class ReadmeTest {

    private static final Path README = Path.of("README.md");

    private static Map<String, String> lists() {
        Map<String, String> lists = new LinkedHashMap<>();
        Set<String> onnx = new TreeSet<>(Registry.names());
        onnx.removeIf(name -> name.indexOf('.') >= 0);
        lists.put("ONNX operators", text(onnx));
        lists.put("TensorFlow.js operators", text(TfjsImporter.operators()));
        lists.put("Keras layers", text(LayersImporter.layers()));
        lists.put("TensorFlow Lite operators", text(TfliteImporter.operators()));
        Set<String> missing = new TreeSet<>(TfliteImporter.schema());
        missing.removeAll(TfliteImporter.operators());
        missing.removeIf(name -> name.startsWith("operator ")
                || List.of("CUSTOM", "DELEGATE", "PLACEHOLDER_FOR_GREATER_OP_CODES").contains(name));
        lists.put("TensorFlow Lite operators that are missing", text(missing));
        StringBuilder passes = new StringBuilder();
        for (Pass pass : Passes.ALL) {
            passes.append("* `").append(pass.name()).append("`: ").append(pass.description()).append('\n');
        }
        lists.put("passes", passes.toString());
        return lists;
    }

    /** Names in lines of some width. */
    private static String text(Set<String> names) {
        StringBuilder out = new StringBuilder();
        int column = 0;
        for (String name : names) {
            if (column + name.length() > 118) {
                out.append('\n');
                column = 0;
            }
            out.append(column == 0 ? "" : " ").append('`').append(name).append('`');
            column += name.length() + 3;
        }
        return out.append('\n').toString();
    }

    @Test
    void listsWhatTheTablesHave() throws IOException {
        String readme = Files.readString(README).replace("\r\n", "\n");
        String wanted = readme;
        for (Map.Entry<String, String> list : lists().entrySet()) {
            String start = "<!-- " + list.getKey() + " -->\n";
            int from = wanted.indexOf(start) + start.length();
            int to = wanted.indexOf("<!-- end -->", from);
            assertTrue(from >= start.length() && to > 0, "README.md has no place for " + list.getKey());
            wanted = wanted.substring(0, from) + list.getValue() + wanted.substring(to);
        }
        if ("write".equals(System.getProperty("infuser.readme"))) {
            Files.writeString(README, wanted);
        } else {
            assertEquals(wanted, readme, "write it anew with -DargLine=-Dinfuser.readme=write -Dtest=ReadmeTest");
        }
    }

    @Test
    void describesEveryCommand() throws IOException {
        String readme = Files.readString(README);
        for (String command : Main.commandLine().getSubcommands().keySet()) {
            assertTrue(readme.contains("| `" + command), command);
        }
    }
}
