package dev.infuser.demo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.infuser.converter.Main;
import dev.infuser.converter.onnx.OnnxImporter;
import dev.infuser.format.Model;
import dev.infuser.kernel.Target;
import dev.infuser.models.Models;
import dev.infuser.models.UnavailableException;
import dev.infuser.pass.Passes;
import dev.infuser.runtime.Heap;
import dev.infuser.runtime.Session;
import dev.infuser.tensor.Tensor;
import dev.infuser.testing.V8Host;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * Voice activity compiled ahead of time gives the same bits everywhere: in the V8 inside the JVM, in a page, in Node, as a command
 * of WASI, and in the runtime of edge workers, which compiles nothing while running.
 */
@ExtendWith(Harness.Shared.class)
class EdgeTest {

    private static final int FRAME = 576;
    private static final int HEAP_START = 1024;

    /** Takes the elements of the inputs one after the other, and answers those of the outputs so. */
    private static final String RUN = """
            async function answer(buffer, given) {
              const { instantiate, inputs, outputs } = await import('$FROM');
              const model = await instantiate(given);
              let at = 0;
              const feeds = Object.fromEntries(inputs.map(({ name, dims }) => {
                const size = dims.reduce((product, dim) => product * dim, 1);
                return [name, new Float32Array(buffer.slice(at, at += 4 * size))];
              }));
              const results = model.run(feeds);
              return outputs.flatMap(({ name }) => Array.from(results[name]));
            }
            """;

    private static final String IN_NODE = """
            import { openSync, readFileSync } from 'node:fs';
            import { WASI } from 'node:wasi';
            const { buffer, byteOffset, length } = readFileSync('in.bin');
            const given = await answer(buffer.slice(byteOffset, byteOffset + length));
            const wasi = new WASI({ version: 'preview1', stdin: openSync('in.bin'), stdout: openSync('out.bin', 'w'), returnOnExit: true });
            const command = new WebAssembly.Module(readFileSync('voice-wasi.wasm'));
            const exit = wasi.start(new WebAssembly.Instance(command, wasi.getImportObject()));
            const piped = Array.from(new Float32Array(new Uint8Array(readFileSync('out.bin')).buffer));
            console.log(exit, String(piped) === String(given), given.join());
            """;

    private static final String WORKER = """
            import module from './voice.wasm';
            export default {
              async fetch(request) {
                const given = await answer(await request.arrayBuffer(), module);
                const refused = await WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])).then(() => 'compiled', () => 'refused');
                return new Response(`${refused} ${given.join()}`);
              },
            };
            """;

    private static final String CONFIG = """
            using Workerd = import "/workerd/workerd.capnp";
            const config :Workerd.Config = (
              services = [(name = "main", worker = (compatibilityDate = "2026-11-01", modules = [
                (name = "worker.js", esModule = embed "worker.js"),
                (name = "voice.js", esModule = embed "voice.js"),
                (name = "voice.wasm", wasm = embed "voice.wasm")]))],
              sockets = [(name = "http", address = "127.0.0.1:$PORT", http = (), service = "main")]);
            """;

    @TempDir
    private Path folder;

    /** Compiles the model and returns the elements of its inputs. */
    private byte[] compile(Path to) throws IOException {
        StringWriter said = new StringWriter();
        CommandLine commands = Main.commandLine();
        commands.setOut(new PrintWriter(said));
        assertEquals(0, commands.execute("compile", Models.sileroVad().toString(), "-o", to.toString(), "--name", "voice",
                "--fix", "sr=16000,input.0=1,input.1=" + FRAME + ",state.1=1", "--wasi"), said::toString);
        ByteBuffer bytes = ByteBuffer.allocate(4 * (FRAME + 256)).order(ByteOrder.LITTLE_ENDIAN);
        Random random = new Random(5);
        while (bytes.hasRemaining()) {
            bytes.putFloat((float) random.nextGaussian() / 4);
        }
        Files.write(to.resolve("in.bin"), bytes.array());
        return bytes.array();
    }

    private static float[] inJvm(byte[] inputs) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(inputs).order(ByteOrder.LITTLE_ENDIAN);
        float[] sound = new float[FRAME];
        float[] state = new float[256];
        bytes.asFloatBuffer().get(sound).get(state);
        Map<String, Tensor> feeds = new LinkedHashMap<>();
        feeds.put("input", Tensor.floats(new int[] {1, FRAME}, sound));
        feeds.put("state", Tensor.floats(new int[] {2, 1, 128}, state));
        feeds.put("sr", Tensor.longs(new int[0], 16000));
        byte[] model = Files.readAllBytes(Models.sileroVad());
        try (V8Host host = new V8Host(Target.STRICT);
                Session session = Session.compile(Model.of(Passes.optimize(
                        OnnxImporter.importModel(ByteBuffer.wrap(model), null).graph())), new Heap(host, HEAP_START))) {
            Map<String, Tensor> outputs = session.run(feeds);
            ByteBuffer all = ByteBuffer.allocate(4 * (1 + 256)).order(ByteOrder.LITTLE_ENDIAN);
            all.asFloatBuffer().put(outputs.get("output").floats()).put(outputs.get("stateN").floats());
            float[] values = new float[1 + 256];
            all.asFloatBuffer().get(values);
            return values;
        }
    }

    private static float[] parse(String numbers) {
        String[] parts = numbers.trim().split(",");
        float[] values = new float[parts.length];
        for (int i = 0; i < parts.length; i++) {
            values[i] = (float) Double.parseDouble(parts[i]);
        }
        return values;
    }

    @Test
    void givesTheSameBitsInAPage(Harness harness) throws IOException {
        Path to = Files.createDirectories(harness.model().resolveSibling("edge"));
        byte[] inputs = compile(to);
        try (Visit visit = harness.visit("test/test.html").await("ready")) {
            Object found = visit.page().evaluate("async (base64) => { " + RUN.replace("$FROM", "/models/edge/voice.js")
                    + "return (await answer(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)).buffer)).join(); }",
                    Base64.getEncoder().encodeToString(inputs));
            assertArrayEquals(inJvm(inputs), parse((String) found));
            visit.assertClean(harness.server().address());
        }
    }

    @Test
    void givesTheSameBitsInNodeAndAsACommand() throws IOException, InterruptedException {
        byte[] inputs = compile(folder);
        Files.writeString(folder.resolve("test.mjs"), RUN.replace("$FROM", "./voice.js") + IN_NODE);
        Process node;
        try {
            node = new ProcessBuilder("node", "--no-warnings", "test.mjs").directory(folder.toFile())
                    .redirectErrorStream(true).start();
        } catch (IOException e) {
            assumeTrue(false, "there is no Node.js here: " + e.getMessage());
            throw e;
        }
        String[] printed = new String(node.getInputStream().readAllBytes()).trim().split(" ");
        assertTrue(node.waitFor(60, TimeUnit.SECONDS));
        assertEquals(3, printed.length, () -> String.join(" ", printed));
        assertEquals("0 true", printed[0] + " " + printed[1]);
        assertArrayEquals(inJvm(inputs), parse(printed[2]));
    }

    @Test
    void givesTheSameBitsInAnEdgeWorker() throws IOException, InterruptedException {
        Path binary = null;
        try {
            binary = Models.edgePackage("@cloudflare/workerd-linux-64").resolve("bin/workerd");
        } catch (UnavailableException e) {
            assumeTrue(false, e.getMessage());
        }
        byte[] inputs = compile(folder);
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Files.writeString(folder.resolve("worker.js"), RUN.replace("$FROM", "./voice.js") + WORKER);
        Files.writeString(folder.resolve("config.capnp"), CONFIG.replace("$PORT", Integer.toString(port)));
        Path log = folder.resolve("log.txt");
        Process workerd = new ProcessBuilder(binary.toString(), "serve", "config.capnp").directory(folder.toFile())
                .redirectErrorStream(true).redirectOutput(log.toFile()).start();
        try {
            String[] answer = post(port, inputs, workerd, log).split(" ");
            assertEquals("refused", answer[0]);
            assertArrayEquals(inJvm(inputs), parse(answer[1]));
        } finally {
            workerd.destroyForcibly();
        }
    }

    private static String post(int port, byte[] body, Process server, Path log) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body)).build();
        IOException last = null;
        for (int attempt = 0; attempt < 100 && server.isAlive(); attempt++) {
            try {
                HttpResponse<String> response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
                assertEquals(200, response.statusCode(), response.body() + Files.readString(log));
                return response.body();
            } catch (IOException e) {
                last = e;
                Thread.sleep(100);
            }
        }
        throw new IOException("the runtime does not answer: " + Files.readString(log), last);
    }
}
