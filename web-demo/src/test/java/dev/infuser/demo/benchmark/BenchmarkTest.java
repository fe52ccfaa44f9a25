package dev.infuser.demo.benchmark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.Gson;
import dev.infuser.models.Models;
import dev.infuser.models.UnavailableException;
import dev.infuser.tensor.Tensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** The command itself, briefly; what it finds depends on the machine and is not asserted. */
class BenchmarkTest {

    private static final String BUNDLE = System.getProperty("infuser.bundle", "../inference-core/target/npm");

    private final StringWriter said = new StringWriter();

    @TempDir
    private Path folder;

    private static void needsThePeer() {
        try {
            Models.npmPackage("onnxruntime-web");
        } catch (UnavailableException e) {
            assumeTrue(false, e.getMessage());
        }
    }

    private int run(String bundle, String... options) {
        List<String> all = new ArrayList<>(List.of("--bundle", bundle, "--output", folder.toString()));
        all.addAll(List.of(options));
        return new CommandLine(new Benchmark()).setOut(new PrintWriter(said)).setErr(new PrintWriter(said, true))
                .execute(all.toArray(String[]::new));
    }

    @Test
    void measuresEveryCombinationAndReportsIt() throws IOException {
        needsThePeer();
        assertEquals(0, run(BUNDLE, "--quick"));
        Map<?, ?> json = new Gson().fromJson(Files.readString(folder.resolve("benchmark.json")), Map.class);
        List<?> measurements = (List<?>) json.get("measurements");
        int timed = 0;
        for (Object measurement : measurements) {
            Map<?, ?> map = (Map<?, ?>) measurement;
            assertFalse(map.containsKey("failure"), map::toString);
            assertTrue(((Number) map.get("medianMs")).doubleValue() > 0, map::toString);
            if (!map.get("runtime").equals(Runtimes.LIMIT)) {
                assertEquals(3, ((List<?>) map.get("checks")).size(), map::toString);
                assertEquals(1, ((List<?>) map.get("firstResultMs")).size(), map::toString);
                assertTrue(((Number) map.get("peakMemoryBytes")).longValue() > 1_000_000, map::toString);
                timed++;
            }
        }
        assertEquals(4, timed);
        List<?> sizes = (List<?>) json.get("runtimeBytes");
        assertEquals(Runtimes.INFUSER, ((Map<?, ?>) sizes.get(0)).get("runtime"));
        for (Object size : sizes) {
            assertTrue(((Number) ((Map<?, ?>) size).get("brotli")).longValue() > 1000, size::toString);
        }
        String markdown = Files.readString(folder.resolve("benchmark.md"));
        assertTrue(said.toString().contains(markdown));
        for (String title : List.of("## One thread", "## Share of the machine's peak", "## Goals", "## Runtime bytes",
            "## Where Infuser's time goes", "## Loading from memory")) {
            assertTrue(markdown.contains(title), title);
        }
        assertFalse(markdown.contains("## Not measured"), markdown);
    }

    @Test
    void refusesWhatIsNotThere() {
        assertEquals(2, run(BUNDLE, "--networks", "no-such-network"));
        assertTrue(said.toString().contains("there is no network no-such-network"), said::toString);
        assertEquals(2, run(folder.toString()));
        assertTrue(said.toString().contains("there is no bundle in"), said::toString);
    }

    @Test
    void saysWhyACombinationIsMissingAndWhetherGoalsAreMet() {
        Workload workload = Workload.model("net", "A net", Path.of("net.onnx"), Map.of(), new Tolerance.Absolute(1, "a reason"));
        Measurement own = new Measurement(Runtimes.INFUSER, "net", 1);
        own.addRound(List.of(2.0, 4.0, 3.0));
        Measurement peer = new Measurement(Runtimes.ONNXRUNTIME_WEB, "net", 1);
        peer.addRound(List.of(9.0));
        Measurement failed = new Measurement(Runtimes.LITERT, "net", 1);
        failed.addRound(List.of(1.0));
        failed.fail("wrong: max abs error 7");
        Results results = new Results(Map.of("machine", "abacus"), List.of(workload), List.of(own, peer, failed), List.of());
        List<Goals.Goal> goals = Goals.of(results);
        String markdown = Report.markdown(results, goals);
        assertTrue(markdown.contains("| A net | 3.00 (2.20–3.80) | 9.00 (9.00–9.00) **3.00×** | – [1] |"), markdown);
        assertTrue(markdown.contains("* [1] wrong: max abs error 7"), markdown);
        assertEquals("yes", goals.get(0).met(), goals.get(0).text());
        assertEquals("not measured", goals.get(1).met(), goals.get(1).text());
    }

    @Test
    void judgesOutputs() {
        Tolerance absolute = new Tolerance.Absolute(0.1, "");
        Map<String, Tensor> expected = Map.of("y", Tensor.floats(new int[] {2}, 1, 2));
        assertTrue(absolute.judge(expected, Map.of("y", new float[] {1.05f, 2})).right());
        assertFalse(absolute.judge(expected, Map.of("y", new float[] {1.2f, 2})).right());
        assertFalse(absolute.judge(expected, Map.of("y", new float[] {Float.NaN, 2})).right());
        assertFalse(absolute.judge(expected, Map.of("y", new float[] {1})).right());
        assertFalse(absolute.judge(expected, Map.of()).right());

        Tensor states = Tensor.floats(new int[] {1, 2, 2}, 1, 0, 1, 0);
        Tolerance direction = new Tolerance.Direction("y", 0.01, null, 0, "");
        assertTrue(direction.judge(Map.of("y", states), Map.of("y", new float[] {2, 0, 2, 0.1f})).right());
        assertFalse(direction.judge(Map.of("y", states), Map.of("y", new float[] {1, 1, 1, 1})).right());
        assertFalse(direction.judge(Map.of("y", states), Map.of("y", new float[4])).right());
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "0.25, 1.75", "0.5, 2.5", "1, 4"})
    void interpolatesQuantiles(double share, double expected) {
        assertEquals(expected, Statistics.quantile(List.of(4.0, 1.0, 3.0, 2.0), share));
    }

    @Test
    void writesFlatBuffersThatTheFormatDescribes() {
        byte[] bytes = FlatBuffer.write(new FlatBuffer.Table(3, null, new byte[] {7}), "TEST");
        assertArrayEquals(new byte[] {20, 0, 0, 0, 'T', 'E', 'S', 'T', 0, 0, 10, 0, 12, 0, 4, 0, 0, 0, 8, 0},
                Arrays.copyOf(bytes, 20), () -> Arrays.toString(bytes));
    }
}
