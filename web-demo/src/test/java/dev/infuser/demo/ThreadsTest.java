package dev.infuser.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Models on several threads of a page; every test fails, and does not hang, where threads wait for each other forever. */
@ExtendWith(Harness.Shared.class)
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ThreadsTest {

    @TempDir
    private static Path folder;

    @BeforeAll
    static void writeModel() throws IOException {
        MixedModel.write(folder.resolve("mixed.tea"));
    }

    /** A feed of {@code n} rows, as the test page takes it. */
    private static List<Object> feeds(int n) {
        List<Double> values = new ArrayList<>();
        for (float value : MixedModel.floats(new Random(n), n * MixedModel.WIDTH)) {
            values.add((double) value);
        }
        return List.of(List.of("x", "float32", values, List.of(n, MixedModel.WIDTH)));
    }

    private static SiteServer serve(boolean isolated) throws IOException {
        return SiteServer.start(Site.demo(Harness.bundle(), folder).with("/test/", Site.packaged("/site-test")), 0, isolated);
    }

    private static Visit visit(Harness harness, SiteServer server) {
        return Visit.open(harness.chrome().browser(), server.address() + "test/test.html").await("ready");
    }

    private static void open(Visit visit, String name, int threads) {
        visit.call("open", name, "/models/mixed.tea", Map.of("threads", threads));
    }

    @Test
    void resultsDoNotDependOnTheirNumber(Harness harness) throws IOException {
        try (SiteServer server = serve(true); Visit visit = visit(harness, server)) {
            List<Integer> counts = List.of(1, 2, 3, 5);
            for (int threads : counts) {
                open(visit, "on " + threads, threads);
                assertEquals(threads, visit.call("threads", "on " + threads));
            }
            for (int n : new int[] {1, 2, 31, 128, 500, 7}) {
                Object expected = visit.call("run", "on 1", feeds(n));
                for (int threads : counts) {
                    assertEquals(expected, visit.call("run", "on " + threads, feeds(n)), n + " rows on " + threads);
                }
            }
            visit.assertClean(server.address());
        }
    }

    @Test
    void briefRunsBesideOthersTakeTheirOwnElements(Harness harness) throws IOException {
        try (SiteServer server = serve(true); Visit visit = visit(harness, server)) {
            assertEquals(true, visit.page().evaluate("async ([[name, type, data, [n, width]]]) => {"
                    + "  const { load, Tensor } = await import('/infuser/infuser.js');"
                    + "  const [model, other] = await Promise.all([2, 1].map((threads) => load('/models/mixed.tea', { threads })));"
                    + "  const feeds = (rows, by) => ({ x: new Tensor(type, data.slice(0, rows * width).map((v) => v * by), [rows, width]) });"
                    + "  const text = async (promise) => JSON.stringify(Object.values(await promise).map((t) => [...t.data]));"
                    + "  let same = true;"
                    + "  for (let i = 0; i < 60; i++) {"
                    + "    const rows = i % 20 < 15 ? 1 : 2, asked = [feeds(rows, i), feeds(rows, -i), feeds(1, 0.5)].slice(i % 3);"
                    + "    const found = await Promise.all(asked.map((feed) => text(model.run(feed))));"
                    + "    for (const [j, feed] of asked.entries()) same &&= found[j] === await text(other.run(feed));"
                    + "  }"
                    + "  model.dispose(); other.dispose();"
                    + "  return same;"
                    + "}", feeds(2)));
            visit.assertClean(server.address());
        }
    }

    @Test
    void tenThousandRunsEndAndAreTheSame(Harness harness) throws IOException {
        try (SiteServer server = serve(true); Visit visit = visit(harness, server)) {
            open(visit, "pair", 2);
            assertEquals(true, visit.call("repeat", "pair", feeds(128), 100));
            assertEquals(true, visit.call("repeat", "pair", feeds(130), 9_900));
        }
    }

    @Test
    void modelsRunBesideEachOtherOnMoreThreadsThanThereAreCores(Harness harness) throws IOException {
        try (SiteServer server = serve(true); Visit visit = visit(harness, server)) {
            for (int i = 0; i < 3; i++) {
                open(visit, "model " + i, 4);
            }
            assertEquals(List.of(true, true, true), visit.page().evaluate("feeds => Promise.all([0, 1, 2].map("
                    + "(i) => test.repeat(`model ${i}`, feeds, 30)))", feeds(1500)));
        }
    }

    @Test
    void endWhenTheModelIsDisposedOfEvenInTheMiddleOfARun(Harness harness) throws IOException {
        try (SiteServer server = serve(true); Visit visit = visit(harness, server)) {
            for (int round = 0; round < 5; round++) {
                open(visit, "brief", 3);
                Object code = visit.page().evaluate("async (feeds) => {"
                        + "  const runs = test.repeat('brief', feeds, 1000).then(() => 'ended', (error) => error.code);"
                        + "  await new Promise((resolve) => setTimeout(resolve, 50));"
                        + "  test.dispose('brief');"
                        + "  return runs;"
                        + "}", feeds(300));
                assertEquals("disposed", code);
                visit.page().waitForCondition(() -> visit.page().workers().isEmpty());
            }
        }
    }

    @Test
    void anAbortedRunIsDroppedAndTheNextOneWorks(Harness harness) throws IOException {
        try (SiteServer server = serve(true); Visit visit = visit(harness, server)) {
            open(visit, "pair", 2);
            Object expected = visit.call("run", "pair", feeds(64));
            assertEquals("AbortError", visit.page().evaluate("async ([[name, type, data, dims]]) => {"
                    + "  const { load, Tensor } = await import('/infuser/infuser.js');"
                    + "  const model = await load('/models/mixed.tea', { threads: 2 });"
                    + "  const stop = new AbortController();"
                    + "  const run = model.run({ x: new Tensor(type, data, dims) }, { signal: stop.signal });"
                    + "  stop.abort();"
                    + "  return run.then(() => 'ended', (error) => error.name).finally(() => model.dispose());"
                    + "}", feeds(300)));
            assertEquals(expected, visit.call("run", "pair", feeds(64)));
        }
    }

    @Test
    void areOneWithoutIsolationWhichIsSaidOnce(Harness harness) throws IOException {
        try (SiteServer server = serve(false); Visit visit = visit(harness, server)) {
            List<String> told = new CopyOnWriteArrayList<>();
            visit.page().onConsoleMessage(message -> told.add(message.text()));
            for (int i = 0; i < 2; i++) {
                open(visit, "alone", 4);
                assertEquals(1, visit.call("threads", "alone"));
            }
            assertEquals(true, visit.call("repeat", "alone", feeds(9), 3));
            assertEquals(1, told.stream().filter(text -> text.contains("one thread")).count(), told::toString);
            assertTrue(visit.complaints().isEmpty(), visit.complaints()::toString);
        }
    }
}
