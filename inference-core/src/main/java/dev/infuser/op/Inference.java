package dev.infuser.op;

import dev.infuser.graph.Attribute;
import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.graph.Value;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.InfuserException;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Infers the types of all values of a graph, following integer scalars and vectors that are computed from shapes. */
public final class Inference {

    private static final int MAX_FOLDED = 1024;

    private final Inference outer;
    private final Map<String, ValueType> types;
    private final Map<String, Tensor> constants;
    private final Map<String, List<Dim>> contents;
    /** By subgraph: the same with types; null where there is none. */
    private Map<Graph, Graph> typed;

    private final Set<String> followed;
    /** By value: the last inference of the subgraph that defines it. */
    private final Map<String, Inference> scopes;

    private Inference(Inference outer, Set<String> followed) {
        this(outer, followed, 16);
    }

    /** An inference that expects to know this many values. */
    private Inference(Inference outer, Set<String> followed, int values) {
        this.outer = outer;
        this.types = new HashMap<>(values);
        this.constants = new HashMap<>(values);
        this.contents = new HashMap<>(values);
        this.scopes = outer == null ? new HashMap<>(values) : outer.scopes;
        this.followed = followed;
    }

    /**
     * What follows for every value from the types of the inputs.
     *
     * @param followed values whose elements are computed where they follow from shapes, even when they are many
     */
    public static Inference of(Graph graph, List<ValueType> arguments, Set<String> followed) {
        Inference inference = new Inference(null, followed);
        inference.run(graph, arguments);
        return inference;
    }

    /** What follows for every value from the types that the inputs declare. */
    public static Inference of(Graph graph) {
        List<ValueType> arguments = new ArrayList<>();
        for (Value input : graph.inputs()) {
            arguments.add(input.type());
        }
        return of(graph, arguments, Set.of());
    }

    /** The output types of {@code node} as {@code operator} sees it, given those of its inputs. */
    static List<ValueType> outputs(Operator operator, Node node, List<ValueType> inputs) {
        Inference inference = new Inference(null, Set.of(), 2);
        for (int i = 0; i < inputs.size(); i++) {
            inference.types.put(node.input(i), inputs.get(i));
        }
        return operator.infer(new InferContext(inference, node));
    }

    /**
     * What follows for the values of a graph that grows: it is told of them in the order in which they are defined.
     *
     * @param outer of the graph around, or null
     */
    public static Inference growing(Inference outer) {
        return new Inference(outer, Set.of());
    }

    /** Tells of an input. */
    public void declare(String value, ValueType type) {
        types.put(value, type);
    }

    /** Tells of a constant. */
    public void declare(String value, Tensor constant) {
        types.put(value, constant.type());
        constants.put(value, constant);
    }

    /**
     * Tells of the next node.
     *
     * @throws InfuserException naming the node, where it cannot be
     */
    public void add(Node node) {
        for (String output : node.outputs()) {
            types.put(output, null);
        }
        infer(node);
    }

    /** What is known of {@code node}, one of the graph's own nodes. */
    public InferContext context(Node node) {
        return new InferContext(this, node);
    }

    /**
     * The graph with the types of every value that can be told, those of nodes inside subgraphs included.
     *
     * @throws InfuserException naming the node at fault
     */
    public static Graph infer(Graph graph) {
        return of(graph).typed(graph);
    }

    private void run(Graph graph, List<ValueType> arguments) {
        for (int i = 0; i < graph.inputs().size(); i++) {
            types.put(graph.inputs().get(i).name(), i < arguments.size() ? arguments.get(i) : null);
        }
        for (Map.Entry<String, Tensor> constant : graph.constants().entrySet()) {
            types.put(constant.getKey(), constant.getValue().type());
            constants.put(constant.getKey(), constant.getValue());
        }
        for (Node node : graph.nodes()) {
            infer(node);
            for (String output : node.outputs()) {
                ValueType type = types.get(output);
                ValueType declared = graph.types().get(output);
                // A loop that may not run gives what it was given; the file says whether it does.
                if (type == null || type instanceof ValueType.OfOptional && declared instanceof ValueType.OfSequence) {
                    types.put(output, declared);
                }
            }
        }
    }

    /** The graph that this follows for, with the types of every value that can be told. */
    public Graph typed(Graph graph) {
        Map<String, ValueType> known = new LinkedHashMap<>();
        List<Node> nodes = new ArrayList<>();
        for (Node node : graph.nodes()) {
            for (String output : node.outputs()) {
                ValueType type = types.get(output);
                if (type != null && !output.isEmpty()) {
                    known.put(output, type);
                }
            }
            nodes.add(typed == null ? node : typeSubgraphs(node));
        }
        return new Graph(graph.name(), graph.inputs(), graph.outputs(), nodes, graph.constants(), known);
    }

    private Node typeSubgraphs(Node node) {
        Attributes attributes = node.attributes();
        for (Map.Entry<String, Attribute> entry : node.attributes().map().entrySet()) {
            if (entry.getValue() instanceof Attribute.OfGraph g && typed.containsKey(g.value())) {
                attributes = attributes.with(entry.getKey(), typed.get(g.value()));
            }
        }
        return attributes == node.attributes() ? node : node.withAttributes(attributes);
    }

    private void infer(Node node) {
        for (String input : node.inputs()) {
            if (!input.isEmpty() && !hasRank(type(input))) {
                return;
            }
        }
        Operator operator = Registry.require(node);
        try {
            InferContext context = new InferContext(this, node);
            List<ValueType> outputs = operator.infer(context);
            for (int i = 0; i < node.outputs().size(); i++) {
                if (!node.output(i).isEmpty()) {
                    types.put(node.output(i), i < outputs.size() ? outputs.get(i) : null);
                }
            }
            follow(node, operator, context);
        } catch (InfuserException e) {
            throw e.at(node.label());
        }
    }

    private static boolean hasRank(ValueType type) {
        return type != null && !(type instanceof ValueType.OfTensor tensor && tensor.shape() == null);
    }

    /** Records what is known of the elements of the outputs. */
    private void follow(Node node, Operator operator, InferContext context) {
        if (!Registry.isPure(node) || !isFollowed(node)) {
            return;
        }
        List<Datum> inputs = new ArrayList<>();
        for (String input : node.inputs()) {
            Tensor constant = input.isEmpty() ? null : constant(input);
            if (!input.isEmpty() && constant == null) {
                followContent(node, operator, context);
                return;
            }
            inputs.add(constant);
        }
        List<Datum> folded = operator.evaluate(new EvalContext(node, inputs, null));
        for (int i = 0; i < node.outputs().size(); i++) {
            if (folded.get(i) instanceof Tensor tensor && !node.output(i).isEmpty()) {
                constants.put(node.output(i), tensor);
            }
        }
    }

    private void followContent(Node node, Operator operator, InferContext context) {
        List<Dim> content = node.output(0).isEmpty() ? null : operator.content(context);
        if (content != null) {
            contents.put(node.output(0), content);
            if (isConstant(content)) {
                fold(node.output(0), content);
            }
        }
    }

    private boolean isFollowed(Node node) {
        for (String output : node.outputs()) {
            if (!output.isEmpty() && !followed.contains(output) && !isSmall(types.get(output))) {
                return false;
            }
        }
        return true;
    }

    private void fold(String value, List<Dim> content) {
        ValueType.OfTensor type = (ValueType.OfTensor) types.get(value);
        long[] longs = new long[content.size()];
        for (int i = 0; i < longs.length; i++) {
            longs[i] = content.get(i).value();
        }
        constants.put(value, Tensor.ofLongs(type.dtype(), type.shape().rank() == 0 ? new int[0] : new int[] {longs.length},
                longs));
    }

    private static boolean isConstant(List<Dim> content) {
        for (Dim dim : content) {
            if (!dim.isConstant()) {
                return false;
            }
        }
        return true;
    }

    private static boolean isSmall(ValueType type) {
        return type instanceof ValueType.OfTensor tensor && tensor.shape() != null
                && (tensor.dtype() == DType.INT64 || tensor.dtype() == DType.INT32 || tensor.dtype() == DType.BOOL
                        || tensor.dtype() == DType.FLOAT32)
                && tensor.shape().isConstant() && tensor.shape().elements().value() <= MAX_FOLDED;
    }

    /** What is known where a value is defined: here, or in the subgraph that alone defines it. */
    public Inference scope(String value) {
        return types.containsKey(value) ? this : scopes.getOrDefault(value, this);
    }

    /** The type of a value, or null where it does not follow. */
    public ValueType type(String value) {
        return types.containsKey(value) ? types.get(value) : outer == null ? null : outer.type(value);
    }

    /** The elements of a value, or null where they do not follow. */
    public Tensor constant(String value) {
        return types.containsKey(value) ? constants.get(value) : outer == null ? null : outer.constant(value);
    }

    List<Dim> content(String value) {
        if (!types.containsKey(value)) {
            return outer == null ? null : outer.content(value);
        }
        Tensor constant = constants.get(value);
        if (constant == null || !constant.dtype().isInteger() || constant.size() > MAX_FOLDED) {
            return contents.get(value);
        }
        List<Dim> dims = new ArrayList<>();
        for (int i = 0; i < constant.size(); i++) {
            dims.add(Dim.of(constant.getLong(i)));
        }
        return dims;
    }

    List<ValueType> subgraph(Graph graph, List<ValueType> arguments) {
        Inference inner = new Inference(this, followed);
        inner.run(graph, arguments);
        Graph result = inner.typed(graph);
        List<Value> inputs = new ArrayList<>();
        for (int i = 0; i < graph.inputs().size(); i++) {
            Value input = graph.inputs().get(i);
            ValueType argument = i < arguments.size() ? arguments.get(i) : null;
            inputs.add(argument == null ? input : new Value(input.name(), argument));
        }
        if (typed == null) {
            typed = new IdentityHashMap<>();
        }
        typed.put(graph, new Graph(result.name(), inputs, result.outputs(), result.nodes(), result.constants(),
                result.types()));
        for (String value : inner.types.keySet()) {
            scopes.put(value, inner);
        }
        List<ValueType> outputs = new ArrayList<>();
        for (String output : result.outputs()) {
            outputs.add(inner.type(output));
        }
        return outputs;
    }
}
