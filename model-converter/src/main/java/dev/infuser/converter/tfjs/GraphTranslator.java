package dev.infuser.converter.tfjs;

import dev.infuser.converter.build.Emitter;
import dev.infuser.converter.tensorflow.Ops;
import dev.infuser.graph.Attributes;
import dev.infuser.graph.Node;
import dev.infuser.graph.Value;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.UnsupportedModelException;
import dev.infuser.tensor.ValueType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Translates the nodes of a graph that its outputs need, each after those that it takes from. */
final class GraphTranslator {

    private static final int NODES_NAMED = 3;
    private static final List<String> PLACES = List.of("batch", "height", "width", "channels");

    private final TfGraph graph;
    private final Map<String, Tensor> weights;
    private final Emitter out;
    /** By node: the values of its outputs. */
    private final Map<String, String[]> values = new HashMap<>();

    GraphTranslator(TfGraph graph, Map<String, Tensor> weights, Emitter out) {
        this.graph = graph;
        this.weights = weights;
        this.out = out;
    }

    /** Names the values that the outputs, written {@code node} or {@code node:index}, are to have in the graph. */
    List<String> translate(Map<String, String> outputs) {
        List<TfNode> order = order(outputs.values());
        requireRules(order);
        for (TfNode node : order) {
            values.put(node.name(), node(node, order));
        }
        List<String> names = new ArrayList<>();
        for (Map.Entry<String, String> output : outputs.entrySet()) {
            String name = out.unique(output.getKey());
            out.add(new Node(name, "", "Identity", List.of(value(output.getValue())), List.of(name), Attributes.NONE));
            names.add(name);
        }
        return names;
    }

    /** The node that an input names. */
    static String source(String input) {
        int colon = input.indexOf(':');
        return colon < 0 ? input : input.substring(0, colon);
    }

    private String value(String input) {
        int colon = input.lastIndexOf(':');
        String[] outputs = values.get(source(input));
        int index = colon < 0 ? 0 : Integer.parseInt(input.substring(colon + 1));
        if (outputs == null || index >= outputs.length) {
            throw new InvalidModelException("bad-tfjs", input, "there is no value '" + input + "'", "",
                    "the file is damaged: export it again");
        }
        return outputs[index];
    }

    /** The nodes that are needed, each behind those it takes from. */
    private List<TfNode> order(Iterable<String> outputs) {
        List<TfNode> order = new ArrayList<>();
        Set<String> done = new HashSet<>();
        Set<String> open = new LinkedHashSet<>();
        Deque<String> stack = new ArrayDeque<>();
        for (String output : outputs) {
            stack.push(source(output));
            while (!stack.isEmpty()) {
                String name = stack.peek();
                TfNode node = graph.nodes().get(name);
                if (done.contains(name)) {
                    stack.pop();
                    continue;
                }
                if (node == null) {
                    throw new InvalidModelException("bad-tfjs", name, "there is no node '" + name + "'", "",
                            "the file is damaged: export it again");
                }
                if (open.add(name)) {
                    for (String input : node.inputs()) {
                        String before = source(input);
                        if (open.contains(before) && !done.contains(before)) {
                            throw new InvalidModelException("bad-tfjs", name, "node '" + name + "' is part of a circle", "", "");
                        }
                        if (!input.startsWith("^")) {
                            stack.push(before);
                        }
                    }
                } else {
                    stack.pop();
                    done.add(name);
                    order.add(node);
                }
            }
        }
        return order;
    }

    private void requireRules(List<TfNode> order) {
        Map<String, List<String>> missing = new TreeMap<>();
        for (TfNode node : order) {
            if (!isLeaf(node) && Rules.of(node.op()) == null) {
                missing.computeIfAbsent(node.op(), op -> new ArrayList<>()).add(node.name());
            }
        }
        if (missing.isEmpty()) {
            return;
        }
        StringBuilder text = new StringBuilder();
        missing.forEach((op, nodes) -> text.append(text.length() == 0 ? "" : "; ").append(op).append(" (")
                .append(String.join(", ", nodes.subList(0, Math.min(NODES_NAMED, nodes.size()))))
                .append(nodes.size() > NODES_NAMED ? ", " + (nodes.size() - NODES_NAMED) + " more)" : ")"));
        throw new UnsupportedModelException("unsupported-operator", missing.values().iterator().next().get(0),
                (missing.size() == 1 ? "an operator is" : missing.size() + " operators are") + " not supported: " + text,
                String.join(", ", missing.keySet()), "export the model without them, or ask for them to be added");
    }

    private static boolean isLeaf(TfNode node) {
        return node.op().equals("Const") || node.op().equals("Placeholder") || node.op().equals("PlaceholderWithDefault");
    }

    private String[] node(TfNode node, List<TfNode> order) {
        switch (node.op()) {
            case "Const":
                return new String[] {out.constant(node.name(), constant(node))};
            case "Placeholder":
                return new String[] {input(node, order)};
            case "PlaceholderWithDefault":
                return new String[] {value(node.inputs().get(0))};
            default:
                List<String> inputs = new ArrayList<>();
                for (String input : node.inputs()) {
                    if (!input.startsWith("^")) {
                        inputs.add(value(input));
                    }
                }
                return Rules.of(node.op()).apply(new Call(node, inputs, new Ops(out, node.name(), node.op())));
        }
    }

    private Tensor constant(TfNode node) {
        Tensor tensor = weights.get(node.name());
        if (tensor == null) {
            throw new InvalidModelException("missing-weights", node.name(), "the weights of '" + node.name()
                    + "' are not in the manifest", "", "the file is damaged: export it again");
        }
        return tensor;
    }

    /** Adds an input; extents that are not known are called by their places, and by the input's name where there are more. */
    private String input(TfNode node, List<TfNode> order) {
        boolean alone = order.stream().filter(other -> other.op().equals("Placeholder")).count() == 1;
        DType dtype = node.dtype("dtype");
        if (dtype == null) {
            throw new UnsupportedModelException("input-type", node.name(), "input '" + node.name() + "' is no tensor", "", "");
        }
        List<String> symbols = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            String place = i < PLACES.size() ? PLACES.get(i) : "dim" + i;
            symbols.add(alone || i == 0 ? place : node.name() + "_" + place);
        }
        String name = out.unique(node.name());
        Shape shape = node.shape("shape", symbols);
        out.input(new Value(name, new ValueType.OfTensor(dtype, shape)));
        return name;
    }

    /** What a graph without a signature gives: all nodes from which no other takes. */
    static Map<String, String> ends(TfGraph graph) {
        Set<String> taken = new HashSet<>();
        graph.nodes().values().forEach(node -> node.inputs().forEach(input -> taken.add(source(
                input.startsWith("^") ? input.substring(1) : input))));
        Map<String, String> ends = new LinkedHashMap<>();
        for (TfNode node : graph.nodes().values()) {
            if (!taken.contains(node.name()) && !node.op().equals("NoOp") && !isLeaf(node)) {
                ends.put(node.name(), node.name());
            }
        }
        return ends;
    }
}
