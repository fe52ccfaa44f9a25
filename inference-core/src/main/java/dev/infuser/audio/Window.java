package dev.infuser.audio;

/** Weights of the samples of a frame, by the formulas that SciPy and Kaldi use. */
public enum Window {
    RECTANGULAR,
    HANN,
    HAMMING,
    BLACKMAN,
    /** Kaldi's: Hann's to the power of 0.85. */
    POVEY;

    private static final double POVEY_POWER = 0.85;

    /**
     * The weights.
     *
     * @param periodic whether the window begins anew after {@code size} samples, as for spectra; else it ends as it begins
     */
    public double[] weights(int size, boolean periodic) {
        double[] weights = new double[size];
        int last = periodic ? size : size - 1;
        for (int i = 0; i < size; i++) {
            weights[i] = last == 0 ? 1 : weight(2 * Math.PI * i / last);
        }
        return weights;
    }

    private double weight(double angle) {
        return switch (this) {
            case RECTANGULAR -> 1;
            case HANN -> 0.5 - 0.5 * Math.cos(angle);
            case HAMMING -> 0.54 - 0.46 * Math.cos(angle);
            case BLACKMAN -> 0.42 - 0.5 * Math.cos(angle) + 0.08 * Math.cos(2 * angle);
            case POVEY -> Math.pow(Math.max(0, 0.5 - 0.5 * Math.cos(angle)), POVEY_POWER);
        };
    }
}
