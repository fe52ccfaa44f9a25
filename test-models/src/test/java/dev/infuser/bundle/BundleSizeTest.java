package dev.infuser.bundle;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.aayushatharva.brotli4j.encoder.Encoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class BundleSizeTest {

    /** What a page may download to run a model that has no rare operator, compressed. */
    private static final int LIMIT = 150_000;

    @Test
    void whatAPageDownloadsToRunAModelStaysSmall() throws IOException {
        assumeTrue(Bundle.exists(), "the bundle is not built: run the package phase without -Dinfuser.skipBundle");
        Path unshrunk = Bundle.FOLDER.resolveSibling("shrunk").resolve("UNSHRUNK");
        if (Files.exists(unshrunk)) {
            assumeTrue(false, "the bundle is not shrunk: " + Files.readString(unshrunk));
        }
        Brotli4jLoader.ensureAvailability();
        int total = 0;
        for (String part : new String[] {"infuser.js", "infuser-engine.js", "infuser.wasm"}) {
            byte[] data = Files.readAllBytes(Bundle.FOLDER.resolve(part));
            total += Encoder.compress(data, new Encoder.Parameters().setQuality(11).setWindow(24)).length;
        }
        assertTrue(total <= LIMIT, "infuser.js, infuser-engine.js and infuser.wasm are " + total + " bytes");
    }
}
