package dev.infuser.graph;

import dev.infuser.tensor.Decimals;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;
import java.util.Map;

/**
 * The readable form of a graph, one line per value:
 *
 * <pre>
 * graph mlp(x: float32[batch,4]) -> (y)
 *   const w: float32[4,2]
 *   h: float32[batch,2] = MatMul(x, w)
 *   y: float32[batch,2] = Softmax(h) {axis=-1}
 * </pre>
 */
public final class GraphText {

    private static final int SMALL = 8;

    private GraphText() {
    }

    public static String print(Graph graph) {
        StringBuilder out = new StringBuilder();
        print(graph, "", out);
        return out.toString();
    }

    private static void print(Graph graph, String indent, StringBuilder out) {
        out.append(indent).append("graph ").append(graph.name()).append('(');
        for (int i = 0; i < graph.inputs().size(); i++) {
            Value input = graph.inputs().get(i);
            out.append(i == 0 ? "" : ", ").append(input.name()).append(": ").append(input.type());
        }
        out.append(") -> (").append(String.join(", ", graph.outputs())).append(")\n");
        for (Map.Entry<String, Tensor> constant : graph.constants().entrySet()) {
            Tensor tensor = constant.getValue();
            out.append(indent).append("  const ").append(constant.getKey()).append(": ").append(tensor.type());
            if (tensor.size() <= SMALL && tensor.rank() <= 1) {
                out.append(" = ").append(elements(tensor));
            }
            out.append('\n');
        }
        for (Node node : graph.nodes()) {
            print(graph, node, indent + "  ", out);
        }
    }

    private static void print(Graph graph, Node node, String indent, StringBuilder out) {
        out.append(indent);
        for (int i = 0; i < node.outputs().size(); i++) {
            String output = node.output(i);
            ValueType type = output.isEmpty() ? null : graph.type(output);
            out.append(i == 0 ? "" : ", ").append(output.isEmpty() ? "_" : output);
            out.append(type == null ? "" : ": " + type);
        }
        out.append(" = ").append(node.qualifiedOp()).append('(');
        for (int i = 0; i < node.inputs().size(); i++) {
            out.append(i == 0 ? "" : ", ").append(node.input(i).isEmpty() ? "_" : node.input(i));
        }
        out.append(')');
        String separator = " {";
        for (Map.Entry<String, Attribute> entry : node.attributes().map().entrySet()) {
            if (!(entry.getValue() instanceof Attribute.OfGraph)) {
                out.append(separator).append(entry.getKey()).append('=').append(text(entry.getValue()));
                separator = ", ";
            }
        }
        out.append(separator.equals(", ") ? "}\n" : "\n");
        for (Map.Entry<String, Attribute> entry : node.attributes().map().entrySet()) {
            if (entry.getValue() instanceof Attribute.OfGraph g) {
                out.append(indent).append("  ").append(entry.getKey()).append(" =\n");
                print(g.value(), indent + "    ", out);
            }
        }
    }

    private static String text(Attribute attribute) {
        if (attribute instanceof Attribute.OfInt v) {
            return Long.toString(v.value());
        }
        if (attribute instanceof Attribute.OfFloat v) {
            return Decimals.print(v.value());
        }
        if (attribute instanceof Attribute.OfString v) {
            return "\"" + v.value() + "\"";
        }
        if (attribute instanceof Attribute.OfInts v) {
            return join(v.values());
        }
        if (attribute instanceof Attribute.OfFloats v) {
            return join(v.values());
        }
        if (attribute instanceof Attribute.OfStrings v) {
            return join(v.values());
        }
        if (attribute instanceof Attribute.OfTensor v) {
            return v.value().type() + (v.value().size() <= SMALL ? elements(v.value()) : "");
        }
        return ((Attribute.OfType) attribute).value().toString();
    }

    private static String elements(Tensor tensor) {
        StringBuilder out = new StringBuilder("(");
        for (int i = 0; i < tensor.size(); i++) {
            out.append(i == 0 ? "" : ", ");
            if (tensor.array() instanceof String[] strings) {
                out.append('"').append(strings[i]).append('"');
            } else if (tensor.dtype().isFloat()) {
                out.append(Decimals.print(tensor.getDouble(i)));
            } else {
                out.append(tensor.getLong(i));
            }
        }
        return out.append(')').toString();
    }

    private static String join(List<?> values) {
        StringBuilder out = new StringBuilder("[");
        for (int i = 0; i < values.size(); i++) {
            out.append(i == 0 ? "" : ",").append(values.get(i));
        }
        return out.append(']').toString();
    }
}
