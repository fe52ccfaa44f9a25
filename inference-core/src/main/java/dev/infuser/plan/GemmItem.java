package dev.infuser.plan;

import dev.infuser.expr.Expr;
import dev.infuser.expr.Fn;
import dev.infuser.kernel.Gemm;
import dev.infuser.kernel.KernelModule;
import dev.infuser.op.Lowering;
import dev.infuser.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/** A matrix product with what follows it element by element. */
class GemmItem extends ProductItem {

    /** The most axes before the last two that can be walked. */
    static final int MAX_BATCH = 3;

    final String a;
    final String b;
    private final boolean transA;
    private final boolean transB;
    /** What b is in memory. */
    private final Weights weights;
    private final int stride;
    private final View viewA;
    private final View viewB;

    GemmItem(String product, String label, String a, String b, Lowering.MatMul lowering, Weights weights, View viewA,
            View viewB) {
        super(product, label, lowering.alpha() == 1 ? Expr.input(0)
                : Expr.of(Fn.MUL, Expr.input(0), Expr.constant(lowering.alpha())));
        this.a = a;
        this.b = b;
        this.transA = lowering.transA() || viewA != null && viewA.swapsLast();
        this.transB = lowering.transB() || viewB != null && viewB.swapsLast();
        this.weights = weights;
        this.stride = lowering.stride();
        this.viewA = viewA;
        this.viewB = viewB;
    }

    final int batchRank(Facts facts) {
        return stride == 0 && perm == null && viewA == null && !transA && isMatrix(facts.shape(b)) && extrasFollowRows(facts) ? 0
                : facts.shape(product).rank() - 2;
    }

    private static boolean isMatrix(Shape shape) {
        boolean matrix = true;
        for (int axis = 0; axis < shape.rank() - 2; axis++) {
            matrix &= shape.dim(axis).is(1);
        }
        return matrix;
    }

    @Override
    boolean fits(Facts facts) {
        return batchRank(facts) <= MAX_BATCH;
    }

    @Override
    void emit(Facts facts, KernelModule module, List<Step> steps) {
        int batchRank = batchRank(facts);
        Gemm gemm = kernel(facts, batchRank);
        List<String> reads = new ArrayList<>(weights.reads());
        reads.add(a);
        reads.addAll(extras);
        steps.add(new Step.KernelStep(label(), reads, List.of(output), gemm, module.add(gemm),
                binding -> gemm.scratchBytes(depth(binding)), (binding, slots) -> fill(binding, slots, batchRank), inPlace(facts)));
    }

    final Gemm kernel(Facts facts, int batchRank) {
        return Gemm.of(facts.shape(product).dim(-1), transA,
                weights.layout(facts, transB ? Gemm.Layout.TRANSPOSED : Gemm.Layout.ROW_MAJOR), batchRank, operands(facts), lifted());
    }

    /** Whether A is stored as [M, K]. */
    final boolean hasRows() {
        return !transA;
    }

    final int depth(Binding binding) {
        int[] dims = binding.dims(a);
        return dims[dims.length - (transA && viewA == null ? 2 : 1)] * (stride == 0 ? 1 : binding.dims(b)[0]);
    }

    private void fill(Binding binding, Slots slots, int batchRank) {
        fillShape(binding, slots, batchRank);
        slots.set("a", binding.address(a)).set("c", binding.address(output)).set("scratch", binding.scratch());
    }

    /** Sets all slots but the addresses of A, of C and of the working memory. */
    final void fillShape(Binding binding, Slots slots, int batchRank) {
        int[] c = binding.dims(product);
        int rank = c.length;
        int[] dimsA = binding.dims(a);
        int[] dimsB = binding.dims(b);
        long[] stridesA = binding.strides(a);
        long[] stridesB = binding.strides(b);
        long[] stridesC = productStrides(binding);
        int n = c[rank - 1];
        long rows = c[rank - 2];
        if (batchRank == 0) {
            for (int axis = 0; axis < rank - 2; axis++) {
                rows *= c[axis];
            }
        }
        slots.set("b", weights.address(binding)).set("m", rows).set("n", n).set("k", depth(binding))
                .set("lda", rowStride(stridesA, transA && viewA != null) * Math.max(1, stride))
                .set("ldb", weights.packed() ? 0 : rowStride(stridesB, transB && viewB != null))
                .set("ldc", stridesC[rank - 2]);
        for (int d = 0; d < batchRank; d++) {
            slots.set("batch_" + d, c[d]).set("a_" + d, batchStride(dimsA, stridesA, rank, d))
                    .set("b_" + d, stride > 0 ? 0 : batchStride(dimsB, stridesB, rank, d)).set("c_" + d, stridesC[d]);
        }
        weights.fill(binding, slots);
        fillExtras(binding, slots, batchRank);
    }

    /** The stride between stored rows: of the axis before the last, or of the last where a view swapped them. */
    private static long rowStride(long[] strides, boolean swapped) {
        return strides[strides.length - (swapped ? 1 : 2)];
    }
}
