package dev.infuser.runtime;

import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.graph.Subgraphs;
import dev.infuser.graph.Value;
import dev.infuser.op.Evaluator;
import dev.infuser.op.Inference;
import dev.infuser.plan.Bound;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleSupplier;

/**
 * A graph in which some extents follow from elements: the nodes whose extents are known beforehand, to be compiled, and the
 * rest, to be evaluated with what comes of them.
 */
final class Halves {

    /** Makes a compiled model of the first half; null where it cannot. */
    interface Compiler {
        CompiledModel compile(Graph graph);
    }

    private final Graph graph;
    private final CompiledModel head;
    private final List<Node> rest;

    private Halves(Graph graph, CompiledModel head, List<Node> rest) {
        this.graph = graph;
        this.head = head;
        this.rest = rest;
    }

    /** The halves for inputs of these concrete types, or null where the first one is empty or cannot be compiled. */
    static Halves of(Graph graph, List<ValueType> types, Compiler compiler) {
        Inference inference = Inference.of(graph, types, Set.of());
        Set<String> known = new LinkedHashSet<>(graph.constants().keySet());
        for (Value input : graph.inputs()) {
            if (!isPlain(inference.type(input.name()))) {
                return null;
            }
            known.add(input.name());
        }
        List<Node> first = new ArrayList<>();
        List<Node> rest = new ArrayList<>();
        Set<String> made = new LinkedHashSet<>();
        Set<String> passed = new LinkedHashSet<>();
        for (Node node : graph.nodes()) {
            boolean plain = !node.attributes().hasGraph();
            for (String input : node.inputs()) {
                plain &= input.isEmpty() || known.contains(input);
            }
            for (String output : node.outputs()) {
                plain &= output.isEmpty() || isPlain(inference.type(output));
            }
            if (plain) {
                first.add(node);
                known.addAll(node.outputs());
                made.addAll(node.outputs());
                continue;
            }
            rest.add(node);
            passed.addAll(node.inputs());
            passed.addAll(Subgraphs.captured(node));
        }
        passed.addAll(graph.outputs());
        passed.retainAll(made);
        passed.remove("");
        if (passed.isEmpty()) {
            return null;
        }
        CompiledModel head = compiler.compile(new Graph(graph.name(), graph.inputs(), new ArrayList<>(passed), first,
                graph.constants(), graph.types()));
        return head == null ? null : new Halves(graph, head, rest);
    }

    private static boolean isPlain(ValueType type) {
        return Bound.isConcrete(type) && ((ValueType.OfTensor) type).dtype().bytes() > 0;
    }

    /** The outputs, or null where the first half cannot be laid out for these inputs. */
    List<Datum> run(List<Datum> inputs) {
        return rest(inputs, head.run(inputs), null, null);
    }

    /** As {@link #run}, telling the times. */
    List<StepTime> profile(List<Datum> inputs, DoubleSupplier clock) {
        List<StepTime> times = head.profile(inputs, clock);
        return times == null || rest(inputs, head.run(inputs), times, clock) == null ? null : times;
    }

    private List<Datum> rest(List<Datum> inputs, List<Datum> made, List<StepTime> times, DoubleSupplier clock) {
        if (made == null) {
            return null;
        }
        Map<String, Datum> values = new HashMap<>(graph.constants());
        for (int i = 0; i < inputs.size(); i++) {
            values.put(graph.inputs().get(i).name(), inputs.get(i));
        }
        for (int i = 0; i < made.size(); i++) {
            values.put(head.graph().outputs().get(i), made.get(i));
        }
        for (Node node : rest) {
            double start = times == null ? 0 : clock.getAsDouble();
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
            if (times != null) {
                times.add(new StepTime(node.label(), node.op(), "evaluate", clock.getAsDouble() - start, 0, 0, 0));
            }
        }
        List<Datum> outputs = new ArrayList<>();
        for (String output : graph.outputs()) {
            outputs.add(values.get(output));
        }
        return outputs;
    }

    void close() {
        head.close();
    }
}
