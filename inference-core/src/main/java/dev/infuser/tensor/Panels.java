package dev.infuser.tensor;

/**
 * The right operand {@code [..., K, N]} of a matrix product as panels of 8 columns, {@code [..., ceil(N/8), K, 8]}: a
 * kernel reads each panel front to back. Columns past N are zero.
 */
public final class Panels {

    /** Columns in a panel. */
    public static final int WIDTH = 8;

    /** Rows of 4-bit numbers that share a scale. */
    public static final int BLOCK = 32;

    private Panels() {
    }

    /** The number of elements that the panels of a tensor of these dims take. */
    public static int length(int[] dims) {
        return Tensor.count(padded(dims));
    }

    /** The panels of the row-major matrix {@code b} {@code [k, n]}. */
    public static float[] pack(float[] b, int k, int n) {
        return (float[]) pack(DType.FLOAT32, new int[] {k, n}, b);
    }

    /** The row-major matrix {@code [k, n]} that {@code panels} hold. */
    public static float[] unpack(float[] panels, int k, int n) {
        return (float[]) unpack(DType.FLOAT32, new int[] {k, n}, panels);
    }

    /** The panels of a row-major array of the kind that {@code dtype} uses; {@code dims} have rank 2 or more. */
    public static Object pack(DType dtype, int[] dims, Object rowMajor) {
        Object panels = Tensor.newArray(dtype, length(dims));
        copy(dims, rowMajor, panels, true);
        return panels;
    }

    /** The row-major array that {@code panels} hold. */
    public static Object unpack(DType dtype, int[] dims, Object panels) {
        Object rowMajor = Tensor.newArray(dtype, Tensor.count(dims));
        copy(dims, rowMajor, panels, false);
        return rowMajor;
    }

    /** The bytes that a matrix takes in {@link Layout#DOT8}. */
    static int dotLength(int[] dims) {
        long bytes = (dims[1] + 7L) / WIDTH * ((dims[0] + 3L) / 4 + 1) * 4 * WIDTH;
        if (bytes > Integer.MAX_VALUE) {
            throw tooLarge(dims);
        }
        return (int) bytes;
    }

    /** Packs a row-major matrix in {@link Layout#DOT8}, or unpacks it. */
    static byte[] dot(int[] dims, byte[] from, boolean pack) {
        byte[] to = new byte[pack ? dotLength(dims) : Tensor.count(dims)];
        int depth = dims[0];
        int n = dims[1];
        int panel = ((depth + 3) / 4 + 1) * 4 * WIDTH;
        for (int column = 0; column < n; column++) {
            int base = column / WIDTH * panel + column % WIDTH * 4;
            int sum = 0;
            for (int row = 0; row < depth; row++) {
                int packed = base + (row / 4 + 1) * 4 * WIDTH + row % 4;
                if (pack) {
                    to[packed] = from[row * n + column];
                    sum += to[packed];
                } else {
                    to[row * n + column] = from[packed];
                }
            }
            for (int i = 0; pack && i < 4; i++) {
                to[base + i] = (byte) (sum >> 8 * i);
            }
        }
        return to;
    }

    /** The extents of a matrix in {@link Layout#NIBBLE8} with its padding, rows first. */
    static int[] nibbles(int[] dims) {
        return padded(new int[] {(int) Math.min(Integer.MAX_VALUE, (dims[0] + 3L) / 4 * 4), dims[1]});
    }

    /** Packs a row-major matrix in {@link Layout#NIBBLE8}, or unpacks it. */
    static byte[] nibble(int[] dims, byte[] from, boolean pack) {
        int[] padded = nibbles(dims);
        byte[] to = new byte[Tensor.count(pack ? padded : dims)];
        for (int row = 0; row < dims[0]; row++) {
            for (int column = 0; column < dims[1]; column++) {
                int packed = (column / WIDTH * padded[0] + row / 2 * 2) * WIDTH + column % WIDTH * 2 + row % 2;
                if (pack) {
                    to[packed] = from[row * dims[1] + column];
                } else {
                    to[row * dims[1] + column] = from[packed];
                }
            }
        }
        return to;
    }

    private static UnsupportedModelException tooLarge(int[] dims) {
        return new UnsupportedModelException("too-large", "a tensor of shape " + Shape.of(dims) + " has no panels");
    }

    private static int[] padded(int[] dims) {
        int[] padded = dims.clone();
        long columns = (dims[dims.length - 1] + (WIDTH - 1L)) / WIDTH * WIDTH;
        if (columns > Integer.MAX_VALUE) {
            throw tooLarge(dims);
        }
        padded[dims.length - 1] = (int) columns;
        return padded;
    }

    private static void copy(int[] dims, Object rowMajor, Object panels, boolean pack) {
        int rows = dims[dims.length - 2];
        int columns = dims[dims.length - 1];
        int matrix = rows * columns;
        int size = Tensor.count(dims);
        int at = 0;
        for (int base = 0; base < size; base += matrix) {
            for (int column = 0; column < columns; column += WIDTH) {
                int width = Math.min(WIDTH, columns - column);
                for (int row = 0; row < rows; row++) {
                    int from = base + row * columns + column;
                    if (pack) {
                        System.arraycopy(rowMajor, from, panels, at, width);
                    } else {
                        System.arraycopy(panels, at, rowMajor, from, width);
                    }
                    at += WIDTH;
                }
            }
        }
    }
}
