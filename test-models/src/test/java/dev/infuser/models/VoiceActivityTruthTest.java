package dev.infuser.models;

import static org.junit.jupiter.api.Assumptions.abort;

import dev.infuser.tensor.Tensor;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Silero VAD against ONNX Runtime over frames that carry their state. */
class VoiceActivityTruthTest {

    /** The state reaches 8 and passes an LSTM once a frame, so float32 differences of 1e-6 grow over frames. */
    private static final double TOLERANCE = 1e-4;
    private static final int FRAMES = 8;

    @ParameterizedTest
    @CsvSource({"16000, 512, 1", "8000, 256, 1", "16000, 512, 3"})
    void framesWithCarriedStateEqualOnnxRuntime(int rate, int samples, int batch) throws Exception {
        Path path = model();
        OnnxRuntime truth = OnnxRuntime.open(path);
        Reference model = new Reference(path);
        Map<String, Tensor> feeds = new HashMap<>();
        feeds.put("sr", Tensor.longs(new int[0], rate));
        feeds.put("state", Tensor.floats(new int[] {2, batch, 128}, new float[2 * batch * 128]));
        Tensor ownState = feeds.get("state");
        for (int frame = 0; frame < FRAMES; frame++) {
            feeds.put("input", Tensor.floats(new int[] {batch, samples}, signal(rate, samples, batch, frame)));
            Map<String, Tensor> want = truth.run(feeds);
            Map<String, Tensor> ownFeeds = new HashMap<>(feeds);
            ownFeeds.put("state", ownState);
            Map<String, Tensor> got = model.run(ownFeeds);
            String what = "Silero " + rate + " Hz, batch " + batch + ", frame " + frame;
            Agreement.of(want.get("output"), got.get("output")).within(TOLERANCE, what);
            Agreement.of(want.get("stateN"), got.get("stateN")).within(TOLERANCE, what + " state");
            feeds.put("state", want.get("stateN"));
            ownState = got.get("stateN");
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
