package dev.infuser.op;

import dev.infuser.graph.Attributes;
import dev.infuser.graph.Graph;
import dev.infuser.graph.Node;
import dev.infuser.tensor.DType;
import dev.infuser.tensor.Dim;
import dev.infuser.tensor.InvalidModelException;
import dev.infuser.tensor.Shape;
import dev.infuser.tensor.Tensor;
import dev.infuser.tensor.ValueType;
import java.util.List;

/** What an operator sees while its output types are inferred. */
public final class InferContext {

    private static final int MAX_RANK = 64;

    private final Inference inference;
    private final Node node;
    private int fresh;

    InferContext(Inference inference, Node node) {
        this.inference = inference;
        this.node = node;
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

    /** The type of a present input. */
    public ValueType type(int input) {
        if (!has(input)) {
            throw fail("input " + input + " is missing");
        }
        return inference.type(node.input(input));
    }

    private ValueType.OfTensor tensorType(int input) {
        if (type(input) instanceof ValueType.OfTensor tensor) {
            return tensor;
        }
        throw fail("input " + input + " must be a tensor, found " + type(input));
    }

    public DType dtype(int input) {
        return tensorType(input).dtype();
    }

    public Shape shape(int input) {
        return tensorType(input).shape();
    }

    public int rank(int input) {
        return shape(input).rank();
    }

    /** The elements of an input, where they are known, or null. */
    public Tensor constant(int input) {
        return has(input) ? inference.constant(node.input(input)) : null;
    }

    /** The elements of an integer scalar or vector input, as far as they are known, or null. */
    public List<Dim> content(int input) {
        return has(input) ? inference.content(node.input(input)) : null;
    }

    /** The elements of an integer input if known, the fallback if the input is absent, or null when they are not known. */
    public long[] longs(int input, long[] fallback) {
        if (!has(input)) {
            return fallback;
        }
        Tensor constant = constant(input);
        return constant == null ? null : constant.toLongs();
    }

    /** {@code axis} counted from the front, checked against {@code rank}. */
    public int axis(long axis, int rank) {
        if (axis < -rank || axis >= rank) {
            throw fail("axis " + axis + " is outside rank " + rank);
        }
        return (int) (axis < 0 ? axis + rank : axis);
    }

    /** A dimension that only running the model can tell. */
    public Dim unknown() {
        return Dim.symbol(node.output(0) + "." + fresh++);
    }

    /** A type with {@code rank} unknown dimensions. */
    public ValueType unknown(DType dtype, int rank) {
        if (rank < 0 || rank > MAX_RANK) {
            throw fail("a tensor cannot have " + rank + " axes");
        }
        Dim[] dims = new Dim[rank];
        for (int i = 0; i < rank; i++) {
            dims[i] = unknown();
        }
        return ValueType.tensor(dtype, Shape.of(dims));
    }

    /** The output types of a subgraph whose inputs have {@code arguments} as types; null where unknown. */
    public List<ValueType> infer(Graph subgraph, List<ValueType> arguments) {
        return inference.subgraph(subgraph, arguments);
    }

    /** An error that says this node breaks the specification. */
    public InvalidModelException fail(String message) {
        return new InvalidModelException("bad-node", node.label(), node.label() + ": " + message, "", "");
    }
}
