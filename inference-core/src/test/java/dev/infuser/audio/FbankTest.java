package dev.infuser.audio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.infuser.tensor.InvalidInputException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Kaldi's features against the steps of its {@code feature-window.cc}, {@code feature-fbank.cc} and {@code mel-computations.cc}. */
class FbankTest {

    @ParameterizedTest
    @CsvSource({"16000, 80, 20, 0, true", "16000, 23, 20, -400, false", "8000, 40, 100, 3800, true", "22050, 30, 0, 0, false"})
    void featuresAreKaldis(double rate, int bands, double low, double high, boolean within) {
        float[] samples = new float[(int) (rate * 0.083)];
        Random random = new Random(5);
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (float) (3000 * Math.sin(i * 0.05) + 200 * random.nextGaussian() + 40);
        }
        Fbank fbank = new Fbank(rate, 0.025, 0.01, bands, low, high, 0.97, within);
        int frame = (int) (rate * 0.025);
        int hop = (int) (rate * 0.01);
        int frames = within ? 1 + (samples.length - frame) / hop : (samples.length + hop / 2) / hop;
        float[] got = fbank.of(samples);
        assertEquals(frames * bands, got.length);
        for (int t = 0; t < frames; t++) {
            double[] cut = new double[frame];
            int start = within ? t * hop : (int) ((t + 0.5) * hop) - frame / 2;
            for (int i = 0; i < frame; i++) {
                int at = start + i;
                cut[i] = samples[at < 0 ? -1 - at : at >= samples.length ? 2 * samples.length - 1 - at : at];
            }
            double[] want = features(cut, rate, bands, low, high > 0 ? high : rate / 2 + high);
            for (int b = 0; b < bands; b++) {
                assertEquals(want[b], got[t * bands + b], 1e-5, "frame " + t + " band " + b);
            }
        }
    }

    private static double[] features(double[] frame, double rate, int bands, double low, double high) {
        int length = frame.length;
        double mean = 0;
        for (double sample : frame) {
            mean += sample;
        }
        for (int i = 0; i < length; i++) {
            frame[i] -= mean / length;
        }
        for (int i = length - 1; i > 0; i--) {
            frame[i] -= 0.97 * frame[i - 1];
        }
        frame[0] -= 0.97 * frame[0];
        int padded = Integer.highestOneBit(length - 1) * 2;
        for (int i = 0; i < length; i++) {
            frame[i] *= Math.pow(0.5 - 0.5 * Math.cos(2 * Math.PI * i / (length - 1)), 0.85);
        }
        double lowest = 1127 * Math.log(1 + low / 700);
        double delta = (1127 * Math.log(1 + high / 700) - lowest) / (bands + 1);
        double[] energies = new double[bands];
        for (int k = 0; k < padded / 2; k++) {
            double re = 0;
            double im = 0;
            for (int n = 0; n < length; n++) {
                double angle = 2 * Math.PI * ((long) k * n % padded) / padded;
                re += frame[n] * Math.cos(angle);
                im -= frame[n] * Math.sin(angle);
            }
            double mel = 1127 * Math.log(1 + k * rate / padded / 700);
            for (int b = 0; b < bands; b++) {
                double left = lowest + b * delta;
                double center = left + delta;
                double right = center + delta;
                if (mel > left && mel < right) {
                    energies[b] += (re * re + im * im) * (mel <= center ? (mel - left) / (center - left)
                            : (right - mel) / (right - center));
                }
            }
        }
        for (int b = 0; b < bands; b++) {
            energies[b] = Math.log(Math.max(energies[b], Math.ulp(1f)));
        }
        return energies;
    }

    @Test
    void silenceHasTheLeastEnergy() {
        float[] features = Fbank.of(16000, 23).of(new float[16000]);
        assertEquals(98 * 23, features.length);
        for (float feature : features) {
            assertEquals(-15.942385f, feature, 1e-6f);
        }
        assertEquals(0, Fbank.of(16000, 23).of(new float[399]).length);
    }

    @Test
    void whatDoesNotFitIsRefused() {
        assertThrows(InvalidInputException.class, () -> Fbank.of(16000, 0));
        assertThrows(InvalidInputException.class, () -> Fbank.of(30, 8));
        assertThrows(InvalidInputException.class, () -> new Fbank(16000, 0.025, 0.01, 23, 20, 9000, 0.97, true));
        assertThrows(InvalidInputException.class, () -> new Fbank(16000, 0.025, 0, 23, 20, 0, 0.97, true));
    }
}
