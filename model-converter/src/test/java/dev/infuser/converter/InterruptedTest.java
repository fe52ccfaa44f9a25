package dev.infuser.converter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.converter.onnx.OnnxWriter;
import dev.infuser.tensor.DType;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A conversion that does not come to its end leaves nothing behind. */
class InterruptedTest {

    private static final int ROWS = 64_000;
    private static final int COLUMNS = 1_000;

    @TempDir
    private Path folder;

    private Path target;
    private String[] convert;

    @BeforeEach
    void writeModel() throws IOException {
        OnnxWriter graph = new OnnxWriter().string(2, "slow").message(11, OnnxWriter.value("i", DType.INT64, "n"))
                .message(12, OnnxWriter.value("y", DType.FLOAT32, "n", COLUMNS))
                .message(5, OnnxWriter.external("table", new long[] {ROWS, COLUMNS}, "weights.bin", 0))
                .message(1, OnnxWriter.node("Gather", "table i", "y"));
        Files.write(folder.resolve("slow.onnx"), OnnxWriter.model(13, graph));
        try (RandomAccessFile data = new RandomAccessFile(folder.resolve("weights.bin").toFile(), "rw")) {
            data.setLength(4L * ROWS * COLUMNS);
        }
        target = Files.createDirectory(folder.resolve("target"));
        convert = new String[] {"convert", folder.resolve("slow.onnx").toString(), "-o", target.resolve("slow.tea").toString(),
            "--no-verify"};
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(target)) {
            return files.toList();
        }
    }

    /** Waits until the child has begun to write. */
    private void awaitPart(Process child) throws Exception {
        while (files().isEmpty()) {
            assertTrue(child.isAlive(), () -> Child.output(folder));
            Thread.sleep(1);
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void endedByASignal() throws Exception {
        Process child = Child.infuser(folder, "-Xmx1g", convert);
        awaitPart(child);
        child.destroy();
        assertTrue(child.waitFor(60, TimeUnit.SECONDS));
        assertTrue(child.exitValue() != 0, "it was still at work");
        assertEquals(List.of(), files());
    }

    @Test
    void killedAndBegunAgain() throws Exception {
        Process child = Child.infuser(folder, "-Xmx1g", convert);
        awaitPart(child);
        child.destroyForcibly();
        assertTrue(child.waitFor(60, TimeUnit.SECONDS));
        assertEquals(List.of(), files().stream().filter(file -> !file.getFileName().toString().endsWith(".part")).toList());
        assertEquals(0, Main.commandLine().setOut(new PrintWriter(new StringWriter())).execute(convert));
        assertEquals(List.of(target.resolve("slow.tea")), files());
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void noRoomOnTheDisk() throws Exception {
        List<String> command = new ArrayList<>(List.of("sh", "-c", "ulimit -f 2000; exec \"$@\"", "sh"));
        command.addAll(Child.command("-Xmx1g", convert));
        Process child = Child.start(folder, command);
        assertTrue(child.waitFor(120, TimeUnit.SECONDS));
        assertEquals(1, child.exitValue());
        assertEquals(List.of(), files());
        String last = Child.output(folder).lines().reduce("", (a, b) -> b);
        assertTrue(last.startsWith("infuser: ") && !last.contains("internal error"), last);
    }
}
