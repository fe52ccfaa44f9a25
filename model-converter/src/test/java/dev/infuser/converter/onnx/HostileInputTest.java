package dev.infuser.converter.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.infuser.tensor.InfuserException;
import dev.infuser.tensor.InvalidModelException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Damaged and foreign files give an error of Infuser's, never another one. */
class HostileInputTest {

    private static void importOrRefuse(byte[] bytes, String what) {
        try {
            OnnxImporter.importModel(ByteBuffer.wrap(bytes), null);
        } catch (InfuserException e) {
            assertTrue(!e.code().isEmpty() && e.getMessage() != null, what);
        } catch (RuntimeException | Error e) {
            fail(what + " gave " + e, e);
        }
    }

    @Test
    void truncatedFilesAreRefused() {
        byte[] whole = OnnxWriter.perceptron();
        for (int i = 0; i < 64; i++) {
            byte[] part = Arrays.copyOf(whole, whole.length * i / 64);
            importOrRefuse(part, "the first " + part.length + " bytes");
        }
        var e = assertThrows(InvalidModelException.class,
                () -> OnnxReader.read(Arrays.copyOf(whole, whole.length / 2)));
        assertEquals("truncated-file", e.code());
        assertTrue(e.getMessage().contains("at byte"), e.getMessage());
    }

    @Test
    void flippedBitsAreRefusedOrHarmless() {
        for (long seed = 0; seed < 4000; seed++) {
            Random random = new Random(seed);
            byte[] bytes = OnnxWriter.perceptron();
            for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            }
            importOrRefuse(bytes, "seed " + seed);
        }
    }

    @Test
    void damagedConformanceModelsAreRefusedOrHarmless() throws IOException {
        List<Path> models = ConformancePacks.models();
        for (int i = 0; i < models.size(); i += 7) {
            byte[] whole = Files.readAllBytes(models.get(i));
            if (whole.length > 20_000) {
                continue;
            }
            Random random = new Random(i);
            for (int round = 0; round < 8; round++) {
                byte[] bytes = round < 3 ? Arrays.copyOf(whole, random.nextInt(whole.length)) : whole.clone();
                if (round >= 3) {
                    bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                }
                importOrRefuse(bytes, models.get(i) + " round " + round);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "'' | empty-file",
        "'<!DOCTYPE html><html><body>404</body></html>' | foreign-file",
        "'  <html>' | foreign-file",
        "'{\"error\": \"not found\"}' | foreign-file",
        "'version https://git-lfs.github.com/spec/v1' | foreign-file",
        "'just some words' | foreign-file",
    })
    void foreignFilesAreNamed(String content, String code) {
        var e = assertThrows(InvalidModelException.class,
                () -> OnnxReader.read(content.getBytes(StandardCharsets.UTF_8)));
        assertEquals(code, e.code());
        assertTrue(!e.hint().isEmpty());
    }

    @Test
    void absurdLengthsAllocateNothing() {
        byte[] huge = new OnnxWriter().number(1, 8).raw(7 << 3 | 2, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F).toBytes();
        assertThrows(InvalidModelException.class, () -> OnnxReader.read(huge));
        byte[] tensor = new OnnxWriter().number(1, 1 << 30).number(2, 1).bytes(9, new byte[4]).toBytes();
        var e = assertThrows(InvalidModelException.class, () -> OnnxTensors.readTensor(tensor));
        assertTrue(e.getMessage().contains("4294967296 bytes"), e.getMessage());
    }

    @Test
    void deepNestingIsRefused() {
        OnnxWriter graph = new OnnxWriter().string(2, "leaf");
        for (int i = 0; i < 2000; i++) {
            graph = new OnnxWriter().message(1, new OnnxWriter().string(4, "If").string(2, "v" + i)
                    .message(5, OnnxWriter.subgraph("then_branch", graph)));
        }
        byte[] bytes = OnnxWriter.model(13, graph);
        assertThrows(InvalidModelException.class, () -> OnnxReader.read(bytes));
    }
}
