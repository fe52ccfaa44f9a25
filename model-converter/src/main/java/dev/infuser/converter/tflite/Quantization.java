package dev.infuser.converter.tflite;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Tensor;
import java.util.Arrays;
import org.tensorflow.lite.schema.QuantizationParameters;

/**
 * What the integers of a tensor stand for: {@code scale * (q - zero)}, for the whole tensor or for each index along an axis.
 *
 * @param scales one, or as many as the axis is long
 * @param zeros  as many
 * @param axis   0 where there is one scale
 */
record Quantization(float[] scales, long[] zeros, int axis) {

    /** What a file states of a tensor of a shape, or null where it is not quantised. */
    static Quantization read(QuantizationParameters stored, DType dtype, int[] shape, String name) {
        if (stored == null || stored.scaleLength() == 0 || !dtype.isInteger() ) {
            return null;
        }
        int count = stored.scaleLength();
        int axis = count == 1 ? 0 : stored.quantizedDimension();
        if (count > 1 && (axis < 0 || axis >= shape.length || shape[axis] != count)) {
            throw new InvalidModelException("bad-tflite", name, "tensor '" + name + "' has " + count + " scales along axis " + axis
                    + " of " + Arrays.toString(shape), "", "");
        }
        float[] scales = new float[count];
        long[] zeros = new long[count];
        for (int i = 0; i < count; i++) {
            scales[i] = stored.scale(i);
            zeros[i] = i < stored.zeroPointLength() ? stored.zeroPoint(i) : stored.zeroPointLength() == 1 ? stored.zeroPoint(0) : 0;
        }
        return scales[0] == 0 ? null : new Quantization(scales, zeros, axis);
    }

    boolean isPerTensor() {
        return scales.length == 1;
    }

    boolean same(Quantization other) {
        return other != null && Arrays.equals(scales, other.scales) && Arrays.equals(zeros, other.zeros) && axis == other.axis;
    }

    int[] dims() {
        return isPerTensor() ? new int[0] : new int[] {scales.length};
    }

    Tensor scale() {
        return Tensor.floats(dims(), scales);
    }

    /** The zero points as elements of the tensor's type. */
    Tensor zero(DType dtype) {
        return Tensor.ofLongs(dtype, dims(), zeros);
    }

    /** The numbers that the elements of a tensor stand for. */
    Tensor widen(Tensor stored) {
        float[] out = new float[stored.size()];
        int inner = 1;
        for (int i = axis + 1; i < stored.rank(); i++) {
            inner *= stored.dim(i);
        }
        for (int i = 0; i < out.length; i++) {
            int at = isPerTensor() ? 0 : i / inner % scales.length;
            out[i] = (float) ((double) scales[at] * (stored.getLong(i) - zeros[at]));
        }
        return Tensor.floats(stored.dims(), out);
    }
}
