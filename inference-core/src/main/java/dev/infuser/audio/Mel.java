package dev.infuser.audio;

import dev.infuser.tensor.InvalidInputException;

/** Frequencies as they are heard, and bands of equal widths on such a scale. */
public enum Mel {
    /** Of Slaney's Auditory Toolbox, librosa's default: linear below 1000 Hz, logarithmic above. */
    SLANEY,
    /** Of the Hidden Markov Model Toolkit: {@code 2595 log10(1 + f / 700)}. Kaldi's is the same but for rounding. */
    HTK;

    private static final double HTK_BREAK = 700;
    private static final double HTK_FACTOR = 2595 / Math.log(10);
    private static final double SLANEY_BREAK = 1000;
    private static final double SLANEY_STEP = 200.0 / 3;
    private static final double SLANEY_LOG_STEP = Math.log(6.4) / 27;

    /** From hertz. */
    public double of(double hertz) {
        if (this == HTK) {
            return HTK_FACTOR * Math.log(1 + hertz / HTK_BREAK);
        }
        return hertz < SLANEY_BREAK ? hertz / SLANEY_STEP
                : SLANEY_BREAK / SLANEY_STEP + Math.log(hertz / SLANEY_BREAK) / SLANEY_LOG_STEP;
    }

    /** To hertz. */
    public double hertz(double mel) {
        if (this == HTK) {
            return HTK_BREAK * (Math.exp(mel / HTK_FACTOR) - 1);
        }
        double linear = SLANEY_BREAK / SLANEY_STEP;
        return mel < linear ? mel * SLANEY_STEP : SLANEY_BREAK * Math.exp(SLANEY_LOG_STEP * (mel - linear));
    }

    /**
     * Triangles over the frequencies of a spectrum, as {@code librosa.filters.mel} makes them: {@code [bands, size / 2 + 1]}.
     *
     * @param bands      how many
     * @param size       of the transform
     * @param rate       samples a second
     * @param low        where the first begins, in hertz
     * @param high       where the last one ends
     * @param normalised whether each has an area of 1 (librosa's {@code norm='slaney'}), else a height of 1
     * @throws InvalidInputException where there are no bands, or no frequencies between
     */
    public float[] weights(int bands, int size, double rate, double low, double high, boolean normalised) {
        if (bands < 1 || size < 1 || !(rate > 0) || !(low >= 0) || !(high > low)) {
            throw new InvalidInputException("bad-bands", "", "bands lie between two frequencies, the lower one first",
                    "found " + bands + " bands from " + low + " to " + high + " Hz", "");
        }
        double from = of(low);
        double step = (of(high) - from) / (bands + 1);
        int bins = size / 2 + 1;
        float[] weights = new float[bands * bins];
        for (int b = 0; b < bands; b++) {
            double left = hertz(from + b * step);
            double center = hertz(from + (b + 1) * step);
            double right = hertz(from + (b + 2) * step);
            double height = normalised ? 2 / (right - left) : 1;
            for (int k = 0; k < bins; k++) {
                double f = k * rate / size;
                double rising = (f - left) / (center - left);
                double falling = (right - f) / (right - center);
                weights[b * bins + k] = (float) (height * Math.max(0, Math.min(rising, falling)));
            }
        }
        return weights;
    }

    /**
     * Sums of spectra by bands.
     *
     * @param spectra {@code [frames, bins]}
     * @param weights {@code [bands, bins]}
     * @return {@code [frames, bands]}
     * @throws InvalidInputException where the sizes do not fit
     */
    public static float[] bands(float[] spectra, float[] weights, int bins) {
        if (bins < 1 || spectra.length % bins != 0 || weights.length % bins != 0) {
            throw new InvalidInputException("shape", "", "spectra and weights have " + bins + " columns",
                    spectra.length + " and " + weights.length + " numbers", "");
        }
        int frames = spectra.length / bins;
        int bands = weights.length / bins;
        float[] out = new float[frames * bands];
        for (int b = 0; b < bands; b++) {
            int first = b * bins;
            int end = first + bins;
            while (first < end && weights[first] == 0) {
                first++;
            }
            while (end > first && weights[end - 1] == 0) {
                end--;
            }
            for (int frame = 0; frame < frames; frame++) {
                int ahead = frame * bins - b * bins;
                double sum = 0;
                for (int i = first; i < end; i++) {
                    sum += (double) weights[i] * spectra[ahead + i];
                }
                out[frame * bands + b] = (float) sum;
            }
        }
        return out;
    }

    /**
     * Powers in decibels, as {@code librosa.power_to_db} gives them: {@code 10 log10(max(least, power) / reference)}, but no less
     * than {@code range} below the highest.
     */
    public static float[] decibels(float[] powers, double reference, double least, double range) {
        double factor = 10 / Math.log(10);
        double base = factor * Math.log(Math.max(least, reference));
        float[] out = new float[powers.length];
        float highest = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < out.length; i++) {
            out[i] = (float) (factor * Math.log(Math.max(least, powers[i])) - base);
            highest = Math.max(highest, out[i]);
        }
        for (int i = 0; i < out.length; i++) {
            out[i] = (float) Math.max(out[i], highest - range);
        }
        return out;
    }
}
