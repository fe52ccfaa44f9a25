package dev.infuser.converter.tensorflow;

import dev.infuser.graph.Attributes;
import dev.infuser.tensor.DType;
import java.util.List;

/** Element by element, reductions and products. */
public final class Arithmetic {

    private Arithmetic() {
    }

    /** The quotient rounded down. */
    public static String floorDiv(Ops ops, String x, String y) {
        String quotient = ops.op("Div", x, y);
        if (!ops.dtype(x).isInteger()) {
            return ops.op("Floor", quotient);
        }
        String rest = ops.op("Sub", x, ops.op("Mul", quotient, y));
        String zero = ops.like(x, 0);
        String apart = ops.op("Xor", ops.op("Less", rest, zero), ops.op("Less", y, zero));
        String down = ops.op("And", apart, ops.op("Not", ops.op("Equal", rest, zero)));
        return ops.op("Sub", quotient, ops.cast(down, ops.dtype(x)));
    }

    /** What is left of that, with the sign of {@code y}. */
    public static String floorMod(Ops ops, String x, String y) {
        if (ops.dtype(x).isInteger()) {
            return ops.op("Mod", x, y);
        }
        return ops.op("Sub", x, ops.op("Mul", ops.op("Floor", ops.op("Div", x, y)), y));
    }

    /** The quotient, rounded towards zero where it is of integers. */
    public static String truncateDiv(Ops ops, String x, String y) {
        return ops.op("Div", x, y);
    }

    public static String squaredDifference(Ops ops, String x, String y) {
        String difference = ops.op("Sub", x, y);
        return ops.op("Mul", difference, difference);
    }

    public static String square(Ops ops, String x) {
        return ops.op("Mul", x, x);
    }

    public static String rsqrt(Ops ops, String x) {
        return ops.op("Reciprocal", ops.op("Sqrt", x));
    }

    public static String clip(Ops ops, String x, double low, double high) {
        return ops.op("Clip", x, ops.like(x, low), ops.like(x, high));
    }

    public static String notEqual(Ops ops, String x, String y) {
        return ops.op("Not", ops.op("Equal", x, y));
    }

    /** Factors of negative elements per channel: {@code alpha} broadcasts to {@code x} from the last axis. */
    public static String prelu(Ops ops, String x, String alpha) {
        return ops.op("PRelu", x, alpha);
    }

    public static String leakyRelu(Ops ops, String x, float alpha) {
        return ops.op("LeakyRelu", Attributes.of("alpha", alpha), x);
    }

    /** The angle of the point (x, y), from -π to π. */
    public static String atan2(Ops ops, String y, String x) {
        String zero = ops.like(x, 0);
        String angle = ops.op("Atan", ops.op("Div", y, x));
        String half = ops.op("Where", ops.op("Less", y, zero), ops.like(x, -Math.PI), ops.like(x, Math.PI));
        String turned = ops.op("Where", ops.op("Less", x, zero), ops.op("Add", angle, half), angle);
        String both = ops.op("And", ops.op("Equal", x, zero), ops.op("Equal", y, zero));
        return ops.op("Where", both, zero, turned);
    }

    /** A sum of tensors of one shape. */
    public static String addN(Ops ops, List<String> parts) {
        String sum = parts.get(0);
        for (String part : parts.subList(1, parts.size())) {
            sum = ops.op("Add", sum, part);
        }
        return sum;
    }

    /**
     * {@code ReduceMean} and others along axes that an integer tensor holds.
     *
     * @param keep whether the axes stay, with extent 1
     */
    public static String reduce(Ops ops, String op, String x, String axes, boolean keep) {
        long[] known = ops.knownLongs(axes);
        String list = known == null ? ops.longs(ops.rank(axes) == 0 ? ops.reshape(axes, 1) : axes) : ops.vector(known);
        return ops.op(op, Attributes.of("keepdims", keep ? 1 : 0, "noop_with_empty_axes", 1), x, list);
    }

    /** Whether all, or any, are true along axes. */
    public static String reduceBool(Ops ops, boolean all, String x, String axes, boolean keep) {
        String numbers = ops.cast(x, DType.UINT8);
        return ops.cast(reduce(ops, all ? "ReduceMin" : "ReduceMax", numbers, axes, keep), DType.BOOL);
    }

    /** The index of the greatest or least element along an axis, as {@code dtype}. */
    public static String arg(Ops ops, String op, String x, String axis, DType dtype) {
        long[] at = ops.longs(axis, "axis");
        return ops.cast(ops.op(op, Attributes.of("axis", at[0], "keepdims", 0), x), dtype);
    }

    /** A product of matrices, or of batches of them, either of which may be transposed. */
    public static String matMul(Ops ops, String a, String b, boolean transposeA, boolean transposeB) {
        return ops.op("MatMul", transposeA ? flipped(ops, a) : a, transposeB ? flipped(ops, b) : b);
    }

    private static String flipped(Ops ops, String x) {
        int rank = ops.rank(x);
        long[] perm = new long[rank];
        for (int i = 0; i < rank; i++) {
            perm[i] = i;
        }
        perm[rank - 1] = rank - 2;
        perm[rank - 2] = rank - 1;
        return ops.transpose(x, perm);
    }

    /** What follows a product in the same node; null where the name is not known. */
    public static String activate(Ops ops, String name, String x, String parameter, float alpha) {
        switch (name) {
            case "", "None", "NONE", "linear":
                return x;
            case "Relu", "RELU":
                return ops.op("Relu", x);
            case "Relu6", "RELU6":
                return clip(ops, x, 0, 6);
            case "RELU_N1_TO_1":
                return clip(ops, x, -1, 1);
            case "Elu":
                return ops.op("Elu", x);
            case "Tanh", "TANH":
                return ops.op("Tanh", x);
            case "Sigmoid":
                return ops.op("Sigmoid", x);
            case "SIGN_BIT":
                return ops.op("Less", x, ops.like(x, 0));
            case "LeakyRelu":
                return leakyRelu(ops, x, alpha);
            case "Prelu":
                return prelu(ops, x, parameter);
            default:
                return null;
        }
    }
}
