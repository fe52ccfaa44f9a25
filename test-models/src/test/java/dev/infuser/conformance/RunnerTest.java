package dev.infuser.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.infuser.conformance.Result.Status;
import dev.infuser.graph.Graph;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.UnsupportedModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the runner makes of backends that misbehave. */
class RunnerTest {

    @TempDir
    private Path folder;

    @Test
    void aBackendThatHangsThrowsOrIsWrongFailsOneTestEach() throws Exception {
        int[] calls = {0};
        Backend backend = (graph, inputs) -> misbehave(calls[0]++, graph, inputs);
        Case add = Pack.open(Selection.folder()).stream().filter(test -> test.op().equals("Add")).findAny().orElseThrow();
        List<Result> results = new Runner(() -> backend, Duration.ofSeconds(1)).run(Collections.nCopies(5, add), 1);
        assertEquals(List.of("no result after 1 s", "StackOverflowError", "no kernel", "1 values wanted, got 0", ""),
                results.stream().map(Result::message).toList());
        assertEquals(List.of(Status.FAILED, Status.FAILED, Status.UNSUPPORTED, Status.FAILED, Status.PASSED),
                results.stream().map(Result::status).toList());
        assertEquals("1 passed, 3 failed, 1 skipped", Runner.summary(results));
    }

    private static List<Datum> misbehave(int call, Graph graph, List<Datum> inputs) throws Exception {
        switch (call) {
            case 0:
                Thread.sleep(60_000);
                return List.of();
            case 1:
                throw new StackOverflowError();
            case 2:
                throw new UnsupportedModelException("no-kernel", "no kernel");
            case 3:
                return List.of();
            default:
                return new ReferenceBackend().run(graph, inputs);
        }
    }

    @Test
    void aDamagedModelFailsItsTest() throws Exception {
        Path test = Files.createDirectories(folder.resolve("node/test_damaged"));
        Files.write(test.resolve("model.onnx"), new byte[] {1, 2, 3});
        List<Result> results = new Runner(ReferenceBackend::new, Duration.ofSeconds(60)).run(Pack.open(folder), 1);
        assertEquals(Status.FAILED, results.get(0).status());
    }

    @Test
    void aFolderWithoutTestsIsRefused() {
        assertEquals(folder + " holds no <category>/<test>/model.onnx",
                assertThrows(IOException.class, () -> Pack.open(folder)).getMessage());
        assertThrows(IOException.class, () -> Pack.open(folder.resolve("missing")));
    }
}
