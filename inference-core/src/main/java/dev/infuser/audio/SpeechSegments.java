package dev.infuser.audio;

import java.util.ArrayList;
import java.util.List;

/**
 * From the probabilities of speech in frames, which come one after the other, to where somebody speaks: what
 * {@code get_speech_timestamps} of Silero VAD finds in a whole sound, told as soon as nothing that comes can change it. Places are
 * samples since the start.
 */
public final class SpeechSegments {

    private static final double SHORTEST_PAUSE = 0.098;

    /**
     * What counts as speech.
     *
     * @param threshold  a probability from which on speech begins or goes on
     * @param negative   one below which it may end
     * @param minSpeech  samples that are more than a noise
     * @param maxSpeech  samples after which a segment is cut, in its longest pause
     * @param minSilence samples of silence that end a segment
     * @param padding    samples that are added at both of its ends
     * @param pause      samples of a pause that a segment may be cut in
     */
    public record Settings(double threshold, double negative, double minSpeech, double maxSpeech, double minSilence,
            double padding, double pause) {

        /** From durations in seconds. */
        public static Settings of(double rate, double threshold, double negative, double minSpeech, double maxSpeech,
                double minSilence, double padding) {
            return new Settings(threshold, negative, rate * minSpeech, rate * maxSpeech, rate * minSilence, rate * padding,
                    rate * SHORTEST_PAUSE);
        }
    }

    /** From one sample to before another. */
    public record Segment(long start, long end) {
    }

    private final int frame;
    private final List<Segment> found = new ArrayList<>();
    private long now;
    private boolean speaking;
    private long start;
    /** Whether the segment that goes on is so long already that it will be kept. */
    private boolean sure;
    /** Samples before {@link #start} that belong to the segment because another ends close by, or -1: the padding. */
    private long lead;
    /** Where silence began that may end the segment, or 0. */
    private long silence;
    private final List<Segment> pauses = new ArrayList<>();
    /** A segment whose end is not padded, or null. */
    private Segment waiting;

    /**
     * Begins.
     *
     * @param frame samples of a frame
     */
    public SpeechSegments(int frame) {
        this.frame = frame;
        reset();
    }

    /** Forgets what came before. */
    public void reset() {
        found.clear();
        now = 0;
        waiting = null;
        quiet();
    }

    private void quiet() {
        speaking = false;
        sure = false;
        lead = -1;
        silence = 0;
        pauses.clear();
    }

    /** Takes the probability of the next frame. */
    public void next(double probability, Settings settings) {
        long at = now;
        now += frame;
        follow(at, probability, settings);
        sure |= speaking && silence == 0 && now - frame - start > settings.minSpeech;
        settle(settings);
    }

    private void follow(long at, double probability, Settings settings) {
        if (probability >= settings.threshold) {
            if (silence != 0 && at - silence > settings.pause) {
                pauses.add(new Segment(silence, at));
            }
            silence = 0;
            if (!speaking) {
                speaking = true;
                start = at;
                return;
            }
        }
        if (speaking && at - start > settings.maxSpeech - frame - 2 * settings.padding) {
            if (pauses.isEmpty()) {
                close(at, settings);
                quiet();
                return;
            }
            cut(settings);
        }
        if (speaking && probability < settings.negative) {
            silence = silence == 0 ? at : silence;
            if (at - silence >= settings.minSilence) {
                if (silence - start > settings.minSpeech) {
                    close(silence, settings);
                }
                quiet();
            }
        }
    }

    private void cut(Settings settings) {
        Segment longest = pauses.get(0);
        for (Segment pause : pauses) {
            longest = pause.end - pause.start > longest.end - longest.start ? pause : longest;
        }
        List<Segment> later = new ArrayList<>();
        for (Segment pause : pauses) {
            if (pause.start > longest.end) {
                later.add(pause);
            }
        }
        close(longest.start, settings);
        quiet();
        pauses.addAll(later);
        speaking = true;
        start = longest.end;
    }

    /** Ends a segment; the one before it gets the end that it has because of this one. */
    private void close(long end, Settings settings) {
        sure = true;
        settle(settings);
        waiting = new Segment(padded(settings), end);
    }

    private long padded(Settings settings) {
        return (long) Math.max(0, start - (lead < 0 ? settings.padding : lead));
    }

    /** Pads the end of the segment that waits, if what follows is known well enough. */
    private void settle(Settings settings) {
        if (waiting == null) {
            return;
        }
        long gap = (speaking ? start : now) - waiting.end;
        if (gap >= 2 * settings.padding) {
            found.add(new Segment(waiting.start, (long) (waiting.end + settings.padding)));
            waiting = null;
        } else if (speaking && sure) {
            lead = gap / 2;
            found.add(new Segment(waiting.start, waiting.end + lead));
            waiting = null;
        }
    }

    /** The sound has ended after so many samples; another one may begin once these segments are taken and all is reset. */
    public void end(long samples, Settings settings) {
        if (speaking && samples - start > settings.minSpeech) {
            close(samples, settings);
        }
        if (waiting != null) {
            found.add(new Segment(waiting.start, (long) Math.min(samples, waiting.end + settings.padding)));
        }
        waiting = null;
        quiet();
    }

    /** The segments that nothing will change, from the first that has not been taken. */
    public List<Segment> take() {
        List<Segment> taken = List.copyOf(found);
        found.clear();
        return taken;
    }

    /** Where a segment begins that goes on and is long enough to be kept, or -1. */
    public long open(Settings settings) {
        return speaking && sure ? padded(settings) : -1;
    }
}
