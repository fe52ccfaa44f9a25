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

/** Tensors, sequences, optionals and maps as single ONNX files ({@code .pb}). */
public final class OnnxTensors {

    private static final int TENSOR = 1;
    private static final int SEQUENCE = 3;
    private static final int MAP = 4;
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

    /** The value in a file whose message (TensorProto, SequenceProto, MapProto or OptionalProto) {@code type} tells. */
    public static Datum read(byte[] bytes, ValueType type) {
        if (type instanceof ValueType.OfSequence) {
            return readSequence(bytes);
        }
        if (type instanceof ValueType.OfMap) {
            return map(Wire.of(ByteBuffer.wrap(bytes), "MapProto"));
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
                case 6 -> elements.add(map(wire.message("MapProto")));
                case 7 -> elements.add(optional(wire.message("OptionalProto")));
                case 4 -> throw unsupported(wire);
                default -> wire.skip();
            }
        }
        return new Datum.Sequence(elements);
    }

    private static Datum.Map map(Wire wire) {
        Wire.Longs numbers = new Wire.Longs();
        List<String> texts = new ArrayList<>();
        DType type = DType.INT64;
        List<Datum> values = List.of();
        while (wire.next()) {
            switch (wire.field()) {
                case 2 -> type = DType.ofNumber(wire.small());
                case 3 -> wire.integers(numbers);
                case 4 -> texts.add(wire.string());
                case 5 -> values = sequence(wire.message("SequenceProto")).elements();
                default -> wire.skip();
            }
        }
        Tensor keys = type == DType.STRING ? Tensor.strings(new int[] {texts.size()}, texts.toArray(new String[0]))
                : Tensor.vector(numbers.toArray());
        return new Datum.Map(keys, joined(values));
    }

    /** A vector of tensors of one element each. */
    private static Tensor joined(List<Datum> elements) {
        int[] dims = {elements.size()};
        DType type = elements.isEmpty() ? DType.FLOAT32 : ((Tensor) elements.get(0)).dtype();
        if (type == DType.STRING) {
            return Tensor.strings(dims, elements.stream().map(element -> ((Tensor) element).strings()[0]).toArray(String[]::new));
        }
        return type.isFloat() ? Tensor.ofDoubles(type, dims, elements.stream().mapToDouble(e -> ((Tensor) e).getDouble(0)).toArray())
                : Tensor.ofLongs(type, dims, elements.stream().mapToLong(e -> ((Tensor) e).getLong(0)).toArray());
    }

    private static Datum.Optional optional(Wire wire) {
        Datum value = null;
        while (wire.next()) {
            switch (wire.field()) {
                case 3 -> value = TensorReader.read(wire.message("TensorProto"), null).tensor();
                case 5 -> value = sequence(wire.message("SequenceProto"));
                case 6 -> value = map(wire.message("MapProto"));
                case 7 -> value = optional(wire.message("OptionalProto"));
                case 4 -> throw unsupported(wire);
                default -> wire.skip();
            }
        }
        return value == null ? Datum.Optional.ABSENT : new Datum.Optional(value);
    }

    private static UnsupportedModelException unsupported(Wire wire) {
        return new UnsupportedModelException("sparse-value", "the value at byte " + wire.offset()
                + " is a sparse tensor");
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
        } else if (value instanceof Datum.Map map) {
            writeMap(out, map);
        } else if (((Datum.Optional) value).value() != null) {
            Datum held = ((Datum.Optional) value).value();
            number(out, 2, kind(held));
            bytes(out, kind(held) + 2, write("", held));
        }
        return out.toByteArray();
    }

    private static int kind(Datum datum) {
        return datum instanceof Tensor ? TENSOR : datum instanceof Datum.Sequence ? SEQUENCE : datum instanceof Datum.Map ? MAP : OPTIONAL;
    }

    private static void writeMap(ByteArrayOutputStream out, Datum.Map map) {
        number(out, 2, map.keys().dtype().number());
        List<Datum> values = new ArrayList<>();
        for (int i = 0; i < map.keys().size(); i++) {
            if (map.keys().dtype() == DType.STRING) {
                bytes(out, 4, map.keys().strings()[i].getBytes(StandardCharsets.UTF_8));
            } else {
                number(out, 3, map.keys().getLong(i));
            }
            values.add(map.values().pick(new int[0], new int[] {i}));
        }
        bytes(out, 5, write("", new Datum.Sequence(values)));
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
