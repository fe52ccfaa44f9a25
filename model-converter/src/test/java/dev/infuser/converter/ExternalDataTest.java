package dev.infuser.converter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.infuser.converter.onnx.OnnxImporter;
import dev.infuser.converter.onnx.OnnxWriter;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExternalDataTest {

    @TempDir
    private Path outside;

    private Path folder;

    @BeforeEach
    void writeData() throws IOException {
        folder = Files.createDirectory(outside.resolve("model"));
        ByteBuffer data = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
        data.putFloat(9).putFloat(1).putFloat(2);
        Files.write(folder.resolve("weights.bin"), data.array());
        Files.write(outside.resolve("secret.bin"), data.array());
    }

    private Tensor weights(String location, long offset) {
        byte[] model = OnnxWriter.model(13, new OnnxWriter().message(11, OnnxWriter.value("x", DType.FLOAT32, 2))
                .message(12, OnnxWriter.value("y", DType.FLOAT32, 2))
                .message(5, OnnxWriter.external("w", 2, location, offset)).message(1, OnnxWriter.node("Add", "x w", "y")));
        return OnnxImporter.importModel(ByteBuffer.wrap(model), new FolderData(folder)).graph().constants().get("w");
    }

    private String refusal(String location, long offset) {
        return assertThrows(InvalidModelException.class, () -> weights(location, offset)).code();
    }

    @Test
    void weightsBesideTheModelAreRead() {
        assertArrayEquals(new float[] {1, 2}, weights("weights.bin", 4).floats());
    }

    @Test
    void aMissingFileIsNamed() {
        assertEquals("missing-external-data", refusal("other.bin", 0));
    }

    @Test
    void aShortFileIsRefused() {
        assertEquals("truncated-file", refusal("weights.bin", 8));
        assertEquals("truncated-file", refusal("weights.bin", 1L << 40));
    }

    @ParameterizedTest
    @ValueSource(strings = {"../secret.bin", "sub/../../secret.bin", "/etc/passwd", "..\\secret.bin", "C:\\secret.bin", "",
        "\u0000"})
    void pathsOutOfTheFolderAreRefused(String location) {
        assertEquals("external-path", refusal(location, 0));
    }

    @Test
    void aLinkOutOfTheFolderIsRefused() throws IOException {
        Files.createSymbolicLink(folder.resolve("link.bin"), outside.resolve("secret.bin"));
        assertEquals("external-path", refusal("link.bin", 0));
    }

    @Test
    void aModelWithoutItsFolderSaysSo() {
        byte[] model = OnnxWriter.model(13, new OnnxWriter().message(12, OnnxWriter.value("w", DType.FLOAT32, 2))
                .message(5, OnnxWriter.external("w", 2, "weights.bin", 0)));
        assertEquals("external-data", assertThrows(InvalidModelException.class,
                () -> OnnxImporter.importModel(ByteBuffer.wrap(model), null)).code());
    }
}
