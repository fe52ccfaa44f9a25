package dev.infuser.audio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SpeechSegmentsTest {

    private static final int FRAME = 512;
    private static final double RATE = 16000;

    private static SpeechSegments.Settings settings(double threshold, double minSpeech, double maxSpeech, double minSilence,
            double padding) {
        return SpeechSegments.Settings.of(RATE, threshold, Math.max(0.01, threshold - 0.15), minSpeech, maxSpeech, minSilence,
                padding);
    }

    static List<Arguments> settings() {
        double ever = Double.POSITIVE_INFINITY;
        return List.of(Arguments.of("defaults", settings(0.5, 0.25, ever, 0.1, 0.03)),
                Arguments.of("close segments share what is between", settings(0.5, 0.1, ever, 0.06, 0.3)),
                Arguments.of("everything counts", settings(0.3, 0, ever, 0, 0)),
                Arguments.of("long segments are cut", settings(0.5, 0.1, 1.5, 0.4, 0.03)),
                Arguments.of("and share what is between", settings(0.6, 0.25, 2, 0.5, 0.2)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("settings")
    void framesOneByOneGiveWhatTheWholeGives(String what, SpeechSegments.Settings settings) {
        Random random = new Random(11);
        int many = 0;
        for (int round = 0; round < 400; round++) {
            double[] speech = new double[1 + random.nextInt(250)];
            double level = random.nextDouble();
            for (int i = 0; i < speech.length; i++) {
                level = random.nextInt(6) == 0 ? random.nextDouble() : level;
                speech[i] = Math.min(1, Math.max(0, level + 0.2 * random.nextGaussian()));
            }
            long samples = speech.length * FRAME - random.nextInt(FRAME);
            SpeechSegments stream = new SpeechSegments(FRAME);
            List<SpeechSegments.Segment> got = new ArrayList<>();
            for (int i = 0; i < speech.length; i++) {
                stream.next(speech[i], settings);
                got.addAll(stream.take());
                long open = stream.open(settings);
                assertTrue(open < 0 || got.isEmpty() || open >= got.get(got.size() - 1).end(), "what goes on lies behind");
            }
            stream.end(samples, settings);
            got.addAll(stream.take());
            assertEquals(whole(speech, samples, settings), got, what + ", round " + round);
            many += got.size() > 1 ? 1 : 0;
        }
        assertTrue(many > 100, many + " sounds have several segments");
    }

    /** All at once: first the segments, then their padding. */
    private static List<SpeechSegments.Segment> whole(double[] speech, long samples, SpeechSegments.Settings settings) {
        List<long[]> kept = new ArrayList<>();
        List<long[]> pauses = new ArrayList<>();
        long start = -1;
        long silent = -1;
        double longest = settings.maxSpeech() - FRAME - 2 * settings.padding();
        for (int i = 0; i < speech.length; i++) {
            long at = (long) i * FRAME;
            boolean loud = speech[i] >= settings.threshold();
            if (loud && silent >= 0) {
                if (at - silent > settings.pause()) {
                    pauses.add(new long[] {silent, at});
                }
                silent = -1;
            }
            if (loud && start < 0) {
                start = at;
                continue;
            }
            if (start >= 0 && at - start > longest) {
                silent = -1;
                if (pauses.isEmpty()) {
                    kept.add(new long[] {start, at});
                    start = -1;
                    continue;
                }
                long[] cut = pauses.get(0);
                for (long[] pause : pauses) {
                    cut = pause[1] - pause[0] > cut[1] - cut[0] ? pause : cut;
                }
                kept.add(new long[] {start, cut[0]});
                start = cut[1];
                long from = start;
                pauses.removeIf(pause -> pause[0] <= from);
            }
            if (start >= 0 && speech[i] < settings.negative()) {
                silent = silent < 0 ? at : silent;
                if (at - silent >= settings.minSilence()) {
                    if (silent - start > settings.minSpeech()) {
                        kept.add(new long[] {start, silent});
                    }
                    start = -1;
                    silent = -1;
                    pauses.clear();
                }
            }
        }
        if (start >= 0 && samples - start > settings.minSpeech()) {
            kept.add(new long[] {start, samples});
        }
        List<SpeechSegments.Segment> padded = new ArrayList<>();
        for (int i = 0; i < kept.size(); i++) {
            double before = i == 0 ? settings.padding() : padding(kept.get(i - 1), kept.get(i), settings);
            double behind = i == kept.size() - 1 ? settings.padding() : padding(kept.get(i), kept.get(i + 1), settings);
            padded.add(new SpeechSegments.Segment((long) Math.max(0, kept.get(i)[0] - before),
                    (long) Math.min(samples, kept.get(i)[1] + behind)));
        }
        return padded;
    }

    private static double padding(long[] one, long[] next, SpeechSegments.Settings settings) {
        long gap = next[0] - one[1];
        return gap < 2 * settings.padding() ? gap / 2 : settings.padding();
    }

    @Test
    void segmentsAreToldAsSoonAsTheyAreCertain() {
        SpeechSegments.Settings settings = settings(0.5, 0.25, Double.POSITIVE_INFINITY, 0.1, 0.03);
        SpeechSegments stream = new SpeechSegments(FRAME);
        int[] told = new int[40];
        for (int i = 0; i < told.length; i++) {
            stream.next(i >= 10 && i < 20 ? 0.9 : 0.1, settings);
            List<SpeechSegments.Segment> now = stream.take();
            told[i] = now.size();
            if (i == 24) {
                assertEquals(List.of(new SpeechSegments.Segment(10 * FRAME - 480, 20 * FRAME + 480)), now);
            }
            assertEquals(i >= 18 && i < 24 ? 10 * FRAME - 480 : -1, stream.open(settings), "frame " + i);
        }
        assertEquals(1, Arrays.stream(told).sum());
    }
}
