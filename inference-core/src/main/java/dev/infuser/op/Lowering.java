package dev.infuser.op;

import dev.infuser.expr.Expr;

/**
 * How a node can go fast: the kind of loop that computes output 0, or all outputs, from the inputs. The plan chooses
 * kernels, fuses neighbours and falls back to {@code evaluate} for what it has no kernel for.
 */
public sealed interface Lowering {

    /** {@code output[i] = body(input0[i], input1[i], ...)} over inputs broadcast to the shape of the output. */
    record Elementwise(Expr body) implements Lowering {
    }

    /** The elements of input 0, in order, under another shape. */
    record Alias() implements Lowering {
    }

    /** Axis {@code i} of the output is axis {@code perm[i]} of input 0. */
    record Permute(int[] perm) implements Lowering {
    }

    /**
     * {@code A · B} over the last two axes, the axes before them broadcast, times {@code alpha}, plus input 2 if there is
     * one times {@code beta}. A transposed operand has its last two axes swapped; it must be of rank 2.
     */
    record MatMul(boolean transA, boolean transB, float alpha, float beta) implements Lowering {
    }

    /** Softmax over the last axis of input 0. */
    record Softmax() implements Lowering {
    }

    /** Normalisation of input 0 over its last axis to mean 0 and variance 1, times input 1, plus input 2 if present. */
    record LayerNorm(float epsilon) implements Lowering {
    }

    /** Folds the axes {@code axes} of input 0, adjacent ones, into one number each. */
    record Reduce(Fold fold, int firstAxis, int axes) implements Lowering {
        /** What is done with the numbers that meet. */
        public enum Fold { SUM, MEAN, MAX, MIN, PROD, SUM_SQUARE, L1, L2 }
    }

    /** Slices of input 0 along {@code axis} at the positions that input 1 holds. */
    record Gather(int axis) implements Lowering {
    }

    /** Strided copies, {@code pieces} of them, whose extents are known once dimensions are bound. */
    record Copy(int pieces, Pieces binder) implements Lowering {
    }

    /** Tells the copies of a {@link Copy}. */
    interface Pieces {
        /** Piece {@code i}; {@code context} has constant shapes and the elements of all shape inputs. */
        Piece piece(int i, InferContext context);
    }

    /**
     * One copy: {@code out[outOffset + Σ at·outStrides] = in[inOffset + Σ at·inStrides]} for all {@code at} below
     * {@code dims}; everything counted in elements.
     */
    record Piece(int input, int output, int[] dims, long inOffset, int[] inStrides, long outOffset, int[] outStrides) {
    }
}
