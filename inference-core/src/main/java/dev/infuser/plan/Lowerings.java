package dev.infuser.plan;

import dev.infuser.expr.Expr;
import dev.infuser.expr.Fn;

/** Small pieces that several items share. */
final class Lowerings {

    private Lowerings() {
    }

    /** Input 0 plus {@code beta} times input 1. */
    static Expr plus(float beta) {
        Expr addend = beta == 1 ? Expr.input(1) : Expr.of(Fn.MUL, Expr.input(1), Expr.constant(beta));
        return Expr.of(Fn.ADD, Expr.input(0), addend);
    }

    /** A normalised value, which follows all inputs, times input {@code first} and plus the next, if there are so many. */
    static Expr affine(int first, int count) {
        Expr value = Expr.input(first + count);
        Expr scaled = count > 0 ? Expr.of(Fn.MUL, value, Expr.input(first)) : value;
        return count > 1 ? Expr.of(Fn.ADD, scaled, Expr.input(first + 1)) : scaled;
    }

    /**
     * The stride of a broadcast operand along axes {@code [group[0], group[1])} of a value of rank {@code rank}, walked as one
     * dimension: that of the last of them, or 0 where the operand has one element.
     */
    static long stride(int[] dims, long[] strides, int rank, int[] group) {
        for (int axis = group[1] - 1; axis >= group[0]; axis--) {
            int at = axis - (rank - dims.length);
            if (at >= 0 && dims[at] != 1) {
                return strides[at];
            }
        }
        return 0;
    }
}
