package dev.infuser.demo.benchmark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The command itself, briefly; what it finds depends on the machine and is not asserted. */
class StudyTest {

    private static final String BUNDLE = System.getProperty("infuser.bundle", "../inference-core/target/npm");

    @Test
    void measuresAllImplementationsOfBothPipelines(@TempDir Path folder) throws IOException {
        StringWriter said = new StringWriter();
        assertEquals(0, new CommandLine(new Study()).setOut(new PrintWriter(said)).setErr(new PrintWriter(said, true))
                .execute("--bundle", BUNDLE, "--output", folder.toString(), "--quick"));
        Map<?, ?> json = new Gson().fromJson(Files.readString(folder.resolve("study.json")), Map.class);
        List<?> results = (List<?>) json.get("results");
        assertEquals(2, results.size());
        String markdown = Files.readString(folder.resolve("study.md"));
        assertTrue(said.toString().contains(markdown));
        for (Object result : results) {
            for (Object each : (List<?>) ((Map<?, ?>) result).get("rows")) {
                Map<?, ?> row = (Map<?, ?>) each;
                assertNull(row.get("problem"), row::toString);
                assertTrue((double) row.get("median") > 0 && (double) row.get("p99") >= (double) row.get("median"), row::toString);
                assertTrue(markdown.contains("| " + row.get("title") + " | "), markdown);
            }
        }
        assertTrue(markdown.contains("## Edge detection, 321 × 181") && markdown.contains("## Model input, 321 × 181"), markdown);
    }
}
