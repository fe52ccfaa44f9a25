package dev.infuser.converter.onnx;

import dev.infuser.converter.build.ElementCodec;
import dev.infuser.graph.Attribute;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.graph.Value;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.UnsupportedModelException;
import dev.infuser.tensor.ValueType;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;

/**
 * Writes graphs of the domains of ONNX, subgraphs included, as ONNX models, so that other runtimes can run them. Nodes are
 * written without names, which would have to be unique there.
 */
public final class OnnxExporter {

    private static final int IR_VERSION = 10;
    private static final String CLASSIC = "ai.onnx.ml";

    private OnnxExporter() {
    }

    /**
     * Writes a model, one tensor in memory at a time.
     *
     * @param opset in which the operators of the graph mean what they mean in {@link Graph#OPSET}
     * @throws UnsupportedModelException {@code own-operator} for an operator that ONNX does not have, {@code too-large} when
     *                                   the file would be 2 GB or more
     */
    public static void write(Graph graph, int opset, OutputStream out) throws IOException {
        Message head = new Message().number(1, IR_VERSION).text(2, "infuser");
        Message tail = new Message().message(8, new Message().text(1, "").number(2, opset));
        if (graph.nodes().stream().anyMatch(node -> node.domain().equals(CLASSIC))) {
            // The fifth version has no TreeEnsembleClassifier and TreeEnsembleRegressor, the fourth no TreeEnsemble.
            long version = graph.nodes().stream().anyMatch(node -> node.op().equals("TreeEnsemble")) ? 5 : 4;
            tail.message(8, new Message().text(1, CLASSIC).number(2, version));
        }
        Message nodes = nodes(graph);
        Message ends = ends(graph);
        long length = nodes.size() + ends.size();
        for (Map.Entry<String, Tensor> constant : graph.constants().entrySet()) {
            length += Message.sizeOf(5, tensorLength(constant.getKey(), constant.getValue()));
        }
        if (length > Integer.MAX_VALUE - (1 << 20)) {
            throw new UnsupportedModelException("too-large", "", "the graph does not fit into an ONNX file of 2 GB", "", "");
        }
        head.key(7, length).writeTo(out);
        nodes.writeTo(out);
        for (Map.Entry<String, Tensor> constant : graph.constants().entrySet()) {
            Tensor tensor = constant.getValue();
            Message tensorHead = tensorHead(constant.getKey(), tensor);
            new Message().key(5, tensorLength(constant.getKey(), tensor)).append(tensorHead).writeTo(out);
            if (tensor.dtype() != DType.STRING) {
                out.write(ElementCodec.encode(Tensor.of(tensor.dtype(), tensor.dims(), tensor.peek())));
            }
        }
        ends.writeTo(out);
        tail.writeTo(out);
    }

    /** All of a tensor before its bytes, which are the elements of its last field; strings are in it. */
    private static Message tensorHead(String name, Tensor tensor) {
        Message head = new Message();
        for (int dim : tensor.dims()) {
            head.number(1, dim);
        }
        head.number(2, tensor.dtype().number()).text(8, name);
        if (tensor.dtype() == DType.STRING) {
            for (String element : tensor.strings()) {
                head.text(6, element);
            }
            return head;
        }
        return head.key(9, bytes(tensor));
    }

    private static long tensorLength(String name, Tensor tensor) {
        return tensorHead(name, tensor).size() + bytes(tensor);
    }

    private static long bytes(Tensor tensor) {
        return ((long) tensor.size() * tensor.dtype().bits() + 7) / 8;
    }

    private static Message nodes(Graph graph) {
        Message message = new Message();
        for (Node node : graph.nodes()) {
            message.message(1, node(node));
        }
        return message.text(2, graph.name().isEmpty() ? "graph" : graph.name());
    }

    private static Message ends(Graph graph) {
        Message message = new Message();
        for (Value input : graph.inputs()) {
            message.message(11, value(input.name(), input.type()));
        }
        for (String output : graph.outputs()) {
            message.message(12, value(output, graph.type(output)));
        }
        return message;
    }

    private static Message subgraph(Graph graph) {
        Message message = nodes(graph);
        graph.constants().forEach((name, tensor) -> message.bytes(5, OnnxTensors.write(name, tensor)));
        return message.append(ends(graph));
    }

    private static Message node(Node node) {
        if (!node.domain().isEmpty() && !node.domain().equals(CLASSIC)) {
            throw new UnsupportedModelException("own-operator", node.label(), "ONNX has no operator " + node.qualifiedOp(), "",
                    "");
        }
        Message message = new Message();
        node.inputs().forEach(input -> message.text(1, input));
        node.outputs().forEach(output -> message.text(2, output));
        message.text(4, node.op());
        if (!node.domain().isEmpty()) {
            message.text(7, node.domain());
        }
        node.attributes().map().forEach((name, attribute) -> message.message(5, attribute(name, attribute)));
        return message;
    }

    private static Message attribute(String name, Attribute attribute) {
        Message message = new Message().text(1, name);
        if (attribute instanceof Attribute.OfFloat a) {
            return message.real(2, a.value()).number(20, 1);
        }
        if (attribute instanceof Attribute.OfInt a) {
            return message.number(3, a.value()).number(20, 2);
        }
        if (attribute instanceof Attribute.OfString a) {
            return message.text(4, a.value()).number(20, 3);
        }
        if (attribute instanceof Attribute.OfTensor a) {
            return message.bytes(5, OnnxTensors.write("", a.value())).number(20, 4);
        }
        if (attribute instanceof Attribute.OfGraph a) {
            return message.message(6, subgraph(a.value())).number(20, 5);
        }
        if (attribute instanceof Attribute.OfFloats a) {
            a.values().forEach(value -> message.real(7, value));
            return message.number(20, 6);
        }
        if (attribute instanceof Attribute.OfInts a) {
            a.values().forEach(value -> message.number(8, value));
            return message.number(20, 7);
        }
        if (attribute instanceof Attribute.OfStrings a) {
            a.values().forEach(value -> message.text(9, value));
            return message.number(20, 8);
        }
        return message.message(14, type(((Attribute.OfType) attribute).value())).number(20, 13);
    }

    private static Message value(String name, ValueType type) {
        Message message = new Message().text(1, name);
        return type == null ? message : message.message(2, type(type));
    }

    private static Message type(ValueType type) {
        if (type instanceof ValueType.OfSequence sequence) {
            return new Message().message(4, new Message().message(1, type(sequence.element())));
        }
        if (type instanceof ValueType.OfOptional optional) {
            return new Message().message(9, new Message().message(1, type(optional.element())));
        }
        if (type instanceof ValueType.OfMap map) {
            Message value = new Message().message(1, new Message().number(1, map.value().number()));
            return new Message().message(5, new Message().number(1, map.key().number()).message(2, value));
        }
        ValueType.OfTensor tensor = (ValueType.OfTensor) type;
        Message message = new Message().number(1, tensor.dtype().number());
        return new Message().message(1, tensor.shape() == null ? message : message.message(2, shape(tensor.shape())));
    }

    private static Message shape(Shape shape) {
        Message message = new Message();
        List<Dim> dims = shape.dims();
        for (Dim dim : dims) {
            message.message(1, dim.isConstant() ? new Message().number(1, dim.value()) : new Message().text(2, dim.symbol()));
        }
        return message;
    }
}
