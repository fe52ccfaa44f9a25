package dev.infuser.conformance;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.infuser.format.Model;
import dev.infuser.format.TeaWriter;
import dev.infuser.graph.Graph;
import dev.infuser.pass.Passes;
import dev.infuser.tensor.Datum;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The npm bundle in headless Chromium: each model goes to a page as a {@code .tea} file. */
class ChromiumBackend implements Backend {

    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome-stable",
            "google-chrome");
    private static final String POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; "
            + "worker-src 'self'";

    private final HttpServer server;
    private final Playwright playwright;
    private final Page page;

    /**
     * Starts the server and the browser.
     *
     * @throws IllegalStateException saying what to install or build where something is missing
     */
    ChromiumBackend() {
        this(bundle(), "conformance.js");
    }

    /** Runs what {@code script} makes of models with the scripts and modules in a folder. */
    ChromiumBackend(Path bundle, String script) {
        Path browser = browser();
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", exchange -> serve(exchange, bundle, script));
        server.start();
        playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        Browser chromium = playwright.chromium().launch(new BrowserType.LaunchOptions().setExecutablePath(browser));
        page = chromium.newPage();
        page.navigate("http://localhost:" + server.getAddress().getPort() + "/");
        page.waitForFunction("() => globalThis.runModel");
    }

    private static Path bundle() {
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            Path bundle = folder.resolve("inference-core/target/npm");
            if (Files.exists(bundle.resolve("infuser.wasm"))) {
                return bundle;
            }
        }
        throw new IllegalStateException("the bundle inference-core/target/npm is missing: run ./mvnw package first");
    }

    private static Path browser() {
        for (String folder : System.getenv("PATH").split(File.pathSeparator)) {
            for (String name : NAMES) {
                Path file = Path.of(folder, name);
                if (Files.isExecutable(file)) {
                    return file;
                }
            }
        }
        throw new IllegalStateException("no Chromium or Chrome on the path: install one (Debian: apt-get install chromium)");
    }

    private static void serve(HttpExchange exchange, Path bundle, String script) throws IOException {
        String name = exchange.getRequestURI().getPath().substring(1);
        byte[] body = null;
        if (name.isEmpty()) {
            body = ("<!doctype html><script type=module src=/" + script + "></script>").getBytes(StandardCharsets.UTF_8);
        } else if (name.equals(script)) {
            body = ChromiumBackend.class.getResourceAsStream(name).readAllBytes();
        } else if (name.matches("(infuser|ort)[a-z.-]*\\.(js|mjs|wasm)")) {
            body = Files.readAllBytes(bundle.resolve(name));
        }
        exchange.getResponseHeaders().set("Content-Type", name.isEmpty() ? "text/html"
                : name.endsWith("js") ? "text/javascript" : "application/wasm");
        exchange.getResponseHeaders().set("Content-Security-Policy", POLICY);
        exchange.sendResponseHeaders(body == null ? 404 : 200, body == null ? -1 : body.length);
        if (body != null) {
            exchange.getResponseBody().write(body);
        }
        exchange.close();
    }

    @Override
    public List<Datum> run(Graph graph, List<Datum> inputs) throws IOException {
        ByteArrayOutputStream tea = new ByteArrayOutputStream();
        TeaWriter.write(Model.of(Passes.optimize(graph)), Map.of(), tea);
        return run("tea", tea.toByteArray(), graph, inputs);
    }

    /** What the page's script computes with a model, which it takes under a name. */
    final List<Datum> run(String kind, byte[] model, Graph graph, List<Datum> inputs) {
        Map<String, Object> feeds = new HashMap<>();
        for (int i = 0; i < inputs.size(); i++) {
            feeds.put(graph.inputs().get(i).name(), PageValue.of(inputs.get(i)));
        }
        Map<?, ?> answer = (Map<?, ?>) page.evaluate("argument => runModel(argument)",
                Map.of(kind, Base64.getEncoder().encodeToString(model), "feeds", feeds));
        if (answer.get("error") != null) {
            throw PageValue.error((Map<?, ?>) answer.get("error"));
        }
        Map<?, ?> results = (Map<?, ?>) answer.get("results");
        List<Datum> outputs = new ArrayList<>();
        for (String output : graph.outputs()) {
            outputs.add(PageValue.datum(results.get(output), graph.type(output)));
        }
        return outputs;
    }

    @Override
    public void close() {
        playwright.close();
        server.stop(0);
    }
}
