package dev.infuser.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Locator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The page where visitors measure, with a network that takes no time. */
@ExtendWith(Harness.Shared.class)
class BenchmarkPageTest {

    private static final String LIST = """
            {"workloads": [
              {"name": "relu", "title": "Relu", "runtimes": {"infuser": {"model": "/data/relu.tea", "inputs":
                [{"name": "x", "type": "float32", "dims": [2, 3], "values": [1, -2, 3, -4, 5, -6]}]}}},
              {"name": "missing", "title": "Nothing", "runtimes": {"infuser": {"model": "/data/missing.tea", "inputs": []}}},
              {"name": "read", "title": "A limit", "limit": true, "runtimes": {}}]}
            """;
    private static final String PACE = "?rounds=2&round=20&warm-up=20";

    private static SiteServer serve(Path folder, boolean isolated) throws IOException {
        Files.write(folder.resolve("relu.tea"), BadModels.relu());
        Files.writeString(folder.resolve("list.json"), LIST);
        return SiteServer.start(Site.demo(Harness.bundle(), folder).with("/data/", folder), 0, isolated);
    }

    @Test
    void showsTimesAndWhyThereAreNone(@TempDir Path folder, Harness harness) throws IOException {
        try (SiteServer server = serve(folder, true);
                Visit visit = Visit.open(harness.chrome().browser(), server.address() + "benchmark/index.html" + PACE
                        + "&workloads=/data/list.json").await("ready")) {
            assertEquals(List.of("Relu", "Nothing"), visit.page().locator("#networks label").allInnerTexts());
            assertTrue(visit.page().locator("#threads option").count() > 0);
            visit.page().click("button[type=submit]");
            visit.await("done");
            List<Locator> tables = visit.page().locator("#charts table").all();
            assertEquals(List.of("Relu", "Nothing"), visit.page().locator("#charts caption").allInnerTexts());
            assertTrue(tables.get(0).locator("td.time").innerText().matches("[\\d.]+ ms"));
            assertEquals("1.00×", tables.get(0).locator("td.ratio").innerText());
            assertEquals(1, tables.get(0).locator("svg .bar").count());
            assertTrue(tables.get(1).locator("td.failure").innerText().contains("404"));
            visit.page().click("button[type=submit]");
            visit.await("done");
            List<String> complaints = visit.complaints().stream().filter(text -> !text.contains("404")).toList();
            assertEquals(List.of(), complaints);
        }
    }

    @Test
    void saysWhyThereIsOneThread(@TempDir Path folder, Harness harness) throws IOException {
        try (SiteServer server = serve(folder, false);
                Visit visit = Visit.open(harness.chrome().browser(), server.address() + "benchmark/index.html?workloads=/data/list.json")
                        .await("ready")) {
            assertEquals(1, visit.page().locator("#threads option").count());
            assertTrue(visit.page().locator("#isolation").isVisible());
            visit.assertClean(server.address());
        }
    }

    @Test
    void offersMiniLmOnTheDemosSite(Harness harness) {
        try (Visit visit = harness.visit("benchmark/index.html").await("ready")) {
            assertEquals(2, visit.page().locator("#networks input:checked").count());
            visit.assertClean(harness.server().address());
        }
    }

    @Test
    void saysThatThereIsNoList(@TempDir Path folder, Harness harness) throws IOException {
        try (SiteServer server = serve(folder, false);
                Visit visit = Visit.open(harness.chrome().browser(), server.address() + "benchmark/index.html?workloads=none.json")
                        .await("error")) {
            assertTrue(visit.page().locator("#error .message").innerText().contains("404"));
        }
    }
}
