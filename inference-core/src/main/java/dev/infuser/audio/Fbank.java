package dev.infuser.audio;

import dev.infuser.op.Fourier;
import dev.infuser.tensor.InvalidInputException;

/**
 * Logarithms of the energy in bands of frequencies, as Kaldi's {@code compute-fbank-feats} gives them without dither: each frame
 * loses its mean, is emphasised, weighted by {@link Window#POVEY} and filled up to a power of two; triangles, which are straight
 * on the mel scale, sum its power. Kaldi's sound is of 16-bit numbers: for its results, samples from -1 to 1 are to be multiplied
 * by 32768 first.
 *
 * @param rate     samples a second
 * @param length   seconds of a frame
 * @param shift    seconds from one frame to the next
 * @param bands    how many
 * @param low      where the first begins, in hertz
 * @param high     where the last ends; where that is not positive, so much below half of the rate
 * @param emphasis how much of the sample before each is taken from it
 * @param within   whether frames lie within the sound ({@code snip-edges}); else there is one for each shift, and the sound is
 *                 reflected at its ends
 */
public record Fbank(double rate, double length, double shift, int bands, double low, double high, double emphasis, boolean within) {

    /** The least energy, which is the distance from 1 to the next float. */
    private static final double LEAST = 1.1920928955078125e-7;

    /**
     * Checks sizes.
     *
     * @throws InvalidInputException where there is no frame or no band
     */
    public Fbank {
        if (!(rate > 0 && rate < 1e9) || !(length * rate >= 2 && length * rate < 1e6) || !(shift * rate >= 1) || bands < 1
                || !(low >= 0) || !((high > 0 ? high : rate / 2 + high) > low) || !(high <= rate / 2)) {
            throw new InvalidInputException("bad-bands", "", "frames have at least two samples, and bands lie below half of the rate",
                    "found " + bands + " bands from " + low + " to " + high + " Hz of frames of " + length + " s", "");
        }
    }

    /** Kaldi's defaults, but for the number of bands: frames of 25 ms, each 10 ms, from 20 Hz up. */
    public static Fbank of(double rate, int bands) {
        return new Fbank(rate, 0.025, 0.01, bands, 20, 0, 0.97, true);
    }

    /** The frames of so many samples. */
    public int frames(int samples) {
        int frame = (int) (rate * length);
        int hop = (int) (rate * shift);
        return within ? samples < frame ? 0 : 1 + (samples - frame) / hop : (samples + hop / 2) / hop;
    }

    /** The features of a sound: {@code [frames, bands]}. */
    public float[] of(float[] samples) {
        int frame = (int) (rate * length);
        int hop = (int) (rate * shift);
        int size = 1;
        while (size < frame) {
            size *= 2;
        }
        int bins = size / 2 + 1;
        float[] weights = weights(size);
        double[] window = Window.POVEY.weights(frame, false);
        Fourier fourier = new Fourier(size);
        float[] powers = new float[frames(samples.length) * bins];
        for (int t = 0; t < frames(samples.length); t++) {
            double[] re = new double[size];
            double[] im = new double[size];
            int start = within ? t * hop : t * hop + hop / 2 - frame / 2;
            double mean = 0;
            for (int i = 0; i < frame; i++) {
                re[i] = samples[reflected(start + i, samples.length)];
                mean += re[i] / frame;
            }
            for (int i = frame - 1; i >= 0; i--) {
                re[i] = (re[i] - mean - emphasis * (re[Math.max(0, i - 1)] - mean)) * window[i];
            }
            fourier.forward(re, im);
            for (int k = 0; k < bins; k++) {
                powers[t * bins + k] = (float) (re[k] * re[k] + im[k] * im[k]);
            }
        }
        float[] energies = Mel.bands(powers, weights, bins);
        for (int i = 0; i < energies.length; i++) {
            energies[i] = (float) Math.log(Math.max(energies[i], LEAST));
        }
        return energies;
    }

    private static int reflected(int at, int samples) {
        while (at < 0 || at >= samples) {
            at = at < 0 ? -at - 1 : 2 * samples - 1 - at;
        }
        return at;
    }

    private static double mel(double hertz) {
        return 1127 * Math.log(1 + hertz / 700);
    }

    /** Half of the rate itself is in no band. */
    private float[] weights(int size) {
        int bins = size / 2 + 1;
        double from = mel(low);
        double step = (mel(high > 0 ? high : rate / 2 + high) - from) / (bands + 1);
        float[] weights = new float[bands * bins];
        for (int b = 0; b < bands; b++) {
            for (int k = 0; k < size / 2; k++) {
                double place = (mel(rate / size * k) - from) / step - b;
                weights[b * bins + k] = (float) Math.max(0, Math.min(place, 2 - place));
            }
        }
        return weights;
    }
}
