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
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Translates the nodes of a graph that its outputs need, each after those that it takes from. */
final class GraphTranslator {

    private static final int NODES_NAMED = 3;
    private static final int MAX_NODES = 1 << 20;
    private static final List<String> PLACES = List.of("batch", "height", "width", "channels");

    private static final Set<String> CONTROL = Set.of("If", "StatelessIf", "While", "StatelessWhile");

    /** What is translated here, by no rule. */
    static final Set<String> STRUCTURE = Set.of("Const", "Placeholder", "PlaceholderWithDefault", "Merge", "Exit", "RefExit",
            "LoopCond", "NextIteration", "If", "StatelessIf", "While", "StatelessWhile");

    private final TfGraph graph;
    private final Map<String, Tensor> weights;
    private final Emitter out;
    private final Tables tables;
    private final Lists lists = new Lists();
    private final Loops loops = new Loops(this);
    private final Choices choices = new Choices(this);
    private final Map<TfGraph, Flow> flows = new IdentityHashMap<>();
    private final Map<String, String> constants = new HashMap<>();
    private int translated;

    GraphTranslator(TfGraph graph, Map<String, Tensor> weights, Tables tables, Emitter out) {
        this.graph = graph;
        this.weights = weights;
        this.tables = tables;
        this.out = out;
    }

    /** Names the values that the outputs, written {@code node} or {@code node:index}, are to have in the graph. */
    List<String> translate(Map<String, String> outputs) {
        List<TfNode> needed = needed(outputs.values());
        requireRules(needed);
        Scope scope = new Scope(graph, out, null);
        for (TfNode node : needed) {
            if (node.op().equals("Placeholder") && graph.nodes().get(node.name()) == node && !tables.isTable(node)) {
                scope.bind(node.name(), input(node, needed));
            }
        }
        List<String> found = values(scope, List.copyOf(outputs.values()));
        List<String> names = new ArrayList<>();
        int at = 0;
        for (Map.Entry<String, String> output : outputs.entrySet()) {
            String value = found.get(at++);
            Ops ops = new Ops(out, output.getKey(), "the output");
            String name = out.unique(output.getKey());
            out.add(new Node(name, "", "Identity", List.of(lists.isList(value) ? lists.asSequence(ops, value) : value),
                    List.of(name), Attributes.NONE));
            names.add(name);
        }
        return names;
    }

    Lists lists() {
        return lists;
    }

    Tables tables() {
        return tables;
    }

    Flow flow(TfGraph of) {
        return flows.computeIfAbsent(of, Flow::new);
    }

    /** The values that inputs name, translating what has not been. */
    List<String> values(Scope scope, List<String> inputs) {
        List<TfNode> order = order(scope, inputs);
        for (int i = 0; i < order.size(); i++) {
            TfNode node = order.get(i);
            if (scope.find(node.name()) == null) {
                if (++translated > MAX_NODES) {
                    throw new UnsupportedModelException("control-flow", node.name(), "the functions and loops of the model add up"
                            + " to more than " + MAX_NODES + " nodes", "", "export the model with fewer nested loops");
                }
                translate(scope, node, order.subList(i + 1, order.size()));
            }
        }
        return inputs.stream().map(input -> value(scope, input)).toList();
    }

    String value(Scope scope, String input) {
        String[] outputs = scope.find(TfNode.source(input));
        int index = index(scope.graph(), input);
        if (outputs == null || index < 0 || index >= outputs.length || outputs[index] == null) {
            throw new InvalidModelException("bad-tfjs", input, "there is no value '" + input + "'", "",
                    "the file is damaged: export it again");
        }
        return outputs[index];
    }

    /** The number of the output that is written {@code node}, {@code node:index} or, in functions, {@code node:output:index}. */
    private static int index(TfGraph graph, String input) {
        int first = input.indexOf(':');
        int last = input.lastIndexOf(':');
        if (first < 0) {
            return 0;
        }
        int index = Integer.parseInt(input.substring(last + 1));
        return first == last ? index
                : index + FunctionOutputs.first(graph.nodes().get(input.substring(0, first)), input.substring(first + 1, last));
    }

    /** The nodes that are needed and have not been translated, each behind those it waits for. */
    private List<TfNode> order(Scope scope, List<String> outputs) {
        Flow flow = flow(scope.graph());
        List<TfNode> order = new ArrayList<>();
        Set<String> done = new HashSet<>();
        Set<String> open = new LinkedHashSet<>();
        Deque<String> stack = new ArrayDeque<>();
        for (String output : outputs) {
            stack.push(TfNode.source(output));
            while (!stack.isEmpty()) {
                String name = stack.peek();
                TfNode node = scope.graph().nodes().get(name);
                if (done.contains(name) || scope.find(name) != null) {
                    stack.pop();
                    continue;
                }
                if (node == null) {
                    throw new InvalidModelException("bad-tfjs", name, "there is no node '" + name + "'", "",
                            "the file is damaged: export it again");
                }
                if (open.add(name)) {
                    for (String input : flow.before(node)) {
                        String before = TfNode.source(input);
                        if (open.contains(before) && !done.contains(before)) {
                            throw new InvalidModelException("bad-tfjs", name, "node '" + name + "' is part of a circle", "", "");
                        }
                        stack.push(before);
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

    /** All nodes from which the outputs follow, those of functions included. */
    private List<TfNode> needed(Iterable<String> outputs) {
        List<TfNode> found = new ArrayList<>();
        Set<TfGraph> functions = Collections.newSetFromMap(new IdentityHashMap<>());
        collect(graph, outputs, found, functions);
        Deque<TfGraph> todo = new ArrayDeque<>(functions);
        while (!todo.isEmpty()) {
            TfGraph function = todo.pop();
            Set<TfGraph> more = Collections.newSetFromMap(new IdentityHashMap<>());
            collect(function, function.outputs(), found, more);
            for (TfGraph called : more) {
                if (functions.add(called)) {
                    todo.add(called);
                }
            }
        }
        return found;
    }

    private void collect(TfGraph from, Iterable<String> outputs, List<TfNode> found, Set<TfGraph> functions) {
        Deque<String> stack = new ArrayDeque<>();
        outputs.forEach(output -> stack.addLast(TfNode.source(output)));
        Set<String> seen = new HashSet<>();
        while (!stack.isEmpty()) {
            TfNode node = from.nodes().get(stack.pop());
            if (node == null || !seen.add(node.name())) {
                continue;
            }
            found.add(node);
            node.data().forEach(input -> stack.push(TfNode.source(input)));
            for (String function : List.of("cond", "body", "then_branch", "else_branch")) {
                if (isControl(node) && node.has(function)) {
                    functions.add(function(node, function));
                }
            }
        }
    }

    /** The function that an attribute names. */
    TfGraph function(TfNode node, String attribute) {
        TfGraph function = graph.functions().get(node.function(attribute));
        if (function == null) {
            throw new InvalidModelException("bad-tfjs", node.name(), "there is no function '" + node.function(attribute) + "'",
                    "", "the file is damaged: export it again");
        }
        return function;
    }

    private static boolean isControl(TfNode node) {
        return CONTROL.contains(node.op());
    }

    private static boolean isStructure(TfNode node) {
        return STRUCTURE.contains(node.op());
    }

    private static void requireRules(List<TfNode> order) {
        Map<String, List<String>> missing = new TreeMap<>();
        for (TfNode node : order) {
            if (!isStructure(node) && Rules.of(node.op()) == null) {
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

    private void translate(Scope scope, TfNode node, List<TfNode> rest) {
        switch (node.op()) {
            case "Const":
                scope.bind(node.name(), constants.computeIfAbsent(node.name(), name -> out.constant(name, constant(node))));
                break;
            case "PlaceholderWithDefault":
                scope.bind(node.name(), value(scope, node.data(0)));
                break;
            case "Merge":
                choices.merge(scope, node, rest);
                break;
            case "Exit":
                loops.run(scope, node);
                break;
            case "If", "StatelessIf":
                scope.bind(node.name(), choices.call(scope, node));
                break;
            case "While", "StatelessWhile":
                scope.bind(node.name(), loops.call(scope, node));
                break;
            case "LoopCond", "NextIteration", "Placeholder":
                throw new UnsupportedModelException("control-flow", node.name(), node.op() + " '" + node.name()
                        + "' is read from outside of its loop", "", "export the model with control flow of version 2");
            default:
                scope.bind(node.name(), rule(scope, node));
        }
    }

    private String[] rule(Scope scope, TfNode node) {
        List<String> inputs = node.data().stream().map(input -> value(scope, input)).toList();
        Ops ops = new Ops(scope.out(), node.name(), node.op());
        if (!Rules.takesLists(node.op()) && inputs.stream().anyMatch(lists::isList)) {
            throw ops.unsupported("takes a list of tensors");
        }
        Rule rule = Rules.of(node.op());
        if (rule == null) {
            throw ops.unsupported("has no rule");
        }
        return rule.apply(new Call(node, inputs, ops, this, scope));
    }

    /** Binds the arguments of a function. */
    Scope called(TfGraph function, Emitter into, List<String> arguments) {
        Scope scope = new Scope(function, into, null);
        for (int i = 0; i < function.inputs().size() && i < arguments.size(); i++) {
            if (arguments.get(i) != null) {
                scope.bind(function.inputs().get(i), arguments.get(i));
            }
        }
        return scope;
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
    private String input(TfNode node, List<TfNode> needed) {
        boolean alone = needed.stream().filter(other -> other.op().equals("Placeholder") && !tables.isTable(other)).count() == 1;
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
        out.input(new Value(name, new ValueType.OfTensor(dtype, shape == null ? UnknownRanks.shape(graph, node) : shape)));
        return name;
    }

    /** What a graph without a signature gives: all nodes from which no other takes. */
    static Map<String, String> ends(TfGraph graph) {
        Set<String> taken = new HashSet<>();
        graph.nodes().values().forEach(node -> node.inputs().forEach(input -> taken.add(TfNode.source(
                input.startsWith("^") ? input.substring(1) : input))));
        Map<String, String> ends = new LinkedHashMap<>();
        for (TfNode node : graph.nodes().values()) {
            if (!taken.contains(node.name()) && !node.op().equals("NoOp") && !isStructure(node)) {
                ends.put(node.name(), node.name());
            }
        }
        return ends;
    }
}
