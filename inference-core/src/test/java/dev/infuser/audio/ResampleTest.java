package dev.infuser.audio;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.infuser.tensor.InvalidInputException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResampleTest {

    private static final double PASS_BAND = 1.2e-4;
    private static final double STOP_BAND = Math.pow(10, -Resample.ATTENUATION / 20.0);

    private static float[] tone(double hertz, double rate, int count) {
        float[] samples = new float[count];
        for (int i = 0; i < count; i++) {
            samples[i] = (float) Math.sin(2 * Math.PI * hertz * i / rate + 0.3);
        }
        return samples;
    }

    @ParameterizedTest
    @CsvSource({"44100, 16000", "48000, 16000", "16000, 48000", "16000, 44100", "8000, 16000", "11025, 16000", "96000, 8000",
        "44100, 48000", "22050.5, 16000", "47999, 16001", "16000, 16000.5"})
    void tonesStayAsTheyAreUpToNineTenthsOfTheLowerBand(double from, double to) {
        double half = Math.min(from, to) / 2;
        for (double share : new double[] {0, 0.01, 0.3, 0.7, 0.9}) {
            float[] got = Resample.resample(tone(share * half, from, (int) (from / 5)), from, to);
            float[] want = tone(share * half, to, got.length);
            int edge = (int) Math.ceil(70 * Math.max(1, to / from));
            for (int i = edge; i < got.length - edge; i++) {
                assertEquals(want[i], got[i], PASS_BAND, share + " at " + i);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"44100, 16000", "48000, 16000", "96000, 8000", "44100.5, 16000"})
    void tonesAboveTheLowerBandAreGone(double from, double to) {
        for (double share : new double[] {1, 1.05, 1.3, 2, from / to * 0.99}) {
            float[] got = Resample.resample(tone(share * to / 2, from, (int) (from / 5)), from, to);
            for (int i = 140; i < got.length - 140; i++) {
                assertEquals(0, got[i], 1.5 * STOP_BAND, share + " at " + i);
            }
        }
    }

    @Test
    void equalRatesChangeNothing() {
        float[] samples = tone(440, 16000, 1000);
        assertArrayEquals(samples, Resample.resample(samples, 16000, 16000));
    }

    @Test
    void whatIsConstantStaysSo() {
        float[] samples = new float[2000];
        Arrays.fill(samples, 0.75f);
        float[] got = Resample.resample(samples, 44100, 16000);
        for (int i = 70; i < got.length - 70; i++) {
            assertEquals(0.75f, got[i], 1e-7f);
        }
    }

    @ParameterizedTest
    @CsvSource({"44100, 16000", "8000, 16000", "47999, 16001", "16000, 16000"})
    void piecesGiveWhatTheWholeGives(double from, double to) {
        Random random = new Random(3);
        float[] samples = new float[5003];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = random.nextFloat() - 0.5f;
        }
        float[] whole = Resample.resample(samples, from, to);
        assertEquals((int) Math.ceil(samples.length * to / from), whole.length);
        Resample stream = new Resample(from, to);
        for (int again = 0; again < 2; again++) {
            float[] pieces = new float[whole.length];
            int filled = 0;
            for (int at = 0; at < samples.length;) {
                int end = Math.min(samples.length, at + random.nextInt(400));
                float[] next = stream.next(Arrays.copyOfRange(samples, at, end));
                System.arraycopy(next, 0, pieces, filled, next.length);
                filled += next.length;
                at = end;
            }
            float[] rest = stream.rest();
            System.arraycopy(rest, 0, pieces, filled, rest.length);
            assertEquals(whole.length, filled + rest.length);
            assertArrayEquals(whole, pieces);
        }
    }

    @Test
    void piecesAreToldAsSoonAsWhatTheyNeedHasCome() {
        Resample stream = new Resample(48000, 16000);
        assertTrue(stream.next(new float[4800]).length > 1600 - 70);
        stream.reset();
        assertEquals(0, stream.rest().length);
        assertEquals(0, Resample.resample(new float[0], 44100, 16000).length);
        assertEquals(1, Resample.resample(new float[1], 44100, 16000).length);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, 999, 2e6, Double.NaN})
    void ratesThatSoundHasNotAreRefused(double rate) {
        assertThrows(InvalidInputException.class, () -> new Resample(rate, 16000));
        assertThrows(InvalidInputException.class, () -> new Resample(16000, rate));
    }
}
