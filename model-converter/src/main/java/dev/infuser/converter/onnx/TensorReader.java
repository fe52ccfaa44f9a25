package dev.infuser.converter.onnx;

import dev.infuser.converter.build.ElementCodec;
import dev.infuser.converter.build.ExternalData;
import dev.infuser.converter.onnx.Wire.Longs;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.UnsupportedModelException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads one {@code TensorProto}, however it stores its elements. Raw bytes stay where they are until the tensor is first
 * used, so weights cost no memory while a model is read.
 */
final class TensorReader {

    private static final int COMPLEX64 = 14;
    private static final int COMPLEX128 = 15;
    private static final long MAX_DENSIFIED = 1L << 28;

    private final ExternalData external;
    private final Longs dims = new Longs();
    private final Longs integers = new Longs();
    private final List<String> strings = new ArrayList<>();
    private final List<ByteBuffer> fixed = new ArrayList<>();
    private final Map<String, String> location = new HashMap<>();
    private int fixedWidth;
    private int typeNumber;
    private boolean isExternal;
    private ByteBuffer raw;
    private String name = "";
    private final Wire wire;

    private TensorReader(Wire wire, ExternalData external) {
        this.wire = wire;
        this.external = external;
    }

    /** A tensor with the name that its message gives it. */
    record Named(String name, Tensor tensor) {
    }

    static Named read(Wire wire, ExternalData external) {
        TensorReader reader = new TensorReader(wire, external);
        reader.scan();
        return new Named(reader.name, reader.tensor());
    }

    private void scan() {
        while (wire.next()) {
            switch (wire.field()) {
                case 1 -> wire.integers(dims);
                case 2 -> typeNumber = wire.small();
                case 3 -> throw new UnsupportedModelException("segmented-tensor", "tensor " + name + " is stored in segments");
                case 4 -> fixed(4);
                case 5, 7, 11 -> wire.integers(integers);
                case 6 -> strings.add(wire.string());
                case 8 -> name = wire.string();
                case 9 -> raw = wire.bytes();
                case 10 -> fixed(8);
                case 13 -> entry(wire.message("StringStringEntryProto"), location);
                case 14 -> isExternal = wire.integer() == 1;
                default -> wire.skip();
            }
        }
    }

    private void fixed(int width) {
        fixed.add(wire.fixed(width));
        fixedWidth = width;
    }

    /** Reads a key and a value into {@code out}. */
    static void entry(Wire wire, Map<String, String> out) {
        String key = "";
        String value = "";
        while (wire.next()) {
            switch (wire.field()) {
                case 1 -> key = wire.string();
                case 2 -> value = wire.string();
                default -> wire.skip();
            }
        }
        out.put(key, value);
    }

    private Tensor tensor() {
        DType dtype = DType.ofNumber(typeNumber);
        if (dtype == null) {
            if (typeNumber == COMPLEX64 || typeNumber == COMPLEX128) {
                throw new UnsupportedModelException("complex-tensor", name, "tensor '" + name + "' is complex", "",
                        "split it into real and imaginary parts");
            }
            throw fail("data type " + typeNumber + " does not exist", "");
        }
        int[] extents = extents(dims, name);
        int count = Tensor.count(extents);
        if (isExternal) {
            return lazy(dtype, extents, externalBytes(ElementCodec.byteLength(dtype, count)));
        }
        if (raw != null && dtype != DType.STRING) {
            return lazy(dtype, extents, raw);
        }
        return Tensor.of(dtype, extents, typed(dtype, count));
    }

    private Tensor lazy(DType dtype, int[] extents, ByteBuffer bytes) {
        int count = Tensor.count(extents);
        long needed = ElementCodec.byteLength(dtype, count);
        if (dtype == DType.STRING || bytes.remaining() != needed) {
            throw fail(dtype.label() + Shape.of(extents) + " needs " + needed + " bytes",
                    "found " + bytes.remaining() + " bytes of data");
        }
        return Tensor.lazy(dtype, extents, () -> ElementCodec.decode(dtype, count, bytes));
    }

    private ByteBuffer externalBytes(long needed) {
        String file = location.getOrDefault("location", "");
        if (external == null) {
            throw new InvalidModelException("external-data", name, "the weights '" + name + "' are in another file, "
                    + file, "", "give the file beside the model");
        }
        long offset = number("offset", 0);
        long length = number("length", needed);
        if (length != needed) {
            throw fail("its data needs " + needed + " bytes", "the model says that '" + file + "' holds " + length);
        }
        return external.slice(file, offset, length);
    }

    private long number(String key, long fallback) {
        String text = location.get(key);
        if (text == null) {
            return fallback;
        }
        long value = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9' || i > 17) {
                throw fail("external data has the " + key + " '" + text + "'", "expected a number");
            }
            value = value * 10 + c - '0';
        }
        return value;
    }

    private Object typed(DType dtype, int count) {
        if (dtype == DType.STRING) {
            check(dtype, strings.size(), count);
            return strings.toArray(new String[0]);
        }
        if (dtype == DType.FLOAT32 || dtype == DType.FLOAT64) {
            return typedFloats(dtype, count);
        }
        int perEntry = dtype.bits() < 8 ? 8 / dtype.bits() : 1;
        check(dtype, integers.size(), (count + perEntry - 1) / perEntry);
        Object out = Tensor.newArray(dtype, count);
        for (int i = 0; i < count; i++) {
            long value = integers.get(i / perEntry);
            if (out instanceof long[] a) {
                a[i] = value;
            } else if (out instanceof int[] a) {
                a[i] = (int) value;
            } else if (out instanceof short[] a) {
                a[i] = (short) value;
            } else if (dtype.bits() < 8) {
                ((byte[]) out)[i] = ElementCodec.element(dtype, (int) value >> i % perEntry * dtype.bits());
            } else {
                ((byte[]) out)[i] = (byte) (dtype == DType.BOOL ? value == 0 ? 0 : 1 : value);
            }
        }
        return out;
    }

    private Object typedFloats(DType dtype, int count) {
        long bytes = 0;
        for (ByteBuffer part : fixed) {
            bytes += part.remaining();
        }
        if (fixedWidth != 0 && fixedWidth != dtype.bytes()) {
            throw fail(dtype.label() + " data is missing", "found elements of " + fixedWidth + " bytes");
        }
        check(dtype, bytes / dtype.bytes(), count);
        ByteBuffer whole = ByteBuffer.allocate((int) bytes);
        for (ByteBuffer part : fixed) {
            whole.put(part.duplicate());
        }
        whole.flip();
        return ElementCodec.decode(dtype, count, whole);
    }

    private void check(DType dtype, long found, long expected) {
        if (found != expected) {
            throw fail(dtype.label() + Shape.of(extents(dims, name)) + " needs " + expected + " entries",
                    "found " + found);
        }
    }

    private static int[] extents(Longs dims, String name) {
        if (dims.size() > 1024) {
            throw new InvalidModelException("bad-tensor", name, "tensor '" + name + "' has " + dims.size() + " axes", "", "");
        }
        int[] out = new int[dims.size()];
        for (int i = 0; i < out.length; i++) {
            long dim = dims.get(i);
            if (dim < 0 || dim > Integer.MAX_VALUE) {
                throw new InvalidModelException("bad-tensor", name,
                        "tensor '" + name + "' has the extent " + dim + " at axis " + i, "", "the file is damaged");
            }
            out[i] = (int) dim;
        }
        return out;
    }

    private InvalidModelException fail(String message, String detail) {
        return new InvalidModelException("bad-tensor", name, "tensor '" + name + "': " + message
                + (detail.isEmpty() ? "" : ", " + detail), detail, "the file is damaged or incomplete: export it again");
    }

    /** A {@code SparseTensorProto} as a dense tensor, filled when first used. */
    static Named readSparse(Wire wire, ExternalData external) {
        Named values = null;
        Named indices = null;
        Longs dims = new Longs();
        while (wire.next()) {
            switch (wire.field()) {
                case 1 -> values = read(wire.message("TensorProto"), external);
                case 2 -> indices = read(wire.message("TensorProto"), external);
                case 3 -> wire.integers(dims);
                default -> wire.skip();
            }
        }
        if (values == null || indices == null || indices.tensor.dtype() != DType.INT64) {
            throw wire.fail("a sparse tensor lacks values or int64 indices");
        }
        int[] extents = extents(dims, values.name);
        if (Tensor.count(extents) > MAX_DENSIFIED) {
            throw new UnsupportedModelException("sparse-tensor", values.name, "the sparse tensor '" + values.name
                    + "' of shape " + Shape.of(extents) + " is too large to be made dense", "", "export it dense");
        }
        Tensor elements = values.tensor;
        int[] positions = positions(values.name, elements, indices.tensor, extents);
        return new Named(values.name, Tensor.lazy(elements.dtype(), extents, () -> {
            Object out = Tensor.newArray(elements.dtype(), Tensor.count(extents));
            for (int i = 0; i < positions.length; i++) {
                System.arraycopy(elements.array(), i, out, positions[i], 1);
            }
            return out;
        }));
    }

    private static int[] positions(String name, Tensor values, Tensor indices, int[] extents) {
        int rank = extents.length;
        boolean linear = indices.rank() == 1;
        if (values.rank() != 1 || indices.rank() < 1 || indices.rank() > 2 || indices.dim(0) != values.size()
                || !linear && indices.dim(1) != rank) {
            throw new InvalidModelException("bad-tensor", name, "the sparse tensor '" + name + "' has "
                    + values.shape() + " values at " + indices.shape() + " indices", "", "the file is damaged");
        }
        int size = Tensor.count(extents);
        int[] out = new int[values.size()];
        for (int i = 0; i < out.length; i++) {
            long at = linear ? indices.getLong(i) : 0;
            for (int axis = 0; axis < rank && !linear; axis++) {
                long index = indices.getLong(i * rank + axis);
                at = index < 0 || index >= extents[axis] || at < 0 ? -1 : at * extents[axis] + index;
            }
            if (at < 0 || at >= size) {
                throw new InvalidModelException("bad-tensor", name, "index " + i + " of the sparse tensor '" + name
                        + "' is outside its shape " + Shape.of(extents), "", "the file is damaged");
            }
            out[i] = (int) at;
        }
        return out;
    }
}
