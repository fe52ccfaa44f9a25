package dev.infuser.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.infuser.converter.onnx.OnnxImporter;
import dev.infuser.format.Model;
import dev.infuser.graph.Graph;
import dev.infuser.kernel.Target;
import dev.infuser.pass.Passes;
import dev.infuser.runtime.Heap;
import dev.infuser.runtime.Session;
import dev.infuser.tensor.Tensor;
import dev.infuser.testing.V8Host;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Silero VAD against ONNX Runtime over frames that carry their state. */
class VoiceActivityTruthTest {

    /** The state reaches 8 and passes an LSTM once a frame, so float32 differences of 1e-6 grow over frames. */
    private static final double TOLERANCE = 1e-4;
    private static final int FRAMES = 8;
    private static final int HEAP_START = 1024;

    @ParameterizedTest
    @CsvSource({"16000, 512, 1", "8000, 256, 1", "16000, 512, 3"})
    void framesWithCarriedStateEqualOnnxRuntime(int rate, int samples, int batch) throws Exception {
        check(new Reference(model())::run, rate, samples, batch, FRAMES);
    }

    @ParameterizedTest
    @EnumSource
    void oneCompiledModelServesBothRatesAndEveryBatch(Instructions instructions) throws Exception {
        Graph graph = Passes.optimize(OnnxImporter.importModel(ByteBuffer.wrap(Files.readAllBytes(model())), null).graph());
        try (V8Host host = new V8Host(instructions == Instructions.RELAXED ? Target.RELAXED : Target.STRICT)) {
            Heap heap = new Heap(host, HEAP_START);
            try (Session session = Session.compile(Model.of(graph), heap)) {
                for (int[] run : new int[][] {{16000, 512, 1}, {8000, 256, 1}, {16000, 512, 3}, {8000, 256, 2}, {16000, 512, 1}}) {
                    check(session::run, run[0], run[1], run[2], FRAMES / 2);
                    assertEquals(0, session.compiled().program().hostSteps());
                }
            }
            assertEquals(0, heap.used());
        }
    }

    private enum Instructions { STRICT, RELAXED }

    private static void check(UnaryOperator<Map<String, Tensor>> model, int rate, int samples, int batch, int frames)
            throws Exception {
        try (OnnxRuntime truth = OnnxRuntime.open(model())) {
            Map<String, Tensor> feeds = new HashMap<>();
            feeds.put("sr", Tensor.longs(new int[0], rate));
            feeds.put("state", Tensor.floats(new int[] {2, batch, 128}, new float[2 * batch * 128]));
            Tensor ownState = feeds.get("state");
            for (int frame = 0; frame < frames; frame++) {
                feeds.put("input", Tensor.floats(new int[] {batch, samples}, signal(rate, samples, batch, frame)));
                Map<String, Tensor> want = truth.run(feeds);
                Map<String, Tensor> ownFeeds = new HashMap<>(feeds);
                ownFeeds.put("state", ownState);
                Map<String, Tensor> got = model.apply(ownFeeds);
                String what = "Silero " + rate + " Hz, batch " + batch + ", frame " + frame;
                Agreement.of(want.get("output"), got.get("output")).within(TOLERANCE, what);
                Agreement.of(want.get("stateN"), got.get("stateN")).within(TOLERANCE, what + " state");
                feeds.put("state", want.get("stateN"));
                ownState = got.get("stateN");
            }
        }
    }

    private static Path model() {
        try {
            return Models.sileroVad();
        } catch (UnavailableException e) {
            return abort("Silero VAD is not tested: " + e.getMessage());
        }
    }

    /** A voice-like tone: harmonics of a gliding pitch under an envelope of four syllables a second. */
    private static float[] signal(int rate, int samples, int batch, int frame) {
        float[] out = new float[batch * samples];
        for (int i = 0; i < out.length; i++) {
            double t = (double) (frame * samples + i % samples) / rate + 0.1 * (i / samples);
            double pitch = 120 + 40 * Math.sin(2 * Math.PI * 1.5 * t);
            double sum = 0;
            for (int harmonic = 1; harmonic <= 10; harmonic++) {
                sum += Math.sin(2 * Math.PI * pitch * harmonic * t) / harmonic;
            }
            out[i] = (float) (0.2 * sum * Math.abs(Math.sin(Math.PI * 4 * t)));
        }
        return out;
    }
}
