package dev.infuser.converter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.converter.onnx.OnnxWriter;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** A model of more than 2 GB, in a process of 512 MB of heap. It writes as much: switched on by {@code -Dinfuser.large}. */
@EnabledIfSystemProperty(named = "infuser.large", matches = ".*")
class LargeModelTest {

    private static final int TABLES = 35;
    private static final int ROWS = 16_000;
    private static final int COLUMNS = 1_000;

    @TempDir
    private Path folder;

    @Test
    void weightsPassThroughWithoutBeingHeld() throws Exception {
        OnnxWriter graph = new OnnxWriter().string(2, "large").message(11, OnnxWriter.value("i", DType.INT64, "n"))
                .message(12, OnnxWriter.value("s" + TABLES, DType.FLOAT32, "n", COLUMNS))
                .message(1, OnnxWriter.node("Gather", "t0 i", "s1"));
        long bytes = (long) ROWS * COLUMNS * 4;
        try (RandomAccessFile data = new RandomAccessFile(folder.resolve("weights.bin").toFile(), "rw")) {
            data.setLength(bytes * TABLES);
            data.seek(bytes * TABLES - 4);
            data.write(new byte[] {0, 0, (byte) 0x80, 0x3F});
        }
        for (int i = 0; i < TABLES; i++) {
            graph.message(5, OnnxWriter.external("t" + i, new long[] {ROWS, COLUMNS}, "weights.bin", i * bytes));
            if (i > 0) {
                graph.message(1, OnnxWriter.node("Gather", "t" + i + " i", "g" + i));
                graph.message(1, OnnxWriter.node("Add", "s" + i + " g" + i, "s" + (i + 1)));
            }
        }
        Path model = folder.resolve("large.onnx");
        Files.write(model, OnnxWriter.model(13, graph));
        Path tea = folder.resolve("large.tea");
        assertEquals(0, Child.infuser(folder, "-Xmx512m", "convert", model.toString(), "-o", tea.toString(), "--no-verify")
                .waitFor(), () -> Child.output(folder));
        assertTrue(Files.size(tea) > 1L << 31);
        Files.write(folder.resolve("i.npy"), Npy.write(Tensor.vector(0, ROWS - 1)));
        assertEquals(0, Child.infuser(folder, "-Xmx4g", "run", tea.toString(), "--input", "i=" + folder.resolve("i.npy"),
                "--output", folder.toString()).waitFor(), () -> Child.output(folder));
        Tensor sum = Npy.read(Files.readAllBytes(folder.resolve("s" + TABLES + ".npy")));
        float[] expected = new float[2 * COLUMNS];
        expected[expected.length - 1] = 1;
        assertArrayEquals(expected, sum.floats());
    }
}
