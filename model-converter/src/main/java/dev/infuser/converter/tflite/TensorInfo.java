package dev.infuser.converter.tflite;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.UnsupportedModelException;
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.lite.schema.SparsityParameters;
import org.tensorflow.lite.schema.Tensor;

/**
 * What a file says of a tensor.
 *
 * @param type         a number of the schema's {@code TensorType}
 * @param shape        its extents, 1 for those that are not known
 * @param signature    its extents, -1 for those that are not known
 * @param ranked       whether the number of extents is known
 * @param quantization null where its elements are as they are
 * @param buffer       where its elements are, 0 for nowhere
 * @param sparsity     null where all elements are there
 */
record TensorInfo(String name, int type, int[] shape, int[] signature, boolean ranked, Quantization quantization, long buffer,
        boolean variable, SparsityParameters sparsity) {

    private static final int MAX_RANK = 64;
    private static final List<String> PLACES = List.of("batch", "height", "width", "channels");
    /** By number of the schema, which calls 8 and 11 complex and 13 and 14 what is no tensor. */
    private static final DType[] TYPES = {DType.FLOAT32, DType.FLOAT16, DType.INT32, DType.UINT8, DType.INT64, DType.STRING, DType.BOOL,
        DType.INT16, null, DType.INT8, DType.FLOAT64, null, DType.UINT64, null, null, DType.UINT32, DType.UINT16, DType.INT4,
        DType.BFLOAT16, DType.INT2, DType.UINT4};

    static TensorInfo read(Tensor tensor) {
        String name = tensor.name() == null ? "" : tensor.name();
        int rank = tensor.shapeLength();
        if (rank > MAX_RANK) {
            throw new InvalidModelException("bad-tflite", name, "tensor '" + name + "' has " + rank + " dimensions", "", "");
        }
        int[] shape = new int[rank];
        int[] signature = new int[rank];
        for (int i = 0; i < rank; i++) {
            shape[i] = tensor.shape(i);
            signature[i] = tensor.shapeSignatureLength() == rank ? tensor.shapeSignature(i) : shape[i];
            if (shape[i] < 0 && signature[i] >= 0 || signature[i] < -1) {
                throw new InvalidModelException("bad-tflite", name, "tensor '" + name + "' has the extent " + shape[i], "", "");
            }
            shape[i] = shape[i] < 0 ? 1 : shape[i];
        }
        DType dtype = dtype(tensor.type());
        Quantization quantization = dtype == null ? null : Quantization.read(tensor.quantization(), dtype, shape, name);
        return new TensorInfo(name, tensor.type(), shape, signature, rank > 0 || tensor.hasRank(), quantization, tensor.buffer(),
                tensor.isVariable(), tensor.sparsity());
    }

    /** The element type of a number of the schema, or null where it is none that tensors here have. */
    static DType dtype(int type) {
        return type < 0 || type >= TYPES.length ? null : TYPES[type];
    }

    /**
     * The element type.
     *
     * @throws UnsupportedModelException where it is complex, or a resource
     */
    DType dtype() {
        DType dtype = dtype(type);
        if (dtype == null) {
            throw new UnsupportedModelException("element-type", name, "tensor '" + name + "' has elements of type " + type
                    + " of TensorFlow Lite", "", "");
        }
        return dtype;
    }

    /** Whether integers stand for real numbers. */
    boolean isQuantized() {
        return quantization != null;
    }

    /** The number of elements. */
    int count() {
        return dev.infuser.tensor.Tensor.count(shape);
    }

    /** The shape, with a symbol for every extent that is not known; {@code prefix} begins the names of those past the batch. */
    Shape symbolic(String prefix) {
        List<Dim> dims = new ArrayList<>();
        for (int i = 0; i < signature.length; i++) {
            String place = i < PLACES.size() ? PLACES.get(i) : "dim" + i;
            dims.add(signature[i] < 0 ? Dim.symbol(i == 0 ? place : prefix + place) : Dim.of(signature[i]));
        }
        return new Shape(dims);
    }
}
