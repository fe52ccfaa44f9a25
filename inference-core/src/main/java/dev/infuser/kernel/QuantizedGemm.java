package dev.infuser.kernel;

import dev.infuser.expr.Expr;
import dev.infuser.tensor.Panels;
import dev.infuser.wasm.FunctionBuilder;
import java.util.ArrayList;
import java.util.List;

/**
 * Product of 8-bit matrices less their zero points, exact in int32: {@code P[M, N] = (A[M, K] - zeroA)(B[K, N] - zeroB)},
 * stored as it is or as {@code C = epilogue(float(P), extras...)}, for every combination of up to three batch dimensions.
 * Any dimension may be 0. Rows of A may be gathered, a block at a time, as those of a convolution are.
 *
 * <p>Slots: those of {@link Gemm} (strides of A and B count rows of bytes, {@code ldb} and {@code b_d} are not read when B is
 * packed) but with {@link #scratchBytes} of scratch; {@code rows} the result of {@link #blockRows}; {@code zero_a} address of
 * the zero point of A; {@code zero_b} that of B's and {@code zero_b_step} 1 where B has one for each column, else 0. Then
 * batch dimensions and extras as in {@link Gemm}, and those of {@link Rows}.
 *
 * @param k constant K or {@link Kernel#DYNAMIC}
 * @param n constant N or {@link Kernel#DYNAMIC}
 * @param unsignedA whether A and its zero point are uint8 and not int8
 * @param right how B is stored
 * @param zeroA whether A has a zero point
 * @param zeroB whether B has zero points, of the type of B
 * @param batchRank number of batch dimensions, 0 to 3
 * @param extras further inputs of the epilogue
 * @param epilogue what is stored
 * @param output how it is stored; I32 stores P itself
 * @param rows what rows of A are
 */
public record QuantizedGemm(int k, int n, boolean unsignedA, Right right, boolean zeroA, boolean zeroB, int batchRank,
        List<Operand> extras, Expr epilogue, Element output, Rows rows)
        implements Kernel {
    /** What rows of A are. */
    public interface Rows {
        /** Rows of A are adjacent. */
        Rows ADJACENT = () -> "qgemm";

        /** How the name of the kernel begins. */
        String name();

        /** Bytes that must be free to gather a row of {@code k}. */
        default int bufferBytes(int k) {
            return 0;
        }

        /** Adds the names of the slots that gathering reads, which are the last of the kernel. */
        default void addSlots(List<String> slots) {
        }

        /** Prepares for {@link Gather}, or returns null where rows are read where they are; the slots begin at {@code slot}. */
        default Gather gather(FunctionBuilder f, int slot, int a, int zero) {
            return null;
        }
    }

    /** Writes the code that gathers a row. */
    interface Gather {
        /** Writes row {@code row} to the address {@code buffer}, and up to 15 bytes behind. */
        void row(int row, int buffer);
    }

    /** How B is stored. */
    public enum Right {
        /** As {@link dev.infuser.tensor.Layout#NARROW8}. */
        NARROW,
        /** As {@link dev.infuser.tensor.Layout#DOT8}. */
        PACKED,
        /** int8, as [K, N] with {@code ldb} bytes between rows. */
        SIGNED,
        /** uint8, as [K, N] with {@code ldb} bytes between rows. */
        UNSIGNED;

        boolean packed() {
            return compareTo(SIGNED) < 0;
        }
    }

    static final int ROWS = 10;
    static final int ZERO_A = 11;
    static final int ZERO_B = 12;
    static final int ZERO_B_STEP = 13;
    static final int BATCH = 14;
    /** Bytes at the start of the scratch that hold one tile, then the sums of up to 64 rows of A. */
    static final int TILE_BYTES = 128;
    static final int PANEL = TILE_BYTES + 256;
    /** Bytes for four steps of K in a panel, and for the column sums before them. */
    static final int PANEL_STEP = 4 * Panels.WIDTH;

    private static final int BLOCK_BYTES = 48 << 10;

    /** Refuses what the template cannot do. */
    public QuantizedGemm {
        extras = List.copyOf(extras);
        if (batchRank < 0 || batchRank > 3) {
            throw new IllegalArgumentException("batch rank " + batchRank + " is not in 0..3");
        }
        Epilogue.check(epilogue, extras);
    }

    /** A product of matrices. */
    public QuantizedGemm(int k, int n, boolean unsignedA, Right right, boolean zeroA, boolean zeroB, int batchRank,
            List<Operand> extras, Expr epilogue, Element output) {
        this(k, n, unsignedA, right, zeroA, zeroB, batchRank, extras, epilogue, output, Rows.ADJACENT);
    }

    /** Rows of A that are prepared together when it has {@code m} of them. */
    public static int blockRows(int m, int k) {
        int rows = Math.max(4, Math.min(64, BLOCK_BYTES / Math.max(1, rowBytes(k)) & -4));
        return Math.max(4, Math.min(rows, m + 3 & -4));
    }

    private static int rowBytes(int k) {
        return (k + 15 & -16) * 2;
    }

    /** Where the prepared rows of A begin in the scratch. */
    int preparedOffset(int k) {
        return PANEL + (right.packed() ? 0 : PANEL_STEP * ((k + 3) / 4 + 1));
    }

    /** Bytes that {@code scratch} must have. */
    public int scratchBytes(int m, int k) {
        return preparedOffset(k) + blockRows(m, k) * rowBytes(k) + 16
                + rows.bufferBytes(k);
    }

    @Override
    public String name() {
        return rows.name() + "_4x8_" + (unsignedA ? "u8_" : "s8_") + Kernel.label(right) + (k < 0 ? "" : "_k" + k)
                + (n == Gemm.WHOLE ? "_whole" : n < 0 ? "" : "_n" + n) + (batchRank == 0 ? "" : "_batch" + batchRank)
                + (output == Element.I32 ? "" : "_fused");
    }

    @Override
    public List<String> slots() {
        List<String> slots = new ArrayList<>(List.of("a", "b", "c", "m", "n", "k", "lda", "ldb", "ldc", "scratch", "rows",
                "zero_a", "zero_b", "zero_b_step"));
        for (int d = 0; d < batchRank; d++) {
            slots.addAll(List.of("batch_" + d, "a_" + d, "b_" + d, "c_" + d));
        }
        Epilogue.addSlots(slots, epilogue, extras.size(), batchRank);
        rows.addSlots(slots);
        return slots;
    }

    /** The first slot that gathering reads. */
    int rowsSlot() {
        return BATCH + Gemm.BATCH_STEP * batchRank + (2 + batchRank) * extras.size() + Expr.numbers(epilogue);
    }

    @Override
    public void work(int[] words, int at, long[] work) {
        work[0] = Gemm.operations(words, at, BATCH, batchRank, epilogue);
    }

    @Override
    public void emit(FunctionBuilder f, Target target) {
        new QuantizedGemmCode(this, f, target).emit();
    }
}
