package dev.infuser.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.infuser.converter.onnx.OnnxImporter;
import dev.infuser.format.Model;
import dev.infuser.format.TeaWriter;
import dev.infuser.models.Models;
import dev.infuser.models.UnavailableException;
import dev.infuser.pass.Passes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Silero VAD, whose branches an input chooses, in the packaged bundle. Skipped where that has not been built. */
class VoiceBundleTest {

    @Test
    void bothRatesRunWithoutRareOperators() throws IOException {
        assumeTrue(Bundle.exists(), "inference-core/target/npm is not there: mvn package builds it");
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        TeaWriter.write(Model.of(Passes.optimize(OnnxImporter.importModel(ByteBuffer.wrap(model()), null).graph())), Map.of(),
                file);
        try (Bundle bundle = Bundle.open()) {
            bundle.set("file", file.toByteArray());
            assertEquals("1,1 2,1,128 1,1 2,1,128", bundle.call("const T = infuser.Tensor;"
                    + "const m = await infuser.load(file, { runtime, fullRuntime: new Uint8Array(8), worker: false });"
                    + "const shapes = []; for (const rate of [16000, 8000]) {"
                    + "  const n = rate * 32 / 1000; const r = await m.run({"
                    + "    input: new T('float32', new Float32Array(n).fill(0.1), [1, n]),"
                    + "    state: new T('float32', new Float32Array(256), [2, 1, 128]), sr: new T('int64', [BigInt(rate)], []) });"
                    + "  shapes.push(r.output.dims.join(), r.stateN.dims.join()); }"
                    + "return shapes.join(' ')"));
        }
    }

    private static byte[] model() throws IOException {
        try {
            return Files.readAllBytes(Models.sileroVad());
        } catch (UnavailableException e) {
            return abort("Silero VAD is not tested: " + e.getMessage());
        }
    }
}
