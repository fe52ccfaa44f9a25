package dev.infuser.plan;

import dev.infuser.expr.Expr;
import dev.infuser.expr.Fn;
import dev.infuser.kernel.Element;
import dev.infuser.kernel.Gemm;
import dev.infuser.kernel.Kernel;
import dev.infuser.kernel.KernelModule;
import dev.infuser.kernel.Operand;
import dev.infuser.op.Lowering;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/** A matrix product with what follows it element by element. */
final class GemmItem extends Item {

    /** The most axes before the last two that can be walked. */
    static final int MAX_BATCH = 3;
    private static final int MAX_EXTRAS = 6;

    private final String product;
    private final String a;
    private final String b;
    private final boolean transA;
    private final boolean transB;
    private final boolean packed;
    private final View viewA;
    private final View viewB;
    private final List<String> extras = new ArrayList<>();
    private Expr epilogue;
    /** Axis {@code i} of the output is axis {@code perm[i]} of the product, or null. */
    private int[] perm;

    GemmItem(String product, String label, String a, String b, Lowering.MatMul lowering, boolean packed, View viewA,
            View viewB) {
        super(product, label);
        this.product = product;
        this.a = a;
        this.b = b;
        this.transA = lowering.transA() || viewA != null && viewA.swapsLast();
        this.transB = lowering.transB() || viewB != null && viewB.swapsLast();
        this.packed = packed;
        this.viewA = viewA;
        this.viewB = viewB;
        this.epilogue = lowering.alpha() == 1 ? Expr.input(0)
                : Expr.of(Fn.MUL, Expr.input(0), Expr.constant(lowering.alpha()));
    }

    /** Whether the leading axes can run as one: nothing but whole rows is asked for. */
    private boolean collapses(Facts facts, String extra) {
        Shape shape = facts.shape(product);
        boolean all = true;
        boolean none = true;
        for (int axis = 0; axis < shape.rank() - 1; axis++) {
            Dim dim = extra.isEmpty() ? shape.dim(axis) : facts.aligned(extra, shape, axis);
            all &= dim.equals(shape.dim(axis));
            none &= dim.is(1);
        }
        return (all || none) && perm == null && viewA == null && !transA && facts.shape(b).rank() == 2;
    }

    private boolean collapses(Facts facts) {
        boolean all = collapses(facts, "");
        for (String extra : extras) {
            all &= collapses(facts, extra);
        }
        return all;
    }

    private int batchRank(Facts facts) {
        return collapses(facts) ? 0 : facts.shape(product).rank() - 2;
    }

    /** Whether there is a kernel for it. */
    boolean fits(Facts facts) {
        return batchRank(facts) <= MAX_BATCH;
    }

    /**
     * Folds an elementwise node into the store, if its other inputs can be read there.
     *
     * @param body   over {@code inputs}, one of which is the output of this item
     * @param result the value that {@code body} computes
     */
    boolean fuse(Facts facts, Expr body, List<String> inputs, String result, String label) {
        if (perm != null || facts.dtype(result) != DType.FLOAT32 || !facts.shape(result).equals(facts.shape(product))) {
            return false;
        }
        List<String> all = new ArrayList<>(extras);
        List<Expr> arguments = new ArrayList<>();
        for (String input : inputs) {
            if (input.equals(output)) {
                arguments.add(epilogue);
                continue;
            }
            if (!isReadable(facts, input)) {
                return false;
            }
            if (!all.contains(input)) {
                all.add(input);
            }
            arguments.add(Expr.input(1 + all.indexOf(input)));
        }
        List<String> before = new ArrayList<>(extras);
        extras.clear();
        extras.addAll(all);
        if (all.size() > MAX_EXTRAS || !fits(facts)) {
            extras.clear();
            extras.addAll(before);
            return false;
        }
        epilogue = Exprs.substitute(body, arguments);
        output = result;
        labels.add(label);
        return true;
    }

    private boolean isReadable(Facts facts, String input) {
        Shape shape = facts.shape(product);
        Dim last = facts.aligned(input, shape, shape.rank() - 1);
        return facts.dtype(input) == DType.FLOAT32 && (last.is(1) || last.equals(shape.dim(-1)))
                && facts.shape(input).rank() <= shape.rank();
    }

    /** Writes the result under a permutation, if its rows stay rows. */
    boolean permute(Facts facts, int[] order, String result, String label) {
        if (perm != null || order[order.length - 1] != order.length - 1) {
            return false;
        }
        perm = order;
        if (!fits(facts)) {
            perm = null;
            return false;
        }
        output = result;
        labels.add(label);
        return true;
    }

    @Override
    void emit(Facts facts, KernelModule module, List<Step> steps) {
        Shape shapeA = facts.shape(a);
        Shape shapeC = facts.shape(product);
        Dim k = shapeA.dim(transA && viewA == null ? -2 : -1);
        List<Operand> operands = new ArrayList<>();
        for (String extra : extras) {
            operands.add(new Operand(Element.F32, facts.aligned(extra, shapeC, shapeC.rank() - 1).is(1)
                    && !shapeC.dim(-1).is(1)));
        }
        int batchRank = batchRank(facts);
        Gemm gemm = new Gemm(constant(k), constant(shapeC.dim(-1)), transA, packed ? Gemm.Layout.PACKED
                : transB ? Gemm.Layout.TRANSPOSED : Gemm.Layout.ROW_MAJOR, batchRank, operands, epilogue);
        List<String> reads = new ArrayList<>(List.of(a, b));
        reads.addAll(extras);
        steps.add(new Step.KernelStep(label(), reads, List.of(output), gemm, module.add(gemm),
                binding -> gemm.scratchBytes(depth(binding)), (binding, slots) -> fill(binding, slots, batchRank)));
    }

    private static int constant(Dim dim) {
        return dim.isConstant() ? (int) dim.value() : Kernel.DYNAMIC;
    }

    private int depth(Binding binding) {
        int[] dims = binding.dims(a);
        return dims[dims.length - (transA && viewA == null ? 2 : 1)];
    }

    private void fill(Binding binding, Slots slots, int batchRank) {
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
        slots.set("a", binding.address(a)).set("b", binding.address(b)).set("c", binding.address(output))
                .set("m", rows).set("n", n).set("k", depth(binding))
                .set("lda", rowStride(stridesA, transA && viewA != null))
                .set("ldb", packed ? 0 : rowStride(stridesB, transB && viewB != null))
                .set("ldc", stridesC[rank - 2]).set("scratch", binding.scratch());
        for (int d = 0; d < batchRank; d++) {
            slots.set("batch_" + d, c[d]).set("a_" + d, batchStride(dimsA, stridesA, rank, d))
                    .set("b_" + d, batchStride(dimsB, stridesB, rank, d)).set("c_" + d, stridesC[d]);
        }
        for (int e = 0; e < extras.size(); e++) {
            int[] dims = binding.dims(extras.get(e));
            long[] strides = binding.strides(extras.get(e));
            slots.set("extra_" + e, binding.address(extras.get(e)))
                    .set("extra_" + e + "_row", rowStrideOf(dims, strides, rank, batchRank));
            for (int d = 0; d < batchRank; d++) {
                slots.set("extra_" + e + "_" + d, batchStride(dims, strides, rank, d));
            }
        }
    }

    private long[] productStrides(Binding binding) {
        long[] strides = binding.strides(output);
        if (perm == null) {
            return strides;
        }
        long[] out = new long[strides.length];
        for (int i = 0; i < out.length; i++) {
            out[perm[i]] = strides[i];
        }
        return out;
    }

    /** The stride between stored rows: of the axis before the last, or of the last where a view swapped them. */
    private static long rowStride(long[] strides, boolean swapped) {
        return strides[strides.length - (swapped ? 1 : 2)];
    }

    private static long rowStrideOf(int[] dims, long[] strides, int rank, int batchRank) {
        if (batchRank > 0 || rank == 2) {
            return batchStride(dims, strides, rank, rank - 2);
        }
        for (int axis = 0; axis < dims.length - 1; axis++) {
            if (dims[axis] != 1) {
                return strides[dims.length - 2];
            }
        }
        return 0;
    }

    /** The stride of a broadcast operand along axis {@code axis} of the product. */
    private static long batchStride(int[] dims, long[] strides, int rank, int axis) {
        int at = axis - (rank - dims.length);
        return at < 0 || dims[at] == 1 ? 0 : strides[at];
    }
}
