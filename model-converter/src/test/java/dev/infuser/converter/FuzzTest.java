package dev.infuser.converter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each reader on files that were found once, and then on what Jazzer makes of sound files: briefly, or with -Pfuzz for long. */
class FuzzTest {

    private static final int RUNS = 10_000;
    private static final String SECONDS = "infuser.fuzz.seconds";

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource
    void soundFilesAreRead(Fuzzing.Reader reader) throws IOException {
        for (byte[] seed : reader.seeds()) {
            reader.read(seed);
        }
    }

    @ParameterizedTest
    @EnumSource
    void filesThatWereFoundOnceAreReadOrRefused(Fuzzing.Reader reader) throws Exception {
        for (Path file : found(reader)) {
            Fuzzing.check(reader, Files.readAllBytes(file));
        }
    }

    /** The same runs each time, all readers in one process. */
    @Test
    void filesThatCoverageLeadsToAreReadOrRefused() throws Exception {
        Path seeds = Files.createDirectory(folder.resolve("seeds"));
        for (Fuzzing.Reader reader : Fuzzing.Reader.values()) {
            int count = 0;
            for (byte[] seed : starts(reader)) {
                byte[] told = new byte[seed.length + 1];
                told[0] = (byte) reader.ordinal();
                System.arraycopy(seed, 0, told, 1, seed.length);
                Files.write(seeds.resolve(reader + "-" + count++), told);
            }
        }
        fuzz("ALL", 150, seeds, Files.createDirectory(folder.resolve("corpus")), "-seed=1", "-runs=" + RUNS);
    }

    /** As long as is asked for; what was learnt stays in {@code target/fuzz} for the next time. */
    @ParameterizedTest
    @EnumSource
    @EnabledIfSystemProperty(named = SECONDS, matches = "\\d+")
    void filesOfALongRunAreReadOrRefused(Fuzzing.Reader reader) throws Exception {
        int seconds = Integer.getInteger(SECONDS);
        Path seeds = Files.createDirectory(folder.resolve("seeds"));
        int count = 0;
        for (byte[] seed : starts(reader)) {
            Files.write(seeds.resolve("seed" + count++), seed);
        }
        fuzz(reader.name(), seconds + 120, seeds, Files.createDirectories(Path.of("target", "fuzz", reader.name())),
                "-max_total_time=" + seconds, "-use_value_profile=1");
    }

    private static List<byte[]> starts(Fuzzing.Reader reader) throws IOException, URISyntaxException {
        List<byte[]> starts = new ArrayList<>(reader.seeds());
        for (Path file : found(reader)) {
            starts.add(Files.readAllBytes(file));
        }
        return starts;
    }

    private static List<Path> found(Fuzzing.Reader reader) throws IOException, URISyntaxException {
        URL url = FuzzTest.class.getResource("fuzz/" + reader.name().toLowerCase(Locale.ROOT));
        if (url == null) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(Path.of(url.toURI()))) {
            return files.sorted().toList();
        }
    }

    private void fuzz(String reader, int patience, Path seeds, Path corpus, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx700m", "-XX:+UseSerialGC", "-Djdk.attach.allowAttachSelf=true", "-cp",
                System.getProperty("java.class.path"), "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + Fuzzing.class.getName(), "--target_args=" + reader,
                "--instrumentation_includes=dev.infuser.**", "--custom_hook_includes=none.**",
                "--reproducer_path=" + folder, "-artifact_prefix=" + corpus + "/", "-timeout=10", "-max_len=8192",
                "-rss_limit_mb=3000"));
        command.addAll(List.of(options));
        command.addAll(List.of(corpus.toString(), seeds.toString()));
        Process child = Child.start(folder, command);
        boolean ended = child.waitFor(patience, TimeUnit.SECONDS);
        child.destroyForcibly();
        assertTrue(ended, () -> "it did not end: " + Child.output(folder));
        assertEquals(0, child.exitValue(), () -> Child.output(folder));
    }
}
