package dev.infuser.tensor;

/** How the elements of a stored tensor lie in memory, densely and little-endian; see {@code FORMAT.md}. */
public enum Layout {
    /** Row-major. */
    PLAIN(1),
    /** For the right operand {@code [..., K, N]} of a matrix product: {@code [..., ceil(N/8), K, 8]}, zero padded. */
    PANEL8(2),
    /** {@link #PANEL8} of the matrix {@code [K, N]} that all axes but the last make as one, for convolutions. */
    FLAT8(3);

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
        return number < 1 || number > values().length ? null : values()[number - 1];
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
        return this == PLAIN ? Tensor.count(dims) : Panels.length(matrices(dims));
    }

    /** The extents of the matrices that {@link Panels} holds for a tensor of these dims; not for plain tensors. */
    public int[] matrices(int[] dims) {
        if (this != FLAT8) {
            return dims;
        }
        int[] matrix = {1, dims[dims.length - 1]};
        for (int axis = 0; axis < dims.length - 1; axis++) {
            matrix[0] *= dims[axis];
        }
        return matrix;
    }
}
