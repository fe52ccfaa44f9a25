package dev.infuser.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.FilePayload;
import dev.infuser.converter.Converter;
import dev.infuser.converter.Progress;
import dev.infuser.converter.Source;
import dev.infuser.format.ByteSource;
import dev.infuser.format.TeaReader;
import dev.infuser.graph.GraphText;
import dev.infuser.models.Models;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** ONNX models converted in the page, beside the same models converted on the JVM. */
@ExtendWith(Harness.Shared.class)
class PageConversionTest {

    enum Model {
        ORIENTATION(Models::ocrOrientation), DETECTION(Models::ocrDetection), RECOGNITION(Models::ocrRecognition),
        VOICE(Models::sileroVad), QUANTIZED(Models::miniLmInt8), TEXT(Models::miniLm);

        private final Supplier<Path> file;

        Model(Supplier<Path> file) {
            this.file = file;
        }
    }

    @ParameterizedTest
    @EnumSource
    void convertsToTheFileThatTheCommandLineWrites(Model model, @TempDir Path folder, Harness harness) throws IOException {
        Path onnx = model.file.get();
        Path expected = folder.resolve("expected.tea");
        try (Source source = Source.open(onnx.toString())) {
            Converter.convert(source, expected, Converter.Options.DEFAULT.verify(false), Progress.SILENT);
        }
        Path found = folder.resolve("found.tea");
        try (Visit visit = harness.visit("workbench/index.html").await("ready")) {
            Page page = visit.page();
            page.locator("#file").setInputFiles(onnx);
            page.waitForSelector("html[data-state='open'], html[data-state='error']");
            assertEquals(0, page.locator("#error:visible").count(), () -> page.locator("#error").innerText());
            page.waitForDownload(() -> page.locator("#save a").click()).saveAs(found);
            page.locator("#run").click();
            page.waitForSelector("#results .output, #error:not([hidden])");
            visit.assertClean(harness.server().address());
        }
        TeaReader ours = TeaReader.open(ByteSource.of(Files.readAllBytes(found)));
        TeaReader theirs = TeaReader.open(ByteSource.of(Files.readAllBytes(expected)));
        assertEquals(GraphText.print(theirs.graph()), GraphText.print(ours.graph()));
        assertEquals(theirs.weightsLength(), ours.weightsLength());
        assertEquals(theirs.weightsChecksum(), ours.weightsChecksum());
        assertEquals(theirs.metadata().get("source.sha256"), ours.metadata().get("source.sha256"));
        assertEquals(theirs.metadata().get("producer"), ours.metadata().get("producer"));
    }

    @Test
    void saysInWordsWhatIsWrongWithAModel(Harness harness) {
        try (Visit visit = harness.visit("workbench/index.html").await("ready")) {
            Page page = visit.page();
            page.locator("#file").setInputFiles(new FilePayload("page.onnx", "", BadModels.html()));
            visit.await("error");
            assertEquals("foreign-file", page.locator("html").getAttribute("data-code"));
            assertTrue(page.locator("#error").innerText().contains("ot an ONNX model"), page.locator("#error").innerText());
            page.locator("#file").setInputFiles(new FilePayload("relu.tea", "", BadModels.relu()));
            visit.await("open");
            visit.assertClean(harness.server().address());
        }
    }
}
