package dev.infuser.conformance;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where the backend tests are. */
final class Selection {

    private Selection() {
    }

    /** The small selection in the tree. */
    static Path folder() throws Exception {
        return Path.of(Selection.class.getResource("onnx-backend/manifest.tsv").toURI()).getParent();
    }

    /** {@code name} in {@code ../shared/conformance}, seen from the root of the repository, whether it exists or not. */
    static Path shared(String name) {
        Path root = Path.of("").toAbsolutePath();
        while (root.getParent() != null && !Files.exists(root.resolve("mvnw"))) {
            root = root.getParent();
        }
        return root.resolveSibling("shared").resolve("conformance").resolve(name);
    }
}
