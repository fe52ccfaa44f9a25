package dev.infuser.models;

import dev.infuser.converter.onnx.OnnxTensors;
import dev.infuser.graph.Attribute;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.graph.Value;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.ValueType;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Writes small graphs of the default domain as ONNX models, field by field, as protobuf does. */
final class OnnxFile {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private OnnxFile() {
    }

    /** A model of {@code graph}, whose operators mean the same in {@code opset}. */
    static byte[] of(Graph graph, int opset) {
        OnnxFile body = new OnnxFile().text(2, "graph");
        for (Node node : graph.nodes()) {
            body.message(1, node(node));
        }
        graph.constants().forEach((name, tensor) -> body.bytes(5, OnnxTensors.write(name, tensor)));
        for (Value input : graph.inputs()) {
            body.message(11, value(input.name(), (ValueType.OfTensor) input.type()));
        }
        for (String output : graph.outputs()) {
            body.message(12, value(output, (ValueType.OfTensor) graph.type(output)));
        }
        return new OnnxFile().number(1, 8).message(7, body).message(8, new OnnxFile().text(1, "").number(2, opset)).out
                .toByteArray();
    }

    private static OnnxFile node(Node node) {
        OnnxFile file = new OnnxFile();
        node.inputs().forEach(input -> file.text(1, input));
        node.outputs().forEach(output -> file.text(2, output));
        file.text(4, node.op());
        for (Map.Entry<String, Attribute> entry : node.attributes().map().entrySet()) {
            OnnxFile attribute = new OnnxFile().text(1, entry.getKey());
            Attribute value = entry.getValue();
            if (value instanceof Attribute.OfInt i) {
                attribute.number(3, i.value()).number(20, 2);
            } else if (value instanceof Attribute.OfFloat f) {
                attribute.real(2, f.value()).number(20, 1);
            } else if (value instanceof Attribute.OfString s) {
                attribute.text(4, s.value()).number(20, 3);
            } else if (value instanceof Attribute.OfInts i) {
                i.values().forEach(element -> attribute.number(8, element));
                attribute.number(20, 7);
            } else if (value instanceof Attribute.OfFloats f) {
                f.values().forEach(element -> attribute.real(7, element));
                attribute.number(20, 6);
            } else {
                ((Attribute.OfStrings) value).values().forEach(element -> attribute.text(9, element));
                attribute.number(20, 8);
            }
            file.message(5, attribute);
        }
        return file;
    }

    private static OnnxFile value(String name, ValueType.OfTensor type) {
        OnnxFile tensor = new OnnxFile().number(1, type.dtype().number());
        if (type.shape() != null) {
            OnnxFile shape = new OnnxFile();
            for (Dim dim : type.shape().dims()) {
                shape.message(1, dim.isConstant() ? new OnnxFile().number(1, dim.value()) : new OnnxFile().text(2, dim.symbol()));
            }
            tensor.message(2, shape);
        }
        return new OnnxFile().text(1, name).message(2, new OnnxFile().message(1, tensor));
    }

    private OnnxFile number(int field, long value) {
        varint((long) field << 3);
        varint(value);
        return this;
    }

    private OnnxFile real(int field, float value) {
        varint((long) field << 3 | 5);
        int bits = Float.floatToIntBits(value);
        for (int shift = 0; shift < 32; shift += 8) {
            out.write(bits >> shift);
        }
        return this;
    }

    private OnnxFile text(int field, String value) {
        return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    private OnnxFile message(int field, OnnxFile message) {
        return bytes(field, message.out.toByteArray());
    }

    private OnnxFile bytes(int field, byte[] value) {
        varint((long) field << 3 | 2);
        varint(value.length);
        out.writeBytes(value);
        return this;
    }

    private void varint(long value) {
        long rest = value;
        for (; (rest & ~0x7FL) != 0; rest >>>= 7) {
            out.write((int) (rest & 0x7F | 0x80));
        }
        out.write((int) rest);
    }
}
