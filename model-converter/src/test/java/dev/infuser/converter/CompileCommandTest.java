package dev.infuser.converter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.infuser.converter.onnx.OnnxWriter;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What {@code compile} writes, in Node and as a command of WASI, beside what {@code run} says. */
class CompileCommandTest {

    private static final double TOLERANCE = 1e-5;

    private static final String SCRIPT = """
            import { openSync, readFileSync, writeFileSync } from 'node:fs';
            import { WASI } from 'node:wasi';
            import { instantiate, inputs, outputs } from './lookup.js';
            const attempt = async (work) => { try { return await work(); } catch ({ name, code, message }) { return { name, code, message }; } };
            const model = await instantiate();
            const ids = BigInt64Array.of(2n, 0n, 5n);
            const again = [model.run({ ids }), model.run({ ids: { data: ids } })].map(({ y }) => Array.from(y));
            writeFileSync('in.bin', new Uint8Array(ids.buffer));
            const command = (stdin) => {
              const wasi = new WASI({ version: 'preview1', stdin: openSync(stdin), stdout: openSync('out.bin', 'w'), returnOnExit: true });
              return wasi.start(new WebAssembly.Instance(new WebAssembly.Module(readFileSync('lookup-wasi.wasm')), wasi.getImportObject()));
            };
            const exit = command('in.bin');
            const piped = Array.from(new Float32Array(new Uint8Array(readFileSync('out.bin')).buffer));
            writeFileSync('short.bin', new Uint8Array(23));
            writeFileSync('wrong.bin', new Uint8Array(BigInt64Array.of(2n, 6n, 0n).buffer));
            console.log(JSON.stringify({ inputs, outputs, again, exit, piped, short: command('short.bin'), wrong: command('wrong.bin'),
              missing: await attempt(() => model.run({})), size: await attempt(() => model.run({ ids: new BigInt64Array(4) })),
              range: await attempt(() => model.run({ ids: BigInt64Array.of(2n, 6n, 0n) })), after: Array.from(model.run({ ids }).y),
              bytes: await attempt(() => instantiate(new Uint8Array(9))),
              other: await attempt(() => instantiate(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0))),
              nowhere: await attempt(() => instantiate('./nowhere.wasm')),
              weights: MODE === 'BESIDE' ? await attempt(() => instantiate(undefined, new Uint8Array(7))) : null }));
            """;

    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private Path model;

    private int run(String... args) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        CommandLine commands = Main.commandLine();
        commands.setOut(new PrintWriter(out));
        commands.setErr(new PrintWriter(err));
        return commands.execute(args);
    }

    /** Looks rows of a table up and multiplies them. */
    @BeforeEach
    void writeModel() throws IOException {
        Random random = new Random(1);
        model = folder.resolve("lookup.onnx");
        Files.write(model, OnnxWriter.model(13, new OnnxWriter().string(2, "lookup")
                .message(11, OnnxWriter.value("ids", DType.INT64, "n"))
                .message(12, OnnxWriter.value("y", DType.FLOAT32, "n", 64))
                .message(5, OnnxWriter.initializer("T", Tensor.ofDoubles(DType.FLOAT32, new int[] {6, 64},
                        random.doubles(6 * 64, -1, 1).toArray())))
                .message(5, OnnxWriter.initializer("W", Tensor.ofDoubles(DType.FLOAT32, new int[] {64, 64},
                        random.doubles(64 * 64, -1, 1).toArray())))
                .message(1, OnnxWriter.node("Gather", "T ids", "h"))
                .message(1, OnnxWriter.node("MatMul", "h W", "y"))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"INSIDE", "BESIDE"})
    void writesModulesThatRunByThemselves(String weights) throws IOException, InterruptedException {
        Path to = folder.resolve("to");
        assertEquals(0, run("compile", model.toString(), "-o", to.toString(), "--fix", "n=3", "--weights", weights, "--wasi"), err::toString);
        assertEquals(weights.equals("BESIDE"), Files.exists(to.resolve("lookup.weights")));
        assertTrue(Files.size(to.resolve("lookup.wasm")) > (weights.equals("BESIDE") ? 0 : 4 * 64 * 64));
        assertTrue(Files.readString(to.resolve("lookup.d.ts")).contains("\"ids\": Feed<BigInt64Array>"));
        Files.write(folder.resolve("ids.npy"), Npy.write(Tensor.longs(new int[] {3}, 2, 0, 5)));
        assertEquals(0, run("run", model.toString(), "--input", "ids=" + folder.resolve("ids.npy"), "--json"));
        JsonArray expected = JsonParser.parseString(out.toString()).getAsJsonObject().getAsJsonArray("outputs").get(0)
                .getAsJsonObject().getAsJsonArray("data");

        JsonObject found = inNode(to, SCRIPT.replace("MODE", "'" + weights + "'"));
        for (JsonArray result : new JsonArray[] {found.getAsJsonArray("again").get(0).getAsJsonArray(),
            found.getAsJsonArray("again").get(1).getAsJsonArray(), found.getAsJsonArray("piped"), found.getAsJsonArray("after")}) {
            assertEquals(expected.size(), result.size());
            for (int i = 0; i < expected.size(); i++) {
                assertEquals(expected.get(i).getAsDouble(), result.get(i).getAsDouble(), TOLERANCE);
            }
        }
        assertEquals("[{\"name\":\"ids\",\"type\":\"int64\",\"dims\":[3]}]", found.get("inputs").toString());
        assertEquals("[{\"name\":\"y\",\"type\":\"float32\",\"dims\":[3,64]}]", found.get("outputs").toString());
        assertEquals(0, found.get("exit").getAsInt());
        assertEquals(2, found.get("short").getAsInt());
        assertEquals(1, found.get("wrong").getAsInt());
        Map.of("missing", "bad-input", "size", "bad-input", "range", "index-out-of-range", "bytes", "bad-module", "other",
                "bad-module", "nowhere", "not-found").forEach((key, code) -> {
                    assertEquals("InfuserError", found.getAsJsonObject(key).get("name").getAsString());
                    assertEquals(code, found.getAsJsonObject(key).get("code").getAsString());
                });
        assertTrue(found.getAsJsonObject("range").get("message").getAsString().contains("Gather"));
        if (weights.equals("BESIDE")) {
            assertEquals("bad-weights", found.getAsJsonObject("weights").get("code").getAsString());
        }
    }

    private static JsonObject inNode(Path folder, String script) throws IOException, InterruptedException {
        Files.writeString(folder.resolve("test.mjs"), script);
        Process node;
        try {
            node = new ProcessBuilder("node", "--no-warnings", "test.mjs").directory(folder.toFile())
                    .redirectError(folder.resolve("errors.txt").toFile()).start();
        } catch (IOException e) {
            assumeTrue(false, "there is no Node.js here: " + e.getMessage());
            throw e;
        }
        String printed = new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(node.waitFor(60, TimeUnit.SECONDS));
        assertEquals(0, node.exitValue(), () -> printed + errors(folder));
        return JsonParser.parseString(printed).getAsJsonObject();
    }

    private static String errors(Path folder) {
        try {
            return Files.readString(folder.resolve("errors.txt"));
        } catch (IOException e) {
            return e.getMessage();
        }
    }

    @Test
    void whatIsOpenOrWrongIsRefused() {
        String to = folder.resolve("to").toString();
        assertEquals(2, run("compile", model.toString(), "-o", to));
        assertTrue(err.toString().contains("--fix n=1"), err.toString());
        assertEquals(2, run("compile", model.toString(), "-o", to, "--fix", "n=0"));
        assertEquals(2, run("compile", model.toString(), "-o", to, "--fix", "m=3"));
        assertEquals(2, run("compile", model.toString(), "-o", to, "--fix", "ids=3"));
        assertEquals(2, run("compile", model.toString()));
        assertFalse(Files.exists(Path.of(to)));
    }

    @Test
    void anInputOfOneNumberMayBeGivenForGood() throws IOException, InterruptedException {
        Path scale = folder.resolve("scale.onnx");
        Files.write(scale, OnnxWriter.model(13, new OnnxWriter().string(2, "scale")
                .message(11, OnnxWriter.value("x", DType.FLOAT32, 4)).message(11, OnnxWriter.value("by", DType.FLOAT32, 1))
                .message(12, OnnxWriter.value("y", DType.FLOAT32, 4)).message(1, OnnxWriter.node("Mul", "x by", "y"))));
        Path to = folder.resolve("to");
        assertEquals(0, run("compile", scale.toString(), "-o", to.toString(), "--fix", "by=2.5", "--json"), err::toString);
        assertTrue(JsonParser.parseString(out.toString()).getAsJsonObject().get("kernels").getAsInt() > 0);
        JsonObject found = inNode(to, """
                import { instantiate } from './scale.js';
                console.log(JSON.stringify({ y: Array.from((await instantiate()).run({ x: Float32Array.of(1, 2, -3, 4) }).y) }));
                """);
        assertEquals("[2.5,5,-7.5,10]", found.get("y").toString());
    }
}
