package dev.infuser.task;

import dev.infuser.audio.Resample;
import dev.infuser.audio.Sound;
import dev.infuser.audio.SpeechSegments;
import dev.infuser.tensor.InvalidInputException;
import dev.infuser.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * When somebody speaks. Inputs are the pieces of a stream, of any length; what does not fill a frame waits for the next piece.
 *
 * <p>The model takes a frame of sound {@code [1, context + frame]}, of which the context is the end of the frame before, and gives
 * the probability that there is speech; {@link State} has what it takes beside. Metadata of its input: {@code rate} (samples a
 * second), {@code frame} and {@code context} (samples). Sound of other rates is resampled.
 *
 * <p>Options, durations in seconds: {@code threshold} (0.5) and {@code negativeThreshold} (0.15 less), {@code minSpeech} (0.25),
 * {@code maxSpeech} (none), {@code minSilence} (0.1) and {@code padding} (0.03), which are those of {@link SpeechSegments};
 * {@code last} says that the stream ends with this piece: what is left is filled up with silence, a segment that goes on ends, and
 * the next piece begins another stream.
 */
public final class VoiceActivity implements Task<Sound, VoiceActivity.Activity> {

    /** The name that pages know this task by. */
    public static final String NAME = "voice-activity";

    private static final double HYSTERESIS = 0.15;
    private static final double LEAST_THRESHOLD = 0.01;
    private static final double LONGEST = 1e9;

    /** A time in which somebody speaks, in seconds since the stream began. */
    public record Segment(double start, double end) implements Answer {

        @Override
        public void writeTo(PlainWriter out) {
            out.object(2).name("start").number(start).name("end").number(end);
        }
    }

    /**
     * What a piece of sound adds.
     *
     * @param time     where the first of these frames begins, in seconds since the stream began
     * @param frame    seconds from one frame to the next
     * @param speech   the probability of speech in each frame
     * @param segments those whose ends are known and were not told before
     * @param open     where a segment begins that goes on, or NaN
     */
    public record Activity(double time, double frame, float[] speech, List<Segment> segments, double open) implements Answer {

        @Override
        public void writeTo(PlainWriter out) {
            out.object(5).name("time").number(time).name("frame").number(frame);
            out.name("speech").elements(Tensor.floats(new int[] {speech.length}, speech));
            out.name("segments").list(segments).name("open");
            if (Double.isNaN(open)) {
                out.nothing();
            } else {
                out.number(open);
            }
        }
    }

    private final String input;
    private final String output;
    private final double rate;
    private final int frame;
    private final int context;
    private final State state;
    private final SpeechSegments segments;

    /** How sound gets the model's rate, and from which; null before the first piece. */
    private Resample resample;
    private double from;
    /** From {@code at} to before {@code end}: the context of the next frame and what has come of it and of others. */
    private float[] waiting;
    private int at;
    private int end;
    private long frames;
    private long samples;

    /**
     * Prepares for a model.
     *
     * @throws dev.infuser.tensor.UnsupportedModelException where it does not say what sound it takes
     */
    public VoiceActivity(ModelInfo model) {
        ModelInfo.Port port = null;
        for (ModelInfo.Port candidate : model.inputs()) {
            if (model.says("input." + candidate.name() + ".content", "").equals("sound")) {
                port = candidate;
            }
        }
        if (port == null || port.dims().length != 2 || !port.type().equals("float32")) {
            throw ModelInfo.unfit(NAME, "it says of no input [batch, samples] that it is sound",
                    "state input.NAME.content, .rate, .frame and .context when converting it");
        }
        input = port.name();
        if (model.outputs().isEmpty() || !model.outputs().get(0).type().equals("float32")) {
            throw ModelInfo.unfit(NAME, "its first output is no probability", "");
        }
        output = model.outputs().get(0).name();
        rate = model.number("input." + input + ".rate", 0);
        frame = (int) model.number("input." + input + ".frame", 0);
        context = (int) model.number("input." + input + ".context", 0);
        if (rate < 1000 || frame < 1 || context < 0 || context > frame) {
            throw ModelInfo.unfit(NAME, "rate, frame and context of its input are not sensible", "");
        }
        state = new State(NAME, model, List.of(input));
        segments = new SpeechSegments(frame);
        reset();
    }

    @Override
    public void reset() {
        resample = null;
        waiting = new float[context];
        at = 0;
        end = context;
        frames = 0;
        samples = 0;
        state.reset();
        segments.reset();
    }

    @Override
    public Supplier<Activity> begin(Sound sound, Options options, Runs runs) {
        options.only("threshold", "negativeThreshold", "minSpeech", "maxSpeech", "minSilence", "padding", "last");
        double threshold = options.number("threshold", 0.5, 0, 1);
        SpeechSegments.Settings settings = SpeechSegments.Settings.of(rate, threshold,
                options.number("negativeThreshold", Math.max(LEAST_THRESHOLD, threshold - HYSTERESIS), 0, 1),
                options.number("minSpeech", 0.25, 0, LONGEST),
                options.number("maxSpeech", Double.POSITIVE_INFINITY, 0, Double.POSITIVE_INFINITY),
                options.number("minSilence", 0.1, 0, LONGEST), options.number("padding", 0.03, 0, LONGEST));
        boolean last = options.flag("last", false);
        take(sound);
        if (last) {
            append(resample.rest());
            int whole = end - at - context;
            int part = whole % frame;
            samples = frames * frame + whole;
            append(new float[part == 0 ? 0 : frame - part]);
        }
        List<Float> speech = new ArrayList<>();
        double time = frames * frame / rate;
        next(runs, settings, speech);
        return () -> {
            double open = segments.open(settings) / rate;
            if (last) {
                segments.end(samples, settings);
                open = -1;
            }
            Activity activity = new Activity(time, frame / rate, array(speech), told(), open < 0 ? Double.NaN : open);
            if (last) {
                reset();
            }
            return activity;
        };
    }

    private void take(Sound sound) {
        for (int i = 0; i < sound.samples().length; i++) {
            if (!(Math.abs(sound.samples()[i]) <= Float.MAX_VALUE)) {
                throw new InvalidInputException("bad-sound", "", "samples are finite numbers",
                        "sample " + i + " is " + sound.samples()[i], "");
            }
        }
        if (resample == null) {
            resample = new Resample(sound.rate(), rate);
            from = sound.rate();
        } else if (from != sound.rate()) {
            throw new InvalidInputException("bad-sound", "", "all pieces of a stream have the same number of samples a second",
                    "found " + sound.rate() + " after " + from, "reset the task before another stream");
        }
        append(resample.next(sound.samples()));
    }

    private void append(float[] more) {
        float[] longer = new float[end - at + more.length];
        System.arraycopy(waiting, at, longer, 0, end - at);
        System.arraycopy(more, 0, longer, end - at, more.length);
        waiting = longer;
        at = 0;
        end = longer.length;
    }

    /** Asks for the run of the next frame, if that is whole. It counts once the run has ended. */
    private void next(Runs runs, SpeechSegments.Settings settings, List<Float> speech) {
        if (end - at < context + frame) {
            return;
        }
        Map<String, Tensor> feeds = state.feeds();
        feeds.put(input, Tensor.floats(new int[] {1, context + frame}, Arrays.copyOfRange(waiting, at, at + context + frame)));
        runs.add(Runs.MODEL, feeds, outputs -> {
            state.took(outputs);
            at += frame;
            frames++;
            float probability = outputs.get(output).floats()[0];
            speech.add(probability);
            segments.next(probability, settings);
            next(runs, settings, speech);
        });
    }

    private static float[] array(List<Float> values) {
        float[] array = new float[values.size()];
        for (int i = 0; i < array.length; i++) {
            array[i] = values.get(i);
        }
        return array;
    }

    private List<Segment> told() {
        List<Segment> told = new ArrayList<>();
        for (SpeechSegments.Segment segment : segments.take()) {
            told.add(new Segment(segment.start() / rate, segment.end() / rate));
        }
        return told;
    }
}
