package dev.infuser.op;

import dev.infuser.expr.Expr;
import dev.infuser.expr.Fn;
import dev.infuser.expr.StencilProgram;
import dev.infuser.expr.UnitPass;
import dev.infuser.tensor.DType;
import java.util.List;

/**
 * How a node can go fast: the kind of loop that computes output 0, or all outputs, from the inputs. The plan chooses
 * kernels, fuses neighbours and falls back to {@code evaluate} for what it has no kernel for.
 */
public sealed interface Lowering {

    /**
     * {@code output[i] = body(input0[i], input1[i], ...)} over inputs broadcast to the shape of the output.
     *
     * @param integers whether the arithmetic is that of int32, not of float32
     */
    record Elementwise(Expr body, boolean integers) implements Lowering {

        Elementwise(Expr body) {
            this(body, false);
        }

        /** Arithmetic of elements of {@code type}, or null where there is none for that type. */
        static Elementwise of(DType type, Expr body) {
            boolean integers = type == DType.INT32;
            return body != null && (integers || type == DType.FLOAT32 || type == DType.BOOL) ? new Elementwise(body, integers) : null;
        }
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
     *
     * @param stride 0; or, for A {@code [N, D, C]} and B {@code [k, C, M]}, how many rows of A lie between the beginnings of
     *               windows of k of them, which are multiplied
     */
    record MatMul(boolean transA, boolean transB, float alpha, float beta, int stride) implements Lowering {
    }

    /**
     * Convolution of input 0 with input 1, plus input 2 if there is one, as {@link ChannelsLast} says it; extents of the
     * weights are constants above 0. A kernel {1} runs over all pixels as one axis.
     */
    record Conv(int[] kernel, int[] strides, int[] dilations, int group, boolean transposed, Pads pads)
            implements Lowering {
    }

    /** Tells the zeros before each spatial axis, or the outputs cut off there by a transposed convolution. */
    interface Pads {
        /** The pads for the constant shapes of {@code context}. */
        int[] of(InferContext context);
    }

    /**
     * {@code (A - zeroA) · (B - zeroB)} of 8-bit integers in int32; the zero points are inputs 2 and 3, one for all or, for B,
     * one for each column.
     */
    record MatMulInteger() implements Lowering {
    }

    /** Input 0 as uint8 with the scale and zero point, outputs 1 and 2, that its range asks for. */
    record DynamicQuantize() implements Lowering {
    }

    /** Softmax of input 0 over its last axis, or the logarithm of it. */
    record Softmax(boolean log) implements Lowering {
    }

    /**
     * Normalisation of input 0 over its last axis to variance 1, and to mean 0 when centred, times input 1, plus input 2 if
     * present.
     */
    record LayerNorm(float epsilon, boolean centred) implements Lowering {
    }

    /**
     * {@code after(combination of before(x), count)} over {@code axes} adjacent axes of input 0 from {@code firstAxis}.
     *
     * @param combine ADD, MUL, MAX or MIN
     */
    record Reduce(Fn combine, Expr before, Expr after, int firstAxis, int axes) implements Lowering {
    }

    /**
     * A recurrent layer: {@code LSTM}, {@code GRU} or {@code RNN} of the domain {@code infuser}.
     *
     * @param reverse    whether its first direction goes backward
     * @param batchFirst whether the batch is the first axis everywhere
     */
    record Recurrent(int gates, int directions, boolean reverse, boolean batchFirst, List<UnitPass> passes)
            implements Lowering {
    }

    /**
     * {@code axes} adjacent axes of input 0 from {@code firstAxis} resampled, others left as they are: each output element is
     * the sum of input elements times weights (ADD), the greatest (MAX) or a copy of one (null).
     *
     * @param fill the input whose only element stands for what lies outside, or 0 for zero
     */
    record Taps(Fn combine, int firstAxis, int axes, int fill, Tables tables) implements Lowering {
    }

    /** Tells what a {@link Taps} reads. */
    interface Tables {
        /** The taps of an axis of the input; {@code context} has constant shapes and the elements of all shape inputs. */
        AxisTaps axis(int axis, InferContext context);
    }

    /**
     * The taps of all positions of an output axis, as many for each.
     *
     * @param positions along the input axis, or -1 outside of it
     * @param weights   of the taps, or null where all are 1
     */
    record AxisTaps(int[] positions, double[] weights) {
    }

    /** What rare operators lower to, for which only programs that have those have kernels. */
    sealed interface Rare extends Lowering {
    }

    /**
     * {@code conv} of 8-bit integers less their zero points, inputs 2 and 3, in int32; without axes it runs over all pixels as
     * one axis.
     */
    record ConvInteger(Conv conv) implements Rare {
    }

    /** Pixels {@code [H, W, C]} of input 0, resampled along two axes. */
    record Resample(Pixels binder) implements Rare {
    }

    /** Tells what a {@link Resample} sums. */
    interface Pixels {
        /** The sums; {@code context} has constant shapes. */
        ResamplePlan plan(InferContext context);
    }

    /**
     * A rectangle and the taps that make rows, and columns, of it.
     *
     * @param top     its first row
     * @param left    its first column
     * @param columns of it
     */
    record ResamplePlan(int top, int left, int columns, AxisTaps down, AxisTaps along) {
    }

    /** Planes from planes, in the order of the program, of constant extents. */
    record Stencil(StencilProgram program) implements Rare {
    }

    /** What of input 1 is joined to what is in it of input 0; both planes of truth values of constant extents. */
    record Reconstruct() implements Rare {
    }

    /** The index along {@code axis} of the extreme, the first or the last of equals. */
    record ArgReduce(boolean max, boolean last, int axis) implements Rare {
    }

    /** Sums or products of the elements before each one along {@code axis}, and of itself unless {@code exclusive}. */
    record Cumulate(boolean sum, boolean exclusive, boolean reverse, int axis) implements Rare {
    }

    /** The best elements along {@code axis}, as many as the outputs have, best first, and their indices. */
    record TopK(boolean largest, int axis) implements Rare {
    }

    /**
     * Reading from input 0, or writing to a copy of it, where input 1 says.
     *
     * @param axis    of the elements that are named one by one, or -1 where the last axis of input 1 names slices
     * @param batch   how many leading axes slices share with their indices
     * @param combine how updates are combined with what is there, or null
     */
    record Indexed(boolean scatter, int axis, int batch, Fn combine) implements Rare {
    }

    /** Slices of input 0 along {@code axis} at the positions that input 1 holds. */
    record Gather(int axis) implements Lowering {
    }

    /**
     * Strided copies, {@code pieces} of them, whose extents are known once dimensions are bound.
     *
     * @param inputs     how many of the node's inputs, from the first, pieces are copied from
     * @param rank       of all pieces
     * @param contiguous whether neighbours along the last axis are neighbours in input and output
     */
    record Copy(int pieces, int inputs, int rank, boolean contiguous, Pieces binder) implements Lowering {
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
