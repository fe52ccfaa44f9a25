package dev.infuser.audio;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.infuser.op.Fourier;
import dev.infuser.tensor.InvalidInputException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Spectra and bands against librosa 0.11, whose numbers for {@link #signal} are in {@code librosa.txt}, and sums written out. */
class SpectraTest {

    private static final int SAMPLES = 700;
    /** Of float32, relative to the largest number. */
    private static final double TOLERANCE = 2e-7;

    /** The signal that {@code librosa.txt} is of. */
    static float[] signal() {
        float[] samples = new float[SAMPLES];
        for (int n = 0; n < SAMPLES; n++) {
            samples[n] = (float) (0.5 * Math.sin(2 * Math.PI * 0.03 * n) + 0.25 * Math.sin(2 * Math.PI * 0.0004 * n * n)
                    + 0.1 * (n * 7919 % 101) / 101);
        }
        return samples;
    }

    private static Stream<String> lines(String kind) throws IOException {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(
                SpectraTest.class.getResourceAsStream("librosa.txt"), StandardCharsets.UTF_8))) {
            List<String> lines = in.lines().filter(line -> line.startsWith(kind + " ")).toList();
            assertEquals(false, lines.isEmpty());
            return lines.stream();
        }
    }

    private static double[] numbers(String line, int skip) {
        return Arrays.stream(line.split(" ")).skip(skip).mapToDouble(Double::parseDouble).toArray();
    }

    private static void close(double[] want, float[] got, String what) {
        assertEquals(want.length, got.length, what);
        double largest = Arrays.stream(want).map(Math::abs).max().orElseThrow();
        for (int i = 0; i < want.length; i++) {
            assertEquals(want[i], got[i], TOLERANCE * largest, what + " at " + i);
        }
    }

    static Stream<String> transforms() throws IOException {
        return lines("stft");
    }

    @ParameterizedTest
    @MethodSource("transforms")
    void framesHaveTheSpectraThatLibrosaGives(String line) {
        String[] words = line.split(" ");
        int size = Integer.parseInt(words[1]);
        double[] window = Window.valueOf(words[4].toUpperCase(Locale.ROOT)).weights(Integer.parseInt(words[3]), true);
        Stft stft = new Stft(size, Integer.parseInt(words[2]), window,
                words[5].equals("none") ? null : Stft.Padding.valueOf(words[5].toUpperCase(Locale.ROOT)));
        float[] all = stft.complex(signal());
        int frames = stft.frames(SAMPLES);
        assertEquals(frames * stft.bins() * 2, all.length);
        double[] want = numbers(line, 6);
        float[] some = new float[want.length];
        int n = 0;
        for (int frame = 0; frame < frames; frame += 2) {
            for (int k = 0; k < stft.bins(); k += 3) {
                some[n++] = all[2 * (frame * stft.bins() + k)];
                some[n++] = all[2 * (frame * stft.bins() + k) + 1];
            }
        }
        assertEquals(want.length, n);
        close(want, some, String.join(" ", Arrays.copyOf(words, 6)));
    }

    static Stream<String> filters() throws IOException {
        return lines("mel");
    }

    @ParameterizedTest
    @MethodSource("filters")
    void bandsAreThoseOfLibrosa(String line) {
        String[] words = line.split(" ");
        int[] sizes = Arrays.stream(words, 3, 8).mapToInt(Integer::parseInt).toArray();
        close(numbers(line, 8), Mel.valueOf(words[1]).weights(sizes[0], sizes[1], sizes[2], sizes[3], sizes[4],
                words[2].equals("area")), String.join(" ", Arrays.copyOf(words, 8)));
    }

    @Test
    void melSpectraAndDecibelsAreThoseOfLibrosa() throws IOException {
        Stft stft = new Stft(64, 30, Window.HANN.weights(64, true), Stft.Padding.REFLECT);
        float[] bands = Mel.bands(stft.power(signal()), Mel.SLANEY.weights(10, 64, 16000, 0, 8000, true), stft.bins());
        close(numbers(lines("melspectrogram").findFirst().orElseThrow(), 4), bands, "bands");
        close(numbers(lines("decibels").findFirst().orElseThrow(), 4), Mel.decibels(bands, 0.5, 1e-10, 30), "decibels");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 8, 12, 31, 64, 100, 243, 400, 1009})
    void transformsOfAnySizeAreSumsOverAllSamples(int size) {
        Random random = new Random(size);
        double[] re = random.doubles(size, -1, 1).toArray();
        double[] im = random.doubles(size, -1, 1).toArray();
        double[] wantRe = new double[size];
        double[] wantIm = new double[size];
        for (int k = 0; k < size; k++) {
            for (int n = 0; n < size; n++) {
                double angle = -2 * Math.PI * ((long) k * n % size) / size;
                wantRe[k] += re[n] * Math.cos(angle) - im[n] * Math.sin(angle);
                wantIm[k] += re[n] * Math.sin(angle) + im[n] * Math.cos(angle);
            }
        }
        new Fourier(size).forward(re, im);
        assertArrayEquals(wantRe, re, 1e-11 * size);
        assertArrayEquals(wantIm, im, 1e-11 * size);
    }

    @Test
    void magnitudesAreRootsOfPowers() {
        Stft stft = new Stft(48, 20, Window.HANN.weights(48, true), Stft.Padding.ZERO);
        float[] powers = stft.power(signal());
        float[] magnitudes = stft.magnitude(signal());
        for (int i = 0; i < powers.length; i++) {
            assertEquals(powers[i], magnitudes[i] * magnitudes[i], 1e-6f * powers[i]);
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 20, 440, 999.9, 1000, 1000.1, 4000, 22050})
    void scalesGoBothWays(double hertz) {
        for (Mel scale : Mel.values()) {
            assertEquals(hertz, scale.hertz(scale.of(hertz)), 1e-9 * (1 + hertz));
        }
    }

    @Test
    void knownPlacesOnTheScales() {
        assertEquals(0.9, Mel.SLANEY.of(60), 1e-12);
        assertEquals(15, Mel.SLANEY.of(1000), 1e-12);
        assertEquals(42, Mel.SLANEY.of(6400), 1e-9);
        assertEquals(999.9855, Mel.HTK.of(1000), 1e-3);
        assertEquals(2840.0230, Mel.HTK.of(8000), 1e-3);
    }

    @Test
    void whatDoesNotFitIsRefused() {
        double[] window = Window.HANN.weights(8, true);
        assertThrows(InvalidInputException.class, () -> new Stft(4, 2, window, null));
        assertThrows(InvalidInputException.class, () -> new Stft(8, 0, window, null));
        assertThrows(InvalidInputException.class, () -> new Stft(8, 2, window, Stft.Padding.REFLECT).power(new float[4]));
        assertThrows(InvalidInputException.class, () -> Mel.HTK.weights(4, 64, 16000, 4000, 300, true));
        assertThrows(InvalidInputException.class, () -> Mel.bands(new float[6], new float[8], 4));
        assertEquals(0, new Stft(8, 2, window, null).power(new float[7]).length);
        assertEquals(0, new Stft(8, 2, window, Stft.Padding.ZERO).power(new float[0]).length);
    }
}
