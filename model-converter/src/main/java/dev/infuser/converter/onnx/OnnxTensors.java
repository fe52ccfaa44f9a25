package dev.infuser.converter.onnx;

import dev.infuser.converter.build.ElementCodec;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.UnsupportedModelException;
import dev.infuser.tensor.ValueType;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Tensors, sequences and optionals as single ONNX files ({@code .pb}). */
public final class OnnxTensors {

    private static final int TENSOR = 1;
    private static final int SEQUENCE = 3;
    private static final int OPTIONAL = 5;

    private OnnxTensors() {
    }

    /**
     * The tensor in a {@code TensorProto} file.
     *
     * @throws dev.infuser.tensor.InvalidModelException when the bytes are something else
     */
    public static Tensor readTensor(byte[] bytes) {
        return TensorReader.read(Wire.of(ByteBuffer.wrap(bytes), "TensorProto"), null).tensor();
    }

    /** The value in a file whose message (TensorProto, SequenceProto or OptionalProto) {@code type} tells. */
    public static Datum read(byte[] bytes, ValueType type) {
        if (type instanceof ValueType.OfSequence) {
            return readSequence(bytes);
        }
        return type instanceof ValueType.OfOptional ? readOptional(bytes) : readTensor(bytes);
    }

    /** The sequence in a {@code SequenceProto} file. */
    public static Datum.Sequence readSequence(byte[] bytes) {
        return sequence(Wire.of(ByteBuffer.wrap(bytes), "SequenceProto"));
    }

    /** The optional in an {@code OptionalProto} file. */
    public static Datum.Optional readOptional(byte[] bytes) {
        return optional(Wire.of(ByteBuffer.wrap(bytes), "OptionalProto"));
    }

    private static Datum.Sequence sequence(Wire wire) {
        List<Datum> elements = new ArrayList<>();
        while (wire.next()) {
            switch (wire.field()) {
                case 3 -> elements.add(TensorReader.read(wire.message("TensorProto"), null).tensor());
                case 5 -> elements.add(sequence(wire.message("SequenceProto")));
                case 7 -> elements.add(optional(wire.message("OptionalProto")));
                case 4, 6 -> throw unsupported(wire);
                default -> wire.skip();
            }
        }
        return new Datum.Sequence(elements);
    }

    private static Datum.Optional optional(Wire wire) {
        Datum value = null;
        while (wire.next()) {
            switch (wire.field()) {
                case 3 -> value = TensorReader.read(wire.message("TensorProto"), null).tensor();
                case 5 -> value = sequence(wire.message("SequenceProto"));
                case 7 -> value = optional(wire.message("OptionalProto"));
                case 4, 6 -> throw unsupported(wire);
                default -> wire.skip();
            }
        }
        return value == null ? Datum.Optional.ABSENT : new Datum.Optional(value);
    }

    private static UnsupportedModelException unsupported(Wire wire) {
        return new UnsupportedModelException("map-value", "the value at byte " + wire.offset()
                + " is a map or a sparse tensor");
    }

    /** The file form of a value, named {@code name}: the message that {@link #read} takes for its type. */
    public static byte[] write(String name, Datum value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        if (value instanceof Tensor tensor) {
            writeTensor(out, name, tensor);
            return out.toByteArray();
        }
        string(out, 1, name);
        if (value instanceof Datum.Sequence sequence) {
            int kind = sequence.elements().isEmpty() ? TENSOR : kind(sequence.elements().get(0));
            number(out, 2, kind);
            for (Datum element : sequence.elements()) {
                bytes(out, kind + 2, write("", element));
            }
        } else if (((Datum.Optional) value).value() != null) {
            Datum held = ((Datum.Optional) value).value();
            number(out, 2, kind(held));
            bytes(out, kind(held) + 2, write("", held));
        }
        return out.toByteArray();
    }

    private static int kind(Datum datum) {
        return datum instanceof Tensor ? TENSOR : datum instanceof Datum.Sequence ? SEQUENCE : OPTIONAL;
    }

    private static void writeTensor(ByteArrayOutputStream out, String name, Tensor tensor) {
        for (int dim : tensor.dims()) {
            number(out, 1, dim);
        }
        number(out, 2, tensor.dtype().number());
        string(out, 8, name);
        if (tensor.dtype() == DType.STRING) {
            for (String element : tensor.strings()) {
                bytes(out, 6, element.getBytes(StandardCharsets.UTF_8));
            }
        } else {
            bytes(out, 9, ElementCodec.encode(tensor));
        }
    }

    private static void number(ByteArrayOutputStream out, int field, long value) {
        varint(out, field << 3);
        varint(out, value);
    }

    private static void string(ByteArrayOutputStream out, int field, String value) {
        if (!value.isEmpty()) {
            bytes(out, field, value.getBytes(StandardCharsets.UTF_8));
        }
    }

    private static void bytes(ByteArrayOutputStream out, int field, byte[] value) {
        varint(out, field << 3 | 2);
        varint(out, value.length);
        out.write(value, 0, value.length);
    }

    private static void varint(ByteArrayOutputStream out, long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out.write((int) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }
}
