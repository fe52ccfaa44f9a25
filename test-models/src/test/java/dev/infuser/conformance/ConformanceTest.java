package dev.infuser.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.infuser.conformance.Result.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** ONNX's backend tests on every backend. */
class ConformanceTest {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    @ParameterizedTest
    @ValueSource(strings = {"reference", "wasm", "chromium"})
    void everyTestOfTheSelectionPasses(String backend) throws Exception {
        requireBackend(backend);
        List<Result> results = run(backend, Selection.folder());
        assertEquals("16 passed, 0 failed, 0 skipped", Runner.summary(results));
    }

    @ParameterizedTest
    @CsvSource({"reference, onnx-backend-public", "reference, onnx-backend-legacy-public", "wasm, onnx-backend-public",
        "wasm, onnx-backend-legacy-public", "chromium, onnx-backend-public", "chromium, onnx-backend-legacy-public"})
    void everyTestOfAPackPasses(String backend, String name) throws Exception {
        Path pack = Selection.shared(name + ".tar.xz");
        assumeTrue(Files.exists(pack), pack + " is not there: the full conformance packs are not run");
        requireBackend(backend);
        List<Result> results = run(backend, pack);
        System.out.println(name + " on " + backend + ": " + Runner.summary(results));
        assertEquals(Pack.open(pack).stream().map(Case::name).toList(), results.stream().map(Result::test).toList());
        assertEquals(List.of(), results.stream().filter(result -> result.status() != Status.PASSED).map(Result::row).toList());
    }

    private static void requireBackend(String backend) throws Exception {
        try {
            Conformance.BACKENDS.get(backend).get().close();
        } catch (IllegalStateException e) {
            abort("The tests do not run in " + backend + ": " + e.getMessage());
        }
    }

    private static List<Result> run(String backend, Path tests) throws Exception {
        return new Runner(Conformance.BACKENDS.get(backend), LIMIT).run(Pack.open(tests), Conformance.lanes(backend));
    }
}
