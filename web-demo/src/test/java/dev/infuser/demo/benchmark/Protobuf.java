package dev.infuser.demo.benchmark;

import dev.infuser.converter.onnx.OnnxTensors;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** A message of protocol buffers, written field by field, and ONNX models of one node made of it. */
final class Protobuf {

    private static final int OPSET = 17;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private Protobuf number(int field, long value) {
        varint((long) field << 3);
        varint(value);
        return this;
    }

    private Protobuf bytes(int field, byte[] value) {
        varint((long) field << 3 | 2);
        varint(value.length);
        out.writeBytes(value);
        return this;
    }

    private Protobuf text(int field, String value) {
        return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    private Protobuf message(int field, Protobuf value) {
        return bytes(field, value.out.toByteArray());
    }

    private void varint(long value) {
        long rest = value;
        for (; (rest & ~0x7FL) != 0; rest >>>= 7) {
            out.write((int) (rest & 0x7F | 0x80));
        }
        out.write((int) rest);
    }

    /** {@code y = operator(x, w)} as an ONNX model, {@code w} being a constant, with attributes that are lists of integers. */
    static byte[] model(String operator, Map<String, long[]> lists, Map<String, Long> numbers, int[] x, Tensor w, int[] y) {
        Protobuf node = new Protobuf().text(1, "x").text(1, "w").text(2, "y").text(3, operator).text(4, operator);
        lists.forEach((name, values) -> {
            Protobuf attribute = new Protobuf().text(1, name);
            for (long value : values) {
                attribute.number(8, value);
            }
            node.message(5, attribute.number(20, 7));
        });
        numbers.forEach((name, value) -> node.message(5, new Protobuf().text(1, name).number(3, value).number(20, 2)));
        Protobuf graph = new Protobuf().message(1, node).text(2, operator).bytes(5, OnnxTensors.write("w", w))
                .message(11, value("x", x)).message(12, value("y", y));
        Protobuf opset = new Protobuf().text(1, "").number(2, OPSET);
        return new Protobuf().number(1, 8).message(7, graph).message(8, opset).out.toByteArray();
    }

    private static Protobuf value(String name, int[] dims) {
        Protobuf shape = new Protobuf();
        for (int dim : dims) {
            shape.message(1, new Protobuf().number(1, dim));
        }
        Protobuf tensor = new Protobuf().number(1, DType.FLOAT32.number()).message(2, shape);
        return new Protobuf().text(1, name).message(2, new Protobuf().message(1, tensor));
    }
}
