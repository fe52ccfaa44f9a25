package dev.infuser.converter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.converter.onnx.OnnxWriter;
import dev.infuser.tensor.DType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxRuntimeTest {

    @TempDir
    private Path folder;

    @Test
    void startsWhereTheCommandLineIsLong() throws Exception {
        OnnxWriter graph = new OnnxWriter().string(2, "small").message(11, OnnxWriter.value("x", DType.FLOAT32, "n"))
                .message(12, OnnxWriter.value("y", DType.FLOAT32, "n")).message(1, OnnxWriter.node("Exp", "x", "y"));
        Path model = Files.write(folder.resolve("small.onnx"), OnnxWriter.model(13, graph));
        Process child = Child.infuser(folder, "-Dlong=" + "x".repeat(50_000), "convert", model.toString(), "-o",
                folder.resolve("small.tea").toString());
        assertTrue(child.waitFor(120, TimeUnit.SECONDS));
        assertEquals(0, child.exitValue(), () -> Child.output(folder));
        assertFalse(Child.output(folder).contains("not verified"), () -> Child.output(folder));
    }
}
