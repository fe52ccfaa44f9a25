package dev.infuser.converter.onnx;

import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes small ONNX models, field by field, as protobuf does. */
public final class OnnxWriter {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    public OnnxWriter number(int field, long value) {
        varint((long) field << 3);
        varint(value);
        return this;
    }

    public OnnxWriter string(int field, String value) {
        return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    public OnnxWriter message(int field, OnnxWriter message) {
        return bytes(field, message.toBytes());
    }

    public OnnxWriter bytes(int field, byte[] value) {
        varint((long) field << 3 | 2);
        varint(value.length);
        out.writeBytes(value);
        return this;
    }

    public OnnxWriter raw(int... bytes) {
        for (int b : bytes) {
            out.write(b);
        }
        return this;
    }

    private void varint(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out.write((int) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }

    public byte[] toBytes() {
        return out.toByteArray();
    }

    /** A model of one graph. */
    public static byte[] model(int opset, OnnxWriter graph, OnnxWriter... functions) {
        OnnxWriter model = new OnnxWriter().number(1, 8).string(2, "test").message(7, graph).message(8, opset("", opset));
        for (OnnxWriter function : functions) {
            model.message(25, function);
        }
        return model.message(8, opset("local", 1)).toBytes();
    }

    public static OnnxWriter opset(String domain, int version) {
        return new OnnxWriter().string(1, domain).number(2, version);
    }

    /** A node; inputs and outputs are separated by spaces, "-" is absent. */
    public static OnnxWriter node(String op, String inputs, String outputs, OnnxWriter... attributes) {
        OnnxWriter node = new OnnxWriter().string(4, op);
        for (String input : inputs.split(" ")) {
            node.string(1, input.equals("-") ? "" : input);
        }
        for (String output : outputs.split(" ")) {
            node.string(2, output.equals("-") ? "" : output);
        }
        for (OnnxWriter attribute : attributes) {
            node.message(5, attribute);
        }
        return node;
    }

    public static OnnxWriter attribute(String name, long value) {
        return new OnnxWriter().string(1, name).number(3, value).number(20, 2);
    }

    public static OnnxWriter attribute(String name, float value) {
        int bits = Float.floatToIntBits(value);
        return new OnnxWriter().string(1, name).raw(2 << 3 | 5, bits & 0xFF, bits >> 8 & 0xFF, bits >> 16 & 0xFF,
                bits >>> 24).number(20, 1);
    }

    public static OnnxWriter attribute(String name, String value) {
        return new OnnxWriter().string(1, name).string(4, value).number(20, 3);
    }

    public static OnnxWriter integers(String name, long... values) {
        OnnxWriter attribute = new OnnxWriter().string(1, name);
        for (long value : values) {
            attribute.number(8, value);
        }
        return attribute.number(20, 7);
    }

    public static OnnxWriter subgraph(String name, OnnxWriter graph) {
        return new OnnxWriter().string(1, name).message(6, graph).number(20, 5);
    }

    /** An attribute that stands for one of the function around it. */
    public static OnnxWriter reference(String name, String formal, int type) {
        return new OnnxWriter().string(1, name).string(21, formal).number(20, type);
    }

    /** A value; dims are numbers or symbols. */
    public static OnnxWriter value(String name, DType dtype, Object... dims) {
        OnnxWriter shape = new OnnxWriter();
        for (Object dim : dims) {
            shape.message(1, dim instanceof String symbol ? new OnnxWriter().string(2, symbol)
                    : new OnnxWriter().number(1, (Integer) dim));
        }
        OnnxWriter tensor = new OnnxWriter().number(1, dtype.number()).message(2, shape);
        return new OnnxWriter().string(1, name).message(2, new OnnxWriter().message(1, tensor));
    }

    public static OnnxWriter initializer(String name, Tensor tensor) {
        OnnxWriter writer = new OnnxWriter();
        writer.out.writeBytes(OnnxTensors.write(name, tensor));
        return writer;
    }

    /** An initializer whose bytes are in another file. */
    public static OnnxWriter external(String name, int elements, String location, long offset) {
        return external(name, new long[] {elements}, location, offset);
    }

    /** An initializer of these extents whose bytes are in another file. */
    public static OnnxWriter external(String name, long[] dims, String location, long offset) {
        OnnxWriter writer = new OnnxWriter();
        long elements = 1;
        for (long dim : dims) {
            writer.number(1, dim);
            elements *= dim;
        }
        return writer.number(2, DType.FLOAT32.number()).string(8, name)
                .message(13, new OnnxWriter().string(1, "location").string(2, location))
                .message(13, new OnnxWriter().string(1, "offset").string(2, Long.toString(offset)))
                .message(13, new OnnxWriter().string(1, "length").string(2, Long.toString(4 * elements)))
                .number(14, 1);
    }

    /** {@code y = Relu(x W + b)} with x {@code [batch, 3]} and y {@code [batch, 2]}. */
    public static byte[] perceptron() {
        return model(13, new OnnxWriter().string(2, "perceptron")
                .message(11, value("x", DType.FLOAT32, "batch", 3))
                .message(12, value("y", DType.FLOAT32, "batch", 2))
                .message(5, initializer("W", Tensor.floats(new int[] {3, 2}, 1, -2, 3, -4, 5, 6)))
                .message(5, initializer("b", Tensor.floats(new int[] {2}, 0.5f, -0.5f)))
                .message(1, node("MatMul", "x W", "h"))
                .message(1, node("Add", "h b", "s"))
                .message(1, node("Relu", "s", "y")));
    }
}
