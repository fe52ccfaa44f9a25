package dev.infuser.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * The command line of the conformance runner. Exit status 0: ran to its end, 1: cannot read the tests or start the backend,
 * 2: wrong usage.
 */
@Command(name = "conformance", mixinStandardHelpOptions = true, sortOptions = false,
        description = "Runs ONNX backend tests on a backend; the last line printed counts the results.")
public final class Conformance implements Callable<Integer> {

    /** The backends by name. */
    static final Map<String, Supplier<Backend>> BACKENDS = new TreeMap<>(Map.of(
            "chromium", ChromiumBackend::new, "onnxruntime-web", OnnxRuntimeWebBackend::new, "reference", ReferenceBackend::new,
            "wasm", WasmBackend::new));

    @Parameters(paramLabel = "TESTS", description = "folder or .tar.xz with <category>/<test>/model.onnx")
    private Path tests;

    @Option(names = "--backend", defaultValue = "reference", description = "one of ${COMPLETION-CANDIDATES}",
            completionCandidates = Names.class)
    private String backend;

    @Option(names = "--out", paramLabel = "FILE", description = "write test, op, status, message as TSV")
    private Path out;

    @Option(names = "--filter", paramLabel = "REGEX", description = "only tests whose name or operator contains this")
    private Pattern filter;

    @Option(names = "--timeout", paramLabel = "SECONDS", defaultValue = "60",
            description = "a test that takes longer has failed (default: ${DEFAULT-VALUE})")
    private int timeout;

    /** The backends that {@code --backend} takes. */
    static final class Names extends ArrayList<String> {
        private static final long serialVersionUID = 1L;

        Names() {
            super(BACKENDS.keySet());
        }
    }

    public static void main(String[] args) {
        System.exit(new CommandLine(new Conformance()).execute(args));
    }

    @Override
    public Integer call() throws InterruptedException {
        Supplier<Backend> made = BACKENDS.get(backend);
        if (made == null) {
            System.err.println("--backend must be one of " + String.join(", ", BACKENDS.keySet()) + ", found " + backend);
            return 2;
        }
        try {
            made.get().close();
            List<Case> cases = Pack.open(tests).stream().filter(test -> filter == null
                    || filter.matcher(test.name()).find() || filter.matcher(test.op()).matches()).toList();
            List<Result> results = new Runner(made, Duration.ofSeconds(timeout)).run(cases, lanes(backend));
            if (out != null) {
                write(results);
            }
            System.out.println(Runner.summary(results));
            return 0;
        } catch (IOException | IllegalStateException e) {
            System.err.println(e.getMessage());
            return 1;
        }
    }

    /** How many tests a backend runs at a time: an engine of each is costly, plain Java is not. */
    static int lanes(String backend) {
        return backend.equals("reference") ? Runtime.getRuntime().availableProcessors() : 1;
    }

    private void write(List<Result> results) throws IOException {
        List<String> rows = new ArrayList<>(List.of("test\top\tstatus\tmessage"));
        results.forEach(result -> rows.add(result.row()));
        rows.add(Runner.summary(results));
        Files.write(out, rows);
    }
}
