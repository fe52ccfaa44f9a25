package dev.infuser.tensor;

/** How the elements of a stored tensor lie in memory, densely and little-endian; see {@code FORMAT.md}. */
public enum Layout {
    /** Row-major. */
    PLAIN(1),
    /** For the right operand {@code [..., K, N]} of a matrix product: {@code [..., ceil(N/8), K, 8]}, zero padded. */
    PANEL8(2),
    /** {@link #PANEL8} of the matrix {@code [K, N]} that all axes but the last make as one, for convolutions. */
    FLAT8(3),
    /**
     * For an int8 right operand, whose axes but the last are K together: panels of 8 columns, each the int32 sums of its
     * columns, then {@code [ceil(K/4), 8, 4]}, so that four steps of a dot product are adjacent; zero padded.
     */
    DOT8(4),
    /** {@link #DOT8} of elements in [-64, 64], whose dot products with 8-bit numbers some instructions compute faster. */
    NARROW8(5),
    /**
     * For an int4 right operand, whose axes but the last are K together: {@code [ceil(N/8), 2 ceil(K/4), 8, 2]}, two rows side
     * by side; zero padded.
     */
    NIBBLE8(6);

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

    /** Whether a tensor of this type and rank can be stored so. */
    public boolean fits(DType dtype, int rank) {
        return this == PLAIN || rank >= 2 && (!isDot() || dtype == DType.INT8) && (this != NIBBLE8 || dtype == DType.INT4);
    }

    /** Whether it is {@link #DOT8} or {@link #NARROW8}. */
    public boolean isDot() {
        return this == DOT8 || this == NARROW8;
    }

    /** {@link #NARROW8} in place of {@link #DOT8} where the elements of {@code tensor} allow it. */
    public Layout narrowed(Tensor tensor) {
        if (!isDot() || tensor.dtype() != DType.INT8) {
            return this;
        }
        for (byte element : (byte[]) tensor.peek()) {
            if (element < -64 || element > 64) {
                return DOT8;
            }
        }
        return NARROW8;
    }

    /**
     * The number of elements stored for a tensor of these dims, padding included.
     *
     * @throws UnsupportedModelException when there are 2^31 or more
     */
    public int storedElements(int[] dims) {
        return this == PLAIN ? Tensor.count(dims) : isDot() ? Panels.dotLength(matrices(dims))
                : this == NIBBLE8 ? Tensor.count(Panels.nibbles(matrices(dims))) : Panels.length(matrices(dims));
    }

    /** The elements of a row-major array in this layout. */
    public Object pack(DType dtype, int[] dims, Object rowMajor) {
        return this == PLAIN ? rowMajor : isDot() ? Panels.dot(matrices(dims), (byte[]) rowMajor, true)
                : this == NIBBLE8 ? Panels.nibble(matrices(dims), (byte[]) rowMajor, true)
                : Panels.pack(dtype, matrices(dims), rowMajor);
    }

    /** The row-major array of elements in this layout. */
    public Object unpack(DType dtype, int[] dims, Object stored) {
        return this == PLAIN ? stored : isDot() ? Panels.dot(matrices(dims), (byte[]) stored, false)
                : this == NIBBLE8 ? Panels.nibble(matrices(dims), (byte[]) stored, false)
                : Panels.unpack(dtype, matrices(dims), stored);
    }

    /** The extents of the matrices that {@link Panels} holds for a tensor of these dims; not for plain tensors. */
    public int[] matrices(int[] dims) {
        if (this == PANEL8) {
            return dims;
        }
        int[] matrix = {1, dims[dims.length - 1]};
        for (int axis = 0; axis < dims.length - 1; axis++) {
            matrix[0] *= dims[axis];
        }
        return matrix;
    }
}
