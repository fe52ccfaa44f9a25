package dev.infuser.op;

import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.graph.Value;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.InfuserException;
import dev.infuser.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Evaluates graphs node by node with each operator's own definition: slow, obvious, and the oracle of everything fast. */
public final class Evaluator {

    private final Evaluator outer;
    private final Graph graph;
    private final Map<String, Datum> values = new HashMap<>();
    private final Map<String, Integer> uses = new HashMap<>();

    private Evaluator(Evaluator outer, Graph graph) {
        this.outer = outer;
        this.graph = graph;
    }

    /**
     * The outputs of {@code graph} for {@code arguments}, one per input, in order.
     *
     * @throws InfuserException naming the node that failed
     */
    public static List<Datum> run(Graph graph, List<Datum> arguments) {
        return new Evaluator(null, graph).run(arguments);
    }

    /** The outputs of one node without subgraphs. */
    public static List<Datum> apply(Node node, List<Datum> inputs) {
        return apply(node, inputs, Map.of());
    }

    /**
     * The outputs of one node.
     *
     * @param captured the values that its subgraphs take from around them
     */
    public static List<Datum> apply(Node node, List<Datum> inputs, Map<String, Datum> captured) {
        Evaluator scope = new Evaluator(null, null);
        scope.values.putAll(captured);
        return scope.evaluate(node, inputs);
    }

    private List<Datum> run(List<Datum> arguments) {
        for (int i = 0; i < graph.inputs().size(); i++) {
            values.put(graph.inputs().get(i).name(), arguments.get(i));
        }
        for (Map.Entry<String, Tensor> constant : graph.constants().entrySet()) {
            values.put(constant.getKey(), constant.getValue());
        }
        for (Node node : graph.nodes()) {
            for (String input : node.inputs()) {
                uses.merge(input, 1, Integer::sum);
            }
            if (node.attributes().hasGraph()) {
                keepAll();
            }
        }
        for (String output : graph.outputs()) {
            uses.merge(output, 1, Integer::sum);
        }
        for (Node node : graph.nodes()) {
            step(node);
        }
        List<Datum> outputs = new ArrayList<>();
        for (String output : graph.outputs()) {
            outputs.add(value(output));
        }
        return outputs;
    }

    private List<Datum> evaluate(Node node, List<Datum> inputs) {
        try {
            return Registry.require(node).evaluate(
                    new EvalContext(node, inputs, (subgraph, arguments) -> new Evaluator(this, subgraph).run(arguments)));
        } catch (InfuserException e) {
            throw e.at(node.label());
        }
    }

    private void keepAll() {
        for (Value input : graph.inputs()) {
            uses.merge(input.name(), 1, Integer::sum);
        }
        for (String constant : graph.constants().keySet()) {
            uses.merge(constant, 1, Integer::sum);
        }
        for (Node node : graph.nodes()) {
            for (String output : node.outputs()) {
                uses.merge(output, 1, Integer::sum);
            }
        }
    }

    private void step(Node node) {
        List<Datum> inputs = new ArrayList<>(node.inputs().size());
        for (String input : node.inputs()) {
            inputs.add(input.isEmpty() ? null : value(input));
        }
        List<Datum> outputs = evaluate(node, inputs);
        for (int i = 0; i < node.outputs().size(); i++) {
            if (!node.output(i).isEmpty()) {
                values.put(node.output(i), outputs.get(i));
            }
        }
        for (String input : node.inputs()) {
            if (values.containsKey(input) && uses.merge(input, -1, Integer::sum) == 0) {
                values.remove(input);
            }
        }
    }

    private Datum value(String name) {
        Datum value = values.get(name);
        return value != null || outer == null ? value : outer.value(name);
    }
}
