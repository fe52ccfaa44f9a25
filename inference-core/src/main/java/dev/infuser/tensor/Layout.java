package dev.infuser.tensor;

/** How the elements of a stored tensor lie in memory, densely and little-endian; see {@code FORMAT.md}. */
public enum Layout {
    /** Row-major. */
    PLAIN(1),
    /** For the right operand {@code [..., K, N]} of a matrix product: {@code [..., ceil(N/8), K, 8]}, zero padded. */
    PANEL8(2);

    private final int number;

    Layout(int number) {
        this.number = number;
    }

    /** The number that {@code .tea} files use. */
    public int number() {
        return number;
    }

    /** The layout with this number, or null. */
    public static Layout ofNumber(int number) {
        return number == 1 ? PLAIN : number == 2 ? PANEL8 : null;
    }

    /** Whether a tensor of this rank can be stored so. */
    public boolean fits(int rank) {
        return this == PLAIN || rank >= 2;
    }

    /**
     * The number of elements stored for a tensor of these dims, padding included.
     *
     * @throws UnsupportedModelException when there are 2^31 or more
     */
    public int storedElements(int[] dims) {
        return this == PLAIN ? Tensor.count(dims) : Panels.length(dims);
    }
}
