package dev.infuser.task;

import java.util.function.Supplier;

/**
 * What stands between a person and models: it takes an input, asks for runs of models, and makes an answer of their outputs.
 * It runs nothing itself, so that a page may keep models apart from it. Inputs come one after the other.
 *
 * @param <I> {@link dev.infuser.vision.Picture}, a list of texts, or {@link dev.infuser.audio.Sound}
 */
public interface Task<I, A extends Answer> {

    /**
     * Starts on an input.
     *
     * @param runs takes the runs that are needed
     * @return tells the answer, once no run is left
     * @throws dev.infuser.tensor.InvalidInputException where the input or an option does not fit
     */
    Supplier<A> begin(I input, Options options, Runs runs);

    /** Forgets what came before, where inputs are parts of a stream. */
    default void reset() {
    }
}
