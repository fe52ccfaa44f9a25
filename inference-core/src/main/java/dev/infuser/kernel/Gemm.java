package dev.infuser.kernel;

import dev.infuser.expr.Expr;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Panels;
import dev.infuser.wasm.FunctionBuilder;
import java.util.ArrayList;
import java.util.List;

/**
 * Matrix product with a fused epilogue: {@code C[M, N] = epilogue(A[M, K] B[K, N], extras...)}, all f32, for every
 * combination of up to three batch dimensions. Any dimension may be 0; with K = 0 the product is 0.
 *
 * <p>Slots: {@code a b c} addresses; {@code m n k} dimensions; {@code lda} bytes from one row of A to the next (with
 * {@code transposedA}: A is stored as [K, M] and {@code lda} is the bytes from one of its K rows to the next), elements
 * of a stored row being adjacent; {@code ldb} bytes between stored rows of B (not read when packed); {@code ldc} bytes
 * between rows of C, whose elements are adjacent; {@code scratch} 16-aligned address of {@link #scratchBytes} free
 * bytes. Then per batch dimension d, outermost first: {@code batch_d} its size, {@code a_d b_d c_d} byte strides (0
 * broadcasts). Then per extra e: {@code extra_e} its address, {@code extra_e_row} bytes from one row of C to the next
 * (0 for a per-column vector or a scalar), and {@code extra_e_d} its byte stride per batch dimension. Then {@code number_i} for each
 * number of the epilogue, its bits.
 *
 * <p>In the epilogue input 0 is the product and input {@code 1 + e} is extra e: adjacent over columns, or one value per
 * row when scalar. Last comes {@code scales}, an address, for B of 4 bits. An extra may be C itself (in-place residual) if its strides are those of C.
 *
 * @param k constant K or {@link Kernel#DYNAMIC}
 * @param n constant N or {@link Kernel#DYNAMIC}
 * @param transposedA whether A is stored as [K, M]
 * @param layoutB how B is stored
 * @param batchRank number of batch dimensions, 0 to 3
 * @param extras further inputs of the epilogue, of element F32
 * @param epilogue what is stored; {@code Expr.input(0)} for the plain product
 */
public record Gemm(int k, int n, boolean transposedA, Layout layoutB, int batchRank, List<Operand> extras,
        Expr epilogue)
        implements Kernel {
    /** How B is stored. */
    public enum Layout {
        /** In {@link Panels}; the fastest, made for weights. */
        PACKED,
        /** In {@link Panels} of finite float16, which each unit converts. */
        PACKED_F16,
        /** In {@link Panels} of int8, which each unit converts. */
        PACKED_I8,
        /**
         * In {@link dev.infuser.tensor.Layout#NIBBLE8}, which each unit converts and multiplies by float16 scales: those of
         * each {@link Panels#BLOCK} rows, in panels.
         */
        PACKED_I4,
        /** As {@link WinogradWeights} leaves them, for convolutions alone. */
        TRANSFORMED,
        /** As [K, N] with {@code ldb} bytes between rows. */
        ROW_MAJOR,
        /** As [N, K] with {@code ldb} bytes between rows. */
        TRANSPOSED;

        /** Whether it is in panels of fewer bits than products compute with. */
        public boolean isNarrow() {
            return this == PACKED_F16 || this == PACKED_I8 || this == PACKED_I4;
        }

        /** What names of kernels say of it if it is narrow. */
        String suffix() {
            return isNarrow() ? "_" + Kernel.label(this).substring("PACKED_".length()) : "";
        }
    }

    /** An N that its slot says, of which it is known that it is a multiple of 8. */
    public static final int WHOLE = -8;

    /** What a kernel should know of an extent of n: how few columns there are, or that panels are whole. */
    public static int known(int n) {
        return n <= Panels.WIDTH / 2 ? n : n % Panels.WIDTH == 0 ? WHOLE : DYNAMIC;
    }

    /** Whether an extent is known to be a multiple of 8. */
    static boolean isWhole(int n) {
        return n == WHOLE || n > 0 && n % Panels.WIDTH == 0;
    }

    static final int A = 0;
    static final int B = 1;
    static final int C = 2;
    static final int M = 3;
    static final int N = 4;
    static final int K = 5;
    static final int LDA = 6;
    static final int LDB = 7;
    static final int LDC = 8;
    static final int SCRATCH = 9;
    static final int BATCH = 10;
    /** Slots per batch dimension: its size, then the strides of A, B and C. */
    static final int BATCH_STEP = 4;

    /** Refuses what the template cannot do. */
    public Gemm {
        extras = List.copyOf(extras);
        if (batchRank < 0 || batchRank > 3) {
            throw new IllegalArgumentException("batch rank " + batchRank + " is not in 0..3");
        }
        Epilogue.check(epilogue, extras);
    }

    /** A product of which the kernel knows N, if that is constant, as far as it gains by it. */
    public static Gemm of(Dim n, boolean transposedA, Layout layoutB, int batchRank, List<Operand> extras, Expr epilogue) {
        return new Gemm(DYNAMIC, n.isConstant() ? known((int) n.value()) : DYNAMIC, transposedA, layoutB, batchRank, extras,
                epilogue);
    }

    /** Plain product with dynamic dimensions. */
    public static Gemm of(Layout layoutB, int batchRank) {
        return new Gemm(DYNAMIC, DYNAMIC, false, layoutB, batchRank, List.of(), Expr.input(0));
    }

    /** Bytes that {@code scratch} must have for a depth of {@code k}. */
    public int scratchBytes(int k) {
        return GemmCode.TILE_BYTES + (layoutB == Layout.PACKED ? 0 : (k + 3 & ~3) * 4 * Panels.WIDTH);
    }

    @Override
    public String name() {
        return "gemm_" + (transposedA ? "ta_" : "") + (layoutB == Layout.ROW_MAJOR ? "row"
                : layoutB == Layout.TRANSPOSED ? "tb" : Kernel.label(layoutB)) + (k < 0 ? "" : "_k" + k) + (n == WHOLE ? "_whole" : n < 0 ? "" : "_n" + n)
                + (batchRank == 0 ? "" : "_batch" + batchRank) + (epilogue instanceof Expr.Input ? "" : "_fused");
    }

    @Override
    public List<String> slots() {
        List<String> slots = new ArrayList<>(List.of("a", "b", "c", "m", "n", "k", "lda", "ldb", "ldc", "scratch"));
        for (int d = 0; d < batchRank; d++) {
            slots.addAll(List.of("batch_" + d, "a_" + d, "b_" + d, "c_" + d));
        }
        Epilogue.addSlots(slots, epilogue, extras.size(), batchRank);
        if (layoutB == Layout.PACKED_I4) {
            slots.add("scales");
        }
        return slots;
    }

    /** The slot behind those of the extras. */
    int scalesSlot() {
        return BATCH + BATCH_STEP * batchRank + (2 + batchRank) * extras.size() + Expr.numbers(epilogue);
    }

    @Override
    public void work(int[] words, int at, long[] work) {
        work[0] = operations(words, at, BATCH, batchRank, epilogue);
    }

    /** The operations of a product whose slots are in this order, with the batch at {@code batch}. */
    static long operations(int[] words, int at, int batch, int batchRank, Expr epilogue) {
        return Emit.product(words, at + M, 1, 2) * Emit.product(words, at + batch, BATCH_STEP, batchRank)
                * (2 * words[at + K] + Expr.operations(epilogue));
    }

    @Override
    public void emit(FunctionBuilder f, Target target) {
        new GemmCode(this, f, target).emit();
    }
}
