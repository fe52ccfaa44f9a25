package dev.infuser.kernel;

/**
 * How a kernel reads one of its inputs along the innermost dimension.
 *
 * @param element storage type
 * @param scalar true when one element serves the whole innermost run (stride 0), false when elements are adjacent
 */
public record Operand(Element element, boolean scalar) {
    /** Adjacent 32-bit floats. */
    public static final Operand VECTOR = new Operand(Element.F32, false);
    /** One 32-bit float for the whole run. */
    public static final Operand SCALAR = new Operand(Element.F32, true);

    String code() {
        return (scalar ? "s" : "v") + element.name();
    }
}
