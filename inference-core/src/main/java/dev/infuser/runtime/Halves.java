package dev.infuser.runtime;

import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.graph.Subgraphs;
import dev.infuser.graph.Value;
import dev.infuser.op.Evaluator;
import dev.infuser.op.Inference;
import dev.infuser.plan.Bound;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleSupplier;

/**
 * A graph in which some extents follow from elements, or that has strings: the nodes whose extents are known beforehand, to be
 * compiled; those that extents follow from, to be evaluated with what comes of them; and what is behind those, which is halved
 * in turn when their results are there.
 */
final class Halves {

    /** Makes a compiled model; null where it cannot. */
    interface Compiler {
        CompiledModel compile(Graph graph);
    }

    private final Graph graph;
    private final Compiler compiler;
    private final List<Node> between = new ArrayList<>();
    private final List<Node> later = new ArrayList<>();
    /** Null where nothing is known beforehand. */
    private CompiledModel head;
    /** Null until there is something to divide it by. */
    private Halves tail;

    private Halves(Graph graph, Compiler compiler) {
        this.graph = graph;
        this.compiler = compiler;
    }

    /** The halves for inputs of these concrete types. */
    static Halves of(Graph graph, List<ValueType> types, Compiler compiler) {
        Halves halves = new Halves(graph, compiler);
        halves.divide(Inference.of(graph, types, Set.of()));
        return halves;
    }

    private void divide(Inference inference) {
        Set<String> known = new HashSet<>(Set.of(""));
        for (Map.Entry<String, Tensor> constant : graph.constants().entrySet()) {
            if (isNumeric(constant.getValue().type())) {
                known.add(constant.getKey());
            }
        }
        List<Value> inputs = new ArrayList<>();
        for (Value input : graph.inputs()) {
            if (isPlain(inference.type(input.name()))) {
                inputs.add(input);
                known.add(input.name());
            }
        }
        List<Node> first = new ArrayList<>();
        Set<String> made = new LinkedHashSet<>();
        Set<String> following = new HashSet<>();
        Set<String> ahead = new HashSet<>();
        Set<String> wanted = new HashSet<>(graph.outputs());
        for (Node node : graph.nodes()) {
            List<String> reads = reads(node);
            boolean numeric = !node.attributes().hasGraph();
            boolean plain = numeric && known.containsAll(reads);
            for (String output : node.outputs()) {
                numeric &= output.isEmpty() || isNumeric(inference.type(output));
                plain &= output.isEmpty() || isPlain(inference.type(output));
            }
            if (plain) {
                first.add(node);
                known.addAll(node.outputs());
                made.addAll(node.outputs());
                continue;
            }
            wanted.addAll(reads);
            boolean waits = false;
            for (String read : reads) {
                numeric &= read.isEmpty() || isNumeric(inference.type(read));
                waits |= ahead.contains(read);
            }
            for (String read : reads) {
                waits |= numeric && following.contains(read);
            }
            (waits ? later : between).add(node);
            (waits ? ahead : following).addAll(node.outputs());
        }
        made.retainAll(wanted);
        made.remove("");
        head = made.isEmpty() ? null : compiler.compile(new Graph(graph.name(), inputs, new ArrayList<>(made), first,
                graph.constants(), graph.types()));
        if (head == null) {
            between.addAll(0, first);
        }
    }

    private static List<String> reads(Node node) {
        List<String> reads = new ArrayList<>(node.inputs());
        reads.addAll(Subgraphs.captured(node));
        return reads;
    }

    private static boolean isNumeric(ValueType type) {
        return type instanceof ValueType.OfTensor tensor && tensor.dtype().bytes() > 0;
    }

    private static boolean isPlain(ValueType type) {
        return isNumeric(type) && Bound.isConcrete(type);
    }

    /** The outputs, or null where a half cannot be laid out for these inputs. */
    List<Datum> run(List<Datum> inputs) {
        return run(inputs, null, null);
    }

    /** As {@link #run}, telling the times. */
    List<StepTime> profile(List<Datum> inputs, DoubleSupplier clock) {
        List<StepTime> times = new ArrayList<>();
        return run(inputs, times, clock) == null ? null : times;
    }

    private List<Datum> run(List<Datum> inputs, List<StepTime> times, DoubleSupplier clock) {
        Map<String, Datum> values = new HashMap<>(graph.constants());
        for (int i = 0; i < inputs.size(); i++) {
            values.put(graph.inputs().get(i).name(), inputs.get(i));
        }
        if (head != null && !compute(values, times, clock)) {
            return null;
        }
        for (Node node : between) {
            double start = times == null ? 0 : clock.getAsDouble();
            evaluate(node, values);
            if (times != null) {
                times.add(new StepTime(node.label(), node.op(), "evaluate", clock.getAsDouble() - start, 0, 0, 0));
            }
        }
        if (!later.isEmpty()) {
            tail = tail == null ? behind(values) : tail;
            List<Datum> results = tail == null ? null : tail.run(pick(tail.graph.inputs(), values), times, clock);
            if (results == null) {
                return null;
            }
            for (int i = 0; i < results.size(); i++) {
                values.put(tail.graph.outputs().get(i), results.get(i));
            }
        }
        List<Datum> outputs = new ArrayList<>();
        for (String output : graph.outputs()) {
            outputs.add(values.get(output));
        }
        return outputs;
    }

    private boolean compute(Map<String, Datum> values, List<StepTime> times, DoubleSupplier clock) {
        List<Datum> arguments = pick(head.graph().inputs(), values);
        List<StepTime> told = times == null ? List.of() : head.profile(arguments, clock);
        List<Datum> made = told == null ? null : head.run(arguments);
        if (made == null) {
            return false;
        }
        if (times != null) {
            times.addAll(told);
        }
        for (int i = 0; i < made.size(); i++) {
            values.put(head.graph().outputs().get(i), made.get(i));
        }
        return true;
    }

    private static void evaluate(Node node, Map<String, Datum> values) {
        List<Datum> arguments = new ArrayList<>();
        for (String input : node.inputs()) {
            arguments.add(input.isEmpty() ? null : values.get(input));
        }
        Map<String, Datum> captured = new HashMap<>();
        for (String value : Subgraphs.captured(node)) {
            captured.put(value, values.get(value));
        }
        List<Datum> results = Evaluator.apply(node, arguments, captured);
        for (int i = 0; i < node.outputs().size(); i++) {
            if (!node.output(i).isEmpty()) {
                values.put(node.output(i), results.get(i));
            }
        }
    }

    private static List<Datum> pick(List<Value> names, Map<String, Datum> values) {
        List<Datum> picked = new ArrayList<>();
        for (Value name : names) {
            picked.add(values.get(name.name()));
        }
        return picked;
    }

    /** What is behind the nodes between, for any extents of what they gave; null where that is no tensor. */
    private Halves behind(Map<String, Datum> values) {
        Set<String> read = new LinkedHashSet<>();
        Set<String> made = new LinkedHashSet<>();
        for (Node node : later) {
            read.addAll(reads(node));
            made.addAll(node.outputs());
        }
        read.removeAll(made);
        made.retainAll(graph.outputs());
        List<Value> inputs = new ArrayList<>();
        List<ValueType> types = new ArrayList<>();
        for (String name : read) {
            if (name.isEmpty() || graph.constants().containsKey(name)) {
                continue;
            }
            if (!(values.get(name) instanceof Tensor tensor)) {
                return null;
            }
            Shape stated = graph.type(name) instanceof ValueType.OfTensor type ? type.shape() : null;
            Dim[] dims = new Dim[tensor.rank()];
            for (int axis = 0; axis < dims.length; axis++) {
                dims[axis] = stated != null && stated.dim(axis).isConstant() ? stated.dim(axis)
                        : Dim.symbol("d" + types.size() + "_" + axis);
            }
            inputs.add(new Value(name, ValueType.tensor(tensor.dtype(), Shape.of(dims))));
            types.add(tensor.type());
        }
        Graph behind = new Graph(graph.name(), inputs, new ArrayList<>(made), later, graph.constants(), graph.types());
        return of(behind, types, compiler);
    }

    void close() {
        if (head != null) {
            head.close();
        }
        if (tail != null) {
            tail.close();
        }
    }
}
