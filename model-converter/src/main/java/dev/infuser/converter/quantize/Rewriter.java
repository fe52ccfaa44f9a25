package dev.infuser.converter.quantize;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.op.Inference;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Makes a graph read its weights as they are stored:
 *
 * <ul>
 * <li>f16: {@code Cast} before a product, after a {@code Gather};
 * <li>int8: the product of whole numbers, times the scales of its columns; gathered rows times gathered scales;
 * <li>int4: {@code DequantizeLinear} in blocks before a product; tables hold two numbers a byte, the first half of a row in
 *     the low bits, which are taken apart after the {@code Gather};
 * <li>8-bit activations: {@code MatMulInteger} or {@code ConvInteger} of what {@code DynamicQuantizeLinear}, or
 *     {@code QuantizeLinear} with a known range, makes of the other operand.
 * </ul>
 */
final class Rewriter {

    private final Graph graph;
    private final Map<String, Tensor> constants;
    private final Set<String> taken = new HashSet<>();
    private final List<Node> nodes = new ArrayList<>();
    private final Map<Layer, Optional<Range>> bytes;
    /** For each value that has been quantised: its numbers, their scale and zero point. */
    private final Map<String, String[]> quantized = new HashMap<>();

    private Rewriter(Graph graph, Map<Layer, Optional<Range>> bytes) {
        this.graph = graph;
        this.bytes = bytes;
        constants = new LinkedHashMap<>(graph.constants());
        taken.addAll(constants.keySet());
        graph.inputs().forEach(input -> taken.add(input.name()));
        graph.nodes().forEach(node -> taken.addAll(node.outputs()));
    }

    /**
     * The graph with each layer stored as chosen, types inferred.
     *
     * @param bytes the layers that read 8-bit activations, with the ranges of those that are known
     */
    static Graph rewrite(Graph graph, Map<Layer, Precision> chosen, Map<Layer, Optional<Range>> bytes) {
        return new Rewriter(graph, bytes).run(chosen);
    }

    private Graph run(Map<Layer, Precision> chosen) {
        Map<Node, Layer> layers = new HashMap<>();
        chosen.forEach((layer, precision) -> {
            if (precision != Precision.F32) {
                layer.nodes.forEach(node -> layers.put(node, layer));
                constants.remove(layer.weight);
            }
        });
        Map<Layer, String[]> names = new HashMap<>();
        for (Node node : graph.nodes()) {
            Layer layer = layers.get(node);
            if (layer == null) {
                nodes.add(node);
                continue;
            }
            Precision precision = chosen.get(layer);
            String[] parts = names.computeIfAbsent(layer, l -> layer.isTable ? table(layer, precision) : right(layer, precision));
            if (layer.isTable) {
                gather(node, layer, precision, parts);
            } else {
                product(node, layer, precision, parts);
            }
        }
        return Inference.infer(new Graph(graph.name(), graph.inputs(), graph.outputs(), nodes, constants, graph.types()));
    }

    private String fresh(String value) {
        String name = value;
        while (!taken.add(name)) {
            name += "'";
        }
        return name;
    }

    private String constant(String value, Tensor tensor) {
        String name = fresh(value);
        constants.put(name, tensor);
        return name;
    }

    private String add(String op, Attributes attributes, String output, String... inputs) {
        nodes.add(new Node("", "", op, List.of(inputs), List.of(output), attributes));
        return output;
    }

    private String real(String value) {
        return add("Cast", Attributes.of("to", DType.FLOAT32.number()), fresh(value + "/f32"), value);
    }

    /** The value that a product reads in place of the weight, and the scales of its result if any. */
    private String[] right(Layer layer, Precision precision) {
        List<Tensor> parts = layer.stored(precision);
        String numbers = constant(layer.weight + "/" + precision.label(), parts.get(0));
        if (precision == Precision.F16) {
            return new String[] {real(numbers)};
        }
        String scales = constant(layer.weight + "/scale", parts.get(1));
        if (precision == Precision.INT8) {
            return new String[] {bytes.containsKey(layer) ? numbers : real(numbers), scales};
        }
        String whole = add("DequantizeLinear", Attributes.of("axis", 0, "block_size", Precision.BLOCK, "output_dtype",
                DType.FLOAT32.number()), fresh(numbers + "/f32"), numbers, scales);
        int[] dims = layer.tensor().dims();
        if (dims.length == 2) {
            return new String[] {whole};
        }
        String shape = constant(layer.weight + "/dims", Tensor.vector(Arrays.stream(dims).asLongStream().toArray()));
        return new String[] {add("Reshape", Attributes.NONE, fresh(whole + "/window"), whole, shape)};
    }

    private void product(Node node, Layer layer, Precision precision, String[] parts) {
        List<String> inputs = new ArrayList<>(node.inputs());
        inputs.set(1, parts[0]);
        if (parts.length == 1) {
            nodes.add(node.withInputs(inputs));
            return;
        }
        String out = node.output(0);
        String bias = node.input(2);
        String whole = fresh(out + "/whole");
        String scales = repeated(parts[1], layer, node.op().equals("ConvTranspose") ? node.attributes().integer("group", 1) : 1);
        if (bytes.containsKey(layer)) {
            String[] left = quantized.computeIfAbsent(node.input(0), value -> left(value, bytes.get(layer)));
            nodes.add(new Node(node.name(), node.domain(), node.op() + "Integer", List.of(left[0], parts[0], left[2]), List.of(whole),
                    node.attributes()));
            scales = add("Mul", Attributes.NONE, fresh(out + "/scale"), left[1], scales);
            whole = real(whole);
        } else {
            nodes.add(new Node(node.name(), node.domain(), node.op(), inputs.subList(0, 2), List.of(whole), node.attributes()));
        }
        add("Mul", Attributes.NONE, bias.isEmpty() ? out : fresh(out + "/scaled"), whole, scales);
        if (!bias.isEmpty()) {
            add("Add", Attributes.NONE, out, nodes.get(nodes.size() - 1).output(0), bias);
        }
    }

    private String[] left(String value, Optional<Range> range) {
        String numbers = fresh(value + "/numbers");
        if (range.isEmpty()) {
            String[] outputs = {numbers, fresh(value + "/scale"), fresh(value + "/zero")};
            nodes.add(new Node("", "", "DynamicQuantizeLinear", List.of(value), List.of(outputs), Attributes.NONE));
            return outputs;
        }
        String scale = constant(value + "/scale", Tensor.floats(new int[0], range.get().scale()));
        String zero = constant(value + "/zero", range.get().zeroPoint());
        return new String[] {add("QuantizeLinear", Attributes.NONE, numbers, value, scale, zero), scale, zero};
    }

    /** Scales of columns that every group has. */
    private String repeated(String scales, Layer layer, long groups) {
        if (groups == 1) {
            return scales;
        }
        float[] one = constants.get(scales).floats();
        float[] all = new float[Math.multiplyExact(one.length, (int) groups)];
        for (int i = 0; i < all.length; i++) {
            all[i] = one[i % one.length];
        }
        return constant(layer.weight + "/scales", Tensor.floats(new int[] {all.length}, all));
    }

    private String[] table(Layer layer, Precision precision) {
        List<Tensor> parts = layer.stored(precision);
        Tensor numbers = precision == Precision.INT4 ? pairs(parts.get(0)) : parts.get(0);
        String name = constant(layer.weight + "/" + precision.label(), numbers);
        return precision == Precision.F16 ? new String[] {name}
                : new String[] {name, constant(layer.weight + "/scale", parts.get(1))};
    }

    /** Rows of int4 numbers plus 8, two a byte: column j beside column j + half. */
    private static Tensor pairs(Tensor numbers) {
        byte[] in = numbers.bytes();
        int half = numbers.dim(1) / 2;
        byte[] out = new byte[in.length / 2];
        for (int i = 0; i < out.length; i++) {
            int low = i / half * 2 * half + i % half;
            out[i] = (byte) (in[low] + 8 | in[low + half] + 8 << 4);
        }
        return Tensor.of(DType.UINT8, new int[] {numbers.dim(0), half}, out);
    }

    private String rows(Node node, String table) {
        return add("Gather", node.attributes(), fresh(node.output(0) + "/" + table), table, node.input(1));
    }

    private void gather(Node node, Layer layer, Precision precision, String[] parts) {
        String rows = rows(node, parts[0]);
        String out = node.output(0);
        if (precision == Precision.F16) {
            add("Cast", Attributes.of("to", DType.FLOAT32.number()), out, rows);
            return;
        }
        String scales = rows(node, parts[1]);
        if (precision == Precision.INT8) {
            add("Mul", Attributes.NONE, out, real(rows), scales);
            return;
        }
        int rank = ((ValueType.OfTensor) graph.type(node.input(1))).shape().rank();
        String bytes = real(rows);
        String high = add("Floor", Attributes.NONE, fresh(out + "/high"), add("Mul", Attributes.NONE, fresh(out + "/shifted"), bytes,
                constant(out + "/sixteenth", Tensor.floats(new int[0], 1 / 16f))));
        String low = add("Sub", Attributes.NONE, fresh(out + "/low"), bytes, add("Mul", Attributes.NONE, fresh(out + "/rest"),
                high, constant(out + "/sixteen", Tensor.floats(new int[0], 16))));
        String whole = add("Concat", Attributes.of("axis", -1), fresh(out + "/numbers"), low, high);
        long[] blocks = new long[rank + 2];
        blocks[rank] = layer.columns / Precision.BLOCK;
        blocks[rank + 1] = Precision.BLOCK;
        String blocked = add("Reshape", Attributes.NONE, fresh(out + "/blocks"), whole, constant(out + "/split", Tensor.vector(blocks)));
        String centred = add("Sub", Attributes.NONE, fresh(out + "/centred"), blocked,
                constant(out + "/eight", Tensor.floats(new int[0], 8)));
        String each = add("Unsqueeze", Attributes.NONE, fresh(out + "/scales"), real(scales),
                constant(out + "/last", Tensor.vector(rank + 1)));
        String scaled = add("Mul", Attributes.NONE, fresh(out + "/scaled"), centred, each);
        long[] joined = Arrays.copyOf(blocks, rank + 1);
        joined[rank] = layer.columns;
        add("Reshape", Attributes.NONE, out, scaled, constant(out + "/join", Tensor.vector(joined)));
    }
}
