package dev.infuser.models;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A script in Node, beside TensorFlow.js and the packages with models for it. */
final class NodeScript {

    private static final int MINUTES = 3;

    private NodeScript() {
    }

    /**
     * Runs a script that lies beside the tests; it finds TensorFlow.js, and the packages with models for it.
     *
     * @throws UnavailableException where Node or the packages are missing
     */
    static void run(Path folder, String script, String... arguments) throws IOException, InterruptedException {
        Path modules = Models.tensorFlowPackage("nsfwjs").getParent();
        Path copy = folder.resolve(script);
        try (InputStream in = NodeScript.class.getResourceAsStream(script)) {
            Files.write(copy, in.readAllBytes());
        }
        List<String> command = new ArrayList<>(List.of("node", copy.toString()));
        command.addAll(Arrays.asList(arguments));
        Path log = folder.resolve("node.log");
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().put("NODE_PATH", modules.toString());
        Process node;
        try {
            node = builder.start();
        } catch (IOException e) {
            throw new UnavailableException("Node is not installed", e);
        }
        if (!node.waitFor(MINUTES, TimeUnit.MINUTES)) {
            node.destroyForcibly();
        }
        assertEquals(0, node.waitFor(), () -> text(log));
    }

    private static String text(Path log) {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
