package dev.infuser.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.CDPSession;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.infuser.demo.benchmark.RendererMemory;
import dev.infuser.format.Model;
import dev.infuser.format.TeaWriter;
import dev.infuser.graph.GraphBuilder;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What goes wrong while models are loaded and run, from a server that breaks connections off. */
@ExtendWith(Harness.Shared.class)
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class LoadingTest {

    private static final int SIDE = 160;
    private static final String RUN = """
            const x = new Tensor('float32', new Float32Array(160 * 160).fill(1), [160, 160]);
            const first = async (model) => Object.values(await model.run({ x }))[0].data[0];
            """;

    private final List<String> asked = new CopyOnWriteArrayList<>();
    private byte[] file;
    private HttpServer server;
    /** How many answers break off in the middle, and the tag of the file. */
    private volatile int breaks;
    private volatile String tag;
    /** Whether the file is another one once an answer broke off. */
    private volatile boolean changes;

    @BeforeEach
    void start() throws IOException {
        GraphBuilder graph = new GraphBuilder("sums");
        graph.input("x", new ValueType.OfTensor(DType.FLOAT32, Shape.of(Dim.of(SIDE), Dim.of(SIDE))));
        float[] ones = new float[SIDE * SIDE];
        Arrays.fill(ones, 1);
        graph.output(graph.add("MatMul", "x", graph.constant("w", Tensor.floats(new int[] {SIDE, SIDE}, ones))));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        TeaWriter.write(Model.of(graph.build()), Map.of(), out);
        file = out.toByteArray();
        breaks = 0;
        changes = false;
        tag = "\"1\"";
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String name = exchange.getRequestURI().getPath().substring(1);
        boolean model = name.endsWith(".tea");
        byte[] body = model ? file : name.isEmpty() ? "<!doctype html><link rel=icon href=data:>".getBytes(StandardCharsets.UTF_8)
                : Files.readAllBytes(Harness.bundle().resolve(name));
        exchange.getResponseHeaders().set("Content-Type", name.isEmpty() ? "text/html"
                : name.endsWith(".js") ? "text/javascript" : name.endsWith(".wasm") ? "application/wasm" : "application/octet-stream");
        String range = exchange.getRequestHeaders().getFirst("Range");
        if (model) {
            asked.add(exchange.getRequestMethod() + " " + range);
            exchange.getResponseHeaders().set("ETag", tag);
        }
        int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D+(\\d+).*", "$1"));
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(200, -1);
        } else {
            exchange.sendResponseHeaders(range == null ? 200 : 206, body.length - from);
            boolean whole = !model || breaks-- <= 0;
            exchange.getResponseBody().write(Arrays.copyOfRange(body, from, whole ? body.length : from + (body.length - from) / 2));
            tag = changes && !whole ? "\"2\"" : tag;
        }
        exchange.close();
    }

    private Object evaluate(Harness harness, String body) {
        String address = "http://localhost:" + server.getAddress().getPort() + "/";
        try (Visit visit = Visit.open(harness.chrome().browser(), address)) {
            return visit.page().evaluate("async () => { const { load, Tensor } = await import('/infuser.js');" + RUN + body + "}");
        }
    }

    @Test
    void aDownloadGoesOnWhereItBrokeOff(Harness harness) {
        breaks = 2;
        assertEquals(List.of(160, true), evaluate(harness, """
                let most = 0;
                const model = await load('/large.tea', { onProgress: ({ loaded, total }) => { most = Math.max(most, loaded / total); } });
                return [await first(model), most === 1];
                """));
        assertEquals(3, asked.size(), asked::toString);
        assertEquals("GET null", asked.get(0));
        assertTrue(asked.get(1).matches("GET bytes=\\d+-") && asked.get(2).matches("GET bytes=\\d+-"), asked::toString);
    }

    @Test
    void aDownloadOfAFileThatChangesMeanwhileFails(Harness harness) {
        breaks = 1;
        changes = true;
        assertEquals(List.of("ResourceError download-failed the file has changed meanwhile", 160), evaluate(harness, """
                const told = await load('/large.tea').catch(({ name, code, detail }) => `${name} ${code} ${detail}`);
                return [told, await first(await load('/large.tea'))];
                """));
    }

    @Test
    void anAbortedLoadRejectsForItsReasonAndTheNextOneWorks(Harness harness) {
        assertEquals(List.of("AbortError", "enough", 160), evaluate(harness, """
                const already = await load('/large.tea', { signal: AbortSignal.abort() }).catch(({ name }) => name);
                const control = new AbortController();
                const loading = load('/large.tea', { signal: control.signal, onProgress: () => control.abort('enough') }).catch((why) => why);
                return [already, await loading, await first(await load('/large.tea'))];
                """));
    }

    @Test
    void aModelThatIsKeptFollowsTheServerAndNeedsNone(Harness harness) {
        String address = "http://localhost:" + server.getAddress().getPort() + "/";
        try (Visit visit = Visit.open(harness.chrome().browser(), address)) {
            visit.page().evaluate("async () => { const { load, Tensor } = await import('/infuser.js');" + RUN + """
                globalThis.again = async () => {
                  const model = await load('/large.tea', { cache: true }), sum = await first(model);
                  model.dispose();
                  await new Promise((resolve) => setTimeout(resolve, 300));
                  return sum;
                };
              }""");
            assertEquals(SIDE, visit.page().evaluate("again()"));
            assertEquals(SIDE, visit.page().evaluate("again()"));
            assertEquals(List.of("GET null", "HEAD null"), asked);
            tag = "\"2\"";
            assertEquals(SIDE, visit.page().evaluate("again()"));
            assertEquals(List.of("HEAD null", "GET null"), asked.subList(2, asked.size()));
            server.stop(0);
            assertEquals(SIDE, visit.page().evaluate("again()"));
            assertEquals(4, asked.size());
        }
    }

    @Test
    void modelsThatNobodyHoldsAreCollected(Harness harness) {
        String address = "http://localhost:" + server.getAddress().getPort() + "/";
        try (Visit visit = Visit.open(harness.chrome().browser(), address)) {
            visit.page().evaluate("async () => { const { load, Tensor } = await import('/infuser.js');" + RUN + """
                for (let i = 0; i < 6; i++) await first(await load('/large.tea'));
              }""");
            assertTrue(visit.page().workers().size() >= 6, () -> visit.page().workers().size() + " workers");
            CDPSession session = visit.context().newCDPSession(visit.page());
            for (int i = 0; i < 50 && visit.page().workers().size() > 1; i++) {
                session.send("HeapProfiler.collectGarbage");
                visit.page().waitForTimeout(100);
            }
            assertTrue(visit.page().workers().size() <= 1, () -> visit.page().workers().size() + " workers");
        }
    }

    @Test
    void aWorkerThatEndsRejectsWhatWasUnderWayAndTheNextLoadWorks(Harness harness) {
        assertEquals(List.of(160, "ResourceError worker-lost", "ResourceError worker-lost", 160), evaluate(harness, """
                const workers = [], Plain = Worker;
                globalThis.Worker = class extends Plain { constructor(...all) { super(...all); workers.push(this); } };
                const model = await load('/large.tea'), before = await first(model);
                const running = first(model).catch(({ name, code }) => `${name} ${code}`);
                workers[0].terminate();
                const told = await running;
                const later = await first(model).catch(({ name, code }) => `${name} ${code}`);
                return [before, told, later, await first(await load('/large.tea'))];
                """));
    }

    @Test
    void aThousandRunsMoreTakeNoMoreMemory(Harness harness) {
        String address = "http://localhost:" + server.getAddress().getPort() + "/";
        try (Visit visit = Visit.open(harness.chrome().browser(), address)) {
            String runs = "async (count) => { for (let i = 0; i < count; i++) await first(globalThis.model); }";
            visit.page().evaluate("async () => { const { load, Tensor } = await import('/infuser.js');" + RUN
                    + "Object.assign(globalThis, { first, model: await load('/large.tea') }); }");
            // Until the collector has had reason to run: a run's tensors are 200 KB.
            visit.page().evaluate(runs, 1000);
            OptionalLong few = RendererMemory.peak(visit.page());
            visit.page().evaluate(runs, 1000);
            OptionalLong many = RendererMemory.peak(visit.page());
            Assumptions.assumeTrue(few.isPresent() && many.isPresent(), "the system does not tell the memory of a process");
            assertTrue(many.getAsLong() - few.getAsLong() < 16 << 20, few.getAsLong() + " bytes became " + many.getAsLong());
        }
    }
}
