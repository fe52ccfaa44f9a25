package dev.infuser.converter.quantize;

/** What weights are stored as, widest first. */
public enum Precision {
    /** float32, as they are. */
    F32("f32", 32),
    /** float16. */
    F16("f16", 16),
    /** int8 times a float32 scale per output channel, or per row of a table. */
    INT8("int8", 8),
    /** int4 times a float16 scale per block of {@link #BLOCK} along the depth of a product, or along a row of a table. */
    INT4("int4", 4);

    /** Elements that share a scale in {@link #INT4}. */
    public static final int BLOCK = 32;

    private final String label;
    private final int bits;

    Precision(String label, int bits) {
        this.label = label;
        this.bits = bits;
    }

    /** The name on the command line. */
    public String label() {
        return label;
    }

    /** Bits of an element, without its part of a scale. */
    public int bits() {
        return bits;
    }

    /** The next wider one; {@link #F32} itself for the widest. */
    Precision wider() {
        return values()[Math.max(0, ordinal() - 1)];
    }
}
