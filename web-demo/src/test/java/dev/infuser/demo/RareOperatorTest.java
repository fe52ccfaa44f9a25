package dev.infuser.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.format.Model;
import dev.infuser.format.TeaWriter;
import dev.infuser.graph.Attribute;
import dev.infuser.graph.Attributes;
import dev.infuser.graph.GraphBuilder;
import dev.infuser.graph.Node;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Models that begin on the common part of the bundle and go on, with what has arrived, on the full one. */
@ExtendWith(Harness.Shared.class)
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class RareOperatorTest {

    private static final int WIDTH = 256;
    private static final int HIDDEN = 8192;

    /**
     * Loads a model from every kind of source, with and without threads and cache, and compares all of them with plain Java.
     * Takes the package, the address of the model and the bytes there; answers what was wrong.
     */
    private static final String LOAD_ALL = """
            async ({ load, Tensor }, address, bytes) => {
              const STAGES = ['download', 'prepare', 'compile', 'ready'];
              const x = new Tensor('float32', Float32Array.from({ length: 5 * 256 }, (_, i) => Math.sin(i)), [5, 256]);
              const sources = { address: () => address, url: () => new URL(address), response: () => new Response(bytes.slice()),
                blob: () => new Blob([bytes]), bytes: () => bytes, buffer: () => bytes.buffer };
              const values = async (model) => Object.values(await model.run({ x })).flatMap(({ data }) => [...data]);
              const plain = await load(address, { backend: 'reference' });
              const expected = await values(plain);
              plain.dispose();
              const wrong = [];
              for (const [name, source] of Object.entries(sources)) {
                for (const options of [{ threads: 1 }, { threads: 2 }, { threads: 1, cache: true }, { threads: 2, cache: true }]) {
                  const seen = [];
                  const model = await load(source(), { ...options, onProgress: (progress) => seen.push(progress) });
                  const found = await values(model);
                  const last = seen.at(-1);
                  const right = model.threads === options.threads && found.length === expected.length
                    && found.every((value, i) => Math.abs(value - expected[i]) < 1e-5)
                    && seen.every(({ stage, loaded, total }, i) => loaded > 0 && loaded <= total && (i === 0
                      || (loaded >= seen[i - 1].loaded && STAGES.indexOf(stage) >= STAGES.indexOf(seen[i - 1].stage))))
                    && STAGES.every((stage) => seen.some((progress) => progress.stage === stage))
                    && last.loaded === bytes.length && last.total === bytes.length;
                  if (!right) wrong.push({ name, options, threads: model.threads, seen });
                  model.dispose();
                }
              }
              return wrong;
            }
            """;

    private static final String SCRIPT = """
            import { readFile } from 'node:fs/promises';
            import { pathToFileURL } from 'node:url';
            const [bundle, path] = process.argv.slice(2);
            const loadAll =""" + " " + LOAD_ALL.stripTrailing() + """
            ;
            const wrong = await loadAll(await import(bundle), pathToFileURL(path).href, new Uint8Array(await readFile(path)));
            console.log(JSON.stringify(wrong));
            """;

    @TempDir
    private static Path folder;

    @BeforeAll
    static void writeModels() throws IOException {
        write("rare.tea", "LpNormalization");
        write("common.tea", "Softmax");
        writeMaps();
    }

    /** Counts by word as a vector, and the vector as a map again. */
    private static void writeMaps() throws IOException {
        GraphBuilder graph = new GraphBuilder("maps");
        graph.input("counts", new ValueType.OfMap(DType.STRING, DType.FLOAT32));
        Attribute words = new Attribute.OfStrings(List.of("x", "a", "b"));
        graph.add(new Node("", "ai.onnx.ml", "DictVectorizer", List.of("counts"), List.of("vector"), Attributes.of("string_vocabulary", words)));
        graph.add(new Node("", "ai.onnx.ml", "ZipMap", List.of("vector"), List.of("maps"),
                Attributes.of("classlabels_int64s", new long[] {1, 2, 3})));
        graph.output("vector");
        graph.output("maps");
        try (OutputStream out = Files.newOutputStream(folder.resolve("maps.tea"))) {
            TeaWriter.write(Model.of(graph.build()), Map.of(), out);
        }
    }

    @Test
    void mapsAreMapsInThePage(Harness harness) throws IOException {
        try (SiteServer server = Harness.serve(folder);
                Visit visit = Visit.open(harness.chrome().browser(), server.address() + "test/test.html").await("ready")) {
            Object found = visit.page().evaluate("async () => {"
                    + " const { load, Tensor } = await import('/infuser/infuser.js');"
                    + " const model = await load('/models/maps.tea');"
                    + " const wrong = await model.run({ counts: new Map([[1n, 2]]) }).catch(({ code }) => code);"
                    + " const { vector, maps: [map] } = await model.run({ counts: new Map([['b', 2], ['x', 0.5], ['z', 9]]) });"
                    + " return [wrong, ...vector.data, ...[...map].flatMap(([key, value]) => [`${typeof key} ${key}`, value])]; }");
            assertEquals("[wrong-feed, 0.5, 0, 2, bigint 1, 0.5, bigint 2, 0, bigint 3, 2]", found.toString());
            visit.assertClean(server.address());
        }
    }

    private static void write(String file, String operator) throws IOException {
        GraphBuilder graph = new GraphBuilder("rows");
        graph.input("x", new ValueType.OfTensor(DType.FLOAT32, Shape.of(Dim.symbol("n"), Dim.of(WIDTH))));
        float[] weights = MixedModel.floats(new Random(3), WIDTH * HIDDEN);
        graph.constant("w", Tensor.floats(new int[] {WIDTH, HIDDEN}, weights));
        graph.output(graph.add(operator, graph.add("Relu", graph.add("MatMul", "x", "w"))));
        try (OutputStream out = Files.newOutputStream(folder.resolve(file))) {
            TeaWriter.write(Model.of(graph.build()), Map.of(), out);
        }
    }

    @Test
    void aPageLoadsTheFullPartForARareOperatorAndGoesOn(Harness harness) throws IOException {
        try (SiteServer server = Harness.serve(folder);
                Visit visit = Visit.open(harness.chrome().browser(), server.address() + "test/test.html").await("ready")) {
            visit.call("open", "common", "/models/common.tea", Map.of("threads", 1));
            assertEquals(-1, first(visit, "infuser-full.wasm"), "a common operator needs no more than the common part");
            visit.call("open", "rare", "/models/rare.tea", Map.of("threads", 1));
            assertTrue(first(visit, "infuser.wasm") < first(visit, "infuser-full.wasm"), visit.requests()::toString);
            Object wrong = visit.page().evaluate("async () => {"
                    + " const address = new URL('/models/rare.tea', location).href;"
                    + " const loadAll = " + LOAD_ALL.strip() + ";"
                    + " return loadAll(await import('/infuser/infuser.js'), address,"
                    + " new Uint8Array(await (await fetch(address)).arrayBuffer())); }");
            assertEquals(List.of(), wrong);
            visit.assertClean(server.address());
        }
    }

    private static int first(Visit visit, String file) {
        List<String> names = visit.requests().stream().map(url -> url.substring(url.lastIndexOf('/') + 1)).toList();
        return names.indexOf(file);
    }

    @Test
    void nodeLoadsTheFullPartForARareOperatorAndGoesOn(@TempDir Path output) throws IOException, InterruptedException {
        assertEquals("[]", NodeTest.output(output, SCRIPT, folder.resolve("rare.tea"), null));
    }
}
