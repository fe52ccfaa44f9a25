package dev.infuser.converter.quantize;

/** What products and convolutions with int8 weights read their other operand as. */
public enum Activations {
    /** float32. */
    F32("f32"),
    /** uint8, whose scale and zero point every run finds out for each value. */
    DYNAMIC_INT8("dynamic-int8"),
    /** uint8, whose scales and zero points samples tell at conversion. */
    STATIC_INT8("static-int8");

    private final String label;

    Activations(String label) {
        this.label = label;
    }

    /** The name on the command line. */
    public String label() {
        return label;
    }
}
