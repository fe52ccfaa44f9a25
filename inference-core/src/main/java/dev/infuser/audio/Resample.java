package dev.infuser.audio;

import dev.infuser.tensor.InvalidInputException;
import java.util.Arrays;

/**
 * Sound at another rate, piece by piece: a windowed sinc of linear phase, of which sample {@code n} lies at the same time as
 * before.
 *
 * <p>With {@code f} half of the lower of both rates: what is below {@code 0.9 f} stays within 0.001 dB, what is above {@code f} is
 * {@value #ATTENUATION} dB down, so that nothing folds back. Equal rates change nothing. Beyond the ends of the sound is silence.
 *
 * <p>The window is Kaiser's, with his formulas for its shape and length (Oppenheim and Schafer, Discrete-Time Signal Processing,
 * 7.5.3). Taps come from a table, for ratios of small whole numbers as they are and for others from between two of its rows, which
 * errs by no more than the stop band does.
 */
public final class Resample {

    /** How far the stop band is down, in decibels. */
    public static final int ATTENUATION = 100;

    private static final int PHASES = 512;
    private static final double TRANSITION = 0.1;
    private static final double LOWEST_RATE = 1e3;
    private static final double HIGHEST_RATE = 1e6;
    /** Rates count in these parts of a hertz. */
    private static final double PARTS = 1e3;

    /** From one sample of the result to the next, in parts of a sample of the sound: {@code step / scale}. */
    private final long step;
    private final long scale;
    private final int rows;
    /** Taps before, and as many behind, a place. */
    private final int half;
    /** Row {@code r} is for places {@code r / rows} behind a sample; one more than {@code rows}. */
    private final float[] taps;

    /** What the next sample of the result still needs, behind silence at the start. */
    private float[] held;
    private int count;
    /** The place of the next sample of the result: in {@link #held}, and in parts behind that. */
    private int place;
    private long part;
    private long taken;
    private long given;

    /**
     * Prepares.
     *
     * @param from samples a second, as they come, to a thousandth
     * @param to   as they are wanted
     * @throws InvalidInputException where a rate is not from 1000 to 1,000,000
     */
    public Resample(double from, double to) {
        check(from);
        check(to);
        long a = (long) (from * PARTS + 0.5);
        long b = (long) (to * PARTS + 0.5);
        long divisor = divisor(a, b);
        step = a / divisor;
        scale = b / divisor;
        double lower = Math.min(1, to / from);
        double width = (ATTENUATION - 7.95) / (2.285 * TRANSITION * Math.PI);
        half = step == scale ? 0 : (int) Math.ceil(width / lower / 2) + 1;
        rows = (int) Math.min(scale, (long) Math.ceil(PHASES * lower));
        taps = half == 0 ? new float[0] : taps(lower * (1 - TRANSITION / 2), width / lower / 2);
        reset();
    }

    private static void check(double rate) {
        if (!(rate >= LOWEST_RATE && rate <= HIGHEST_RATE)) {
            throw new InvalidInputException("bad-sound", "", "sound has from 1000 to 1,000,000 samples a second", "found " + rate, "");
        }
    }

    private static long divisor(long a, long b) {
        while (b != 0) {
            long rest = a % b;
            a = b;
            b = rest;
        }
        return a;
    }

    /** All of a sound, of which {@code ceil(samples.length * to / from)} samples remain. */
    public static float[] resample(float[] samples, double from, double to) {
        Resample whole = new Resample(from, to);
        float[] first = whole.next(samples);
        float[] rest = whole.rest();
        float[] all = Arrays.copyOf(first, first.length + rest.length);
        System.arraycopy(rest, 0, all, first.length, rest.length);
        return all;
    }

    /** A row of taps sums to 1, so that what is constant stays so. */
    private float[] taps(double cutoff, double reach) {
        double beta = 0.1102 * (ATTENUATION - 8.7);
        float[] all = new float[(rows + 1) * 2 * half];
        double[] row = new double[2 * half];
        for (int r = 0; r <= rows; r++) {
            double sum = 0;
            for (int i = 0; i < row.length; i++) {
                double x = i - half + 1 - (double) r / rows;
                double within = 1 - x / reach * (x / reach);
                row[i] = within <= 0 ? 0 : sinc(Math.PI * cutoff * x) * bessel(beta * Math.sqrt(within));
                sum += row[i];
            }
            for (int i = 0; i < row.length; i++) {
                all[r * row.length + i] = (float) (row[i] / sum);
            }
        }
        return all;
    }

    private static double sinc(double x) {
        return Math.abs(x) < 1e-9 ? 1 : Math.sin(x) / x;
    }

    /** The modified Bessel function of the first kind and order 0, by its power series. */
    private static double bessel(double x) {
        double sum = 1;
        double term = 1;
        for (int k = 1; term > sum * 1e-17; k++) {
            term *= x / (2 * k) * (x / (2 * k));
            sum += term;
        }
        return sum;
    }

    /** Forgets what came before. */
    public void reset() {
        held = new float[half];
        count = Math.max(0, half - 1);
        place = count;
        part = 0;
        taken = 0;
        given = 0;
    }

    /** The samples that can be told once these have come: all but those that need what comes next. */
    public float[] next(float[] samples) {
        taken += samples.length;
        if (half == 0) {
            given += samples.length;
            return samples.clone();
        }
        float[] longer = Arrays.copyOf(held, Math.max(held.length, count + samples.length));
        System.arraycopy(samples, 0, longer, count, samples.length);
        held = longer;
        count += samples.length;
        return told(Long.MAX_VALUE);
    }

    /** The samples that are left at the end of the sound. Another one may begin then. */
    public float[] rest() {
        long left = (taken * scale + step - 1) / step - given;
        float[] rest = new float[0];
        if (left > 0) {
            held = Arrays.copyOf(held, count + half);
            Arrays.fill(held, count, held.length, 0);
            count = held.length;
            rest = told(left);
        }
        reset();
        return rest;
    }

    private float[] told(long most) {
        float[] out = new float[(int) Math.min(most, Math.max(0, (long) ((double) (count - place) * scale / step) + 2))];
        int n = 0;
        while (n < out.length && place + half < count) {
            out[n++] = sample();
            part += step;
            place += (int) (part / scale);
            part %= scale;
        }
        int past = Math.min(place - half + 1, count);
        System.arraycopy(held, past, held, 0, count - past);
        count -= past;
        place -= past;
        given += n;
        return n == out.length ? out : Arrays.copyOf(out, n);
    }

    private float sample() {
        double at = (double) part / scale * rows;
        int row = rows == scale ? (int) part : (int) at;
        double sum = sum(row);
        double beyond = rows == scale ? 0 : at - row;
        return (float) (beyond == 0 ? sum : sum + beyond * (sum(row + 1) - sum));
    }

    private double sum(int row) {
        int width = 2 * half;
        int tap = row * width;
        int from = place - half + 1;
        double sum = 0;
        for (int i = 0; i < width; i++) {
            sum += taps[tap + i] * held[from + i];
        }
        return sum;
    }
}
