package dev.infuser.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.infuser.models.Models;
import dev.infuser.models.UnavailableException;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The package, packed and installed by npm, works in a page as it is and out of every bundler without any settings. */
@ExtendWith(Harness.Shared.class)
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class PackageTest {

    private static final String APP = """
            import { load, task, Tensor } from '$FROM';
            const language = await task('language-detection', '/models/code.tea');
            const [{ label }] = await language.run('import sys\\n\\nfor name in sys.argv[1:]:\\n    print(name, len(name))\\n\\nprint()\\n');
            const model = await load('/models/code.tea', { threads: 2, worker: $WORKER });
            const [{ name }] = model.inputs, texts = new Tensor('string', ['fun main() { println("a text that is long enough") }'], [1]);
            const results = [];
            for (let i = 0; i < 3; i++) results.push(Object.values(await model.run({ [name]: texts })).map(({ data }) => data.join()).join());
            language.dispose();
            model.dispose();
            document.title = `${label} ${model.inputs.length} ${new Set(results).size}`;
            """;
    private static final String BLOBS = SiteServer.POLICY.replace("script-src 'self'", "script-src 'self' blob:")
            .replace("worker-src 'self'", "worker-src 'self' blob:");

    @TempDir
    private static Path folder;

    private static Path tools;
    private static Path installed;

    @BeforeAll
    static void prepare() throws Exception {
        try {
            tools = Models.bundlers();
            DemoModel.convert(Models.tensorFlowPackage("@vscode/vscode-languagedetection").resolve("model/model.json"),
                    folder.resolve("models/code.tea"), false, () -> { });
        } catch (UnavailableException e) {
            abort("not tested: " + e.getMessage());
        }
        installed = Files.createDirectories(folder.resolve("installed"));
        run(installed, "npm", "pack", Harness.bundle().toAbsolutePath().toString());
        Files.writeString(installed.resolve("package.json"), "{\"private\": true, \"type\": \"module\"}");
        try (Stream<Path> files = Files.list(installed)) {
            Path packed = files.filter(file -> file.toString().endsWith(".tgz")).findFirst().orElseThrow();
            run(installed, "npm", "install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", packed.toString());
        }
    }

    private static void run(Path where, String... command) throws IOException, InterruptedException {
        Path log = Files.createTempFile(folder, "command", ".log");
        Process process = new ProcessBuilder(command).directory(where.toFile()).redirectErrorStream(true)
                .redirectOutput(log.toFile()).start();
        assertTrue(process.waitFor(2, TimeUnit.MINUTES), () -> "no end: " + String.join(" ", command));
        assertEquals(0, process.exitValue(), Files.readString(log));
    }

    /** Runs a command of the bundlers' packages. */
    private static void tool(Path app, String script, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("node", tools.resolve(script).toString()));
        command.addAll(List.of(arguments));
        run(app, command.toArray(new String[0]));
    }

    private static Path app(String from, boolean workers, String kind) throws IOException {
        Path app = Files.createTempDirectory(folder, "app");
        Files.createSymbolicLink(app.resolve("node_modules"), installed.resolve("node_modules"));
        Files.writeString(app.resolve("package.json"), "{\"private\": true, \"type\": \"module\"}");
        Files.writeString(app.resolve("main.js"), APP.replace("$FROM", from).replace("$WORKER", workers ? "true" : "'auto'"));
        Files.writeString(app.resolve("index.html"), "<!doctype html><title>waiting</title><link rel=icon href=data:>"
                + "<script src=./main.js " + kind + "></script>");
        return app;
    }

    @ParameterizedTest
    @CsvSource({"none, ./node_modules/infuser/infuser.js, true", "vite, infuser, true", "webpack, infuser, true",
        "vite, infuser/inline, true", "esbuild, infuser/inline, true", "rollup, infuser/inline, true", "esbuild, infuser/inline, false"})
    void threeLinesGiveAResult(String bundler, String from, boolean workers, Harness harness) throws Exception {
        Path app = app(from, workers, bundler.equals("webpack") ? "defer" : "type=module");
        Path out = app.resolve("out");
        switch (bundler) {
            case "vite" -> tool(app, "vite/bin/vite.js", "build", "--outDir", "out");
            case "webpack" -> tool(app, "webpack-cli/bin/cli.js", "--mode", "production", "--entry", "./main.js", "-o", "out");
            case "esbuild" -> tool(app, "esbuild/bin/esbuild", "main.js", "--bundle", "--format=esm", "--outdir=out");
            case "rollup" -> tool(app, "rollup/dist/bin/rollup", "main.js", "-p",
                    tools.resolve("@rollup/plugin-node-resolve/dist/es/index.js").toString(), "-d", "out");
            default -> {
                Files.createDirectories(out);
                Files.copy(app.resolve("main.js"), out.resolve("main.js"));
                try (Stream<Path> files = Files.list(installed.resolve("node_modules/infuser"))) {
                    Files.createDirectories(out.resolve("node_modules/infuser"));
                    for (Path file : files.toList()) {
                        Files.copy(file, out.resolve("node_modules/infuser").resolve(file.getFileName()));
                    }
                }
            }
        }
        if (!Files.exists(out.resolve("index.html"))) {
            Files.copy(app.resolve("index.html"), out.resolve("index.html"));
        }
        boolean blobs = from.endsWith("inline") && workers;
        try (SiteServer server = SiteServer.start(new Site(Map.of("/", out, "/models/", folder.resolve("models"))), 0, true,
                blobs ? BLOBS : SiteServer.POLICY);
                Visit visit = Visit.open(harness.chrome().browser(), server.address())) {
            visit.page().waitForCondition(() -> !visit.page().title().equals("waiting") || !visit.complaints().isEmpty() && workers);
            assertEquals("py 1 1", visit.page().title(), visit.complaints()::toString);
            if (workers) {
                visit.assertClean(server.address());
            }
        }
    }

    /** It serves scripts from a folder of its own, away from the files that they fetch. */
    @Test
    void theDevelopmentServerOfViteGivesAResult(Harness harness) throws Exception {
        Path app = app("infuser", true, "type=module");
        Files.createDirectories(app.resolve("public/models"));
        Files.copy(folder.resolve("models/code.tea"), app.resolve("public/models/code.tea"));
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Path log = Files.createTempFile(folder, "vite", ".log");
        Process vite = new ProcessBuilder("node", tools.resolve("vite/bin/vite.js").toString(), "--port", Integer.toString(port),
                "--strictPort").directory(app.toFile()).redirectErrorStream(true)
                .redirectOutput(log.toFile()).start();
        try {
            for (int i = 0; i < 300 && !Files.readString(log).contains("Local:"); i++) {
                assertTrue(vite.isAlive(), Files.readString(log));
                Thread.sleep(100);
            }
            try (Visit visit = Visit.open(harness.chrome().browser(), "http://localhost:" + port + "/")) {
                visit.page().waitForCondition(() -> !visit.page().title().equals("waiting"));
                assertEquals("py 1 1", visit.page().title());
                assertEquals(List.of(), visit.complaints());
            }
        } finally {
            vite.destroy();
        }
    }
}
