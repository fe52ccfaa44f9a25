package dev.infuser.converter.onnx;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * The models of ONNX's backend tests, unpacked under a temporary folder.
 *
 * <p>The packs are looked for in {@code ../shared/conformance} beside the repository; tests are skipped without them.
 */
final class ConformancePacks {

    private ConformancePacks() {
    }

    /** All models of all packs, or an aborted test when there is none. */
    static List<Path> models() {
        List<Path> models = new ArrayList<>();
        for (String pack : List.of("public", "legacy-public")) {
            Path folder = unpacked("onnx-backend-" + pack + ".tar.xz");
            try (Stream<Path> files = Files.walk(folder)) {
                models.addAll(files.filter(file -> file.toString().endsWith(".onnx")).sorted().toList());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return models;
    }

    private static Path unpacked(String archive) {
        Path root = Path.of("").toAbsolutePath();
        while (root != null && !Files.isRegularFile(root.resolve("../shared/conformance/" + archive))) {
            root = root.getParent();
        }
        Assumptions.assumeTrue(root != null, "../shared/conformance/" + archive + " is not beside the repository");
        Path source = root.resolve("../shared/conformance/" + archive).normalize();
        Path target = Path.of("target", "conformance", archive.replace(".tar.xz", ""));
        try {
            if (!Files.exists(target.resolve("complete"))) {
                Files.createDirectories(target);
                int status = new ProcessBuilder("tar", "-xJf", source.toString(), "-C", target.toString(),
                        "--strip-components=1").inheritIO().start().waitFor();
                Assumptions.assumeTrue(status == 0, "tar cannot unpack " + archive);
                Files.createFile(target.resolve("complete"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return target;
    }
}
