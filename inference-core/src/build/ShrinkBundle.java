import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Makes what a page downloads smaller: the modules by Binaryen's {@code wasm-opt}, the scripts by Terser, which writes a source
 * map beside each. A lock file of npm pins both by version and integrity hash; they are installed once below
 * {@code $INFUSER_CACHE} or {@code ~/.cache/infuser}.
 *
 * <p>A result is made again only where its input, the tools or their options changed. Without npm, or where npm cannot
 * fetch the tools, files are copied as they are and a warning says so; {@code UNSHRUNK} in the result then holds the reason.
 * Run as {@code java ShrinkBundle.java MODULES SCRIPTS LOCK TO ENABLED}: two folders, the folder of the lock file, a folder
 * and {@code true} or {@code false}.
 */
public final class ShrinkBundle {

    private static final int MINUTES = 10;

    /** The features that TeaVM's output uses; others would let through instructions that browsers do not have. */
    private static final List<String> FEATURES = List.of("--enable-gc", "--enable-reference-types",
            "--enable-exception-handling", "--enable-bulk-memory", "--enable-nontrapping-float-to-int", "--enable-sign-ext",
            "--enable-mutable-globals", "--enable-multivalue", "--enable-extended-const", "--enable-simd");

    /**
     * Functions above 40 bytes stay functions where they have one caller too: browsers optimise whole functions in the
     * background once a loop in them is hot, and what takes long there keeps kernels waiting.
     */
    private static final List<String> MODULE_OPTIONS = List.of("--one-caller-inline-max-function-size=40", "-Os", "-Os");

    private static final List<String> SCRIPT_OPTIONS = List.of("--module", "--ecma", "2022", "--mangle",
            "--compress", "passes=3,unsafe_arrows=true", "--format", "wrap_func_args=false",
            "--source-map");

    private record Result(Path file, Path key, String hash, Path log, Process process) {
    }

    private ShrinkBundle() {
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> modules = Files.newDirectoryStream(Path.of(args[0]).toAbsolutePath(), "*.wasm");
                DirectoryStream<Path> scripts = Files.newDirectoryStream(Path.of(args[1]).toAbsolutePath(), "*.js")) {
            modules.forEach(files::add);
            scripts.forEach(files::add);
        }
        Path to = Files.createDirectories(Path.of(args[3]).toAbsolutePath());
        Path unshrunk = to.resolve("UNSHRUNK");
        String reason = "it was asked for";
        Path tools = null;
        if (Boolean.parseBoolean(args[4])) {
            try {
                tools = tools(Path.of(args[2]));
            } catch (IOException e) {
                reason = e.getMessage();
            }
        }
        if (tools != null) {
            Files.deleteIfExists(unshrunk);
            shrink(files, tools, Files.readString(Path.of(args[2], "package-lock.json")), to);
            return;
        }
        System.err.println("[WARNING] The bundle is larger than it could be: " + reason);
        Files.writeString(unshrunk, reason);
        for (Path file : files) {
            Path copy = to.resolve(file.getFileName());
            Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
            Files.deleteIfExists(key(copy));
        }
    }

    private static void shrink(List<Path> files, Path tools, String lock, Path to) throws IOException, InterruptedException {
        List<Result> running = new ArrayList<>();
        for (Path file : files) {
            Path out = to.resolve(file.getFileName());
            boolean module = out.toString().endsWith(".wasm");
            List<String> command = new ArrayList<>(List.of("node",
                    tools.resolve(module ? "binaryen/bin/wasm-opt" : "terser/bin/terser").toString()));
            command.addAll(module ? FEATURES : SCRIPT_OPTIONS);
            command.addAll(module ? MODULE_OPTIONS : List.of("includeSources,url=" + out.getFileName() + ".map"));
            String hash = hash(Files.readAllBytes(file), String.join(" ", command) + lock);
            if (Files.exists(out) && Files.exists(key(out)) && Files.readString(key(out)).equals(hash)) {
                continue;
            }
            Files.deleteIfExists(key(out));
            command.addAll(List.of(file.getFileName().toString(), "-o", out.toString()));
            Path log = to.resolve(out.getFileName() + ".log");
            running.add(new Result(out, key(out), hash, log, start(command, file.getParent(), log)));
        }
        List<Result> failed = new ArrayList<>();
        for (Result result : running) {
            if (ends(result.process) && result.process.exitValue() == 0) {
                Files.writeString(result.key, result.hash);
            } else {
                failed.add(result);
            }
        }
        if (!failed.isEmpty()) {
            throw new IOException("could not shrink " + failed.get(0).file + ": " + Files.readString(failed.get(0).log));
        }
    }

    private static Path key(Path file) {
        return file.resolveSibling(file.getFileName() + ".key");
    }

    /** The folder {@code node_modules} of the lock file. */
    private static Path tools(Path source) throws IOException, InterruptedException {
        byte[] lock = Files.readAllBytes(source.resolve("package-lock.json"));
        String configured = System.getenv("INFUSER_CACHE");
        Path cache = configured == null || configured.isEmpty()
                ? Path.of(System.getProperty("user.home"), ".cache", "infuser") : Path.of(configured);
        Path folder = Files.createDirectories(cache.resolve("npm").resolve(hash(lock, "").substring(0, 16)));
        Path done = folder.resolve("installed");
        if (!Files.exists(done)) {
            for (String name : List.of("package.json", "package-lock.json")) {
                Files.copy(source.resolve(name), folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
            }
            Path log = folder.resolve("npm.log");
            String npm = File.separatorChar == '\\' ? "npm.cmd" : "npm";
            Process process = start(List.of(npm, "ci", "--ignore-scripts", "--omit-lockfile-registry-resolved=true", "--no-audit",
                    "--no-fund"), folder, log);
            if (!ends(process) || process.exitValue() != 0) {
                throw new IOException("npm ci failed (is the machine offline?), see " + log);
            }
            Files.createFile(done);
        }
        ends(start(List.of("node", "--version"), folder, folder.resolve("node.log")));
        return folder.resolve("node_modules");
    }

    private static Process start(List<String> command, Path folder, Path log) throws IOException {
        try {
            return new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
                    .redirectOutput(log.toFile()).start();
        } catch (IOException e) {
            throw new IOException("install Node.js with npm, whose " + command.get(0) + " cannot be started", e);
        }
    }

    private static boolean ends(Process process) throws InterruptedException {
        boolean ended = process.waitFor(MINUTES, TimeUnit.MINUTES);
        process.destroyForcibly();
        return ended;
    }

    private static String hash(byte[] bytes, String more) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(bytes);
            return HexFormat.of().formatHex(digest.digest(more.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
