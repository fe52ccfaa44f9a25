package dev.infuser.runtime;

/**
 * How long one step of a model took, and for how much work.
 *
 * @param node   the nodes that the step computes
 * @param op     the operator where it is a single node, or ""
 * @param kernel the kernel, or {@code evaluate} where plain Java computed it
 * @param millis milliseconds
 * @param operations arithmetic operations, of which a multiply-add is two and any function one; 0 for plain Java
 * @param bytes  what it reads and writes
 * @param peak   GFLOP/s of nothing but multiply-adds in registers, by the best instructions for the kernel's numbers,
 *     on as many threads; 0 for plain Java
 */
public record StepTime(String node, String op, String kernel, double millis, long operations, long bytes, double peak) {

    /** Thousand million operations a second; 0 where the clock saw no time. */
    public double gflops() {
        return millis > 0 ? operations / millis / 1e6 : 0;
    }

    /** How much of the peak that is, between 0 and about 1. */
    public double share() {
        return peak == 0 ? 0 : gflops() / peak;
    }

    /** The kernel and whole microseconds: printing a double would weigh 10 KB in the browser. */
    @Override
    public String toString() {
        return kernel + " " + (long) (millis * 1000) + " us";
    }
}
