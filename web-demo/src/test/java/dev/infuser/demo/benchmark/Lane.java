package dev.infuser.demo.benchmark;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** A runtime that has loaded a network and computed once. */
interface Lane extends AutoCloseable {

    /** A lane cannot go on; the message says why. */
    final class BrokenException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        BrokenException(String message) {
            super(message);
        }
    }

    /** Milliseconds from the start of navigation to the first result. */
    double first();

    /** The settings of the runtime. */
    String settings();

    /** The outputs from the initial state. */
    Map<String, float[]> check();

    /** Runs for at least so long and tells how many milliseconds each run took. */
    List<Double> times(int millis);

    /** The milliseconds of each step of one run, by step, where the runtime tells. */
    List<Map<String, Object>> profile();

    /** The threads that computed, or 0 where the runtime does not tell. */
    int threads();

    /** The greatest resident size of the process so far, in bytes, where the system tells. */
    OptionalLong peakMemory();

    @Override
    void close();
}
