package dev.infuser.audio;

import dev.infuser.tensor.InvalidInputException;

/**
 * Sound of one channel.
 *
 * @param samples from -1 to 1
 * @param rate    samples a second
 */
public record Sound(float[] samples, double rate) {

    /**
     * Checks the rate.
     *
     * @throws InvalidInputException where that is not positive
     */
    public Sound {
        if (!(rate > 0 && rate < 1e9)) {
            throw new InvalidInputException("bad-sound", "", "sound needs a positive number of samples a second", "found " + rate, "");
        }
    }
}
