package dev.infuser.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.infuser.audio.Sound;
import dev.infuser.converter.Converter;
import dev.infuser.converter.Progress;
import dev.infuser.converter.Source;
import dev.infuser.format.Model;
import dev.infuser.kernel.Target;
import dev.infuser.runtime.Heap;
import dev.infuser.runtime.Session;
import dev.infuser.task.ModelInfo;
import dev.infuser.task.Options;
import dev.infuser.task.Pipeline;
import dev.infuser.task.VoiceActivity;
import dev.infuser.tensor.InvalidInputException;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.UnsupportedModelException;
import dev.infuser.testing.V8Host;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The task on real speech, with Silero VAD as kernels in V8, against ONNX Runtime and against what the sounds are known to say. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class VoiceActivityTest {

    private static final double RATE = 16000;
    private static final int FRAME = 512;
    private static final int CONTEXT = 64;
    private static final int STATE = 256;
    private static final double SECONDS = FRAME / RATE;
    private static final int HEAP_START = 1024;
    /** As {@link VoiceActivityTruthTest} has it for the outputs of frames. */
    private static final double TOLERANCE = 1e-4;
    /** Of a frame with a voice in it, as opposed to the breath and the rooms of the recordings. */
    private static final double LOUD = 0.02;
    private static final Options LAST = new Options(Map.of("last", true));

    /** Where words begin and end in {@link #speech}, to a tenth of a second, by the energy of the recordings. */
    private static final double[][] WORDS = {{1.0, 2.8}, {4.2, 6.8}};

    private V8Host host;
    private Session session;
    private Pipeline<Sound, VoiceActivity.Activity> task;

    @BeforeAll
    void convert(@TempDir Path folder) throws Exception {
        Path onnx = onnx();
        Model model;
        try (Source source = Source.open(onnx.toString())) {
            model = Converter.convert(source, folder.resolve("vad.tea"), Converter.Options.DEFAULT.verify(false), Progress.SILENT).model();
        }
        host = new V8Host(Target.RELAXED);
        session = Session.compile(model, new Heap(host, HEAP_START));
        task = Pipeline.of(VoiceActivity::new, session);
    }

    private static Path onnx() {
        try {
            return Models.npmPackage("@ricky0123/vad-web").resolve("dist/silero_vad_v5.onnx");
        } catch (UnavailableException e) {
            return abort("voice activity is not tested: " + e.getMessage());
        }
    }

    @AfterAll
    void close() {
        if (session != null) {
            session.close();
            host.close();
        }
    }

    /** Half a second of faint noise, "go forward ten meters", and after a pause "he was not an ill disposed young man". */
    private static float[] speech() {
        float[] all = noise(8 * (int) RATE + 100, 1e-4);
        add(all, Sounds.sound("go-forward.wav").samples(), 0.5);
        add(all, Sounds.sound("young-man.wav").samples(), 4);
        return all;
    }

    private static void add(float[] all, float[] sound, double seconds) {
        for (int i = 0; i < sound.length; i++) {
            all[(int) (seconds * RATE) + i] += sound[i];
        }
    }

    private static float[] noise(int samples, double level) {
        Random random = new Random(2);
        return floats(samples, i -> level * random.nextGaussian());
    }

    private static float[] floats(int count, IntToDoubleFunction values) {
        float[] floats = new float[count];
        for (int i = 0; i < count; i++) {
            floats[i] = (float) values.applyAsDouble(i);
        }
        return floats;
    }

    private VoiceActivity.Activity run(float[] samples, double rate) {
        return task.run(new Sound(samples, rate), LAST);
    }

    @Test
    void framesAreThoseOfOnnxRuntimeWithContextAndState() throws Exception {
        float[] want = truth(speech());
        VoiceActivity.Activity got = run(speech(), RATE);
        assertEquals(0, got.time());
        assertEquals(SECONDS, got.frame());
        assertArrayEquals(want, got.speech(), (float) TOLERANCE);
        assertEquals(segments(want, speech().length), got.segments());
        assertTrue(Double.isNaN(got.open()));
    }

    private static float[] truth(float[] samples) throws Exception {
        float[] padded = new float[CONTEXT + (samples.length + FRAME - 1) / FRAME * FRAME];
        System.arraycopy(samples, 0, padded, CONTEXT, samples.length);
        List<Float> speech = new ArrayList<>();
        Map<String, Tensor> feeds = new HashMap<>();
        feeds.put("sr", Tensor.longs(new int[0], (long) RATE));
        feeds.put("state", Tensor.floats(new int[] {2, 1, STATE / 2}, new float[STATE]));
        try (OnnxRuntime model = OnnxRuntime.open(onnx())) {
            for (int at = 0; at + CONTEXT < padded.length; at += FRAME) {
                feeds.put("input", Tensor.floats(new int[] {1, CONTEXT + FRAME}, Arrays.copyOfRange(padded, at, at + CONTEXT + FRAME)));
                Map<String, Tensor> outputs = model.run(feeds);
                speech.add(outputs.get("output").floats()[0]);
                feeds.put("state", outputs.get("stateN"));
            }
        }
        return floats(speech.size(), speech::get);
    }

    /** The rule in its plainest form, for segments that are further apart than their padding: 0.5 begins, 0.1 s below 0.35 ends. */
    private static List<VoiceActivity.Segment> segments(float[] speech, int samples) {
        List<VoiceActivity.Segment> segments = new ArrayList<>();
        double start = -1;
        double silent = -1;
        for (int i = 0; i <= speech.length; i++) {
            double at = i * SECONDS;
            double now = i == speech.length ? 0 : speech[i];
            silent = now >= 0.5 ? -1 : silent < 0 && now < 0.35 ? at : silent;
            if (start < 0 && now >= 0.5) {
                start = at;
            } else if (start >= 0 && now < 0.35 && (at - silent >= 0.1 || i == speech.length)) {
                double end = i == speech.length ? samples / RATE : silent;
                if (end - start > 0.25) {
                    segments.add(new VoiceActivity.Segment(Math.max(0, start - 0.03), Math.min(samples / RATE, end + 0.03)));
                }
                start = -1;
            }
        }
        return segments;
    }

    @Test
    void wordsAreFoundWhereTheyAre() {
        float[] samples = speech();
        VoiceActivity.Activity found = run(samples, RATE);
        int words = 0;
        int heard = 0;
        for (int i = 0; i < found.speech().length; i++) {
            double at = (i + 0.5) * SECONDS;
            boolean within = loudness(samples, i * FRAME) > LOUD;
            boolean near = Arrays.stream(WORDS).anyMatch(word -> at > word[0] - 0.15 && at < word[1] + 0.25);
            words += within ? 1 : 0;
            heard += within && found.speech()[i] >= 0.5 ? 1 : 0;
            assertTrue(near || found.speech()[i] < 0.5, "at " + at + " s it is silent: " + found.speech()[i]);
        }
        assertTrue(heard >= 0.9 * words, heard + " of " + words + " frames");
        for (double[] word : WORDS) {
            assertTrue(found.segments().stream().anyMatch(segment -> Math.abs(segment.start() - word[0]) < 0.2), found.toString());
            assertTrue(found.segments().stream().anyMatch(segment -> Math.abs(segment.end() - word[1]) < 0.2), found.toString());
        }
    }

    private static double loudness(float[] samples, int from) {
        double squares = 0;
        for (int i = from; i < Math.min(samples.length, from + FRAME); i++) {
            squares += samples[i] * samples[i];
        }
        return Math.sqrt(squares / FRAME);
    }

    static List<Arguments> quiet() {
        int count = 3 * (int) RATE;
        return List.of(Arguments.of("silence", new float[count]),
                Arguments.of("faint noise", noise(count, 1e-3)),
                Arguments.of("noise", noise(count, 0.1)),
                Arguments.of("a tone", floats(count, i -> 0.3 * Math.sin(2 * Math.PI * 1000 * i / RATE))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("quiet")
    void whatIsNoSpeechIsNotFound(String what, float[] samples) {
        VoiceActivity.Activity found = run(samples, RATE);
        assertEquals(List.of(), found.segments());
        assertEquals((samples.length + FRAME - 1) / FRAME, found.speech().length);
    }

    @ParameterizedTest
    @ValueSource(doubles = {16000, 44100})
    void piecesGiveWhatTheWholeGives(double rate) {
        float[] samples = at(speech(), rate);
        VoiceActivity.Activity whole = run(samples, rate);
        Random random = new Random(4);
        List<Float> speech = new ArrayList<>();
        List<VoiceActivity.Segment> segments = new ArrayList<>();
        for (int at = 0; at < samples.length;) {
            int end = Math.min(samples.length, at + random.nextInt((int) rate / 4));
            VoiceActivity.Activity piece = task.run(new Sound(Arrays.copyOfRange(samples, at, end), rate),
                    end == samples.length ? LAST : Options.NONE);
            assertEquals(speech.size() * SECONDS, piece.time(), 1e-9);
            for (float probability : piece.speech()) {
                speech.add(probability);
            }
            segments.addAll(piece.segments());
            at = end;
        }
        assertArrayEquals(whole.speech(), floats(speech.size(), speech::get));
        assertEquals(whole.segments(), segments);
    }

    @Test
    void whatGoesOnIsToldBeforeItEnds() {
        VoiceActivity.Activity piece = task.run(new Sound(Arrays.copyOf(speech(), (int) (2.5 * RATE)), RATE), Options.NONE);
        assertEquals(WORDS[0][0], piece.open(), 0.2);
        task.reset();
        assertTrue(Double.isNaN(task.run(new Sound(new float[FRAME], RATE), LAST).open()));
    }

    @ParameterizedTest
    @ValueSource(doubles = {44100, 48000})
    void soundOfOtherRatesGivesTheSameSegments(double rate) {
        List<VoiceActivity.Segment> want = run(speech(), RATE).segments();
        List<VoiceActivity.Segment> got = run(at(speech(), rate), rate).segments();
        assertEquals(want.size(), got.size());
        for (int i = 0; i < want.size(); i++) {
            assertEquals(want.get(i).start(), got.get(i).start(), SECONDS + 1e-9);
            assertEquals(want.get(i).end(), got.get(i).end(), SECONDS + 1e-9);
        }
    }

    /** The sum of sincs that passes through all samples, but for those further away than 40. */
    private static float[] at(float[] samples, double rate) {
        int reach = 40;
        return floats((int) (samples.length * rate / RATE), i -> {
            double place = i * RATE / rate;
            double sum = 0;
            for (int k = Math.max(0, (int) place - reach); k <= Math.min(samples.length - 1, (int) place + reach); k++) {
                double x = Math.PI * (place - k);
                sum += samples[k] * (x == 0 ? 1 : Math.sin(x) / x * (0.5 + 0.5 * Math.cos(x / (reach + 1))));
            }
            return sum;
        });
    }

    static Stream<Arguments> bad() {
        return Stream.of(Arguments.of(new Sound(new float[] {0, Float.NaN}, RATE), Options.NONE),
                Arguments.of(new Sound(new float[9], 5), Options.NONE),
                Arguments.of(new Sound(new float[9], RATE), new Options(Map.of("treshold", 0.5))),
                Arguments.of(new Sound(new float[9], RATE), new Options(Map.of("threshold", 2.0))));
    }

    @ParameterizedTest
    @MethodSource("bad")
    void whatDoesNotFitIsRefusedAndChangesNothing(Sound sound, Options options) {
        assertThrows(InvalidInputException.class, () -> task.run(sound, options));
        assertEquals(1, task.run(new Sound(new float[FRAME], RATE), LAST).speech().length);
    }

    @Test
    void piecesOfAnotherRateAreRefused() {
        task.run(new Sound(new float[9], RATE));
        assertThrows(InvalidInputException.class, () -> task.run(new Sound(new float[9], 48000)));
        task.reset();
        task.run(new Sound(new float[9], 48000));
        task.reset();
    }

    @Test
    void modelsThatDoNotSayWhatSoundTheyTakeAreRefused() {
        ModelInfo silent = new ModelInfo(List.of(new ModelInfo.Port("x", "float32", new int[] {1, 512})),
                List.of(new ModelInfo.Port("y", "float32", new int[] {1, 1})), Map.of(), Map.of());
        assertThrows(UnsupportedModelException.class, () -> new VoiceActivity(silent));
    }
}
