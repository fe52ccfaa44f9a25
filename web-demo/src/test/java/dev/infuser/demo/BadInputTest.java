package dev.infuser.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.infuser.models.Models;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What a page is told when a model or a feed is wrong. */
@ExtendWith(Harness.Shared.class)
class BadInputTest {

    private record Case(String file, String error, String code, byte[] bytes) {
    }

    @Test
    void tellsWhatIsWrongWithAFile(@TempDir Path folder, Harness harness) throws IOException {
        byte[] sound = Files.readAllBytes(harness.model());
        byte[] altered = sound.clone();
        altered[altered.length / 2] ^= 1;
        List<Case> cases = List.of(
                new Case("page.tea", "InvalidModelError", "foreign-file", BadModels.html()),
                new Case("empty.tea", "InvalidModelError", "empty-file", new byte[0]),
                new Case("short.tea", "InvalidModelError", "truncated-file", Arrays.copyOf(sound, sound.length - 1000)),
                new Case("head.tea", "InvalidModelError", "truncated-file", Arrays.copyOf(sound, 40)),
                new Case("altered.tea", "InvalidModelError", "checksum-mismatch", altered),
                new Case("model.onnx", "InvalidModelError", "foreign-file", Files.readAllBytes(Models.miniLm())),
                new Case("unknown.tea", "UnsupportedModelError", "unsupported-operator", BadModels.unknownOperator()));
        for (Case each : cases) {
            Files.write(folder.resolve(each.file), each.bytes);
        }
        try (SiteServer server = Harness.serve(folder);
                Visit visit = Visit.open(harness.chrome().browser(), server.address() + "test/test.html").await("ready")) {
            for (Case each : cases) {
                Map<?, ?> failure = (Map<?, ?>) visit.call("failure", "open", "bad", "/models/" + each.file);
                assertError(each.error, each.code, failure, each.file);
                visit.page().waitForCondition(() -> visit.page().workers().isEmpty());
            }
            assertError("ResourceError", "http-status", (Map<?, ?>) visit.call("failure", "open", "bad", "/models/none.tea"),
                    "a missing file");
        }
    }

    @Test
    void tellsWhatIsWrongWithAFeedAndGoesOn(@TempDir Path folder, Harness harness) throws IOException {
        Files.write(folder.resolve("relu.tea"), BadModels.relu());
        try (SiteServer server = Harness.serve(folder);
                Visit visit = Visit.open(harness.chrome().browser(), server.address() + "test/test.html").await("ready")) {
            visit.call("open", "relu", "/models/relu.tea");
            List<Integer> six = List.of(-1, 2, -3, 4, -5, 6);
            feed(visit, "unknown-feed", List.of("x", "float32", six, List.of(2, 3)), List.of("y", "float32", six, List.of(6)));
            feed(visit, "missing-feed");
            feed(visit, "wrong-feed", List.of("x", "int32", six, List.of(2, 3)));
            feed(visit, "wrong-feed", List.of("x", "float32", six, List.of(3, 2)));
            feed(visit, "bad-tensor", List.of("x", "float32", six, List.of(2, 2)));
            assertNull(visit.call("failure", "run", "relu", List.of(List.of("x", "float32", six, List.of(2, 3)))));
        }
    }

    private static void feed(Visit visit, String code, Object... feeds) {
        assertError("InvalidInputError", code, (Map<?, ?>) visit.call("failure", "run", "relu", List.of(feeds)), code);
    }

    private static void assertError(String error, String code, Map<?, ?> found, String what) {
        assertEquals(error + " " + code, found == null ? null : found.get("name") + " " + found.get("code"),
                () -> what + ": " + found);
        assertFalse(found.get("message").toString().isEmpty(), what);
    }
}
