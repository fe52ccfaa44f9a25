package dev.infuser.runtime;

/**
 * How long one step of a model took.
 *
 * @param node   the nodes that the step computes
 * @param op     the operator where it is a single node, or ""
 * @param kernel the kernel, or {@code evaluate} where plain Java computed it
 * @param millis milliseconds
 */
public record StepTime(String node, String op, String kernel, double millis) {

    /** The kernel and whole microseconds: printing a double would weigh 10 KB in the browser. */
    @Override
    public String toString() {
        return kernel + " " + (long) (millis * 1000) + " us";
    }
}
