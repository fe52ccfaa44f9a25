package dev.infuser.audio;

import dev.infuser.op.Fourier;
import dev.infuser.tensor.InvalidInputException;
import java.util.Arrays;

/**
 * Spectra of the frames of a sound: the short-time Fourier transform, as {@code librosa.stft} defines it. Results have a row for
 * each frame and a column for each frequency from 0 to half of the rate, {@link #bins} in all.
 */
public final class Stft {

    /** What lies beyond the ends of a sound where frames are centred. */
    public enum Padding {
        /** Silence. */
        ZERO,
        /** The sound backwards, without its last sample; it needs more samples than are added. */
        REFLECT
    }

    private final int size;
    private final int hop;
    /** As long as a frame. */
    private final double[] window;
    /** Null where frames are not centred. */
    private final Padding padding;
    private final Fourier fourier;

    /**
     * Prepares.
     *
     * @param size    samples of a frame
     * @param hop     samples from one frame to the next
     * @param window  weights, no more than {@code size}; with fewer the rest, half on each side, is 0
     * @param padding where frame {@code t} is centred on sample {@code t * hop}; or null, where it begins there
     * @throws InvalidInputException where the sizes do not fit
     */
    public Stft(int size, int hop, double[] window, Padding padding) {
        if (size < 1 || hop < 1 || window.length > size) {
            throw new InvalidInputException("bad-frames", "", "frames have at least one sample, a hop and a window that is no longer",
                    "found frames of " + size + ", a hop of " + hop + " and a window of " + window.length, "");
        }
        this.size = size;
        this.hop = hop;
        this.window = new double[size];
        System.arraycopy(window, 0, this.window, (size - window.length) / 2, window.length);
        this.padding = padding;
        fourier = new Fourier(size);
    }

    /** The number of frequencies: {@code size / 2 + 1}. */
    public int bins() {
        return size / 2 + 1;
    }

    /** The frames of so many samples. */
    public int frames(int samples) {
        int all = samples + (padding == null ? 0 : size / 2 * 2);
        return samples == 0 || all < size ? 0 : 1 + (all - size) / hop;
    }

    /** Real and imaginary parts, one after the other: {@code [frames, bins, 2]}. */
    public float[] complex(float[] samples) {
        float[] out = new float[frames(samples.length) * bins() * 2];
        each(samples, (at, re, im) -> {
            out[2 * at] = (float) re;
            out[2 * at + 1] = (float) im;
        });
        return out;
    }

    /** Squares of magnitudes: {@code [frames, bins]}. */
    public float[] power(float[] samples) {
        float[] out = new float[frames(samples.length) * bins()];
        each(samples, (at, re, im) -> out[at] = (float) (re * re + im * im));
        return out;
    }

    /** Magnitudes: {@code [frames, bins]}. */
    public float[] magnitude(float[] samples) {
        float[] out = new float[frames(samples.length) * bins()];
        each(samples, (at, re, im) -> out[at] = (float) Math.sqrt(re * re + im * im));
        return out;
    }

    private interface Bin {
        void take(int at, double re, double im);
    }

    /** Two frames go through one transform, as its real and its imaginary part. */
    private void each(float[] samples, Bin out) {
        int frames = frames(samples.length);
        if (padding == Padding.REFLECT && frames > 0 && samples.length <= size / 2) {
            throw new InvalidInputException("short-sound", "", "the sound is too short to be reflected",
                    samples.length + " samples, more than " + size / 2 + " are needed", "");
        }
        double[] re = new double[size];
        double[] im = new double[size];
        for (int frame = 0; frame < frames; frame += 2) {
            boolean two = frame + 1 < frames;
            fill(samples, frame, re);
            if (two) {
                fill(samples, frame + 1, im);
            } else {
                Arrays.fill(im, 0);
            }
            fourier.forward(re, im);
            int at = frame * bins();
            for (int k = 0; k < bins(); k++) {
                int mirror = k == 0 ? 0 : size - k;
                out.take(at + k, (re[k] + re[mirror]) / 2, (im[k] - im[mirror]) / 2);
                if (two) {
                    out.take(at + bins() + k, (im[k] + im[mirror]) / 2, (re[mirror] - re[k]) / 2);
                }
            }
        }
    }

    private void fill(float[] samples, int frame, double[] out) {
        int start = frame * hop - (padding == null ? 0 : size / 2);
        int last = samples.length - 1;
        for (int i = 0; i < size; i++) {
            int at = start + i;
            if (padding == Padding.REFLECT) {
                at = at < 0 ? -at : at > last ? 2 * last - at : at;
            }
            out[i] = at < 0 || at > last ? 0 : samples[at] * window[i];
        }
    }
}
