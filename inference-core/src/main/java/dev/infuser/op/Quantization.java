package dev.infuser.op;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.SmallFloat;
import dev.infuser.tensor.Tensor;

/** What the operators on quantised tensors share: {@code real = (quantised - zeroPoint) * scale}. */
final class Quantization {

    private Quantization() {
    }

    /**
     * {@code value + zeroPoint} in a quantised type: integers are rounded, ties to even, before the sum and held in range
     * after it; small floats are cast.
     */
    static double quantize(DType type, double value, double zeroPoint) {
        if (type.isFloat()) {
            return value + zeroPoint;
        }
        double lowest = type.isSigned() ? -(1L << type.bits() - 1) : 0;
        double highest = lowest + (1L << type.bits()) - 1;
        return Math.max(lowest, Math.min(highest, SmallFloat.roundEven(value) + zeroPoint));
    }

    /** Whether tensors of {@code type} can hold quantised numbers. */
    static boolean isQuantized(DType type) {
        return type.isInteger() && type.bits() <= 16 || type.isFloat() && type.bits() <= 8 && type != DType.FLOAT8E8M0;
    }

    /** {@code value} rounded to a real type. */
    static double round(DType type, double value) {
        return type == DType.FLOAT64 ? value : type == DType.FLOAT32 ? (float) value
                : SmallFloat.decode(type, SmallFloat.encode(type, value));
    }

    /**
     * For each element of a tensor of {@code dims}, the index of its scale: one for all, one for each index along
     * {@code axis}, or one for each {@code block} elements along it.
     */
    static int[] scales(EvalContext c, int[] dims, Tensor scale, int block) {
        int[] index = new int[Tensor.count(dims)];
        if (block < 0) {
            throw c.fail("block_size must not be negative, found " + block);
        }
        if (scale.rank() == 0 || scale.rank() == 1 && scale.size() == 1 && block == 0) {
            return index;
        }
        int axis = c.axis(c.attributes().integer("axis", 1), dims.length);
        int inner = 1;
        for (int i = axis + 1; i < dims.length; i++) {
            inner *= dims[i];
        }
        int extent = dims[axis];
        int expected = block == 0 ? extent : (extent + block - 1) / block;
        boolean fits = block == 0 ? scale.rank() == 1 && scale.dim(0) == extent
                : scale.rank() == dims.length && scale.size() == index.length / Math.max(1, extent) * expected
                        && scale.dim(axis) == expected;
        if (!fits) {
            throw c.fail("scales of " + scale + " do not fit axis " + axis + " of extent " + extent);
        }
        for (int i = 0; i < index.length; i++) {
            int at = i / inner % extent;
            index[i] = block == 0 ? at : (i / inner / extent * expected + at / block) * inner + i % inner;
        }
        return index;
    }
}
