package dev.infuser.kernel;

/**
 * What the engine that will run a kernel module offers beyond the strict instructions. With nothing relaxed, results
 * are bit-identical on every engine (NaN payloads excepted).
 *
 * @param relaxedMadd use {@code f32x4.relaxed_madd}, whose products may or may not be rounded before the addition
 * @param dot how the relaxed dot products of 8-bit numbers work
 * @param manyRegisters whether there are 32 vector registers (ARM), not 16 (x86)
 * @param barrier the address of {@link KernelModule#BARRIER_BYTES} bytes of shared memory, zero at first, at which the
 *     threads that run a module wait for each other; 0 where the memory is not shared
 */
public record Target(boolean relaxedMadd, Dot dot, boolean manyRegisters, int barrier) {
    /**
     * What a relaxed dot product makes of the 8 bits of its second operand. Results are the same whichever is used: kernels
     * avoid the operands for which it is not exact.
     */
    public enum Dot {
        /** Not to be used. */
        NONE(false, false),
        /** Unsigned; sums of two products saturate at 16 bits (x86). */
        UNSIGNED(false, false),
        /** Unsigned and exact (x86 with VNNI). */
        UNSIGNED_EXACT(false, true),
        /** Signed; sums of two products wrap at 16 bits. */
        SIGNED(true, false),
        /** Signed and exact (ARM with dot products, x86 with VNNI of int8). */
        SIGNED_EXACT(true, true);

        final boolean signed;
        final boolean exact;

        Dot(boolean signed, boolean exact) {
            this.signed = signed;
            this.exact = exact;
        }
    }

    /** Standard SIMD only. */
    public static final Target STRICT = new Target(false, Dot.NONE);
    /** All relaxed instructions that kernels know, as they are on x86. */
    public static final Target RELAXED = new Target(true, Dot.UNSIGNED);

    /** An engine on x86 whose memory is not shared. */
    public Target(boolean relaxedMadd, Dot dot) {
        this(relaxedMadd, dot, false, 0);
    }

    /**
     * The rows of a tile of 8 columns whose sums fit into registers beside a row of B and an element of A. Strict kernels have
     * the same on every engine, since the order of some sums follows from it.
     */
    int tileRows() {
        return !relaxedMadd ? 4 : manyRegisters ? 8 : 6;
    }
}
