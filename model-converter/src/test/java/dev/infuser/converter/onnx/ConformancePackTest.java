package dev.infuser.converter.onnx;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.tensor.InfuserException;
import dev.infuser.tensor.UnsupportedModelException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every model of ONNX's own backend tests. */
class ConformancePackTest {

    @Test
    void everyModelTranslatesAndImportsOrIsUnsupported() {
        List<String> failures = new ArrayList<>();
        int imported = 0;
        int unsupported = 0;
        for (Path model : ConformancePacks.models()) {
            try {
                OnnxModel read = OnnxReader.read(Files.readAllBytes(model));
                OnnxImporter.translate(read);
                OnnxImporter.importModel(read);
                imported++;
            } catch (UnsupportedModelException e) {
                unsupported++;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (RuntimeException e) {
                failures.add(model.getParent().getFileName() + ": " + e);
            }
        }
        System.out.println(imported + " models imported, " + unsupported + " unsupported");
        assertTrue(failures.isEmpty(), () -> failures.size() + " failed:\n" + String.join("\n", failures));
        assertTrue(imported > 0);
    }

    @Test
    void everyTensorFileReads() throws IOException {
        List<String> failures = new ArrayList<>();
        int count = 0;
        for (Path model : ConformancePacks.models()) {
            OnnxModel read;
            try {
                read = OnnxReader.read(Files.readAllBytes(model));
            } catch (UnsupportedModelException e) {
                continue;
            }
            Path folder = model.resolveSibling("test_data_set_0");
            if (!Files.isDirectory(folder)) {
                continue;
            }
            List<OnnxModel.OnnxValue> outputs = read.graph().outputs();
            for (int i = 0; i < outputs.size(); i++) {
                Path file = folder.resolve("output_" + i + ".pb");
                if (Files.exists(file)) {
                    try {
                        OnnxTensors.read(Files.readAllBytes(file), outputs.get(i).type());
                        count++;
                    } catch (InfuserException e) {
                        failures.add(file + ": " + e);
                    }
                }
            }
        }
        assertTrue(failures.isEmpty(), () -> failures.size() + " failed:\n" + String.join("\n", failures));
        assertTrue(count > 0);
    }
}
