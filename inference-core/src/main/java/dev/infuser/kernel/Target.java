package dev.infuser.kernel;

/**
 * What the engine that will run a kernel module offers beyond the strict instructions. With nothing relaxed, results
 * are bit-identical on every engine (NaN payloads excepted).
 *
 * @param relaxedMadd use {@code f32x4.relaxed_madd}, whose products may or may not be rounded before the addition
 * @param relaxedDot use {@code i32x4.relaxed_dot_i8x16_i7x16_add_s}
 * @param barrier the address of {@link KernelModule#BARRIER_BYTES} bytes of shared memory, zero at first, at which the
 *     threads that run a module wait for each other; 0 where the memory is not shared
 */
public record Target(boolean relaxedMadd, boolean relaxedDot, int barrier) {
    /** Standard SIMD only. */
    public static final Target STRICT = new Target(false, false);
    /** All relaxed instructions that kernels know. */
    public static final Target RELAXED = new Target(true, true);

    /** An engine whose memory is not shared. */
    public Target(boolean relaxedMadd, boolean relaxedDot) {
        this(relaxedMadd, relaxedDot, 0);
    }
}
