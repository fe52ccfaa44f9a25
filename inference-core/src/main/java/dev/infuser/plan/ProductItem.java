package dev.infuser.plan;

import dev.infuser.expr.Expr;
import dev.infuser.kernel.Element;
import dev.infuser.kernel.Operand;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * A product [..., M, N] that is finished, while it is stored, by an expression over it (input 0) and further values (input
 * {@code 1 + e} is extra {@code e}), each of which broadcasts to it.
 */
abstract class ProductItem extends Item {

    private static final int MAX_EXTRAS = 6;

    /** The value before what is fused. */
    final String product;
    final List<String> extras = new ArrayList<>();
    Expr epilogue;
    private final List<Float> numbers = new ArrayList<>();
    /** Axis {@code i} of the output is axis {@code perm[i]} of the product, or null. */
    int[] perm;

    ProductItem(String product, String label, Expr epilogue) {
        super(product, label);
        this.product = product;
        this.epilogue = epilogue;
    }

    /** Whether the result of what is fused can be of a type. */
    boolean stores(DType dtype) {
        return dtype == DType.FLOAT32;
    }

    /** Whether there is a kernel for it with the extras and the permutation that it has now. */
    abstract boolean fits(Facts facts);

    /**
     * Folds elementwise nodes into the store, if their other inputs can be read there.
     *
     * @param body   over {@code inputs}, one of which is the output of this item
     * @param result the value that {@code body} computes
     */
    final boolean fuse(Facts facts, Expr body, List<String> inputs, String result, List<String> names) {
        boolean isNumber = output.equals(product) || facts.dtype(output) == DType.FLOAT32;
        if (perm != null || !isNumber || !stores(facts.dtype(result)) || !facts.shape(result).equals(facts.shape(product))) {
            return false;
        }
        List<String> before = new ArrayList<>(extras);
        List<Expr> arguments = new ArrayList<>();
        boolean readable = true;
        for (String input : inputs) {
            if (input.equals(output)) {
                arguments.add(epilogue);
                continue;
            }
            readable &= isReadable(facts, input);
            if (!extras.contains(input)) {
                extras.add(input);
            }
            arguments.add(Expr.input(1 + extras.indexOf(input)));
        }
        if (!readable || extras.size() > MAX_EXTRAS || !fits(facts)) {
            extras.clear();
            extras.addAll(before);
            return false;
        }
        epilogue = Exprs.substitute(body, arguments);
        output = result;
        labels.addAll(names);
        return true;
    }

    private boolean isReadable(Facts facts, String input) {
        Shape shape = facts.shape(product);
        Dim last = facts.aligned(input, shape, shape.rank() - 1);
        return facts.dtype(input) == DType.FLOAT32 && (last.is(1) || last.equals(shape.dim(-1)))
                && facts.shape(input).rank() <= shape.rank();
    }

    /** Writes the result under a permutation, if its rows stay rows. */
    final boolean permute(Facts facts, int[] order, String result, String label) {
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

    /** Whether all axes but the last can be walked as one: each extra has all of them, or none. */
    final boolean extrasFollowRows(Facts facts) {
        Shape shape = facts.shape(product);
        for (String extra : extras) {
            boolean all = true;
            boolean none = true;
            for (int axis = 0; axis < shape.rank() - 1; axis++) {
                Dim dim = facts.aligned(extra, shape, axis);
                all &= dim.equals(shape.dim(axis));
                none &= dim.is(1);
            }
            if (!all && !none) {
                return false;
            }
        }
        return true;
    }

    /** The extras in whose memory the product may be stored: each element is read just before it is written. */
    final List<String> inPlace(Facts facts) {
        return perm == null ? facts.alike(extras, output) : List.of();
    }

    /** The epilogue for a kernel that is given the numbers in it. */
    final Expr lifted() {
        numbers.clear();
        return Exprs.lift(epilogue, numbers);
    }

    /** How a kernel reads the extras along the last axis. */
    final List<Operand> operands(Facts facts) {
        Shape shape = facts.shape(product);
        List<Operand> operands = new ArrayList<>();
        for (String extra : extras) {
            operands.add(new Operand(Element.F32, facts.aligned(extra, shape, shape.rank() - 1).is(1)
                    && !shape.dim(-1).is(1)));
        }
        return operands;
    }

    /**
     * Sets {@code extra_e}, {@code extra_e_row} (of all leading axes as one when {@code batchRank} is 0) and, for the first
     * {@code batchRank} axes, {@code extra_e_d}; and the numbers of the epilogue, if that is {@link #lifted}.
     */
    final void fillExtras(Binding binding, Slots slots, int batchRank) {
        int rank = binding.dims(product).length;
        Exprs.fill(slots, numbers);
        for (int e = 0; e < extras.size(); e++) {
            int[] dims = binding.dims(extras.get(e));
            long[] strides = binding.strides(extras.get(e));
            slots.set("extra_" + e, binding.address(extras.get(e))).set("extra_" + e + "_row", Lowerings.stride(dims, strides,
                    rank, new int[] {batchRank == 0 ? 0 : rank - 2, rank - 1}));
            for (int d = 0; d < batchRank; d++) {
                slots.set("extra_" + e + "_" + d, batchStride(dims, strides, rank, d));
            }
        }
    }

    /** Byte strides of the product's axes in the output. */
    final long[] productStrides(Binding binding) {
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

    /** The stride of a broadcast operand along axis {@code axis} of a product of rank {@code rank}. */
    static long batchStride(int[] dims, long[] strides, int rank, int axis) {
        int at = axis - (rank - dims.length);
        return at < 0 || dims[at] == 1 ? 0 : strides[at];
    }
}
