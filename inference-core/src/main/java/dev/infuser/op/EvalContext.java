package dev.infuser.op;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Datum;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.UnsupportedModelException;
import java.util.List;

/** What an operator sees while it is evaluated. */
public final class EvalContext {

    /** Evaluates a subgraph, which sees the values around it. */
    interface Subgraphs {
        List<Datum> run(Graph subgraph, List<Datum> arguments);
    }

    private final Node node;
    private final List<Datum> inputs;
    private final Subgraphs subgraphs;

    EvalContext(Node node, List<Datum> inputs, Subgraphs subgraphs) {
        this.node = node;
        this.inputs = inputs;
        this.subgraphs = subgraphs;
    }

    public Node node() {
        return node;
    }

    public Attributes attributes() {
        return node.attributes();
    }

    /** The number of inputs listed, absent ones included. */
    public int inputs() {
        return node.inputs().size();
    }

    public int outputs() {
        return node.outputs().size();
    }

    public boolean has(int input) {
        return !node.input(input).isEmpty();
    }

    /** Whether somebody uses output {@code i}. */
    public boolean wants(int output) {
        return !node.output(output).isEmpty();
    }

    /** The value of a present input. */
    public Datum datum(int input) {
        if (!has(input)) {
            throw fail("input " + input + " is missing");
        }
        return inputs.get(input);
    }

    /** The value of a present tensor input. */
    public Tensor tensor(int input) {
        if (datum(input) instanceof Tensor tensor) {
            return tensor;
        }
        throw fail("input " + input + " must be a tensor");
    }

    /** The value of a tensor input, or null when it is absent. */
    public Tensor tensorOrNull(int input) {
        return has(input) ? tensor(input) : null;
    }

    /** The value of a tensor input that must have exactly one element, or null when it is absent. */
    public Tensor scalarOrNull(int input) {
        Tensor tensor = tensorOrNull(input);
        if (tensor != null && tensor.size() != 1) {
            throw fail("input " + input + " must have one element, found " + tensor);
        }
        return tensor;
    }

    public DType dtype(int input) {
        return tensor(input).dtype();
    }

    /** The elements of an integer input, or {@code fallback} when it is absent. */
    public long[] longs(int input, long[] fallback) {
        return has(input) ? tensor(input).toLongs() : fallback;
    }

    /** {@code axis} counted from the front, checked against {@code rank}. */
    public int axis(long axis, int rank) {
        if (axis < -rank || axis >= rank) {
            throw fail("axis " + axis + " is outside rank " + rank);
        }
        return (int) (axis < 0 ? axis + rank : axis);
    }

    /** The outputs of a subgraph for the arguments given. */
    public List<Datum> run(Graph subgraph, List<Datum> arguments) {
        return subgraphs.run(subgraph, arguments);
    }

    /** An error that says this node, or the values that reach it, break the specification. */
    public InvalidModelException fail(String message) {
        return new InvalidModelException("bad-node", node.label(), node.label() + ": " + message, "", "");
    }

    /** An error that says this use of the operator is not available yet. */
    public UnsupportedModelException unsupported(String message) {
        return new UnsupportedModelException("unsupported-operator", node.label(), node.label() + ": " + message, "", "");
    }
}
